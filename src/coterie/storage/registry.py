"""Answers given once: (source, key) to the event that it became."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from coterie.storage.arrays import bigints, texts
from coterie.storage.connection import Connection
from coterie.storage.copying import copied_bytes, copied_integers, copied_texts, copy_rows
from coterie.storage.queries import load_queries

_queries = load_queries("coterie.storage")


class KeyRow(NamedTuple):
    """What a key was used for; either ``seq`` or ``waiting_id`` is set."""

    source: str
    key: str
    digest: bytes
    member_id: int | None
    seq: int | None
    waiting_id: int | None


def share_settings(db: Connection) -> None:
    """Let nobody change versions or closed books until the transaction ends."""
    db.execute(_queries.share_settings)


def own_settings(db: Connection) -> None:
    """Wait for running batches, and keep new ones waiting until the transaction ends."""
    db.execute(_queries.own_settings)


def find_keys(db: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], KeyRow]:
    """Return the rows of those keys that were used before."""
    return find_keys_later(db, keys)()


def find_keys_later(
    db: Connection, keys: Sequence[tuple[str, str]]
) -> Callable[[], dict[tuple[str, str], KeyRow]]:
    """As :func:`find_keys`, asked now and read by calling the answer: for a pipeline."""
    cursor = db.execute(
        _queries.find_keys,
        {"sources": texts([row[0] for row in keys]), "keys": texts([row[1] for row in keys])},
    )
    return lambda: {(row[0], row[1]): KeyRow(*row) for row in cursor.fetchall()}


def insert_keys(db: Connection, rows: Sequence[KeyRow]) -> None:
    """Register keys; a unique violation means somebody else was faster."""
    sources, keys, digests, member_ids, seqs, waiting_ids = zip(*rows, strict=True)
    columns = (
        copied_texts(sources),
        copied_texts(keys),
        copied_bytes(digests),
        copied_integers(member_ids),
        copied_integers(seqs),
        copied_integers(waiting_ids),
    )
    copy_rows(db, _queries.insert_keys, columns)


def settle_keys(db: Connection, rows: Sequence[KeyRow]) -> None:
    """Point the keys of events that waited to where they went."""
    db.execute(
        _queries.settle_keys,
        {
            "sources": texts([row.source for row in rows]),
            "keys": texts([row.key for row in rows]),
            "member_ids": bigints([row.member_id for row in rows]),
            "seqs": bigints([row.seq for row in rows]),
        },
    )
