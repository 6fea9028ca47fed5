"""Accounts, lots, holds and movements: what a member has, and how it came to be.

Owns the schema ``ledger``. Invariants: a movement is never changed or deleted and takes positive
units from one account to another; a balance changes in the same statement as its movement; a lot's
remainder is its units plus its lot uses; what is spent names the lots it used, in the burn order.
The room does not know programmes, events or time: it is told amounts, dates and policies. It does not
deduplicate a repeated call; the path that calls it does.
"""

from coterie.ledger.actions import (
    close_books,
    closed_through,
    insert_balances,
    insert_lot_uses,
    insert_lots,
    insert_movements,
    load_balances,
    load_holds,
    load_lapsed_lots,
    load_live_lots,
    load_lot_uses,
    load_lots_earned,
    load_lots_numbered,
    load_movements,
    update_inactivity,
    update_lots,
    upsert_holds,
)
from coterie.ledger.errors import (
    AlreadyUndone,
    DebtRefused,
    ExpiresTooSoon,
    HoldExists,
    HoldFinished,
    HoldUnknown,
    InsufficientUnits,
    NothingToUndo,
    NotLapsed,
    NotSpendable,
    NotTransferable,
)
from coterie.ledger.model import (
    Account,
    AccountName,
    HoldRecord,
    HoldState,
    Lot,
    LotState,
    LotUse,
    Movement,
)
from coterie.ledger.rules import Book, debt_room, held_parts

__all__ = [
    "Account",
    "AccountName",
    "AlreadyUndone",
    "Book",
    "DebtRefused",
    "ExpiresTooSoon",
    "HoldExists",
    "HoldFinished",
    "HoldRecord",
    "HoldState",
    "HoldUnknown",
    "InsufficientUnits",
    "Lot",
    "LotState",
    "LotUse",
    "Movement",
    "NotLapsed",
    "NotSpendable",
    "NotTransferable",
    "NothingToUndo",
    "debt_room",
    "held_parts",
    "close_books",
    "closed_through",
    "insert_balances",
    "insert_lot_uses",
    "insert_lots",
    "insert_movements",
    "load_balances",
    "load_holds",
    "load_lapsed_lots",
    "load_live_lots",
    "load_lot_uses",
    "load_lots_earned",
    "load_lots_numbered",
    "load_movements",
    "update_inactivity",
    "update_lots",
    "upsert_holds",
]
