"""Recording what happened; called inside the transaction of a batch, never committing."""

from __future__ import annotations

from coterie.events.store import (
    decide_waiting,
    forget_waiting,
    insert_events,
    insert_waiting,
    upsert_returned,
)

__all__ = [
    "decide_waiting",
    "forget_waiting",
    "insert_events",
    "insert_waiting",
    "upsert_returned",
]
