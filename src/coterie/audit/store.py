"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from coterie.audit.model import Head, NewEntry, Row
from coterie.storage import Connection, bigints, load_queries

_queries = load_queries("coterie.audit")
PAGE = 1_000
_N_MAX = 2**63 - 1


def lock_head(db: Connection) -> Head:
    """Keep everybody else from appending, and return where the chain ends."""
    return _head(db.execute(_queries.lock_head).fetchone())


def read_head(db: Connection) -> Head:
    """Return where the chain ends."""
    return _head(db.execute(_queries.read_head).fetchone())


def _head(row: Any) -> Head:
    assert row is not None, "the chain has a head from its migration on"
    return Head(row[0], bytes(row[1]))


def insert_entry(
    db: Connection,
    n: int,
    entry: NewEntry,
    salt: bytes,
    body: str,
    detail_sha256: bytes,
    previous: bytes,
    digest: bytes,
) -> None:
    """Store an entry and its detail."""
    db.execute(
        _queries.insert_entry,
        {
            "n": n,
            "at_us": entry.at_us,
            "world_us": entry.world_us,
            "actor_kind": entry.actor_kind.value,
            "actor": entry.actor,
            "act": entry.act,
            "target": entry.target,
            "outcome": entry.outcome.value,
            "detail_sha256": detail_sha256,
            "previous": previous,
            "digest": digest,
        },
    )
    db.execute(_queries.insert_detail, {"n": n, "salt": salt, "body": body})


def details_of(db: Connection, target: str, limit: int) -> list[int]:
    """Return the entries about a target that have their detail."""
    rows = db.execute(_queries.details_of, {"target": target, "limit": limit})
    return [row[0] for row in rows]


def forget_details(db: Connection, entries: Sequence[int]) -> None:
    """Remove details that an entry names."""
    db.execute(_queries.forget_details, {"entries": bigints(entries)})


def all_entries(db: Connection) -> Iterator[Row]:
    """Yield every entry in order, a page at a time."""
    after = 0
    while rows := db.execute(_queries.entries_after, {"after": after, "limit": PAGE}).fetchall():
        yield from map(_row, rows)
        after = rows[-1][0]


def list_entries(
    db: Connection, asked: dict[str, str | int | None], below: int | None, limit: int
) -> list[Row]:
    """Return entries, the newest first."""
    given = {**asked, "below": _N_MAX if below is None else below, "limit": limit}
    return [_row(row) for row in db.execute(_queries.list_entries, given)]


def _row(row: Sequence[Any]) -> Row:
    values: list[Any] = [bytes(each) if isinstance(each, memoryview) else each for each in row]
    return Row._make(values)
