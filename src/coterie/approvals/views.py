"""What waits, what was decided, and the policy."""

from __future__ import annotations

from coterie.approvals import store
from coterie.approvals.errors import RequestUnknown
from coterie.approvals.model import Policy, Request, State
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection


def policy(db: Connection) -> Policy:
    """Return the policy that holds; the defaults where none was set."""
    return store.last_policy(db)


def read_request(db: Connection, request_id: int) -> Request:
    """Return a request. Raises RequestUnknown."""
    wanted = 0 < request_id < 2**62
    found = store.list_requests(db, request_id=request_id) if wanted else []
    if not found:
        raise RequestUnknown(f"{request_id}.")
    return found[0]


def list_requests(
    db: Connection,
    *,
    state: State | None = None,
    asked_by: int | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[Request], str | None]:
    """Return a page of requests, the newest first, and the next page's cursor."""
    size = page_size(limit)
    below = None if cursor is None else int(decode_cursor(cursor, int)[0])
    found = store.list_requests(
        db,
        state=None if state is None else state.value,
        asked_by=asked_by,
        below=below,
        limit=size + 1,
    )
    if len(found) <= size:
        return found, None
    return found[:size], encode_cursor(found[size - 1].request_id)


def count_waiting(db: Connection, *, now_us: int, but: int = 0) -> int:
    """Return how many requests wait, up to a thousand; those of account ``but`` do not count."""
    return store.count_waiting(db, now_us, but)
