"""``coterie approvals``: what waits for a second person, and deciding about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coterie.cli.showing import moment, paged, print_page

if TYPE_CHECKING:
    from coterie.acts import Actor
    from coterie.app import World

_AS = click.option(
    "--as",
    "login",
    required=True,
    help="Who decides (number or login): another one than asked, who may.",
)


@click.group("approvals")
def approvals() -> None:
    """What waits for a second person."""


@approvals.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what was decided.")
@paged
def list_all(*, everything: bool, limit: int | None, after: str | None) -> None:
    """List requests, the newest first."""
    from coterie.app import open_world
    from coterie.approvals import State, list_requests

    state = None if everything else State.WAITING
    with open_world() as world, world.reading() as db:
        found, cursor = list_requests(db, state=state, cursor=after, limit=limit)
    rows = [
        (
            each.request_id,
            each.state,
            each.act,
            each.target,
            each.why,
            each.asked_by,
            moment(each.asked_us),
            moment(each.expires_us),
            each.reason,
        )
        for each in found
    ]
    columns = ["request", "state", "act", "target", "because of", "asked by", "at", "until"]
    print_page([*columns, "reason"], rows, cursor)


@approvals.command("show")
@click.argument("request_id", type=click.IntRange(1))
def show(*, request_id: int) -> None:
    """Show a request with what it would do, as JSON."""
    import msgspec

    from coterie.app import open_world
    from coterie.approvals import read_request

    with open_world() as world, world.reading() as db:
        found = read_request(db, request_id)
    told = msgspec.to_builtins(found)
    told["args"], told["preview"] = (
        msgspec.json.decode(found.args),
        msgspec.json.decode(found.preview),
    )
    del told["preview_sha256"]
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


@approvals.command("approve")
@click.argument("request_id", type=click.IntRange(1))
@_AS
@click.option("--note", help="A word to who asked.")
def approve(*, request_id: int, login: str, note: str | None) -> None:
    """Approve a request as somebody of the staff, and run it."""
    import msgspec

    from coterie.acts import Acts, Deciding
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        actor = _decider(world, login)
        done = Deciding(Acts(world)).approve(db, actor, request_id, note=note)
    click.echo(msgspec.json.encode(done).decode())


@approvals.command("refuse")
@click.argument("request_id", type=click.IntRange(1))
@_AS
@click.option("--note", required=True, help="Why; it is told to who asked.")
def refuse(*, request_id: int, login: str, note: str) -> None:
    """Refuse a request as somebody of the staff."""
    from coterie.acts import Acts, Deciding
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        Deciding(Acts(world)).refuse(db, _decider(world, login), request_id, note=note)
    click.echo(f"Request {request_id} is refused.")


def _decider(world: World, login: str) -> Actor:
    """Return somebody of the staff as who acts; that a shell spoke for them is on record."""
    from coterie.acts.deciding import asker
    from coterie.staff import account_named

    with world.reading() as db:
        return asker(db, account_named(db, login).account_id, network="shell")
