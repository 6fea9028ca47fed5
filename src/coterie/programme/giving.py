"""Grants become units: debts are repaid, lots open, pending units wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coterie.kernel.time import format_day
from coterie.ledger import Book, ExpiresTooSoon, Lot, LotState
from coterie.programme.calendar import expiry_for, inactive_from_us, last_valid_day
from coterie.programme.model import ExpiryModel
from coterie.programme.standing import Grant, Standing

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme

# Asking an enumeration for a member is a call in Python 3.11; every order opens lots.
_OPEN, _PENDING = LotState.OPEN, LotState.PENDING

LotDates = tuple[int | None, int | None, int | None]
"""First instant no longer valid, last valid day, release: each None where there is none."""


def lot_dates(
    cp: CompiledProgramme, currency: str, day: int, attributes: Mapping[str, Any]
) -> LotDates:
    """Return the dates of a lot of ``currency`` that a member earned on ``day``."""
    decides = cp.expiry_decides[currency]
    key = (currency, day, None if decides is None else attributes.get(decides))
    found = cp.lot_dates.get(key)
    if found is None:
        declared = cp.currencies[currency]
        wait = declared.pending
        release_day = max(day + wait.days, wait.until_day or 0)
        releases = cp.zone.day_start_us(release_day) if release_day > day else None
        counted = release_day if wait.expiry_from == "release" else day
        last = last_valid_day(expiry_for(declared.expiry, attributes), counted)
        expires = None if last is None else cp.zone.day_start_us(last + 1)
        if len(cp.lot_dates) > 100_000:
            cp.lot_dates.clear()
        found = cp.lot_dates[key] = (expires, last, releases)
    return found


def give_grants(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    seq: int,
    day: int,
    grants: Sequence[Grant],
) -> None:
    """Give what rules granted: one lot per currency, movements in the order of the rules."""
    if not grants:
        return
    deciding = cp.deciding(standing)
    dates: dict[str, LotDates] = {}
    credit_of: dict[str, str] = {}
    units: dict[str, int] = {}
    owing = False
    for grant in grants:
        currency = grant.currency
        if currency in units:
            units[currency] += grant.units
            continue
        units[currency] = grant.units
        until = dates[currency] = lot_dates(cp, currency, day, deciding)
        credit_of[currency] = "available" if until[2] is None else "pending"
        if book.account(currency).owed and until[2] is None:
            owing = True
    if owing:
        units = _repay_or_issue(book, cp, grants, credit_of)
    else:
        book.issue(grants, credit_of, units, cp.paid_by)
    for currency, given in units.items():
        if given:
            open_lot(book, standing, currency, seq, given, dates[currency])


def _repay_or_issue(
    book: Book, cp: CompiledProgramme, grants: Sequence[Grant], credit_of: Mapping[str, str]
) -> dict[str, int]:
    """Let grants repay debts first; return what is left of them by currency."""
    left = dict.fromkeys(credit_of, 0)
    for grant in grants:
        currency, units, credit = grant.currency, grant.units, credit_of[grant.currency]
        cost, funder, campaign = cp.paid_by[grant.rule]
        if credit == "available":
            units = book.repay(
                currency,
                "issued",
                units,
                "earn",
                grant.rule,
                unit_cost_micro=cost,
                funder=funder,
                campaign=campaign,
            )
        if units:
            book.move(
                currency,
                "issued",
                credit,
                units,
                "earn",
                grant.rule,
                unit_cost_micro=cost,
                funder=funder,
                campaign=campaign,
            )
            left[currency] += units
    return left


def open_lot(
    book: Book,
    standing: Standing,
    currency: str,
    seq: int,
    units: int,
    dates: LotDates,
    earned_us: int | None = None,
) -> Lot:
    """Open the next lot of a member; one with a release waits."""
    expires_us, expires_day, releases_us = dates
    member = standing.member
    member.lot_no += 1
    lot = Lot(
        member.lot_no,
        currency,
        seq,
        units,
        units,
        book.at_us if earned_us is None else earned_us,
        _OPEN if releases_us is None else _PENDING,
        0,
        0,
        expires_us,
        expires_day,
        releases_us,
    )
    book.open_lot(lot)
    due_us = releases_us if releases_us is not None else expires_us
    if due_us is not None and (member.next_due_us is None or due_us < member.next_due_us):
        member.next_due_us = due_us
    return lot


def give(
    book: Book,
    standing: Standing,
    currency: str,
    units: int,
    debit: str,
    reason: str,
    seq: int,
    dates: LotDates,
    earned_us: int | None = None,
    rule: str | None = None,
) -> Lot | None:
    """Give units at once: a debt first, the rest as a lot, which is returned."""
    rest = book.repay(currency, debit, units, reason, rule)
    if not rest:
        return None
    book.move(currency, debit, "available", rest, reason, rule)
    return open_lot(book, standing, currency, seq, rest, dates, earned_us)


def issue(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    currency: str,
    units: int,
    reason: str,
    code: str,
    seq: int,
    day: int,
    debit: str = "issued",
) -> None:
    """Give units for the promise ``code`` as its currency gives them: cost, dates, waiting."""
    declared = cp.currencies[currency]
    cost, funder = declared.unit_cost_micro, declared.funder
    dates = lot_dates(cp, currency, day, cp.deciding(standing))
    credit = "available" if dates[2] is None else "pending"
    if credit == "available" and book.account(currency).owed:
        units = book.repay(
            currency, debit, units, reason, code, unit_cost_micro=cost, funder=funder
        )
    if units:
        book.move(currency, debit, credit, units, reason, code, unit_cost_micro=cost, funder=funder)
        open_lot(book, standing, currency, seq, units, dates)


def dates_through(
    cp: CompiledProgramme, last_day: int | None, today: int, *, where: str = "expires_on"
) -> LotDates:
    """Return the dates of a lot valid through a given day, which must not be past."""
    if last_day is None:
        return None, None, None
    if last_day < today:
        raise ExpiresTooSoon(f"{format_day(last_day)} is past.", where=where)
    return cp.zone.day_start_us(last_day + 1), last_day, None


def note_activity(
    cp: CompiledProgramme, standing: Standing, book: Book, label: str, day: int
) -> None:
    """Move on the date at which a currency lapses for inactivity, where the event asks for it.

    An activity does. So do new units of whatever kind where no count runs, because there never was
    one or it ran out: they would lapse never, or at once.
    """
    for code in cp.inactivity:
        account = standing.accounts.get(code)
        if account is None:
            continue
        expiry = expiry_for(cp.currencies[code].expiry, cp.deciding(standing))
        if expiry.model is not ExpiryModel.INACTIVITY:
            account.inactive_us = None  # waived for this member
            continue
        reasons = {m.reason for m in book.movements if m.currency == code}
        if expiry.activities:
            active = label in expiry.activities
        else:
            # What happens by itself when its day comes is nothing that the member did.
            active = label != "due" and not reasons.isdisjoint(_ACTIVE_REASONS)
        if account.inactive_us is None or account.inactive_us <= book.at_us:
            active = active or not reasons.isdisjoint(_GIVING_REASONS)
        if active:
            inactive_us = inactive_from_us(expiry, cp.zone, day)
            if account.inactive_us is None or inactive_us > account.inactive_us:
                account.inactive_us = inactive_us
        if account.inactive_us is not None and account.available:
            member = standing.member
            if member.next_due_us is None or account.inactive_us < member.next_due_us:
                member.next_due_us = account.inactive_us


_ACTIVE_REASONS = frozenset(
    {
        *("earn", "spend", "capture", "transfer", "transfer_in", "opening"),
        *("convert", "exchange", "redeem"),
    }
)
_GIVING_REASONS = frozenset(
    {
        *("earn", "opening", "adjustment", "reinstate", "transfer_in"),
        *("milestone", "referral", "merge", "pool", "settle", "convert", "exchange"),
    }
)


def lots_of(standing: Standing, seq: int) -> list[Lot]:
    """Return the lots that an event opened, in lot order."""
    sale = standing.sales.get(seq)
    if sale is not None and sale.merge_seq:
        return [standing.lots[no] for no in sorted(sale.lots)]
    found = [lot for lot in standing.lots.values() if lot.earned_seq == seq]
    found.sort(key=lambda lot: lot.lot_no)
    return found
