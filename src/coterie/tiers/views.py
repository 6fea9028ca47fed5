"""Questions about where a member stands and how that came to be; they change nothing."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection, load_queries
from coterie.tiers import store
from coterie.tiers.model import Evidence, TierStanding
from coterie.tiers.store import standing_of

__all__ = ["ChangeView", "Changes", "changes_of", "standing_of", "standings_of"]

_queries = load_queries("coterie.tiers")
_evidence = msgspec.json.Decoder(Evidence).decode


class ChangeView(Struct, frozen=True):
    """One change of tier or validity, with the event that made it and what was looked at."""

    seq: int
    n: int
    at_us: int
    ladder: str
    from_tier: str | None
    to_tier: str | None
    until_day: int | None
    reason: str
    version: int
    evidence: Evidence


class Changes(Struct, frozen=True):
    """A page of changes, and the cursor of the next one (None: this was the last)."""

    changes: tuple[ChangeView, ...]
    cursor: str | None


def standings_of(db: Connection, member_id: int) -> dict[str, TierStanding]:
    """Return where a member stands, by ladder; none where nothing ever happened."""
    return {ladder: s for _, ladder, s in store.load_standings_later(db, [member_id])()}


def changes_of(
    db: Connection,
    member_id: int,
    *,
    ladder: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Changes:
    """Return a page of a member's changes, newest first.

    Raises :class:`~coterie.kernel.paging.BadCursor` and
    :class:`~coterie.kernel.errors.Malformed` for a page of another size than 1 to 200.
    """
    size = page_size(limit)
    before = (None, None) if cursor is None else decode_cursor(cursor, int, int)
    rows = db.execute(
        _queries.view_changes,
        {
            "member_id": member_id,
            "ladder": ladder,
            "before_seq": before[0],
            "before_n": before[1],
            "limit": size + 1,
        },
    ).fetchall()
    found = tuple(ChangeView(*(*row[:9], _evidence(row[9]))) for row in rows[:size])
    if len(rows) <= size:
        return Changes(found, None)
    return Changes(found, encode_cursor(found[-1].seq, found[-1].n))
