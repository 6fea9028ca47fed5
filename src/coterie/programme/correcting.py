"""Events that correct: adjustments, opening balances, longer dates, lapsed units that come back."""

from __future__ import annotations

from coterie.events import Adjustment, Extend, Happening, OpeningBalance, Reinstate
from coterie.kernel.errors import Malformed
from coterie.kernel.time import parse_day
from coterie.ledger import Book, ExpiresTooSoon, LotState, NotLapsed
from coterie.programme.changing import take_back
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.giving import LotDates, dates_through, give, lot_dates, open_lot
from coterie.programme.moving import currency_of
from coterie.programme.standing import Decision, Standing


def adjust(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Give or take units by hand."""
    event: Adjustment = happening.event
    currency_of(cp, event.currency)
    if event.units == 0:
        raise Malformed("An adjustment of nothing.", where="units")
    if event.units > 0:
        attributes = cp.deciding(standing)
        expires_us, expires_day, _ = lot_dates(cp, event.currency, happening.day, attributes)
        give(
            book,
            standing,
            event.currency,
            event.units,
            "adjusted",
            "adjustment",
            happening.seq,
            (expires_us, expires_day, None),
        )
    else:
        backs = [(happening.seq, event.currency, None, -event.units)]
        take_back(cp, standing, book, backs, "adjustment", credit="adjusted")
    return Decision()


def open_balance(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Bring lots from another system; what is not said follows the programme."""
    event: OpeningBalance = happening.event
    currency_of(cp, event.currency)
    attributes = cp.deciding(standing)
    planned = []
    for number, lot in enumerate(event.lots):
        earned = happening.day
        if lot.earned_on is not None:
            where = f"lots[{number}].earned_on"
            earned = parse_day(lot.earned_on, where=where)
            if earned > happening.day:
                raise Malformed("Units are not earned after the event.", where=where)
        if lot.expires_on is None:
            expires_us, expires_day, _ = lot_dates(cp, event.currency, earned, attributes)
            dates: LotDates = (expires_us, expires_day, None)
        else:
            where = f"lots[{number}].expires_on"
            last = parse_day(lot.expires_on, where=where)
            dates = dates_through(cp, last, happening.day, where=where)
        planned.append((lot.units, dates, cp.zone.day_start_us(earned)))
    for units, dates, earned_us in planned:
        rest = book.repay(event.currency, "issued", units, "opening", None)
        if rest:
            book.move(event.currency, "issued", "available", rest, "opening")
            open_lot(book, standing, event.currency, happening.seq, rest, dates, earned_us)
    return Decision()


def extend(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Keep open lots valid for longer; a lot never becomes valid for less long."""
    event: Extend = happening.event
    currency_of(cp, event.currency)
    last = parse_day(event.expires_on, where="expires_on")
    until = None
    if event.expiring_until is not None:
        until = parse_day(event.expiring_until, where="expiring_until")
    if last < happening.day:
        raise ExpiresTooSoon(where="expires_on")
    expires_us = cp.zone.day_start_us(last + 1)
    for lot_no in sorted(standing.lots):
        lot = standing.lots[lot_no]
        if lot.currency != event.currency or lot.state != LotState.OPEN:
            continue
        # What is held may come back: it is kept valid like what can be spent.
        if not lot.remaining + lot.held or lot.expires_day is None or lot.expires_day >= last:
            continue
        if until is None or lot.expires_day <= until:
            lot.expires_day, lot.expires_us = last, expires_us
            book.touched[lot.lot_no] = lot
    return Decision()


def reinstate(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Bring lapsed units back as a new lot."""
    event: Reinstate = happening.event
    currency_of(cp, event.currency)
    last = parse_day(event.expires_on, where="expires_on")
    dates = dates_through(cp, last, happening.day)
    lots = [
        standing.lots[no]
        for no in sorted(standing.lots)
        if standing.lots[no].currency == event.currency
    ]
    lapsed = sum(lot.lapsed for lot in lots)
    if lapsed < event.units:
        raise NotLapsed(f"{lapsed} {event.currency} have lapsed.", where="units")
    rest = event.units
    for lot in lots:
        part = min(lot.lapsed, rest)
        if part:
            lot.lapsed -= part
            rest -= part
            book.touched[lot.lot_no] = lot
    give(
        book,
        standing,
        event.currency,
        event.units,
        "breakage",
        "reinstate",
        happening.seq,
        dates,
    )
    return Decision()
