"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from coterie.consent.model import ConsentRecord, ConsentState, Wording
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.consent")


def insert_wording(db: Connection, kind: str, zh: str, en: str, now_us: int) -> int:
    """Publish the next version of a wording and return it."""
    parameters = {"kind": kind, "zh": zh, "en": en, "now_us": now_us}
    row = db.execute(_queries.insert_wording, parameters).fetchone()
    assert row is not None, "an insert without a condition"
    return int(row[0])


def other_kinds(db: Connection, kind: str) -> int:
    """Return how many other kinds there are."""
    row = db.execute(_queries.kinds, {"kind": kind}).fetchone()
    assert row is not None, "count always answers"
    return int(row[0])


def latest(db: Connection) -> tuple[Wording, ...]:
    """Return the newest wording of every kind."""
    return tuple(Wording(*row) for row in db.execute(_queries.latest))


def has_wording(db: Connection, kind: str, version: int) -> bool:
    """Tell whether there is a version."""
    parameters = {"kind": kind, "version": version}
    return db.execute(_queries.wording, parameters).fetchone() is not None


def insert_record(
    db: Connection,
    member_id: int,
    kind: str,
    version: int,
    channel: str,
    actor: str,
    at_us: int,
    *,
    granted: bool,
) -> int:
    """Write a yes or a no and return its number."""
    parameters = {
        "member_id": member_id,
        "kind": kind,
        "version": version,
        "granted": granted,
        "at_us": at_us,
        "channel": channel,
        "actor": actor,
    }
    row = db.execute(_queries.insert_record, parameters).fetchone()
    assert row is not None, "an insert without a condition"
    return int(row[0])


def states(db: Connection, member_id: int) -> tuple[ConsentState, ...]:
    """Return what holds of each kind the member was asked."""
    return tuple(
        ConsentState(*row) for row in db.execute(_queries.states, {"member_id": member_id})
    )


def history(db: Connection, member_id: int, limit: int) -> tuple[ConsentRecord, ...]:
    """Return the newest records."""
    parameters = {"member_id": member_id, "limit": limit}
    return tuple(ConsentRecord(*row) for row in db.execute(_queries.history, parameters))
