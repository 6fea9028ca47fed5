"""What returns took of a sale, source by source, and giving some of it again.

A recomputed rule may give more for what remains than for what was there before a return: a bonus
on what a cap now leaves room for. What is given again goes back to where it was taken from last, so
that after any returns of a sale every lot, the debt and what was written off stand as if all of it
had come back at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.ledger import Book, Lot, LotState
from coterie.programme.due import refill
from coterie.programme.giving import give, lot_dates
from coterie.programme.standing import Sale, Standing, Taken

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme


def take_of_sale(
    book: Book,
    sale: Sale,
    currency: str,
    units: int,
    own: Sequence[Lot],
    reason: str,
    rule: str | None,
    *,
    debt_room: int,
    credit: str,
) -> None:
    """Take units of a sale back as :meth:`Book.take_back` does, and remember from where."""
    moved, used = len(book.movements), len(book.uses)
    lapsed = {lot.lot_no: lot.lapsed for lot in own}
    book.take_back(currency, units, own, reason, rule, debt_room=debt_room, credit=credit)
    for movement in book.movements[moved:]:
        account = movement.debit
        if account in ("pending", "available"):
            parts = [(use.lot_no, -use.units) for use in book.uses[used:] if use.n == movement.n]
        elif account == "breakage":
            parts = [(lot.lot_no, lapsed[lot.lot_no] - lot.lapsed) for lot in own]
        else:
            parts = [(0, movement.units)]
        for lot_no, part in parts:
            if part:
                _remember(sale.taken.setdefault(currency, []), account, lot_no, part)


def _remember(taken: list[Taken], account: str, lot_no: int, units: int) -> None:
    """Add to what was taken; several takings from one place are one."""
    if taken and (taken[-1].account, taken[-1].lot_no) == (account, lot_no):
        taken[-1].units += units
    else:
        taken.append(Taken(account, lot_no, units))


def give_again(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    sale: Sale,
    currency: str,
    rule: str | None,
    units: int,
    reason: str,
    day: int,
) -> None:
    """Give ``units`` of a sale again, to where returns took them from last."""
    parts: list[tuple[Lot, int]] = []
    taken = sale.taken.get(currency, [])
    while units and taken:
        last = taken[-1]
        part = min(last.units, units)
        units -= part
        last.units -= part
        if last.units == 0:
            taken.pop()
        if last.account == "owed":
            # What was repaid since is given for good.
            rest = book.repay(currency, "issued", part, reason, rule)
            _as_new(book, cp, standing, sale, currency, rule, rest, reason)
        elif last.account == "written_off":
            book.move(currency, "issued", "written_off", part, reason, rule)
        else:
            parts += _to_lot(book, standing.lots[last.lot_no], last.account, part, reason, rule)
    if not taken:
        sale.taken.pop(currency, None)
    if parts:
        refill(book, cp, "issued", currency, parts, reason, day, rule)
    # Of returns that an older Coterie recorded it is not known where they took from.
    _as_new(book, cp, standing, sale, currency, rule, units, reason)


def _to_lot(
    book: Book, lot: Lot, account: str, part: int, reason: str, rule: str | None
) -> list[tuple[Lot, int]]:
    """Give units back to a lot that waits or has lapsed; return what goes to an open one."""
    if account == "breakage":
        book.move(lot.currency, "issued", "breakage", part, reason, rule)
        lot.lapsed += part
        book.touched[lot.lot_no] = lot
        return []
    if account == "pending" and lot.releases_us is not None and lot.releases_us > book.at_us:
        lot.state = LotState.PENDING
        book.use(book.move(lot.currency, "issued", "pending", part, reason, rule), lot, part)
        return []
    lot.state = LotState.OPEN
    return [(lot, part)]


def _as_new(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    sale: Sale,
    currency: str,
    rule: str | None,
    units: int,
    reason: str,
) -> None:
    """Give units as a lot of its own with the dates of the sale."""
    if not units:
        return
    expires_us, expires_day, _ = lot_dates(cp, currency, sale.day, cp.deciding(standing))
    dates = (expires_us, expires_day, None)
    args = (units, "issued", reason, sale.merge_seq or sale.seq, dates, sale.at_us, rule)
    lot = give(book, standing, currency, *args)
    if lot is not None:
        sale.lots.append(lot.lot_no)
