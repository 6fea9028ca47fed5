"""``coterie find``: one box for everything; ``coterie members take-in``: who was there before."""

from __future__ import annotations

import click

from coterie.cli.showing import moment, print_table


@click.command("find")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True)
@click.option("--masked", is_flag=True, help="Show no more of people than they would recognise.")
@click.option("--region", envvar="COTERIE_REGION", default="CN", show_default=True)
def find_command(*, text: tuple[str, ...], limit: int, masked: bool, region: str) -> None:
    """Find members, orders and names of the programme by whatever TEXT may be.

    Names, pinyin, initials, numbers or their last four digits, cards, addresses, tags (#vip),
    order references, events (100001:1), codes and names of the programme.
    """
    from coterie.app import open_world
    from coterie.insight import search
    from coterie.programme.versions import version_at

    with open_world() as world, world.reading() as db:
        version = version_at(db, world.clock.now_us())
        programme = None if version is None else version.programme
        found = search(db, programme, " ".join(text), limit=limit, region=region)
    rows: list[tuple[object, ...]] = []
    for hit in found.members:
        shown = hit.masked() if masked else hit
        known = " ".join(value for _, value in shown.contacts)
        rows.append(("member", shown.member_id, shown.name, shown.state, known))
    for each in (*found.orders, *found.events):
        place = f"{each.member_id}:{each.seq}"
        rows.append((each.kind, place, each.order_ref, each.status, moment(each.occurred_us)))
    rows += [(p.section, p.code, p.zh, "", p.en) for p in found.parts]
    print_table(("what", "id", "name", "state", "more"), rows)
    if found.more_members:
        click.echo("There may be more members: say more about the one you look for.", err=True)


@click.command("take-in")
def take_in_command() -> None:
    """Let members be found who were there before the search was; the worker does it by itself."""
    from coterie.app import open_world
    from coterie.jobs import take_in_members

    with open_world() as world, world.reading() as db:
        take_in_members(
            db,
            on_progress=lambda at: click.echo(f"up to {at.after_id} of {at.through_id}", err=True),
        )


COMMANDS = (take_in_command,)
