"""Taking units back where nothing may be refused any more: what caused it has been accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.ledger import Book

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing


def reclaim(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    currency: str,
    units: int,
    seq: int,
    reason: str,
    code: str,
) -> None:
    """Take back ``units`` that event ``seq`` gave for the promise ``code``.

    In the order of every taking back: the event's own lots, the others, a debt where the currency
    allows one; what is left is written off, also where the currency refuses debts.
    """
    own = [
        lot
        for no in sorted(standing.lots)
        if (lot := standing.lots[no]).earned_seq == seq and lot.currency == currency
    ]
    debt = cp.currencies[currency].debt
    room = 0
    if debt.policy == "allow":
        owed = book.account(currency).owed
        room = 2**62 if debt.limit_units is None else max(debt.limit_units - owed, 0)
    book.take_back(currency, units, own, reason, code, debt_room=room)
