"""What a member of the club does alone, by the version of every moment: naively.

Units, lots, holds and debts are those of the ledger's oracle (``tests/ledger/oracle.py``).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.club.oracle_ladder import Change, Place
from tests.club.terms import Shape, Terms
from tests.ledger.oracle import Hold, Ledger, Lot, Policy, Refused, rounded

Sent = tuple[str, int, dict[str, Any]]
"""A kind of event, its member, its parts."""


@dataclass
class Sale:
    seq: int
    ref: str
    day: date
    terms: Terms
    amounts: list[int]
    grants: list[tuple[str, int]]
    back: dict[int, int] = field(default_factory=dict)
    came: set[int] = field(default_factory=set)
    """lines of which the goods came back"""

    @property
    def left(self) -> int:
        return sum(self.amounts) - sum(self.back.values())


@dataclass
class Brought:
    """A reward of a referrer; ``why`` is the friend and the friend's event."""

    seq: int
    why: tuple[int, int]
    month: tuple[int, int]
    alive: bool = True


@dataclass
class Told:
    """What is expected of an answer and on record."""

    kind: str
    status: str
    code: str | None
    moved: Counter[tuple[str, str, str, str]]
    tiers: list[Change]


def policies_of(terms: Terms) -> dict[str, Policy]:
    return {
        "points": Policy(
            ("fixed", terms.months, 0, terms.round_to),
            terms.wait_days, debt=terms.debt, limit=terms.limit, rounding=terms.rounding,
            lapsed=terms.lapsed, extend_days=20, hold_minutes=4000,
        ),
        "stars": Policy(),
    }  # fmt: skip


class Versions:
    """What all share: the ladder's shape, the day of enrolment, the programme over time."""

    def __init__(self, shape: Shape, terms: Terms, enrolled: date) -> None:
        self.shape = shape
        self.versions: list[tuple[datetime | None, Terms]] = [(None, terms)]
        self.enrolled = enrolled

    def version_at(self, at: datetime) -> tuple[int, Terms]:
        found = [n for n, (since, _) in enumerate(self.versions) if since is None or since <= at]
        return found[-1] + 1, self.versions[found[-1]][1]


class Buyer(Ledger):
    """A member who buys, brings back, spends and stands on the ladder."""

    def __init__(self, club: "Versions", number: int, *, pools: bool) -> None:
        super().__init__(club.shape.zone, policies_of(club.versions[0][1]))
        self.club, self.number, self.pools = club, number, pools
        self.record: list[Told] = []
        self.sales: list[Sale] = []
        self.spendings: dict[int, tuple[str, list[tuple[Lot, int]], bool]] = {}
        self.place: Place | None = None
        self.from_whom: dict[int, int | None] = {}
        """whose lot it is, by its number"""
        self.contributors: set[int] = set()
        self.pool: int | None = None
        self.referrer: int | None = None
        self.qualified: tuple[int, int, Terms] | None = None
        self.brought: list[Brought] = []
        self.out: list[Sent] = []
        self.terms = club.versions[0][1]
        self.version = 1
        self.tier_changes: list[Change] = []

    # ------------------------------------------------------------------ deciding

    def begin(self, at: datetime) -> None:
        self.version, self.terms = self.club.version_at(at)
        self.policies = policies_of(self.terms)
        self.day_of_event = self.day(at)
        self.log, self.out, self.tier_changes = [], [], []

    def write(self, kind: str, status: str = "accepted", code: str | None = None) -> None:
        told = Told(kind, status, code, self.moved(), self.tier_changes)
        self.record.append(told)
        self.seq += 1

    # ------------------------------------------------------------------ tiers

    def spent(self, first: date, last: date) -> int:
        return sum(sale.left for sale in self.sales if first <= sale.day <= last)

    def fresh_place(self, today: date) -> Place:
        place = Place(self.club.shape, self.spent, today)
        place.gained, place.begun = today, self.version
        place.start = place.first(today)
        return place

    def look_at_tier(self, kind: str, today: date) -> bool:
        place = self.place or self.fresh_place(today)
        place.at(self.terms, self.version, today)
        changed = place.observe(self.day_of_event, returned=kind in ("return", "reversal"))
        if self.place is not None or place.touched or self.club.shape.promote == "at_review":
            self.place = place
        self.tier_changes += place.changes
        return changed

    @property
    def tier(self) -> int:
        return 0 if self.place is None else self.place.shown[0]

    def do_status_change(
        self, _at: datetime, action: str, rank: int | None, until: date | None, today: date
    ) -> None:
        place = self.place or self.fresh_place(today)
        if action == "unpin" and place.pinned is None:
            raise Refused("status_unchanged")
        place.at(self.terms, self.version, today)
        self.place = place
        if action == "grant":
            assert rank is not None
            assert until is not None
            place.granted = (rank, until)
        elif action == "pin":
            place.pinned = place.shown[0] if rank is None else rank
        else:
            place.pinned = None
        reasons = {"grant": "granted", "pin": "pinned", "unpin": "unpinned"}
        place.show(reasons[action], always=True)
        self.tier_changes += place.changes

    # ------------------------------------------------------------------ goods

    def do_order(self, at: datetime, ref: str, amounts: list[int]) -> None:
        terms, day = self.terms, self.day(at)
        self.first_purchase = not any(sale.left for sale in self.sales)
        whole = sum(amounts)
        base = whole * terms.rate // 100
        factor = terms.factors[self.tier - 1] if self.tier else Fraction(1)
        bonus = int(base * (factor - 1))
        grants = [("points", base), ("points", bonus), ("stars", whole // 200)]
        grants = [(currency, units) for currency, units in grants if units]
        opened: dict[str, int] = {}
        for currency, units in grants:
            opened[currency] = opened.get(currency, 0) + self.earn(currency, units, "earn")
        for currency, units in opened.items():
            self.open_new(currency, units, at)
        self.sales.append(Sale(self.seq + 1, ref, day, terms, amounts, grants))

    first_purchase = False

    def earn(self, currency: str, units: int, reason: str) -> int:
        """Issue units; return what a debt leaves of them."""
        if self.policies[currency].wait_days:
            self.move(currency, "issued", "pending", units, reason)
            return units
        rest = self.repaid(currency, "issued", units, reason)
        self.move(currency, "issued", "available", rest, reason)
        return rest

    def open_new(self, currency: str, units: int, at: datetime) -> None:
        wait, day = self.policies[currency].wait_days, self.day(at)
        opens = self.start(day + timedelta(days=wait)) if wait else None
        if units:
            self.open(currency, units, self.last_day(currency, day), at, self.seq + 1, opens)

    def do_return(self, at: datetime, ref: str, line: int | None, amount: int | None) -> None:
        sale = next((sale for sale in self.sales if sale.ref == ref), None)
        if sale is None:
            raise Refused("return_unmatched")
        if line is None:
            self.take_all(sale, "return")
            return
        left = sale.amounts[line] - sale.back.get(line, 0)
        if amount is None:
            if line in sale.came:
                raise Refused("return_unmatched")
            self.take_from(sale, {line: left}, {line}, "return")
        elif amount > left:
            raise Refused("return_unmatched")
        else:
            self.take_from(sale, {line: amount}, set(), "return")

    def take_all(self, sale: Sale, reason: str) -> None:
        lines = {
            n: amount - sale.back.get(n, 0)
            for n, amount in enumerate(sale.amounts)
            if n not in sale.came
        }
        rest = {n: a - sale.back.get(n, 0) for n, a in enumerate(sale.amounts)}
        if not lines and not any(rest.values()):
            raise Refused("return_unmatched" if reason == "return" else "already_undone")
        self.take_from(sale, rest, set(lines), reason)

    def remains(self, sale: Sale, units: int, currency: str, back: dict[int, int]) -> int:
        if currency == "stars" or sale.terms.returns == "keep":
            return units
        left = Fraction(sum(sale.amounts) - sum(back.values()), sum(sale.amounts))
        return rounded(units * left, sale.terms.rounding)

    def take_from(self, sale: Sale, amounts: dict[int, int], came: set[int], reason: str) -> None:
        back = dict(sale.back)
        for line, amount in amounts.items():
            back[line] = back.get(line, 0) + amount
        loses = []
        for currency, units in sale.grants:
            now = 0 if reason == "reversal" else self.remains(sale, units, currency, back)
            loses.append((currency, self.remains(sale, units, currency, sale.back) - now))
        for currency in ("points", "stars"):
            lost = sum(units for code, units in loses if code == currency)
            refuses = self.policies[currency].debt == "refuse"
            if refuses and lost > self.reach(sale.seq, currency):
                raise Refused("debt_refused")
        for currency, units in loses:
            self.take_back(sale.seq, currency, units, reason, "issued")
        sale.back = back
        sale.came |= came

    def do_reversal(self, at: datetime, seq: int) -> None:
        sale = next((sale for sale in self.sales if sale.seq == seq), None)
        if sale is not None:
            self.take_all(sale, "reversal")
            return
        currency, parts, undone = self.spendings[seq]
        if undone:
            raise Refused("already_undone")
        self.refund(currency, "redeemed", parts, "reversal", at)
        self.spendings[seq] = (currency, parts, True)

    # ------------------------------------------------------------------ spending

    def burn(self, currency: str, to: str, units: int, reason: str) -> list[tuple[Lot, int]]:
        """Take units by date, or from every contributor their share and the rest by date."""
        shared = currency == "points" and self.contributors and self.terms.burn == "pro_rata"
        if not shared:
            return self.take(currency, to, units, reason)
        self.move(currency, "available", to, units, reason)
        lots = self.burning(currency)
        has: Counter[int | None] = Counter()
        for lot in lots:
            has[self.from_whom.get(lot.no)] += lot.left
        shares = {who: int(Fraction(units * part, has.total())) for who, part in has.items()}
        used: Counter[int] = Counter()
        for who, share in shares.items():
            for lot, part in self.draw(share, [t for t in lots if self.from_whom.get(t.no) == who]):
                used[lot.no] += part
        for lot, part in self.draw(units - sum(shares.values()), lots):
            used[lot.no] += part
        return [(lot, used[lot.no]) for lot in lots if used[lot.no]]

    def do_spend(self, _at: datetime, currency: str, units: int) -> None:
        self.need(currency, units)
        parts = self.burn(currency, "redeemed", units, "spend")
        self.spendings[self.seq + 1] = (currency, parts, False)

    def do_hold(self, at: datetime, currency: str, units: int, ref: str) -> None:
        self.need(currency, units)
        parts = self.burn(currency, "held", units, "hold")
        for lot, part in parts:
            lot.held += part
        self.holds.append(Hold(ref, currency, units, at + timedelta(minutes=4000), parts))

    def open_hold(self, ref: str) -> Hold:
        found = next(hold for hold in self.holds if hold.ref == ref)
        if found.state != "open":
            raise Refused("hold_finished")
        return found

    def do_capture(self, at: datetime, ref: str, units: int | None) -> None:
        hold = self.open_hold(ref)
        taken = hold.units if units is None else units
        if taken > hold.units:
            raise Refused("insufficient_units")
        self.move(hold.currency, "held", "redeemed", taken, "capture")
        self.end_hold(hold, "captured", "hold_release", at, taken)

    def do_release(self, at: datetime, ref: str) -> None:
        self.end_hold(self.open_hold(ref), "released", "hold_release", at)

    def do_transfer(self, _at: datetime, units: int, receiver: int) -> None:
        self.need("points", units)
        used = self.take("points", "in_transit", units, "transfer")
        last = min(lot.last for lot, _ in used if lot.last is not None)
        self.out.append(("transfer_in", receiver, {"units": units, "last": last}))

    def do_transfer_in(self, at: datetime, units: int, last: date) -> None:
        self.give("points", units, "in_transit", "transfer_in", last, at, self.seq + 1)
