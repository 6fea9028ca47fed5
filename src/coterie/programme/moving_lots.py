"""Lots on their way to another member: as they leave, listed, so that they can be opened there."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.events import MergedLot
from coterie.ledger import Book, Lot, LotState
from coterie.programme.standing import Standing


def lots_with_units(standing: Standing, currency: str) -> list[Lot]:
    """Return the lots of a currency that can be spent or will be, in lot order."""
    return [
        lot
        for no in sorted(standing.lots)
        if (lot := standing.lots[no]).currency == currency and lot.remaining
    ]


def send_lots(book: Book, currency: str, lots: Sequence[Lot], reason: str) -> list[MergedLot]:
    """Let lots leave for ``in_transit``, open ones first; return them as they were."""
    opened = [lot for lot in lots if lot.state == LotState.OPEN]
    waiting = [lot for lot in lots if lot.state == LotState.PENDING]
    return [
        *_send(book, currency, opened, "available", reason),
        *_send(book, currency, waiting, "pending", reason),
    ]


def _send(
    book: Book, currency: str, lots: Sequence[Lot], debit: str, reason: str
) -> list[MergedLot]:
    units = sum(lot.remaining for lot in lots)
    if not units:
        return []
    n = book.move(currency, debit, "in_transit", units, reason)
    sent = []
    for lot in lots:
        waits = lot.state == LotState.PENDING
        moved = MergedLot(
            lot.lot_no,
            currency,
            lot.remaining,
            lot.earned_us,
            lot.expires_us,
            lot.expires_day,
            lot.releases_us if waits else None,
            lot.priority,
            lot.contributor_id,
        )
        sent.append(moved)
        book.use(n, lot, -lot.remaining)
        if waits:
            lot.state = LotState.CANCELLED
    return sent
