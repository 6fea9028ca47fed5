"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from coterie.approvals.model import NewRequest, Policy, Request, State
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.approvals")
_ID_MAX = 2**63 - 1


def insert_request(db: Connection, asked: NewRequest, now_us: int, expires_us: int) -> int:
    """Store a request and return its number."""
    given = {**asked._asdict(), "asked_us": now_us, "expires_us": expires_us}
    row = db.execute(_queries.insert_request, given).fetchone()
    assert row is not None
    return int(row[0])


def lock_request(db: Connection, request_id: int) -> Request | None:
    """Lock a request and return it."""
    row = db.execute(_queries.lock_request, {"request_id": request_id}).fetchone()
    return _request(row) if row else None


def list_requests(
    db: Connection,
    *,
    request_id: int | None = None,
    state: str | None = None,
    asked_by: int | None = None,
    below: int | None = None,
    limit: int = 1,
) -> list[Request]:
    """Return requests, the newest first."""
    given = {
        "request_id": request_id,
        "state": state,
        "asked_by": asked_by,
        "below": _ID_MAX if below is None else below,
        "limit": limit,
    }
    return [_request(row) for row in db.execute(_queries.list_requests, given)]


def _request(row: Sequence[Any]) -> Request:
    values: list[Any] = list(row)
    values[10], values[11] = bytes(row[10]), State(row[11])
    return Request(*values)


def count_waiting(db: Connection, now_us: int, but: int) -> int:
    """Return how many wait that somebody else asked for, up to a thousand."""
    row = db.execute(_queries.count_waiting, {"now_us": now_us, "but": but}).fetchone()
    assert row is not None
    return int(row[0])


def look_again(db: Connection, request_id: int, preview: str, preview_sha256: bytes) -> None:
    """Replace the preview."""
    given = {"request_id": request_id, "preview": preview, "preview_sha256": preview_sha256}
    db.execute(_queries.look_again, given)


def decide(
    db: Connection, request_id: int, state: State, decided_by: int, note: str | None, now_us: int
) -> None:
    """Store a decision."""
    given = {
        "request_id": request_id,
        "state": state.value,
        "decided_by": decided_by,
        "note": note,
        "now_us": now_us,
    }
    db.execute(_queries.decide, given)


def end_waiting(db: Connection, request_id: int) -> None:
    """Store that it was withdrawn."""
    db.execute(_queries.end_waiting, {"request_id": request_id})


def lapse_old(db: Connection, now_us: int) -> list[tuple[int, str, str, int]]:
    """End what waited too long; return number, act, target and who asked."""
    rows = db.execute(_queries.lapse_old, {"now_us": now_us})
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def settle(db: Connection, request_id: int, state: State, result: str, now_us: int) -> None:
    """Store what became of it."""
    given = {"request_id": request_id, "state": state.value, "result": result, "now_us": now_us}
    db.execute(_queries.settle, given)


def insert_policy(db: Connection, policy: Policy, now_us: int) -> None:
    """Store a policy."""
    body = msgspec.json.encode(policy).decode()
    db.execute(_queries.insert_policy, {"body": body, "now_us": now_us})


def last_policy(db: Connection) -> Policy:
    """Return the policy that holds."""
    row = db.execute(_queries.last_policy).fetchone()
    return msgspec.json.decode(row[0], type=Policy) if row else Policy()
