"""A second, naive answer to what events mean, written from docs/architecture.md alone.

It shares no code with the product: aware datetimes instead of microseconds, fractions instead of
pairs of integers, lists that are searched instead of maps, every date found by looking. What it
knows of earning is the one programme of ``machine_rules.py``.
"""

import calendar
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

HOLDERS = ("available", "pending", "held", "owed")
NEVER = datetime.max.replace(tzinfo=UTC)


class Refused(Exception):
    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass
class Policy:
    """What a currency promises."""

    expiry: tuple[Any, ...] = ("none",)
    """(fixed, months, days, round) | (calendar, dates, min_months) | (inactivity, months, kinds)"""
    wait_days: int = 0
    count_from: str = "earning"
    debt: str = "clamp"
    limit: int | None = None
    returns: str = "proportional"
    rounding: str = "down"
    lapsed: str = "lapse"
    extend_days: int = 30
    hold_minutes: int = 30
    transferable: bool = True
    spendable: bool = True


@dataclass
class Lot:
    no: int
    currency: str
    seq: int
    units: int
    left: int
    born: datetime
    last: date | None
    opens: datetime | None
    state: str = "open"
    held: int = 0
    lapsed: int = 0


@dataclass
class Hold:
    ref: str
    currency: str
    units: int
    until: datetime
    parts: list[tuple[Lot, int]]
    state: str = "open"
    captured: int = 0


@dataclass
class Grant:
    rule: str
    currency: str
    units: int
    basis: dict[int, int]
    capped: int | None = None
    """How much of the monthly cap it took, for the rule that has one."""


@dataclass
class Record:
    """An event that may come back: a sale, or something to reverse."""

    kind: str
    currency: str = ""
    ref: str = ""
    day: date = date.min
    lines: list[dict[str, Any]] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    room: int = 0
    back: dict[int, tuple[int, int]] = field(default_factory=dict)
    parts: list[tuple[Lot, int]] = field(default_factory=list)
    moves: list[tuple[str, str, str, int, str]] = field(default_factory=list)
    undone: bool = False


def rounded(value: Fraction, how: str) -> int:
    return {
        "down": lambda: floor(value),
        "up": lambda: ceil(value),
        "half_up": lambda: floor(value + Fraction(1, 2)),
        "half_down": lambda: ceil(value - Fraction(1, 2)),
        "half_even": lambda: round(value),
    }[how]()


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_of(day: date, unit: str) -> date:
    """Walk to the last day of the month, quarter or year."""
    periods = {
        "none": lambda d: d,
        "month": lambda d: (d.year, d.month),
        "quarter": lambda d: (d.year, (d.month - 1) // 3),
        "year": lambda d: d.year,
    }
    period = periods[unit]
    while unit != "none" and period(day + timedelta(days=1)) == period(day):
        day += timedelta(days=1)
    return day


class Ledger:
    """Movements, lots and dates of one member."""

    def __init__(self, zone: str, policies: dict[str, Policy]) -> None:
        self.zone = ZoneInfo(zone)
        self.policies = policies
        self.lots: list[Lot] = []
        self.holds: list[Hold] = []
        self.silent: dict[str, datetime] = {}
        self.moves: list[tuple[str, str, str, int, str]] = []
        self.log: list[tuple[str, str, str, int, str]] = []
        self.seq = 0
        self.starts: dict[date, datetime] = {}

    # ---------------------------------------------------------------- dates

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        """Step through the hours before until the local date has come."""
        if day not in self.starts:
            at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
            while self.day(at) < day:
                at += timedelta(minutes=15)
            self.starts[day] = at
        return self.starts[day]

    def last_day(self, currency: str, earned: date) -> date | None:
        policy = self.policies[currency]
        counted = earned
        if policy.count_from == "release":
            counted += timedelta(days=policy.wait_days)
        model, *rest = policy.expiry
        if model == "fixed":
            months, days, unit = rest
            return last_of(months_later(counted, months) + timedelta(days=days), unit)
        if model == "calendar":
            dates, least = rest
            day = months_later(counted, least)
            while (day.month, day.day) not in dates:
                day += timedelta(days=1)
            return day
        return None

    def end(self, lot: Lot) -> datetime | None:
        """The first instant at which a lot is no longer valid."""
        return None if lot.last is None else self.start(lot.last + timedelta(days=1))

    def gone(self, lot: Lot, at: datetime) -> bool:
        end = self.end(lot)
        return end is not None and end <= at

    # ---------------------------------------------------------------- moving

    def balance(self, currency: str, account: str) -> int:
        total = sum(
            units * ((to == account) - (of == account))
            for of_currency, of, to, units, _ in self.moves
            if of_currency == currency
        )
        return -total if account == "owed" else total

    def move(self, currency: str, of: str, to: str, units: int, reason: str) -> None:
        if units:
            self.moves.append((currency, of, to, units, reason))
            self.log.append((currency, of, to, units, reason))

    def burning(self, currency: str) -> list[Lot]:
        found = [
            lot
            for lot in self.lots
            if lot.currency == currency and lot.state == "open" and lot.left
        ]
        return sorted(found, key=lambda lot: (self.end(lot) or NEVER, lot.born, lot.no))

    def draw(self, units: int, lots: list[Lot]) -> list[tuple[Lot, int]]:
        used = []
        for lot in lots:
            part = min(lot.left, units)
            if part:
                lot.left -= part
                units -= part
                used.append((lot, part))
        assert units == 0
        return used

    def need(self, currency: str, units: int) -> None:
        if self.balance(currency, "available") - self.balance(currency, "owed") < units:
            raise Refused("insufficient_units")

    def take(self, currency: str, to: str, units: int, reason: str) -> list[tuple[Lot, int]]:
        self.move(currency, "available", to, units, reason)
        return self.draw(units, self.burning(currency))

    def repaid(self, currency: str, of: str, units: int, reason: str) -> int:
        """Let units repay a debt first; return what is left of them."""
        paid = min(self.balance(currency, "owed"), units)
        self.move(currency, of, "owed", paid, reason)
        return units - paid

    def open(
        self,
        currency: str,
        units: int,
        last: date | None,
        born: datetime,
        seq: int,
        opens: datetime | None = None,
    ) -> None:
        state = "pending" if opens else "open"
        number = len(self.lots) + 1
        self.lots.append(Lot(number, currency, seq, units, units, born, last, opens, state))

    def give(
        self,
        currency: str,
        units: int,
        of: str,
        reason: str,
        last: date | None,
        born: datetime,
        seq: int,
    ) -> None:
        rest = self.repaid(currency, of, units, reason)
        self.move(currency, of, "available", rest, reason)
        if rest:
            self.open(currency, rest, last, born, seq)

    def lapse(self, currency: str, lots: list[Lot], reason: str) -> None:
        self.move(currency, "available", "breakage", sum(lot.left for lot in lots), reason)
        for lot in lots:
            lot.lapsed += lot.left
            lot.left = 0

    def refund(
        self, currency: str, of: str, parts: list[tuple[Lot, int]], reason: str, at: datetime
    ) -> None:
        """Fill lots again; what is no longer valid lapses or is given more days; debts are paid."""
        if not parts:
            return
        policy = self.policies[currency]
        silent = currency in self.silent and self.silent[currency] <= at
        lots = [lot for lot, _ in parts]
        self.lapse(currency, [lot for lot in lots if self.gone(lot, at)], "expire")
        if silent:
            self.lapse(currency, self.burning(currency), "inactivity")
        self.move(currency, of, "available", sum(n for _, n in parts), reason)
        for lot, units in parts:
            lot.left += units
        last = self.day_of_event + timedelta(days=policy.extend_days)
        for lot in lots:
            if self.gone(lot, at) and policy.lapsed == "extend_days":
                lot.last = last
        self.lapse(currency, [lot for lot in lots if self.gone(lot, at)], "expire")
        if silent and policy.lapsed == "extend_days":
            self.silent[currency] = self.start(last + timedelta(days=1))
        elif silent:
            self.lapse(currency, lots, "inactivity")
        debt = min(self.balance(currency, "owed"), self.balance(currency, "available"))
        if debt:
            self.take(currency, "owed", debt, "repay")

    day_of_event = date.min

    def end_hold(self, hold: Hold, state: str, reason: str, at: datetime, kept: int = 0) -> None:
        hold.state, hold.captured = state, kept
        back = []
        for lot, part in hold.parts:
            lot.held -= part
            stays = min(part, kept)
            kept -= stays
            if part > stays:
                back.append((lot, part - stays))
        self.refund(hold.currency, "held", back, reason, at)

    def take_back(self, seq: int, currency: str, units: int, reason: str, to: str) -> None:
        own = [lot for lot in self.lots if lot.seq == seq and lot.currency == currency]
        policy = self.policies[currency]

        def step(of: str, lots: list[Lot]) -> None:
            nonlocal units
            part = min(units, sum(lot.left for lot in lots))
            self.move(currency, of, to, part, reason)
            self.draw(part, lots)
            units -= part

        step("pending", [lot for lot in own if lot.state == "pending"])
        for lot in own:
            if lot.state == "pending" and not lot.left:
                lot.state = "cancelled"
        step("available", [lot for lot in own if lot.state == "open"])
        for lot in own:
            part = min(lot.lapsed, units)
            self.move(currency, "breakage", to, part, reason)
            lot.lapsed -= part
            units -= part
        step("available", self.burning(currency))
        if policy.debt == "allow":
            part = units
            if policy.limit is not None:
                part = min(part, max(policy.limit - self.balance(currency, "owed"), 0))
            self.move(currency, "owed", to, part, reason)
            units -= part
        self.move(currency, "written_off", to, units, reason)

    def reach(self, seq: int, currency: str) -> int:
        """How much could be taken back of what an event gave, without any shortage."""
        own = [lot for lot in self.lots if lot.seq == seq and lot.currency == currency]
        others = [lot for lot in self.burning(currency) if lot not in own]
        return sum(lot.left + lot.lapsed for lot in own) + sum(lot.left for lot in others)

    # ---------------------------------------------------------------- what falls due

    def moments(self) -> Iterator[datetime]:
        for lot in self.lots:
            if lot.left and lot.state == "pending" and lot.opens:
                yield lot.opens
            elif lot.left and (end := self.end(lot)) is not None:
                yield end
        yield from (hold.until for hold in self.holds if hold.state == "open")
        for currency, at in self.silent.items():
            if self.balance(currency, "available"):
                yield at

    def advance(self, to: datetime) -> None:
        while (moment := min(self.moments(), default=None)) is not None and moment <= to:
            self.log = []
            self.day_of_event = self.day(moment)
            self.fall_due(moment)
            self.seq += 1

    def fall_due(self, at: datetime) -> None:
        for hold in sorted(self.holds, key=lambda h: h.ref):
            if hold.state == "open" and hold.until <= at:
                self.end_hold(hold, "lapsed", "hold_lapse", at)
        for lot in self.lots:
            if lot.state == "pending" and lot.left and lot.opens and lot.opens <= at:
                paid = min(self.balance(lot.currency, "owed"), lot.left)
                self.move(lot.currency, "pending", "owed", paid, "release_pending")
                lot.left -= paid
                lot.state = "open"
                self.move(lot.currency, "pending", "available", lot.left, "release_pending")
        for currency in self.policies:
            gone = [lot for lot in self.burning(currency) if self.gone(lot, at)]
            self.lapse(currency, gone, "expire")
        for currency, moment in self.silent.items():
            if moment <= at:
                self.lapse(currency, self.burning(currency), "inactivity")

    def note_activity(self, kind: str, at: datetime) -> None:
        for currency, policy in self.policies.items():
            if policy.expiry[0] != "inactivity":
                continue
            _, months, kinds = policy.expiry
            reasons = {m[4] for m in self.log if m[0] == currency}
            used = {"earn", "spend", "capture", "transfer", "transfer_in", "opening"}
            new = {"earn", "opening", "adjustment", "reinstate", "transfer_in"}
            active = kind in kinds if kinds else bool(reasons & used)
            runs = currency in self.silent and self.silent[currency] > at
            touched = any(m[0] == currency for m in self.moves)
            if touched and (active or (not runs and reasons & new)):
                last = months_later(self.day(at), months)
                found = self.start(last + timedelta(days=1))
                self.silent[currency] = max(found, self.silent.get(currency, found))

    # ---------------------------------------------------------------- for comparing

    def picture(self) -> dict[str, Any]:
        """Everything that must agree, as plain values."""
        return {
            "seq": self.seq,
            "balances": {
                c: tuple(self.balance(c, account) for account in HOLDERS) for c in self.policies
            },
            "lots": [
                (lot.no, lot.currency, lot.seq, lot.units, lot.left, lot.held, lot.lapsed,
                 lot.last, lot.state)
                for lot in self.lots
            ],
            "holds": {h.ref: (h.state, h.units, h.captured) for h in self.holds},
        }  # fmt: skip

    def moved(self) -> Counter[tuple[str, str, str, str]]:
        """What the last event moved, added up."""
        found: Counter[tuple[str, str, str, str]] = Counter()
        for currency, of, to, units, reason in self.log:
            found[currency, of, to, reason] += units
        return found
