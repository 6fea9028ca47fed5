"""One typed function a statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from coterie.metrics.rules import Counters
from coterie.storage import Connection, bigints, load_queries, texts

_queries = load_queries("coterie.metrics")
_decode = msgspec.json.Decoder(dict[str, dict[int, int]]).decode
_encode = msgspec.json.Encoder().encode


def load_counters(db: Connection, member_ids: Sequence[int]) -> list[tuple[int, Counters]]:
    """Return (member, counters) of those who have any."""
    return load_counters_later(db, member_ids)()


def load_counters_later(
    db: Connection, member_ids: Sequence[int]
) -> Callable[[], list[tuple[int, Counters]]]:
    """As :func:`load_counters`, asked now and read by calling the answer: for a pipeline."""
    cursor = db.execute(_queries.load_counters, {"member_ids": bigints(member_ids)})
    return lambda: [(row[0], _decode(row[1])) for row in cursor.fetchall()]


def write_counters(db: Connection, rows: Sequence[tuple[int, Counters]]) -> None:
    """Write members' counters."""
    db.execute(
        _queries.write_counters,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "buckets": texts([_encode(row[1]).decode() for row in rows]),
        },
    )
