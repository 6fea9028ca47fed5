"""Grants become units: debts are repaid, lots open, pending units wait."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.kernel.time import format_day
from coterie.ledger import Book, ExpiresTooSoon, Lot, LotState
from coterie.programme.calendar import inactive_from_us, last_valid_day
from coterie.programme.compile import CompiledProgramme
from coterie.programme.model import ExpiryModel
from coterie.programme.standing import Grant, Standing

LotDates = tuple[int | None, int | None, int | None]
"""First instant no longer valid, last valid day, release: each None where there is none."""


def lot_dates(cp: CompiledProgramme, currency: str, day: int) -> LotDates:
    """Return the dates of a lot of ``currency`` earned on ``day``."""
    key = (currency, day)
    found = cp.lot_dates.get(key)
    if found is None:
        declared = cp.currencies[currency]
        wait = declared.pending.days
        releases = cp.zone.day_start_us(day + wait) if wait else None
        counted = day + wait if declared.pending.expiry_from == "release" else day
        last = last_valid_day(declared.expiry, counted)
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
    lot_units: dict[str, int] = {}
    for grant in grants:
        currency = grant.currency
        rule = cp.by_code[grant.rule]
        if cp.currencies[currency].pending.days:
            credit, rest = "pending", grant.units
        else:
            credit, rest = "available", grant.units
            if book.account(currency).owed:
                rest = book.repay(
                    currency,
                    "issued",
                    rest,
                    "earn",
                    rule.code,
                    unit_cost_micro=rule.unit_cost_micro,
                    funder=rule.funder,
                    campaign=rule.campaign,
                )
        lot_units.setdefault(currency, 0)
        if rest:
            book.move(
                currency,
                "issued",
                credit,
                rest,
                "earn",
                rule.code,
                unit_cost_micro=rule.unit_cost_micro,
                funder=rule.funder,
                campaign=rule.campaign,
            )
            lot_units[currency] += rest
    for currency, units in lot_units.items():
        if units:
            open_lot(book, standing, currency, seq, units, lot_dates(cp, currency, day))


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
        LotState.OPEN if releases_us is None else LotState.PENDING,
        expires_us=expires_us,
        expires_day=expires_day,
        releases_us=releases_us,
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
) -> None:
    """Give units at once: a debt first, the rest as a lot."""
    rest = book.repay(currency, debit, units, reason, rule)
    if rest:
        book.move(currency, debit, "available", rest, reason, rule)
        open_lot(book, standing, currency, seq, rest, dates, earned_us)


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
        expiry = cp.currencies[code].expiry
        assert expiry.model is ExpiryModel.INACTIVITY
        reasons = {m.reason for m in book.movements if m.currency == code}
        if expiry.activities:
            active = label in expiry.activities
        else:
            active = not reasons.isdisjoint(_ACTIVE_REASONS)
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


_ACTIVE_REASONS = frozenset({"earn", "spend", "capture", "transfer", "transfer_in", "opening"})
_GIVING_REASONS = frozenset({"earn", "opening", "adjustment", "reinstate", "transfer_in"})
