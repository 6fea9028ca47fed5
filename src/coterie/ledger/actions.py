"""Reading and writing a batch's part of the ledger; never commits."""

from __future__ import annotations

from coterie.ledger.store import (
    close_books,
    closed_through,
    closed_through_later,
    insert_balances,
    insert_lot_uses,
    insert_lots,
    insert_movements,
    load_balances,
    load_balances_later,
    load_holds,
    load_lapsed_lots,
    load_live_lots,
    load_lot_uses,
    load_lots_numbered,
    load_movements,
    movement_lines,
    update_inactivity,
    update_lots,
    upsert_holds,
)

__all__ = [
    "close_books",
    "closed_through",
    "closed_through_later",
    "insert_balances",
    "insert_lot_uses",
    "insert_lots",
    "insert_movements",
    "load_balances",
    "load_balances_later",
    "load_holds",
    "load_lapsed_lots",
    "load_live_lots",
    "load_lot_uses",
    "load_lots_numbered",
    "load_movements",
    "movement_lines",
    "update_inactivity",
    "update_lots",
    "upsert_holds",
]
