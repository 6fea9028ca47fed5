"""A member's place on every ladder, and what is missing."""

from __future__ import annotations

from coterie.events import MemberUnknown
from coterie.members import load_members
from coterie.metrics import load_counters
from coterie.programme.compile import Programmes
from coterie.programme.ladders.progress import LadderProgress, progress
from coterie.programme.standing import Standing
from coterie.storage import Connection
from coterie.tiers import standings_of


def progress_of(
    db: Connection, programmes: Programmes, member_id: int, now_us: int
) -> list[LadderProgress]:
    """Return where a member stands by the programme in force; what is due was decided before.

    Raises :class:`~coterie.events.MemberUnknown`.
    """
    member = load_members(db, [member_id]).get(member_id)
    if member is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    standing = Standing(member)
    for _, counters in load_counters(db, [member_id]):
        standing.counters = counters
    standing.tiers = standings_of(db, member_id)
    return progress(programmes.at(now_us), standing, now_us)
