"""One typed function a statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from coterie.storage import Connection, bigints, load_queries, texts
from coterie.tiers.model import Course, TierChange, TierStanding

_queries = load_queries("coterie.tiers")
_course = msgspec.json.Decoder(Course).decode
_encode = msgspec.json.Encoder().encode

ChangeRow = tuple[int, int, int, int, int, TierChange]
"""Member, sequence, number within the event, instant, version, the change."""


def load_standings_later(
    db: Connection, member_ids: Sequence[int]
) -> Callable[[], list[tuple[int, str, TierStanding]]]:
    """Ask for (member, ladder, standing), read by calling the answer: for a pipeline."""
    cursor = db.execute(_queries.load_standings, {"member_ids": bigints(member_ids)})
    return lambda: [(row[0], row[1], standing_of(row[2:])) for row in cursor.fetchall()]


def standing_of(row: Sequence[Any]) -> TierStanding:
    """Return a standing from its columns, the course as JSON last."""
    tier, since_day, until_day, due_us, reason, version, changes, course = row
    return TierStanding(
        tier, since_day, until_day, due_us, reason, version, changes, _course(course)
    )


def write_standings(db: Connection, rows: Sequence[tuple[int, str, TierStanding]]) -> None:
    """Write (member, ladder, standing)."""
    standings = [row[2] for row in rows]
    db.execute(
        _queries.write_standings,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "ladders": texts([row[1] for row in rows]),
            "tiers": texts([s.tier for s in standings]),
            "since_days": bigints([s.since_day for s in standings]),
            "until_days": bigints([s.until_day for s in standings]),
            "dues_us": bigints([s.due_us for s in standings]),
            "reasons": texts([s.reason for s in standings]),
            "versions": bigints([s.version for s in standings]),
            "changes": bigints([s.changes for s in standings]),
            "courses": texts([_encode(s.course).decode() for s in standings]),
        },
    )


def insert_changes(db: Connection, rows: Sequence[ChangeRow]) -> None:
    """Write changes that events made."""
    changes = [row[5] for row in rows]
    db.execute(
        _queries.insert_changes,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "seqs": bigints([row[1] for row in rows]),
            "ns": bigints([row[2] for row in rows]),
            "ats_us": bigints([row[3] for row in rows]),
            "versions": bigints([row[4] for row in rows]),
            "ladders": texts([c.ladder for c in changes]),
            "from_tiers": texts([c.from_tier for c in changes]),
            "to_tiers": texts([c.to_tier for c in changes]),
            "until_days": bigints([c.until_day for c in changes]),
            "reasons": texts([c.reason for c in changes]),
            "evidence": texts([_encode(c.evidence).decode() for c in changes]),
        },
    )
