"""Units that are spent, set aside, or given to somebody else."""

from __future__ import annotations

from coterie.events import (
    Capture,
    Confirm,
    Happening,
    Hold,
    Release,
    Spend,
    StateForbids,
    Transfer,
    TransferBack,
    TransferIn,
)
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.time import MINUTE_US, format_day, parse_day, parse_instant
from coterie.ledger import (
    Book,
    HoldExists,
    HoldFinished,
    HoldRecord,
    HoldState,
    HoldUnknown,
    InsufficientUnits,
    Lot,
    LotState,
    NothingToUndo,
    NotSpendable,
    NotTransferable,
)
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.due import end_hold, refill, release_pending
from coterie.programme.errors import SaleUnknown, SelfTransfer, UndeclaredName
from coterie.programme.giving import dates_through, give, lots_of
from coterie.programme.model import Currency
from coterie.programme.permitting import permit
from coterie.programme.pooling import burn
from coterie.programme.standing import Decision, FollowUp, Standing
from coterie.programme.trading import require_threshold


def currency_of(cp: CompiledProgramme, code: str) -> Currency:
    """Return a declared currency, or refuse with the nearest name."""
    found = cp.currencies.get(code)
    if found is None:
        raise UndeclaredName(
            f"There is no currency {code!r}.{nearest(code, cp.currencies)}", where="currency"
        )
    return found


def _spendable(cp: CompiledProgramme, standing: Standing, code: str) -> Currency:
    currency = currency_of(cp, code)
    if not currency.spendable:
        raise NotSpendable(f"{code} only counts.")
    if not cp.states[standing.member.state].spend:
        raise StateForbids(f"A member who is {standing.member.state} cannot spend.")
    return currency


def spend(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Redeem units at once."""
    event: Spend = happening.event
    _spendable(cp, standing, event.currency)
    require_threshold(cp, standing, event.currency)
    book.require(event.currency, event.units)
    permit(cp, standing, happening, event.currency, event.units)
    burn(cp, standing, book, event.currency, "redeemed", event.units, "spend")
    return Decision()


def hold(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Set units aside until a moment."""
    event: Hold = happening.event
    currency = _spendable(cp, standing, event.currency)
    if event.expires_at is None:
        expires_us = happening.at_us + currency.hold_minutes * MINUTE_US
    else:
        expires_us, _ = parse_instant(event.expires_at, where="expires_at")
        if expires_us <= happening.at_us:
            raise Malformed("A hold must end after it begins.", where="expires_at")
    if event.hold_ref in standing.holds:
        raise HoldExists(f"{event.hold_ref!r} is {standing.holds[event.hold_ref].state}.")
    require_threshold(cp, standing, event.currency)
    book.require(event.currency, event.units)
    permit(cp, standing, happening, event.currency, event.units)
    parts = []
    for lot, part in burn(cp, standing, book, event.currency, "held", event.units, "hold"):
        lot.held += part
        parts.append((lot.lot_no, part))
    record = HoldRecord(
        event.hold_ref, event.currency, event.units, happening.seq, expires_us, parts
    )
    standing.holds[event.hold_ref] = record
    return Decision(holds=[record])


def _open_hold(standing: Standing, hold_ref: str) -> HoldRecord:
    found = standing.holds.get(hold_ref)
    if found is None:
        raise HoldUnknown(f"{hold_ref!r}.", where="hold_ref")
    if found.state != HoldState.OPEN:
        raise HoldFinished(f"{hold_ref!r} is {found.state}.", where="hold_ref")
    return found


def capture(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Spend a hold, wholly or in part; the rest goes back."""
    event: Capture = happening.event
    record = _open_hold(standing, event.hold_ref)
    units = record.units if event.units is None else event.units
    if units > record.units:
        raise InsufficientUnits(f"The hold is for {record.units} {record.currency}.", where="units")
    book.move(record.currency, "held", "redeemed", units, "capture")
    end_hold(
        book,
        cp,
        standing,
        event.hold_ref,
        HoldState.CAPTURED,
        "hold_release",
        happening.day,
        skip=units,
    )
    record.captured = units
    return Decision(holds=[record])


def release(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Give a hold back."""
    event: Release = happening.event
    record = _open_hold(standing, event.hold_ref)
    end_hold(book, cp, standing, event.hold_ref, HoldState.RELEASED, "hold_release", happening.day)
    return Decision(holds=[record])


def _number(lot: Lot) -> int:
    return lot.lot_no


def confirm(
    _programmes: Programmes,
    _cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Release what a sale earned and still waits; confirming twice is fine."""
    event: Confirm = happening.event
    seqs = [s.seq for s in standing.sales.values() if s.order.order_ref == event.order_ref]
    if not seqs:
        raise SaleUnknown(f"{event.order_ref!r}.", where="order_ref")
    for lot in sorted((lot for seq in seqs for lot in lots_of(standing, seq)), key=_number):
        if lot.state == LotState.PENDING and lot.remaining:
            release_pending(book, lot)
    return Decision()


def transfer(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Let units leave for another member; a follow-up event credits the receiver.

    They keep the earliest expiry of the lots they came from.
    """
    event: Transfer = happening.event
    currency = _spendable(cp, standing, event.currency)
    if not currency.transferable:
        raise NotTransferable(f"{event.currency} stay with who earned them.")
    if event.receiver.id == standing.member.member_id:
        raise SelfTransfer(where="receiver")
    book.require(event.currency, event.units)
    permit(cp, standing, happening, event.currency, event.units)
    used = book.take(event.currency, "in_transit", event.units, "transfer")
    ends = [lot.expires_day for lot, _ in used if lot.expires_day is not None]
    assert event.receiver.id is not None
    fields = {
        "currency": event.currency,
        "units": event.units,
        "sender_id": standing.member.member_id,
        "expires_on": format_day(min(ends)) if ends else None,
    }
    return Decision(follow_ups=[FollowUp("transfer_in", event.receiver.id, fields)])


def transfer_in(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Credit what another member sent."""
    event: TransferIn = happening.event
    currency_of(cp, event.currency)
    if not cp.states[standing.member.state].receive:
        raise StateForbids(f"A member who is {standing.member.state} cannot receive.")
    last = None if event.expires_on is None else parse_day(event.expires_on)
    dates = dates_through(cp, last, happening.day)
    give(
        book,
        standing,
        event.currency,
        event.units,
        "in_transit",
        "transfer_in",
        happening.seq,
        dates,
    )
    return Decision()


def transfer_back(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Refill the sender's lots with what the receiver could not take."""
    event: TransferBack = happening.event
    sent = standing.undone.get(event.transfer_seq)
    if sent is None:
        raise NothingToUndo(f"Event {event.transfer_seq} is no transfer of this member.")
    parts = [(standing.lots[use.lot_no], -use.units) for use in sent.uses]
    refill(book, cp, "in_transit", event.currency, parts, "transfer_back", happening.day)
    return Decision()
