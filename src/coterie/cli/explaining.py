"""``coterie explain``: why a balance, an event or a reward is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.replay import Explanation


@click.command("explain")
@click.argument("member_id", metavar="MEMBER", type=int)
@click.option("--currency", help="Where the balance of this currency comes from.")
@click.option("--event", metavar="ID", help="What an event did and why, such as 100001:7.")
@click.option("--tier", metavar="LADDER", help="Why the member stands where it does.")
@click.option("--missing", metavar="RULE", help="Why this rule gave nothing, or less.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Write values and sentences as JSON.")
def explain_command(
    *,
    member_id: int,
    currency: str | None,
    event: str | None,
    missing: str | None,
    tier: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Explain something about MEMBER: from event to rule and version to values to lots.

    Give one of the options; recorded history is decided again, and nothing is written.
    """
    import msgspec

    from coterie.app import open_world
    from coterie.cli.ledger import settled
    from coterie.replay import Question, explain

    asked = Question(event=event, currency=currency, missing=missing, tier=tier)
    with open_world() as world, world.reading() as db:
        found = settled(world, db, member_id)
        now_us = world.clock.now_us()
        programmes = world.engine.surroundings(db).programmes
        explanation = explain(db, programmes, found, asked, now_us)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(explanation), indent=2).decode())
        return
    for line in _lines(explanation, lang):
        click.echo(line)


def _lines(explanation: Explanation, lang: str) -> tuple[str, ...]:
    part = explanation.event or explanation.currency or explanation.missing or explanation.tier
    assert part is not None, "one thing was asked"
    lines: tuple[str, ...] = getattr(part.words, lang)
    return lines
