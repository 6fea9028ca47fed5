"""What a moment brings: holds lapse, pending is released, lots expire, silence ends."""

from __future__ import annotations

from coterie.ledger import Book, HoldState, Lot, LotState
from coterie.programme.calendar import expiry_for
from coterie.programme.compile import CompiledProgramme
from coterie.programme.model import ExpiryModel
from coterie.programme.standing import Decision, Standing


def refund_dates(cp: CompiledProgramme, currency: str, day: int) -> tuple[int, int]:
    """Return (last valid day, first instant after it) of a lapsed lot that is filled on ``day``."""
    last = day + cp.currencies[currency].extend_days
    return last, cp.zone.day_start_us(last + 1)


def refill(
    book: Book,
    cp: CompiledProgramme,
    debit: str,
    currency: str,
    parts: list[tuple[Lot, int]],
    reason: str,
    day: int,
    rule: str | None = None,
) -> None:
    """Move units back into their lots; what cannot live there lapses; debts are paid."""
    units = sum(part for _, part in parts)
    if not units:
        return
    declared = cp.currencies[currency]
    extended = refund_dates(cp, currency, day)
    account = book.account(currency)
    silent = account.inactive_us is not None and account.inactive_us <= book.at_us
    # What falls due at this very moment lapses before anything comes back: the refund alone is
    # given more time.
    book.lapse(currency, _lapsed(book, parts), "expire")
    if silent:
        book.lapse(currency, book.open_lots(currency), "inactivity")
    n = book.move(currency, debit, "available", units, reason, rule)
    if book.fill(n, parts, declared.lapsed_refund, extended):
        book.lapse(currency, _lapsed(book, parts), "expire")
    if silent and declared.lapsed_refund == "extend_days":
        account.inactive_us = extended[1]
    elif silent:
        book.lapse(currency, [lot for lot, _ in parts], "inactivity")
    book.settle_debt(currency)


def _lapsed(book: Book, parts: list[tuple[Lot, int]]) -> list[Lot]:
    """Return the lots that are no longer valid."""
    return [lot for lot, _ in parts if lot.expires_us is not None and lot.expires_us <= book.at_us]


def end_hold(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    hold_ref: str,
    state: HoldState,
    reason: str,
    day: int,
    skip: int = 0,
) -> None:
    """Give a hold's units back (all but the first ``skip``) and end it."""
    hold = standing.holds[hold_ref]
    parts = []
    for lot_no, part in hold.parts:
        kept = min(part, skip)
        skip -= kept
        lot = standing.lots[lot_no]
        lot.held -= part
        book.touched[lot_no] = lot
        if part - kept:
            parts.append((lot, part - kept))
    refill(book, cp, "held", hold.currency, parts, reason, day)
    hold.state = state


def decide_due(cp: CompiledProgramme, standing: Standing, book: Book, day: int) -> Decision:
    """Decide everything that fell due by ``book.at_us``, in the fixed order."""
    at_us = book.at_us
    decision = Decision()
    for ref in sorted(standing.holds):
        hold = standing.holds[ref]
        if hold.state == HoldState.OPEN and hold.expires_us <= at_us:
            end_hold(book, cp, standing, ref, HoldState.LAPSED, "hold_lapse", day)
            decision.holds.append(hold)
    for lot_no in sorted(standing.lots):
        lot = standing.lots[lot_no]
        if (
            lot.state == LotState.PENDING
            and lot.remaining
            and lot.releases_us is not None
            and lot.releases_us <= at_us
        ):
            release_pending(book, lot)
    _expire(standing, book)
    for code in sorted(standing.accounts):
        account = standing.accounts[code]
        if account.inactive_us is None or account.inactive_us > at_us or not account.available:
            continue
        expiry = expiry_for(cp.currencies[code].expiry, cp.deciding(standing))
        if expiry.model is ExpiryModel.INACTIVITY:
            book.lapse(code, book.open_lots(code), "inactivity")
        else:
            account.inactive_us = None  # waived since the count began
    return decision


def release_pending(book: Book, lot: Lot) -> None:
    """Let a pending lot open; a debt is repaid out of it first."""
    owed = min(book.account(lot.currency).owed, lot.remaining)
    if owed:
        n = book.move(lot.currency, "pending", "owed", owed, "release_pending")
        book.use(n, lot, -owed)
    lot.state = LotState.OPEN
    book.touched[lot.lot_no] = lot
    if lot.remaining:
        book.move(lot.currency, "pending", "available", lot.remaining, "release_pending")


def _expire(standing: Standing, book: Book) -> None:
    expired: dict[str, list[Lot]] = {}
    for lot_no in sorted(standing.lots):
        lot = standing.lots[lot_no]
        if (
            lot.remaining
            and lot.state == LotState.OPEN
            and lot.expires_us is not None
            and lot.expires_us <= book.at_us
        ):
            expired.setdefault(lot.currency, []).append(lot)
    for currency in sorted(expired):
        book.lapse(currency, expired[currency], "expire")
