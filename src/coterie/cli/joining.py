"""``coterie members merge``, ``unmerge`` and ``erase``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coterie.cli.showing import print_table

if TYPE_CHECKING:
    from coterie.app import World
    from coterie.intake.reading import Arrival
    from coterie.storage import Connection

SOURCE = "cli"
_REASON = click.option("--reason", help="Why; it is kept with the event.")


def submit(world: World, db: Connection, arrival: Arrival) -> None:
    """Send one event and print the answer; a refusal is raised as one."""
    import msgspec

    [answer] = world.engine.submit(db, [arrival])
    if answer.status != "accepted":
        raise click.ClickException(f"{answer.status}: {answer.detail} ({answer.code})")
    click.echo(msgspec.json.encode(answer).decode())


@click.command("merge")
@click.argument("member_id", type=click.IntRange(1))
@click.argument("into", type=click.IntRange(1))
@click.option("--preview", is_flag=True, help="Only show what would go over.")
@_REASON
def merge(*, member_id: int, into: int, preview: bool, reason: str | None) -> None:
    """Merge MEMBER_ID into INTO: units, debts, what was counted, and identities go over."""
    from coterie.app import open_world
    from coterie.intake.joining import merging, preview_merge

    with open_world() as world, world.reading() as db:
        now_us = world.clock.now_us()
        if not preview:
            key = f"merge:{member_id}:{now_us}"
            arrival = merging(member_id, into, source=SOURCE, key=key, now_us=now_us, reason=reason)
            submit(world, db, arrival)
            return
        world.engine.settle(db, [member_id], now_us)
        found = preview_merge(db, member_id, into)
    print_table(
        ("currency", "available", "pending", "held", "owed"),
        [(b.currency, b.available, b.pending, b.held, b.owed) for b in found.balances],
    )
    click.echo(f"{found.identities} identities and what {found.events} events counted")
    click.echo(f"from {found.member_id} into {found.into}")
    if found.blocked is not None:
        raise click.ClickException(f"it would be refused: {found.blocked}")


@click.command("unmerge")
@click.argument("member_id", type=click.IntRange(1))
@_REASON
def unmerge(*, member_id: int, reason: str | None) -> None:
    """Take the merge of MEMBER_ID back: what is left of what went over returns."""
    from coterie.app import open_world
    from coterie.intake.joining import unmerging

    with open_world() as world, world.reading() as db:
        now_us = world.clock.now_us()
        key = f"unmerge:{member_id}:{now_us}"
        arrival = unmerging(db, member_id, source=SOURCE, key=key, now_us=now_us, reason=reason)
        submit(world, db, arrival)


@click.command("erase")
@click.argument("member_id", type=click.IntRange(1))
@click.option("--preview", is_flag=True, help="Only show what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_REASON
def erase(*, member_id: int, preview: bool, yes: bool, reason: str | None) -> None:
    """Erase MEMBER_ID: names and identities go for good, units lapse, debts are written off."""
    from coterie.app import open_world
    from coterie.intake.joining import erasing
    from coterie.ledger import balances_of
    from coterie.members import read_member

    with open_world() as world, world.reading() as db:
        now_us = world.clock.now_us()
        record = read_member(db, member_id)
        world.engine.settle(db, [member_id], now_us)
        found = balances_of(db, member_id)
        print_table(
            ("currency", "available", "pending", "held", "owed"),
            [(b.currency, b.available, b.pending, b.held, b.owed) for b in found],
        )
        click.echo(f"{len(record.identities)} identities of member {member_id} ({record.state})")
        if preview:
            return
        if not yes:
            click.confirm("This cannot be taken back. Erase?", abort=True)
        key = f"erase:{member_id}:{now_us}"
        submit(world, db, erasing(member_id, source=SOURCE, key=key, now_us=now_us, reason=reason))


COMMANDS = (merge, unmerge, erase)
