"""What the outside is to hear, written with the change and delivered after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coterie.storage.arrays import bigints
from coterie.storage.connection import Connection
from coterie.storage.copying import copied_bools, copied_integers, copied_texts, copy_rows
from coterie.storage.queries import load_queries

_queries = load_queries("coterie.storage")


class FactRow(NamedTuple):
    """A row of the outbox; ``facts`` is JSON."""

    fact_id: int
    member_id: int
    seq: int
    facts: str


def insert_facts(db: Connection, rows: Sequence[tuple[int, int, str, bool]]) -> None:
    """Insert (member, sequence, facts as JSON, whether it is a follow-up)."""
    member_ids, seqs, facts, follow_ups = zip(*rows, strict=True)
    columns = (
        copied_integers(member_ids),
        copied_integers(seqs),
        copied_texts(facts),
        copied_bools(follow_ups),
    )
    copy_rows(db, _queries.insert_facts, columns)


def follow_ups(db: Connection, now_us: int, limit: int) -> list[FactRow]:
    """Return undelivered consequences, oldest first."""
    rows = db.execute(_queries.follow_ups, {"now_us": now_us, "limit": limit})
    return [FactRow(*row) for row in rows]


def follow_ups_of(db: Connection, places: Sequence[tuple[int, int]]) -> list[FactRow]:
    """Return the undelivered consequences of the events at (member, sequence)."""
    rows = db.execute(
        _queries.follow_ups_of,
        {
            "member_ids": bigints([place[0] for place in places]),
            "seqs": bigints([place[1] for place in places]),
        },
    )
    return [FactRow(*row) for row in rows]


def delete_facts(db: Connection, rows: Sequence[FactRow]) -> None:
    """Forget what was delivered."""
    db.execute(_queries.delete_facts, _places(rows))


def postpone_facts(db: Connection, rows: Sequence[FactRow], now_us: int) -> None:
    """Try these again later: after a second, then two, at most after some hour."""
    db.execute(_queries.postpone_facts, {**_places(rows), "now_us": now_us})


def _places(rows: Sequence[FactRow]) -> dict[str, str]:
    return {
        "member_ids": bigints([row.member_id for row in rows]),
        "seqs": bigints([row.seq for row in rows]),
        "fact_ids": bigints([row.fact_id for row in rows]),
    }


def plain_facts(db: Connection, limit: int) -> list[FactRow]:
    """Return facts the outside has not been told, oldest first, locked until they are deleted."""
    return [FactRow(*row) for row in db.execute(_queries.plain_facts, {"limit": limit})]


def outbox_backlog(db: Connection) -> tuple[int, int, int]:
    """Return how many facts, follow-ups, and follow-ups that failed wait; up to 10,000 each."""
    row = db.execute(_queries.outbox_backlog).fetchone()
    assert row is not None
    return row[0], row[1], row[2]
