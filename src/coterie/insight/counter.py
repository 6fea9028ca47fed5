"""What a till asks: its own sales of today, and whose order a slip names."""

from __future__ import annotations

from msgspec import Struct

from coterie.insight.search import FoundEvent
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.insight")

SALES_MAX = 200
ORDERS_MAX = 5


class CounterSale(Struct, frozen=True):
    """An order or a return that a till sent.

    ``name`` is the member's whole name, to be masked; ``amount_minor`` None: it was left to be
    worked out.
    """

    member_id: int
    seq: int
    kind: str
    at_us: int
    order_ref: str | None
    operator: str | None
    name: str | None
    amount_minor: int | None
    undone: bool


def counter_sales(
    db: Connection, device: str, since_us: int, *, limit: int = SALES_MAX
) -> list[CounterSale]:
    """Return what a till sent since a moment of the world's time, newest first."""
    assert 1 <= limit <= SALES_MAX, "a till's day is a list"
    parameters = {"device": device, "since_us": since_us, "limit": limit}
    return [CounterSale(*row) for row in db.execute(_queries.counter_sales, parameters)]


def orders_of_reference(db: Connection, order_ref: str) -> list[FoundEvent]:
    """Return the orders that have exactly this reference; it should be one."""
    parameters = {"low": order_ref, "high": order_ref + "\x01", "limit": ORDERS_MAX}
    found = (FoundEvent(*row) for row in db.execute(_queries.orders_named, parameters))
    return [each for each in found if each.order_ref == order_ref]
