"""A person's decision about a member's tier becomes a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.events import Happening, StatusChange
from coterie.kernel.errors import nearest
from coterie.kernel.time import parse_day
from coterie.programme.ladders.step import first_standing, take, walk_of
from coterie.programme.standing import Decision, Standing
from coterie.tiers import BadStatusChange, LadderUnknown, TierUnknown, command

if TYPE_CHECKING:
    from coterie.ledger import Book
    from coterie.programme.compile import CompiledProgramme, Programmes


def change_status(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Decide a ``status_change``; what it says of unknown ladders and tiers is refused."""
    event: StatusChange = happening.event
    compiled = cp.ladders.get(event.ladder)
    if compiled is None:
        hint = nearest(event.ladder, cp.ladders)
        raise LadderUnknown(f"There is no ladder {event.ladder!r}.{hint}", where="ladder")
    tiers = compiled.policy.tiers
    if event.tier is not None and event.tier not in tiers:
        hint = nearest(event.tier, tiers)
        raise TierUnknown(f"{event.ladder!r} has no tier {event.tier!r}.{hint}", where="tier")
    track = compiled.ladder.track
    if event.action == "select" and track is None:
        raise BadStatusChange("Everybody is on this ladder; nothing is chosen.", where="action")
    until = None if event.until is None else parse_day(event.until, where="until")
    since = None if event.since is None else parse_day(event.since, where="since")
    if since is not None and since > happening.day:
        raise BadStatusChange(f"{event.since} lies after the event.", where="since")
    today = cp.zone.day(happening.as_of_us)
    decision = Decision()
    tier = standing.tiers.get(event.ladder) or first_standing(compiled, cp, standing, today)
    walk = walk_of(compiled, cp, standing, tier, today)
    command(walk, event.action, event.tier, until, event.reason, since_day=since)
    take(cp, standing, decision, walk)
    if event.action == "select":
        for other in cp.ladders.values():
            left = standing.tiers.get(other.policy.ladder)
            same = other is not compiled and other.ladder.track == track
            if same and left is not None and left.course.active:
                leaving = walk_of(other, cp, standing, left, today)
                command(leaving, "leave", None, None, event.reason)
                take(cp, standing, decision, leaving)
    return decision
