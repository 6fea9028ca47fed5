"""Writes that are no events, done once however often they are sent.

The registry row of such a write has sequence 0 of the member it made: before that member's first
event. It shares the name space of the source's event keys, so a key means one thing only.
"""

from __future__ import annotations

from collections.abc import Callable

from psycopg.errors import UniqueViolation

from coterie.events import KeyReused
from coterie.kernel.errors import Refusal
from coterie.storage import Connection, KeyRow, find_keys, insert_keys, transaction

BEFORE_EVENTS = 0


def once(
    db: Connection, *, source: str, key: str, digest: bytes, make: Callable[[Connection], int]
) -> tuple[int, bool]:
    """Make a member under a key and return (its id, whether it was made before).

    ``make`` runs in the transaction that records the key; when it raises, nothing is recorded and
    the key stays free. ``digest`` (16 bytes) is of what was sent. Raises
    :class:`~coterie.events.KeyReused` when the key was used for something else.
    """
    found = _find(db, source, key, digest)
    if found is not None:
        return found, True
    try:
        with transaction(db):
            member_id = make(db)
            insert_keys(db, [KeyRow(source, key, digest, member_id, BEFORE_EVENTS, None)])
    except (UniqueViolation, Refusal):
        # Perhaps the same was sent twice at once, and the other one has what this one wanted.
        found = _find(db, source, key, digest)
        if found is None:
            raise
        return found, True
    return member_id, False


def _find(db: Connection, source: str, key: str, digest: bytes) -> int | None:
    row = find_keys(db, [(source, key)]).get((source, key))
    if row is None:
        return None
    if row.digest != digest or row.seq != BEFORE_EVENTS or row.member_id is None:
        raise KeyReused(f"{key!r} of {source!r}.", where="Idempotency-Key")
    return row.member_id
