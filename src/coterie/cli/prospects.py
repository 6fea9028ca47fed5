"""``coterie members prospects``: who is only known yet, and what became of them."""

from __future__ import annotations

import click

from coterie.cli.showing import moment, paged, print_page


@click.command("prospects")
@click.option("--origin", help="Of this origin alone.")
@click.option("--open", "open_only", is_flag=True, help="Only who has not joined yet.")
@paged
def prospects_command(
    *, origin: str | None, open_only: bool, limit: int | None, after: str | None
) -> None:
    """List who was enrolled as prospect or unverified, newest first."""
    from coterie.app import open_world
    from coterie.insight import prospects

    with open_world() as world, world.reading() as db:
        found, cursor = prospects(db, origin=origin, open_only=open_only, cursor=after, limit=limit)
    print_page(
        ("member", "name", "state", "enrolled", "channel", "origin", "first bought", "joined"),
        [
            (
                p.member_id,
                p.name,
                p.state,
                moment(p.enrolled_us),
                p.channel,
                p.origin,
                moment(p.first_order_us),
                moment(p.joined_us),
            )
            for p in found
        ],
        cursor,
    )


COMMANDS = (prospects_command,)
