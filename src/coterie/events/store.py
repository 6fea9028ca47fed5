"""One typed function a statement, and the rows they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from coterie.storage import (
    Connection,
    bigints,
    copied_days,
    copied_integers,
    copied_texts,
    copy_rows,
    load_queries,
    texts,
)

_queries = load_queries("coterie.events")
SALES_MAX = 2_000
"""Sales looked at for one return without a reference."""


class RecordedSale(Struct, gc=False):
    """An accepted order as it was recorded; ``returned`` is JSON, None when nothing came back."""

    member_id: int
    seq: int
    at_us: int
    day: int
    version: int
    payload: str
    outcome: str
    returned: str | None


class Recorded(Struct, gc=False):
    """A recorded event of any kind."""

    member_id: int
    seq: int
    kind: str
    at_us: int
    day: int
    version: int
    status: str
    code: str | None
    payload: str
    outcome: str
    returned: str | None


class RecordedView(Struct, frozen=True, gc=False):
    """A recorded event with its whole envelope, to be shown."""

    member_id: int
    seq: int
    kind: str
    source: str
    key: str
    at_us: int
    offset_minutes: int
    received_us: int
    day: int
    booked_day: int
    version: int
    mode: str
    status: str
    code: str | None
    payload: str
    outcome: str


class WaitingEvent(Struct, gc=False):
    """An event set aside: for its member to appear, or for a person to decide."""

    waiting_id: int
    reason: str
    source: str
    key: str
    occurred_us: int
    received_us: int
    identity_kind: str | None
    identity_value: str | None
    payload: str


def insert_events(db: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert recorded events; a row has the columns of the statement, in its order."""
    columns = [
        (
            copied_integers
            if place in _INTEGERS
            else copied_days
            if place in _DAYS
            else copied_texts
        )(column)
        for place, column in enumerate(zip(*rows, strict=True))
    ]
    copy_rows(db, _queries.insert_events, columns)


# Places in the row: member, seq, the three instants, the offset, the version, a device's sequence.
_INTEGERS = frozenset({0, 1, 5, 6, 7, 8, 11, 20})
_DAYS = frozenset({9, 10})


def upsert_returned(db: Connection, rows: Sequence[tuple[int, int, str]]) -> None:
    """Write (member, sequence, lines as JSON)."""
    db.execute(
        _queries.upsert_returned,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "seqs": bigints([row[1] for row in rows]),
            "lines": texts([row[2] for row in rows]),
        },
    )


def sales_by_reference(db: Connection, references: Sequence[tuple[int, str]]) -> list[RecordedSale]:
    """Return the accepted orders of (member, order_ref)."""
    rows = db.execute(
        _queries.sales_by_reference,
        {
            "member_ids": bigints([row[0] for row in references]),
            "order_refs": texts([row[1] for row in references]),
            "limit": SALES_MAX,
        },
    )
    return [RecordedSale(*row) for row in rows]


def sales_of_products(
    db: Connection, member_id: int, products: Sequence[str], oldest_day: int
) -> list[RecordedSale]:
    """Return the member's accepted orders with one of ``products``, newest first."""
    rows = db.execute(
        _queries.sales_of_products,
        {
            "member_id": member_id,
            "products": texts(products),
            "oldest_day": oldest_day,
            "limit": SALES_MAX,
        },
    )
    return [RecordedSale(*row) for row in rows]


def newest_sales(db: Connection, member_id: int, limit: int) -> list[RecordedSale]:
    """Return the member's newest accepted orders."""
    rows = db.execute(_queries.newest_sales, {"member_id": member_id, "limit": limit})
    return [RecordedSale(*row) for row in rows]


def events_by_seq(db: Connection, places: Sequence[tuple[int, int]]) -> list[Recorded]:
    """Return the events at (member, sequence)."""
    rows = db.execute(
        _queries.events_by_seq,
        {
            "member_ids": bigints([row[0] for row in places]),
            "seqs": bigints([row[1] for row in places]),
        },
    )
    return [Recorded(*row) for row in rows]


def view_recorded(db: Connection, member_id: int, seq: int) -> RecordedView | None:
    """Return one event with its envelope."""
    row = db.execute(_queries.view_recorded, {"member_id": member_id, "seq": seq}).fetchone()
    return None if row is None else RecordedView(*row)


def forget_waiting(db: Connection, identities: Sequence[tuple[str, str]]) -> None:
    """Empty decided waiting events that hold one of these identities."""
    parameters = {
        "kinds": texts([kind for kind, _ in identities]),
        "values": texts([value for _, value in identities]),
    }
    db.execute(_queries.forget_waiting, parameters)


def last_merge(db: Connection, member_id: int) -> int | None:
    """Return the number of the event that merged a member last; None: there is none."""
    row = db.execute(_queries.last_merge, {"member_id": member_id}).fetchone()
    return row[0] if row else None


def insert_waiting(db: Connection, waiting: WaitingEvent) -> int:
    """Set an event aside and return its number."""
    row = db.execute(
        _queries.insert_waiting,
        {
            "reason": waiting.reason,
            "source": waiting.source,
            "key": waiting.key,
            "occurred_us": waiting.occurred_us,
            "received_us": waiting.received_us,
            "identity_kind": waiting.identity_kind,
            "identity_value": waiting.identity_value,
            "payload": waiting.payload,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def open_waiting(
    db: Connection, after_id: int, limit: int, reason: str | None = None
) -> list[WaitingEvent]:
    """Return a page of what waits."""
    rows = db.execute(
        _queries.open_waiting, {"after_id": after_id, "limit": limit, "reason": reason}
    )
    return [WaitingEvent(*row) for row in rows]


def waiting_by_identity(
    db: Connection, identities: Sequence[tuple[str, str]], limit: int
) -> list[WaitingEvent]:
    """Return what waits for any of these identities."""
    rows = db.execute(
        _queries.waiting_by_identity,
        {
            "kinds": texts([row[0] for row in identities]),
            "values": texts([row[1] for row in identities]),
            "limit": limit,
        },
    )
    return [WaitingEvent(*row) for row in rows]


def waiting_by_id(db: Connection, waiting_id: int) -> WaitingEvent | None:
    """Return one event that waits."""
    row = db.execute(_queries.waiting_by_id, {"waiting_id": waiting_id}).fetchone()
    return None if row is None else WaitingEvent(*row)


def waiting_state(db: Connection, waiting_id: int) -> tuple[str, str | None]:
    """Return why an event was set aside, and what was decided about it (None: nothing yet)."""
    row = db.execute(_queries.waiting_state, {"waiting_id": waiting_id}).fetchone()
    assert row is not None, "the registry points to waiting events that exist"
    return row[0], row[1]


def decide_waiting(
    db: Connection, waiting_ids: Sequence[int], decided: str, decided_us: int, decided_by: str
) -> int:
    """Mark waiting events as decided; return how many were open."""
    parameters = {
        "waiting_ids": bigints(waiting_ids),
        "decided": decided,
        "decided_us": decided_us,
        "decided_by": decided_by,
    }
    return db.execute(_queries.decide_waiting, parameters).rowcount


def any_events(db: Connection) -> bool:
    """Tell whether anything ever happened to anybody."""
    row = db.execute(_queries.any_events).fetchone()
    return bool(row and row[0])
