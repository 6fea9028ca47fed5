"""Questions about subscriptions and deliveries."""

from __future__ import annotations

from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection
from coterie.webhooks import store
from coterie.webhooks.actions import place_of
from coterie.webhooks.errors import DeliveryUnknown, SubscriptionUnknown
from coterie.webhooks.model import Attempt, Backlog, Delivery, Subscription

ATTEMPTS_SHOWN = 50
_NEWEST = (INT64_MAX, INT64_MAX, INT64_MAX, 2**31 - 1)


def list_subscriptions(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Subscription], str | None]:
    """Return a page of subscriptions by id, and the next page's cursor."""
    size = page_size(limit)
    after = 0 if cursor is None else int(decode_cursor(cursor, int)[0])
    found = store.list_subscriptions(db, after, size + 1)
    if len(found) <= size:
        return found, None
    return found[:size], encode_cursor(found[size - 1].subscription_id)


def read_subscription(db: Connection, subscription_id: int) -> Subscription:
    """Return a subscription. Raises :class:`SubscriptionUnknown`."""
    found = store.read_subscription(db, subscription_id)
    if found is None:
        raise SubscriptionUnknown
    return found


def list_deliveries(
    db: Connection,
    subscription_id: int,
    *,
    state: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[Delivery], str | None]:
    """Return a page of a subscription's log, newest first, and the next page's cursor.

    ``state`` keeps those that are ``waiting``, ``delivered`` or ``dead``. Raises
    :class:`SubscriptionUnknown`.
    """
    size = page_size(limit)
    read_subscription(db, subscription_id)
    before = _NEWEST
    if cursor is not None:
        at_us, member_id, seq, n = map(int, decode_cursor(cursor, int, int, int, int))
        before = (at_us, member_id, seq, min(n, 2**31 - 1))
    found = store.list_deliveries(db, subscription_id, before, state, size + 1)
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], encode_cursor(last.recorded_us, last.member_id, last.seq, last.n)


def read_delivery(db: Connection, subscription_id: int, message: str) -> Delivery:
    """Return a delivery by its message. Raises :class:`DeliveryUnknown`."""
    member_id, seq, n = place_of(message)
    found = store.read_delivery(db, (member_id, subscription_id, seq, n))
    if found is None:
        raise DeliveryUnknown
    return found


def attempts_of(db: Connection, delivery: Delivery) -> list[Attempt]:
    """Return the last tries of a delivery, the newest first."""
    place = (delivery.member_id, delivery.subscription_id, delivery.seq, delivery.n)
    return store.attempts_of(db, place, ATTEMPTS_SHOWN)


def backlog(db: Connection) -> Backlog:
    """Return what waits to go out; counts stop at 10,000."""
    return store.backlog(db)
