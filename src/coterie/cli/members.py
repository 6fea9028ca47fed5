"""``coterie members``: enrol somebody, find somebody, see what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from coterie.cli import finding, joining, prospects
from coterie.cli.showing import moment, paged, print_page, print_table

KINDS = ("card", "phone", "email", "messenger", "external")


@click.group("members")
def members() -> None:
    """Members and what they are found by."""


def _region(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--region",
        envvar="COTERIE_REGION",
        default="CN",
        show_default=True,
        show_envvar=True,
        help="Country of phone numbers written without one.",
    )(command)


def _identities(*, many: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command an option for each kind of identity."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for kind in reversed(KINDS):
            told = f"{kind.capitalize()}{'; repeatable' if many else ''}."
            command = click.option(f"--{kind}", multiple=many, help=told)(command)
        return command

    return decorate


@members.command("add")
@_identities(many=True)
@click.option("--name", help="What to call the member.")
@click.option("--language", help="zh-CN or en.")
@click.option("--born-on", metavar="DATE", help="Such as 1990-01-31.")
@click.option(
    "--kind", default="person", show_default=True, help="Or organisation, household, pool."
)
@click.option(
    "--state", default="active", show_default=True, help="Or prospect, unverified, paused."
)
@click.option("--store", help="Where the member joined.")
@click.option("--channel", help="How the member joined.")
@click.option("--origin", help="What made the member known: a campaign, a fair, a person.")
@click.option("--attribute", "attributes", multiple=True, metavar="CODE=VALUE", help="Repeatable.")
@_region
def add(*, attributes: tuple[str, ...], region: str, **given: Any) -> None:
    """Enrol a member and print the new id."""
    from coterie.app import open_world
    from coterie.kernel.errors import Refusal
    from coterie.members import Newcomer, create_members

    identities = tuple((kind, value) for kind in KINDS for value in given.pop(kind))
    newcomer = Newcomer(
        identities=identities, attributes=dict(_attribute(each) for each in attributes), **given
    )
    with open_world() as world, world.changing() as db:
        [answer] = create_members(db, [newcomer], now_us=world.clock.now_us(), region=region)
        if isinstance(answer, Refusal):
            raise answer
    click.echo(answer)


def _attribute(text: str) -> tuple[str, str | int | bool]:
    code, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not CODE=VALUE.", param_hint="--attribute")
    if value in ("true", "false"):
        return code, value == "true"
    if value.removeprefix("-").isdecimal():
        return code, int(value)
    return code, value


@members.command("find")
@_identities(many=False)
@_region
def find(*, region: str, **given: Any) -> None:
    """Find a member by one identity and print the id; merges are followed."""
    from coterie.app import open_world
    from coterie.events import MemberRef
    from coterie.members import find_member

    with open_world() as world, world.reading() as db:
        click.echo(find_member(db, MemberRef(**given), region=region))


@members.command("show")
@click.argument("member_id", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def show(*, member_id: int, as_json: bool) -> None:
    """Show what is known about a member."""
    import msgspec

    from coterie.app import open_world
    from coterie.members import read_member

    with open_world() as world, world.reading() as db:
        record = read_member(db, member_id)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(record), indent=2).decode())
        return
    rows: list[tuple[str, object]] = [
        ("member", record.member_id),
        ("name", record.name),
        ("kind", record.kind),
        ("state", record.state),
        ("merged into", record.merged_into),
        ("enrolled", moment(record.enrolled_us)),
        ("channel", record.enrolled_channel),
        ("store", record.enrolled_store),
        ("origin", record.origin),
        ("language", record.language),
        ("born on", record.born_on),
        ("events", record.seq),
        *((f"attribute {code}", value) for code, value in sorted(record.attributes.items())),
        *((each.kind, each.value) for each in record.identities if each.valid_to_us is None),
    ]
    print_table(["about", "what"], [row for row in rows if row[1] is not None])


@members.command("list")
@paged
def list_members(*, limit: int | None, after: str | None) -> None:
    """List members, the newest first."""
    from coterie.app import open_world
    from coterie.members import list_newest

    with open_world() as world, world.reading() as db:
        found, cursor = list_newest(db, cursor=after, limit=limit)
    rows = [(m.member_id, m.name, m.kind, m.state, moment(m.enrolled_us)) for m in found]
    print_page(["member", "name", "kind", "state", "enrolled"], rows, cursor)


@members.command("change")
@click.argument("member_id", type=click.IntRange(1))
@click.option("--name", help="What to call the member; empty removes it.")
@click.option("--language", help="zh-CN or en; empty removes it.")
@click.option("--born-on", metavar="DATE", help="Such as 1990-01-31; empty removes it.")
def change(*, member_id: int, **given: str | None) -> None:
    """Change a member's name, language or birthday; what is not given stays."""
    from coterie.app import open_world
    from coterie.members import ProfileChange, change_profiles

    said = {name: value or None for name, value in given.items() if value is not None}
    with open_world() as world, world.changing() as db:
        changes = [ProfileChange(member_id, **said)]
        [refusal] = change_profiles(db, changes, now_us=world.clock.now_us())
        if refusal is not None:
            raise refusal


@members.command("identities")
@click.argument("member_id", type=click.IntRange(1))
@click.option("--add", "added", multiple=True, metavar="KIND=VALUE", help="Repeatable.")
@click.option("--end", "ended", multiple=True, metavar="KIND=VALUE", help="Repeatable.")
@_region
def identities(
    *, member_id: int, added: tuple[str, ...], ended: tuple[str, ...], region: str
) -> None:
    """Show what a member is and was found by, after adding or ending some."""
    from coterie.app import open_world
    from coterie.members import add_identity, end_identity, read_member

    with open_world() as world, world.changing() as db:
        now_us = world.clock.now_us()
        for text in ended:
            end_identity(db, member_id, *_identity(text), now_us=now_us, region=region)
        for text in added:
            add_identity(db, member_id, *_identity(text), now_us=now_us, region=region)
        record = read_member(db, member_id)
    rows = [
        (each.kind, each.value, moment(each.valid_from_us), moment(each.valid_to_us))
        for each in record.identities
    ]
    print_table(["kind", "value", "from", "to"], rows)


for _command in (*joining.COMMANDS, *prospects.COMMANDS, *finding.COMMANDS):
    members.add_command(_command)


def _identity(text: str) -> tuple[str, str]:
    kind, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not KIND=VALUE, such as phone=13800138000.")
    return kind, value
