"""Questions about what happened."""

from __future__ import annotations

from coterie.events.errors import EventUnknown
from coterie.events.store import (
    Recorded,
    RecordedSale,
    RecordedView,
    WaitingEvent,
    any_events,
    events_by_seq,
    last_merge,
    newest_sales,
    open_waiting,
    sales_by_reference,
    sales_of_products,
    view_recorded,
    waiting_by_id,
    waiting_by_identity,
    waiting_state,
)
from coterie.storage import Connection

__all__ = [
    "Recorded",
    "RecordedSale",
    "RecordedView",
    "WaitingEvent",
    "any_events",
    "events_by_seq",
    "last_merge",
    "newest_sales",
    "open_waiting",
    "read_recorded",
    "sales_by_reference",
    "sales_of_products",
    "waiting_by_id",
    "waiting_by_identity",
    "waiting_state",
]


def read_recorded(db: Connection, member_id: int, seq: int) -> RecordedView:
    """Return a recorded event with its envelope. Raises :class:`EventUnknown`."""
    found = view_recorded(db, member_id, seq)
    if found is None:
        raise EventUnknown(f"Member {member_id} has no event {seq}.")
    return found
