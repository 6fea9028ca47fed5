"""What changes requests and the policy, in the caller's transaction; times are the machine's."""

from __future__ import annotations

from coterie.approvals import rules, store
from coterie.approvals.errors import DecidedAlready, OwnRequest, RequestUnknown
from coterie.approvals.model import NewRequest, Policy, Request, State
from coterie.kernel.time import HOUR_US
from coterie.storage import Connection


def ask(db: Connection, asked: NewRequest, *, now_us: int) -> int:
    """Let something wait for a second person, and return the request's number."""
    expires_us = now_us + store.last_policy(db).expires_hours * HOUR_US
    return store.insert_request(db, asked, now_us, expires_us)


def look_again(db: Connection, request_id: int, preview: str, preview_sha256: bytes) -> None:
    """Keep what a waiting request would do now."""
    store.look_again(db, request_id, preview, preview_sha256)


def locked(db: Connection, request_id: int) -> Request:
    """Lock and return a request. Raises RequestUnknown."""
    found = store.lock_request(db, request_id) if 0 < request_id < 2**62 else None
    if found is None:
        raise RequestUnknown(f"{request_id}.")
    return found


def decide(
    db: Connection,
    request_id: int,
    *,
    approved: bool,
    decided_by: int,
    note: str | None,
    now_us: int,
) -> Request:
    """Decide about a request and return it as it was.

    Raises RequestUnknown, OwnRequest, DecidedAlready and RequestLapsed.
    """
    request = locked(db, request_id)
    rules.check_decidable(request, decided_by, now_us)
    state = State.APPROVED if approved else State.REFUSED
    cut = note[: rules.NOTE_LENGTH_MAX] if note else None
    store.decide(db, request_id, state, decided_by, cut, now_us)
    return request


def withdraw(db: Connection, request_id: int, *, account_id: int, now_us: int) -> Request:
    """Take back what one asked for oneself. Raises as :func:`decide`, and OwnRequest for others."""
    request = locked(db, request_id)
    if request.asked_by != account_id:
        raise OwnRequest("Only who asked takes it back.")
    rules.check_waits(request, now_us)
    store.end_waiting(db, request_id)
    return request


def lapse_old(db: Connection, *, now_us: int) -> list[tuple[int, str, str, int]]:
    """End what waited too long, some hundreds at most; return number, act, target, who asked."""
    return store.lapse_old(db, now_us)


def settle(db: Connection, request_id: int, *, ran: bool, result: str, now_us: int) -> None:
    """Keep what became of an approved request. Raises DecidedAlready."""
    if locked(db, request_id).state is not State.APPROVED:
        raise DecidedAlready
    store.settle(db, request_id, State.RUN if ran else State.FAILED, result, now_us)


def set_policy(db: Connection, policy: Policy, *, now_us: int) -> Policy:
    """Let another policy hold, and return the one before. Raises BadPolicy."""
    rules.check_policy(policy)
    before = store.last_policy(db)
    store.insert_policy(db, policy, now_us)
    return before
