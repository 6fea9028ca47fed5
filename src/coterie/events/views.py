"""Questions about what happened."""

from __future__ import annotations

from coterie.events.store import (
    events_by_seq,
    open_waiting,
    sales_by_reference,
    sales_of_products,
    waiting_by_id,
    waiting_by_identity,
)

__all__ = [
    "events_by_seq",
    "open_waiting",
    "sales_by_reference",
    "sales_of_products",
    "waiting_by_id",
    "waiting_by_identity",
]
