"""Units that go for something else: what is given, and what comes for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.programme.errors import BelowMinimum
from coterie.programme.giving import issue
from coterie.programme.pooling import burn

if TYPE_CHECKING:
    from coterie.ledger import Book
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing


def spendable_units(standing: Standing, currency: str) -> int:
    """Return what can be spent: open lots less what is owed."""
    account = standing.accounts.get(currency)
    return 0 if account is None else max(account.available - account.owed, 0)


def require_threshold(cp: CompiledProgramme, standing: Standing, currency: str) -> None:
    """Refuse where there is less than the currency asks for before any of it is redeemed."""
    least = cp.currencies[currency].redeem_from
    has = spendable_units(standing, currency)
    if has < least:
        raise BelowMinimum(f"{least} {currency} open it, {has} can be spent.", least=least)


def trade(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    place: tuple[int, int],
    reason: str,
    code: str,
    given: tuple[str, int],
    gotten: tuple[str, int],
) -> None:
    """Let units of one currency go and give those of another; both are (currency, units).

    ``place`` is the sequence number and the business day of the event.
    """
    seq, day = place
    currency, units = given
    burn(cp, standing, book, currency, "redeemed", units, reason, code)
    issue(book, cp, standing, *gotten, reason, code, seq, day)
