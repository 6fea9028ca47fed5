"""What changes subscriptions and deliveries. Nothing here commits, but :func:`fan_out`.

Instants that pace tries (``now_us``) are the machine's, because receivers live in its time; those
of facts are the world's.
"""

from __future__ import annotations

import hashlib
import logging
import secrets

import msgspec

from coterie.events import KeyReused
from coterie.kernel.time import DAY_US, HOUR_US
from coterie.storage import Connection, delete_facts, plain_facts, transaction, tried_again
from coterie.webhooks import rules, store
from coterie.webhooks.errors import (
    DeliveryUnknown,
    SecretsTooMany,
    SubscriptionsTooMany,
    SubscriptionUnknown,
)
from coterie.webhooks.model import (
    RETENTION_DAYS,
    SECRETS_MAX,
    SUBSCRIPTIONS_MAX,
    Change,
    Subscription,
    Told,
    WebhookSettings,
    Wish,
)

log = logging.getLogger(__name__)
OVERLAP_HOURS_MAX = 7 * 24
REPLAY_MAX = 10_000
FORGET_MAX = 5_000
NOBODY = 0
_told = msgspec.json.Decoder(Told)


def subscribe(
    db: Connection,
    wish: Wish,
    *,
    source: str,
    key: str,
    now_us: int,
    settings: WebhookSettings | None = None,
) -> tuple[Subscription, bytes, bool]:
    """Subscribe; return the subscription, what signs its messages, and whether it was there.

    Once for each ``key`` of a ``source``; the same wish again gets what it got. Raises
    :class:`BadSubscription`, :class:`SubscriptionsTooMany` and
    :class:`~coterie.events.KeyReused`.
    """
    _check(wish, settings)
    digest = hashlib.blake2b(msgspec.json.encode(wish), digest_size=16).digest()
    if (found := store.find_by_key(db, source, key)) is None:
        if store.count_subscriptions(db) >= SUBSCRIPTIONS_MAX:
            raise SubscriptionsTooMany(f"{SUBSCRIPTIONS_MAX} are enough for every system.")
        made = store.insert_subscription(db, wish, source, key, digest, now_us)
        if made is not None:
            secret = secrets.token_bytes(rules.SECRET_BYTES)
            store.insert_secret(db, made, secret, key, now_us)
            return _existing(db, made), secret, False
        found = store.find_by_key(db, source, key)
        assert found is not None, "the key was taken a moment ago"
    subscription_id, sent = found
    if sent != digest:
        raise KeyReused(f"{key!r} of {source!r}.", where="Idempotency-Key")
    return _existing(db, subscription_id), store.secrets_of(db, subscription_id)[0][0], True


def change_subscription(
    db: Connection,
    subscription_id: int,
    change: Change,
    *,
    now_us: int,
    settings: WebhookSettings | None = None,
) -> Subscription:
    """Change a subscription; what waits goes out by what it is then.

    Activating it tries at once what waits. Raises :class:`SubscriptionUnknown` and
    :class:`BadSubscription`.
    """
    before = _existing(db, subscription_id, locked=True)
    wish = Wish(
        before.url if change.url is msgspec.UNSET else change.url,
        before.kinds if change.kinds is msgspec.UNSET else change.kinds,
        before.description if change.description is msgspec.UNSET else change.description,
    )
    _check(wish, settings)
    paused = before.paused
    if change.active is not msgspec.UNSET:
        paused = None if change.active else before.paused or "by_hand"
    if (wish, paused) != (
        Wish(before.url, before.kinds, before.description),
        before.paused,
    ):
        store.change_subscription(db, subscription_id, wish, paused, now_us)
        if paused is None:
            store.hurry_lanes(db, subscription_id)
    return _existing(db, subscription_id)


def remove_subscription(db: Connection, subscription_id: int) -> None:
    """Remove a subscription, what waits for it and its log. Raises :class:`SubscriptionUnknown`."""
    if not store.delete_subscription(db, subscription_id):
        raise SubscriptionUnknown


def rotate_secret(
    db: Connection, subscription_id: int, *, key: str, now_us: int, overlap_hours: int = 24
) -> tuple[bytes, bool]:
    """Sign by a new secret, and by those before for some hours more; return it.

    Also whether it was made under this ``key`` before. Raises :class:`SubscriptionUnknown` and
    :class:`SecretsTooMany`.
    """
    _existing(db, subscription_id, locked=True)
    kept = store.secrets_of(db, subscription_id)
    for secret, made_under, _ in kept:
        if made_under == key:
            return secret, True
    good = [each for each in kept if each[2] is None or each[2] > now_us]
    if len(good) >= SECRETS_MAX and overlap_hours:
        raise SecretsTooMany(f"{SECRETS_MAX} sign now.")
    store.end_secrets(db, subscription_id, now_us, now_us + overlap_hours * HOUR_US)
    secret = secrets.token_bytes(rules.SECRET_BYTES)
    store.insert_secret(db, subscription_id, secret, key, now_us)
    return secret, False


def ping(db: Connection, subscription_id: int, *, now_us: int) -> str:
    """Send a test message as soon as may be; return its name.

    Raises :class:`SubscriptionUnknown`.
    """
    _existing(db, subscription_id)
    text = rules.body("ping", now_us, {"webhook": subscription_id})
    store.insert_deliveries(db, [(NOBODY, subscription_id, now_us, 1, "ping", now_us, text)])
    return rules.message_id(NOBODY, now_us, 1)


def replay(db: Connection, subscription_id: int, message: str) -> None:
    """Send one delivery again as soon as may be; one that waits is tried at once.

    Raises :class:`DeliveryUnknown`.
    """
    member_id, seq, n = place_of(message)
    place = (member_id, subscription_id, seq, n)
    if store.begin_one_again(db, place):
        store.fill_lanes(db, [(member_id, subscription_id)])
    elif store.read_delivery(db, place) is None:
        raise DeliveryUnknown
    store.hurry_lanes(db, subscription_id, member_id)


def replay_between(
    db: Connection, subscription_id: int, from_us: int, to_us: int, *, dead_only: bool = True
) -> int:
    """Send again what was recorded from ``from_us`` up to before ``to_us``; return how much.

    At most some thousand a call: call again until there is nothing. Everything of the subscription
    that waits is tried at once. Raises :class:`SubscriptionUnknown`.
    """
    _existing(db, subscription_id)
    members = store.begin_again(
        db, subscription_id, from_us, to_us, REPLAY_MAX, dead_only=dead_only
    )
    if members:
        store.fill_lanes(db, [(member_id, subscription_id) for member_id in members])
    store.hurry_lanes(db, subscription_id)
    return len(members)


def place_of(message: str) -> tuple[int, int, int]:
    """Return where a message's fact stands. Raises :class:`DeliveryUnknown`."""
    found = rules.place_of(message)
    if found is None:
        raise DeliveryUnknown
    return found


def fan_out(db: Connection, limit: int) -> int:
    """Turn up to ``limit`` events' facts into deliveries; return of how many events.

    In a transaction of its own. Where another process does it, this does nothing.
    """
    return tried_again(lambda: _fan_out(db, limit))


def _fan_out(db: Connection, limit: int) -> int:
    with transaction(db):
        if not store.own_fan_out(db):
            return 0
        rows = plain_facts(db, limit)
        if not rows:
            return 0
        wanted = store.active_subscriptions(db)
        made: list[store.Row] = []
        for row in rows if wanted else ():
            try:
                told = _told.decode(row.facts)
            except msgspec.MsgspecError:
                log.warning("facts of event %s:%s cannot be read", row.member_id, row.seq)
                continue
            made += [
                (row.member_id, subscription_id, row.seq, n, kind, told.received_us, body)
                for n, kind, body in rules.bodies(row.member_id, row.seq, told)
                for subscription_id, kinds in wanted
                if rules.wants(kinds, kind)
            ]
        if made:
            store.insert_deliveries(db, made)
        delete_facts(db, rows)
    return len(rows)


def forget_settled(db: Connection, now_us: int) -> int:
    """Remove deliveries settled over a month ago, in a bounded piece; return how many."""
    return store.forget_settled(db, now_us - RETENTION_DAYS * DAY_US, FORGET_MAX)


def _check(wish: Wish, settings: WebhookSettings | None) -> None:
    rules.check_url(wish.url, (settings or WebhookSettings.from_environment()).networks)
    rules.check_kinds(wish.kinds)
    rules.check_description(wish.description)


def _existing(db: Connection, subscription_id: int, *, locked: bool = False) -> Subscription:
    found = store.read_subscription(db, subscription_id, locked=locked)
    if found is None:
        raise SubscriptionUnknown
    return found
