"""How units may move: a :class:`Book` changes the accounts and lots it is given, nothing else.

Every verb that can be refused checks before it changes. The order of movements within an event is
part of the contract (``docs/architecture.md``): movements are numbered as they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from coterie.ledger.errors import DebtRefused, InsufficientUnits
from coterie.ledger.model import (
    HOLDER_ACCOUNTS,
    Account,
    HoldRecord,
    Lot,
    LotState,
    LotUse,
    Movement,
)

PaidBy = tuple[int, str | None, str | None]
"""Cost of a unit in millionths of a minor unit, who bears it, and for which campaign."""


class Granted(Protocol):
    """What a rule gave of a currency."""

    rule: str
    currency: str
    units: int


class Book:
    """The ledger of one member during one event.

    ``accounts`` and ``lots`` (live lots by number) are the member's working state; ``movements``,
    ``uses``, ``opened`` and ``touched`` collect what the event did to them.
    """

    __slots__ = ("accounts", "at_us", "lots", "movements", "opened", "touched", "uses")

    def __init__(self, accounts: dict[str, Account], lots: dict[int, Lot], at_us: int) -> None:
        """Open the book of a member at the moment of an event."""
        self.accounts = accounts
        self.lots = lots
        self.at_us = at_us
        self.movements: list[Movement] = []
        self.uses: list[LotUse] = []
        self.opened: list[Lot] = []
        self.touched: dict[int, Lot] = {}

    def account(self, currency: str) -> Account:
        """Return the account of a currency, opened at zero when it is new."""
        account = self.accounts.get(currency)
        if account is None:
            account = self.accounts[currency] = Account(currency)
        return account

    def move(
        self,
        currency: str,
        debit: str,
        credit: str,
        units: int,
        reason: str,
        rule: str | None = None,
        *,
        unit_cost_micro: int = 0,
        funder: str | None = None,
        campaign: str | None = None,
    ) -> int:
        """Move ``units`` (above zero) and return the movement's number."""
        account = self.accounts.get(currency)
        if account is None:
            account = self.account(currency)
        if credit in HOLDER_ACCOUNTS:
            if credit == "available":
                account.available += units
            elif credit == "pending":
                account.pending += units
            elif credit == "held":
                account.held += units
            else:
                account.owed -= units
        if debit in HOLDER_ACCOUNTS:
            if debit == "available":
                account.available -= units
            elif debit == "pending":
                account.pending -= units
            elif debit == "held":
                account.held -= units
            else:
                account.owed += units
        n = len(self.movements) + 1
        self.movements.append(
            Movement(
                n, currency, debit, credit, units, reason, rule, unit_cost_micro, funder, campaign
            )
        )
        return n

    def issue(
        self,
        grants: Iterable[Granted],
        credit_of: Mapping[str, str],
        sums: Mapping[str, int],
        paid_by: Mapping[str, PaidBy],
    ) -> None:
        """Move what rules grant out of ``issued``, as :meth:`move` would for each with ``earn``.

        ``credit_of`` says by currency where to (``available`` or ``pending``), ``sums`` how much in
        all, ``paid_by`` by rule what it costs. One call for all grants, because an order has many.
        """
        for currency, units in sums.items():
            account = self.account(currency)
            if credit_of[currency] == "available":
                account.available += units
            else:
                account.pending += units
        self.movements += [
            Movement(
                n,
                grant.currency,
                "issued",
                credit_of[grant.currency],
                grant.units,
                "earn",
                grant.rule,
                *paid_by[grant.rule],
            )
            for n, grant in enumerate(grants, len(self.movements) + 1)
        ]

    def use(self, n: int, lot: Lot, units: int) -> None:
        """Record that movement ``n`` changed a lot's remainder by ``units`` and change it."""
        lot.remaining += units
        self.uses.append(LotUse(n, lot.lot_no, units))
        self.touched[lot.lot_no] = lot

    def open_lot(self, lot: Lot) -> None:
        """Take a new lot in."""
        self.lots[lot.lot_no] = lot
        self.opened.append(lot)

    def open_lots(self, currency: str) -> list[Lot]:
        """Return the lots that can be spent, in burn order."""
        found = [
            lot
            for lot in self.lots.values()
            if lot.currency == currency and lot.remaining > 0 and lot.state == LotState.OPEN
        ]
        found.sort(key=Lot.burn_key)
        return found

    # ------------------------------------------------------------------ giving

    def repay(
        self,
        currency: str,
        source: str,
        units: int,
        reason: str,
        rule: str | None,
        *,
        unit_cost_micro: int = 0,
        funder: str | None = None,
        campaign: str | None = None,
    ) -> int:
        """Use up to ``units`` coming from ``source`` to repay a debt; return what is left."""
        owed = self.account(currency).owed
        if owed == 0:
            return units
        repaid = min(owed, units)
        self.move(
            currency,
            source,
            "owed",
            repaid,
            reason,
            rule,
            unit_cost_micro=unit_cost_micro,
            funder=funder,
            campaign=campaign,
        )
        return units - repaid

    # ------------------------------------------------------------------ spending

    def require(self, currency: str, units: int) -> None:
        """Refuse unless open lots less debt cover ``units``."""
        account = self.accounts.get(currency)
        spendable = 0 if account is None else account.available - account.owed
        if spendable < units:
            raise InsufficientUnits(
                f"{units} {currency} are needed, {max(spendable, 0)} can be spent.",
                currency=currency,
                needed=units,
                available=spendable,
            )

    def take(
        self, currency: str, credit: str, units: int, reason: str, lots: Iterable[Lot] | None = None
    ) -> list[tuple[Lot, int]]:
        """Move ``units`` out of open lots in burn order (or of ``lots``); return what was used."""
        n = self.move(currency, "available", credit, units, reason)
        return self.draw(n, units, self.open_lots(currency) if lots is None else lots)

    def draw(self, n: int, units: int, lots: Iterable[Lot]) -> list[tuple[Lot, int]]:
        """Let movement ``n`` take ``units`` out of ``lots`` in their order."""
        used = []
        for lot in lots:
            if units == 0:
                break
            part = min(lot.remaining, units)
            if part:
                self.use(n, lot, -part)
                used.append((lot, part))
                units -= part
        assert units == 0, "open lots do not cover the available balance"
        return used

    # ------------------------------------------------------------------ taking back

    def shortage(self, currency: str, units: int, own: Sequence[Lot]) -> int:
        """Return how much of ``units`` granted by the event of ``own`` lots cannot be recovered."""
        recovered = sum(lot.remaining + lot.lapsed for lot in own)
        others = sum(
            lot.remaining for lot in self.open_lots(currency) if all(lot is not o for o in own)
        )
        return max(units - recovered - others, 0)

    def take_back(
        self,
        currency: str,
        units: int,
        own: Sequence[Lot],
        reason: str,
        rule: str | None,
        *,
        debt_room: int,
        credit: str = "issued",
    ) -> None:
        """Undo a grant of ``units``: own pending, own open, own lapsed, burn order, debt, house.

        ``own`` are the lots of the granting event in lot order; ``debt_room`` how much the debt may
        grow. The caller has checked that the policy allows a shortage.
        """
        pending = [lot for lot in own if lot.state == LotState.PENDING]
        rest = units - self._back("pending", credit, currency, units, pending, reason, rule)
        for lot in pending:
            if lot.remaining == 0:
                lot.state = LotState.CANCELLED
        open_own = [lot for lot in own if lot.state == LotState.OPEN]
        rest -= self._back("available", credit, currency, rest, open_own, reason, rule)
        lapsed = min(rest, sum(lot.lapsed for lot in own))
        if lapsed:
            self.move(currency, "breakage", credit, lapsed, reason, rule)
            rest -= lapsed
            for lot in own:
                part = min(lot.lapsed, lapsed)
                if part:
                    lot.lapsed -= part
                    lapsed -= part
                    self.touched[lot.lot_no] = lot
        others = self.open_lots(currency)
        rest -= self._back("available", credit, currency, rest, others, reason, rule)
        debt = min(rest, debt_room)
        if debt:
            self.move(currency, "owed", credit, debt, reason, rule)
            rest -= debt
        if rest:
            self.move(currency, "written_off", credit, rest, reason, rule)

    def _back(
        self,
        debit: str,
        credit: str,
        currency: str,
        units: int,
        lots: Sequence[Lot],
        reason: str,
        rule: str | None,
    ) -> int:
        part = min(units, sum(lot.remaining for lot in lots))
        if part:
            n = self.move(currency, debit, credit, part, reason, rule)
            self.draw(n, part, lots)
        return part

    # ------------------------------------------------------------------ giving back

    def fill(
        self, n: int, parts: Iterable[tuple[Lot, int]], lapsed_refund: str, extend: tuple[int, int]
    ) -> dict[str, int]:
        """Let movement ``n`` refill lots; return per currency what lapses at once.

        ``extend`` is (last valid day, first instant after it) for a lapsed lot under
        ``extend_days``. The caller sends what lapses on to breakage with :meth:`lapse`.
        """
        lapsing: dict[str, int] = {}
        for lot, units in parts:
            self.lots[lot.lot_no] = lot
            self.use(n, lot, units)
            if lot.expires_us is not None and lot.expires_us <= self.at_us:
                if lapsed_refund == "extend_days":
                    lot.expires_day, lot.expires_us = extend
                else:
                    lapsing[lot.currency] = lapsing.get(lot.currency, 0) + units
        return lapsing

    def lapse(self, currency: str, lots: Sequence[Lot], reason: str) -> int:
        """Send what remains of ``lots`` to breakage; return the units."""
        units = sum(lot.remaining for lot in lots)
        if units:
            n = self.move(currency, "available", "breakage", units, reason)
            for lot in lots:
                part = lot.remaining
                if part:
                    self.use(n, lot, -part)
                    lot.lapsed += part
        return units

    def settle_debt(self, currency: str) -> None:
        """Repay a debt out of open lots, as after units came back to a member who owes."""
        account = self.account(currency)
        units = min(account.owed, account.available)
        if units:
            self.take(currency, "owed", units, "repay")


def debt_room(owed: int, policy: str, limit_units: int | None, shortage: int) -> int:
    """Return how much a debt may grow by, or refuse where the policy allows no shortage."""
    if shortage and policy == "refuse":
        raise DebtRefused(f"{shortage} units are missing.", missing=shortage)
    if policy != "allow":
        return 0
    if limit_units is None:
        return 2**62
    return max(limit_units - owed, 0)


def held_parts(hold: HoldRecord, units: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Split a hold's parts into the first ``units`` (captured) and the rest (given back)."""
    captured: list[tuple[int, int]] = []
    rest: list[tuple[int, int]] = []
    for lot_no, part in hold.parts:
        now = min(part, units)
        units -= now
        if now:
            captured.append((lot_no, now))
        if part - now:
            rest.append((lot_no, part - now))
    return captured, rest
