"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coterie.storage import Connection, bigints, load_queries, texts
from coterie.webhooks.model import Attempt, Backlog, Delivery, Outcome, Parcel, Subscription, Wish

_queries = load_queries("coterie.webhooks")

Place = tuple[int, int, int, int]
"""Member, subscription, sequence, number."""
Row = tuple[int, int, int, int, str, int, str]
"""A new delivery: its place, kind, when it was recorded, its body."""


def _subscription(row: tuple[Any, ...]) -> Subscription:
    return Subscription(row[0], row[1], tuple(row[2]), *row[3:])


def _place(place: Place) -> dict[str, int]:
    return dict(zip(("member_id", "subscription_id", "seq", "n"), place, strict=True))


def insert_subscription(
    db: Connection, wish: Wish, source: str, key: str, digest: bytes, now_us: int
) -> int | None:
    """Store a subscription; None: the key is taken."""
    given = {
        "url": wish.url,
        "kinds": texts(wish.kinds),
        "description": wish.description,
        "source": source,
        "key": key,
        "digest": digest,
        "now_us": now_us,
    }
    row = db.execute(_queries.insert_subscription, given).fetchone()
    return row[0] if row else None


def find_by_key(db: Connection, source: str, key: str) -> tuple[int, bytes] | None:
    """Return what was made under a key, and the digest of what was asked."""
    row = db.execute(_queries.find_by_key, {"source": source, "key": key}).fetchone()
    return (row[0], bytes(row[1])) if row else None


def count_subscriptions(db: Connection) -> int:
    """Count them, and let nobody else add one until the transaction ends."""
    db.execute(_queries.lock_subscriptions)
    row = db.execute(_queries.count_subscriptions).fetchone()
    assert row is not None
    return int(row[0])


def read_subscription(
    db: Connection, subscription_id: int, *, locked: bool = False
) -> Subscription | None:
    """Return a subscription, locked for a change if wanted."""
    statement = _queries.lock_subscription if locked else _queries.read_subscription
    row = db.execute(statement, {"subscription_id": subscription_id}).fetchone()
    return _subscription(row) if row else None


def list_subscriptions(db: Connection, after: int, limit: int) -> list[Subscription]:
    """Return subscriptions after an id."""
    rows = db.execute(_queries.list_subscriptions, {"after": after, "limit": limit})
    return [_subscription(row) for row in rows]


def change_subscription(
    db: Connection, subscription_id: int, wish: Wish, paused: str | None, now_us: int
) -> None:
    """Write what a subscription is from now on."""
    given = {
        "subscription_id": subscription_id,
        "url": wish.url,
        "kinds": texts(wish.kinds),
        "description": wish.description,
        "paused": paused,
        "now_us": now_us,
    }
    db.execute(_queries.change_subscription, given)


def delete_subscription(db: Connection, subscription_id: int) -> bool:
    """Remove a subscription with everything of it; tell whether there was one."""
    given = {"subscription_id": subscription_id}
    return db.execute(_queries.delete_subscription, given).rowcount == 1


def insert_secret(
    db: Connection, subscription_id: int, secret: bytes, key: str, now_us: int
) -> None:
    """Add a secret, which becomes the newest."""
    given = {
        "subscription_id": subscription_id,
        "secret": secret,
        "key": key,
        "now_us": now_us,
    }
    db.execute(_queries.insert_secret, given)


def end_secrets(db: Connection, subscription_id: int, now_us: int, expires_us: int) -> None:
    """Remove secrets that are over and let the others end at ``expires_us``."""
    given = {"subscription_id": subscription_id, "now_us": now_us}
    db.execute(_queries.delete_secrets, given)
    db.execute(_queries.end_secrets, given | {"expires_us": expires_us})


def secrets_of(db: Connection, subscription_id: int) -> list[tuple[bytes, str, int | None]]:
    """Return (secret, key it was made under, end), the newest first."""
    rows = db.execute(_queries.secrets_of, {"subscription_id": subscription_id})
    return [(bytes(row[0]), row[1], row[2]) for row in rows]


def own_fan_out(db: Connection) -> bool:
    """Tell whether this transaction alone takes facts out of the outbox."""
    row = db.execute(_queries.own_fan_out).fetchone()
    return bool(row and row[0])


def active_subscriptions(db: Connection) -> list[tuple[int, tuple[str, ...]]]:
    """Return (id, kinds) of those to be told."""
    return [(row[0], tuple(row[1])) for row in db.execute(_queries.active_subscriptions)]


def insert_deliveries(db: Connection, rows: Sequence[Row]) -> None:
    """Write deliveries and fill their lanes."""
    member_ids, subscription_ids, seqs, ns, kinds, recorded_us, bodies = zip(*rows, strict=True)
    given = {
        "member_ids": bigints(member_ids),
        "subscription_ids": bigints(subscription_ids),
        "seqs": bigints(seqs),
        "ns": bigints(ns),
        "kinds": texts(kinds),
        "recorded_us": bigints(recorded_us),
        "bodies": texts(bodies),
    }
    db.execute(_queries.insert_deliveries, given)
    fill_lanes(db, [(row[0], row[1]) for row in rows])


def fill_lanes(db: Connection, lanes: Sequence[tuple[int, int]]) -> None:
    """Note in each lane (member, subscription) that one more waits, for each time it is named."""
    given = {
        "member_ids": bigints([lane[0] for lane in lanes]),
        "subscription_ids": bigints([lane[1] for lane in lanes]),
    }
    db.execute(_queries.fill_lanes, given)


def lease(db: Connection, free: dict[int, int], *, now_us: int, until_us: int) -> list[Parcel]:
    """Lease lanes, up to ``free`` a subscription, and return what comes next in each."""
    given = {
        "subscription_ids": bigints(list(free)),
        "free": bigints(list(free.values())),
        "now_us": now_us,
        "until_us": until_us,
    }
    lanes = db.execute(_queries.lease_lanes, given).fetchall()
    if not lanes:
        return []
    member_ids, subscription_ids, lease_nos = zip(*lanes, strict=True)
    rows = db.execute(
        _queries.heads,
        {
            "member_ids": bigints(member_ids),
            "subscription_ids": bigints(subscription_ids),
            "lease_nos": bigints(lease_nos),
            "now_us": now_us,
        },
    )
    return [Parcel(*(*row[:8], tuple(map(bytes, row[8])))) for row in rows]


def return_lane(db: Connection, parcel: Parcel, *, done: int, retry_at_us: int) -> int | None:
    """Give a lane back; return how much waits in it, None: it is somebody else's by now."""
    given = {
        "member_id": parcel.member_id,
        "subscription_id": parcel.subscription_id,
        "lease_no": parcel.lease_no,
        "done": done,
        "retry_at_us": retry_at_us,
    }
    row = db.execute(_queries.return_lane, given).fetchone()
    return row[0] if row else None


def delete_lane(db: Connection, member_id: int, subscription_id: int) -> None:
    """Remove an empty lane."""
    given = {"member_id": member_id, "subscription_id": subscription_id}
    db.execute(_queries.delete_lane, given)


def settle_delivery(
    db: Connection, parcel: Parcel, state: str, tries: int, settled_us: int | None
) -> None:
    """Write what became of a delivery."""
    place = (parcel.member_id, parcel.subscription_id, parcel.seq, parcel.n)
    given: dict[str, Any] = {"state": state, "tries": tries, "settled_us": settled_us}
    db.execute(_queries.settle_delivery, given | _place(place))


def insert_attempt(db: Connection, parcel: Parcel, outcome: Outcome, at_us: int) -> None:
    """Write a try down."""
    place = (parcel.member_id, parcel.subscription_id, parcel.seq, parcel.n)
    given: dict[str, Any] = {
        "at_us": at_us,
        "latency_ms": outcome.latency_ms,
        "status": outcome.status,
        "answer": outcome.answer,
        "error": outcome.error,
    }
    db.execute(_queries.insert_attempt, given | _place(place))


def pause_gone(db: Connection, subscription_id: int, now_us: int) -> None:
    """Pause a subscription whose receiver is gone."""
    db.execute(_queries.pause_gone, {"subscription_id": subscription_id, "now_us": now_us})


def begin_again(
    db: Connection, subscription_id: int, from_us: int, to_us: int, limit: int, *, dead_only: bool
) -> list[int]:
    """Let settled deliveries wait once more; return the member of each."""
    given = {
        "subscription_id": subscription_id,
        "from_us": from_us,
        "to_us": to_us,
        "dead_only": dead_only,
        "limit": limit,
    }
    return [row[0] for row in db.execute(_queries.begin_again, given)]


def begin_one_again(db: Connection, place: Place) -> bool:
    """Let one settled delivery wait once more; tell whether it had been settled."""
    return db.execute(_queries.begin_one_again, _place(place)).fetchone() is not None


def hurry_lanes(db: Connection, subscription_id: int, member_id: int | None = None) -> None:
    """Let what waits for its next try be tried now."""
    given = {"subscription_id": subscription_id, "member_id": member_id}
    db.execute(_queries.hurry_lanes, given)


def read_delivery(db: Connection, place: Place) -> Delivery | None:
    """Return a delivery."""
    row = db.execute(_queries.read_delivery, _place(place)).fetchone()
    return Delivery(*row) if row else None


def list_deliveries(
    db: Connection,
    subscription_id: int,
    before: tuple[int, int, int, int],
    state: str | None,
    limit: int,
) -> list[Delivery]:
    """Return deliveries before a place in the log (recorded, member, sequence, number)."""
    given = {
        "subscription_id": subscription_id,
        "before_us": before[0],
        "member_id": before[1],
        "seq": before[2],
        "n": before[3],
        "state": state,
        "limit": limit,
    }
    return [Delivery(*row) for row in db.execute(_queries.list_deliveries, given)]


def attempts_of(db: Connection, place: Place, limit: int) -> list[Attempt]:
    """Return the tries of a delivery, the newest first."""
    rows = db.execute(_queries.attempts_of, {**_place(place), "limit": limit})
    return [Attempt(*row) for row in rows]


def forget_settled(db: Connection, before_us: int, limit: int) -> int:
    """Remove what was settled before an instant; return how many."""
    given = {"before_us": before_us, "limit": limit}
    return db.execute(_queries.forget_settled, given).rowcount


def backlog(db: Connection) -> Backlog:
    """Return what waits."""
    row = db.execute(_queries.backlog).fetchone()
    assert row is not None
    return Backlog(*row)
