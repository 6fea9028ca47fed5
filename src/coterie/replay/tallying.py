"""What a plan adds up: per side, per member, and over everybody; small values that merge."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from coterie.programme.compile import CompiledProgramme
from coterie.programme.standing import Decision, Standing

EXAMPLES_MAX = 5
"""Members or events named for each thing that is counted."""
EXACT_BELOW = 1_000
"""Differences under this are counted exactly, larger ones by their first three digits: so many
members more do not take more memory."""
VALUE = ""
"""The measure that compares in money, over all currencies; no currency has this code."""

_HOUSE = ("issued", "redeemed", "breakage", "written_off", "adjusted", "partner", "in_transit")


class Side(Struct):
    """One member under one programme: what was issued and at which cost, and where units went.

    ``moved`` is net units by (currency, house account): what ``issued`` gave, what the others took.
    They and the costs are there once everything that was taken was summed (:meth:`add_up`).
    """

    moved: dict[tuple[str, str], int] = field(default_factory=dict)
    rules: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Units and cost in millionths of a minor unit, by (currency, rule)."""
    costs: dict[str, int] = field(default_factory=dict)
    taken: dict[tuple[str, str, str, str | None, str, int], int] = field(default_factory=dict)
    """Units by currency, debit, credit, rule, reason and cost of a unit: movements of one kind are
    one number until everything is summed."""

    def take(self, cp: CompiledProgramme, decision: Decision) -> None:
        """Add what a decision moved."""
        taken = self.taken
        for m in decision.movements:
            micro = m.unit_cost_micro
            if m.credit == "issued":
                micro = cp.currencies[m.currency].unit_cost_micro
            key = (m.currency, m.debit, m.credit, m.rule, m.reason, micro)
            taken[key] = taken.get(key, 0) + m.units

    def add_up(self) -> None:
        """Sum what was taken since."""
        moved = self.moved
        for (currency, debit, credit, rule, reason, micro), units in self.taken.items():
            if debit in _HOUSE:
                key = (currency, debit)
                moved[key] = moved.get(key, 0) + (units if debit == "issued" else -units)
            if credit in _HOUSE:
                key = (currency, credit)
                moved[key] = moved.get(key, 0) + (-units if credit == "issued" else units)
            if debit == "issued":
                self._cost(currency, rule or f"({reason})", units, micro)
            elif credit == "issued":
                self._cost(currency, rule or f"({reason})", -units, micro)
        self.taken.clear()

    def _cost(self, currency: str, rule: str, units: int, micro: int) -> None:
        had_units, had_cost = self.rules.get((currency, rule), (0, 0))
        self.rules[currency, rule] = (had_units + units, had_cost + units * micro)
        self.costs[currency] = self.costs.get(currency, 0) + units * micro

    def issued(self, currency: str) -> int:
        """Return net units issued."""
        return self.moved.get((currency, "issued"), 0)


class Uncovered(Struct):
    """Spending that was possible on one side and is not on the other."""

    events: int = 0
    members: int = 0
    units: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def add(self, other: Uncovered) -> None:
        """Take over what another part found."""
        self.events += other.events
        self.members += other.members
        _add(self.units, other.units)
        self.examples = sorted([*self.examples, *other.examples])[:EXAMPLES_MAX]


Example = tuple[int, int, int, int]
"""Difference, member, what the live side gave, what the draft gave."""


class Differences(Struct):
    """How far members are better or worse off in one measure."""

    counts: dict[int, int] = field(default_factory=dict)
    gained: int = 0
    lost: int = 0
    winners: list[Example] = field(default_factory=list)
    losers: list[Example] = field(default_factory=list)

    def note(self, member_id: int, live: int, draft: int) -> None:
        """Add one member."""
        by = draft - live
        self.counts[_coarse(by)] = self.counts.get(_coarse(by), 0) + 1
        if by > 0:
            self.gained += by
            self.winners = _first(self.winners, [(-by, member_id, live, draft)])
        elif by < 0:
            self.lost -= by
            self.losers = _first(self.losers, [(by, member_id, live, draft)])

    def add(self, other: Differences) -> None:
        """Take over what another part found."""
        _add(self.counts, other.counts)
        self.gained += other.gained
        self.lost += other.lost
        self.winners = _first(self.winners, other.winners)
        self.losers = _first(self.losers, other.losers)


def _first(had: Iterable[Example], more: Iterable[Example]) -> list[Example]:
    return heapq.nsmallest(EXAMPLES_MAX, [*had, *more])


def _coarse(value: int) -> int:
    size = abs(value)
    if size < EXACT_BELOW:
        return value
    step = int(10 ** (len(str(size)) - 3))
    return (size // step * step) * (1 if value > 0 else -1)


class Total(Struct):
    """One side over everybody; ``outstanding`` is what members have in the end, debts taken off."""

    moved: dict[tuple[str, str], int] = field(default_factory=dict)
    rules: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)
    outstanding: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    """Events by ``accepted`` or the code with which they were refused or wait."""

    def close(self, side: Side, standing: Standing) -> None:
        """Take over one member at the end."""
        _add(self.moved, side.moved)
        _add(self.costs, side.costs)
        for key, (units, cost) in side.rules.items():
            had = self.rules.get(key, (0, 0))
            self.rules[key] = (had[0] + units, had[1] + cost)
        for code, a in standing.accounts.items():
            left = a.available + a.pending + a.held - a.owed
            self.outstanding[code] = self.outstanding.get(code, 0) + left

    def add(self, other: Total) -> None:
        """Take over what another part found."""
        _add(self.moved, other.moved)
        _add(self.costs, other.costs)
        _add(self.outstanding, other.outstanding)
        _add(self.answers, other.answers)
        for key, (units, cost) in other.rules.items():
            had = self.rules.get(key, (0, 0))
            self.rules[key] = (had[0] + units, had[1] + cost)


class Tally(Struct):
    """Everything a plan adds up."""

    members: int = 0
    events: int = 0
    live: Total = field(default_factory=Total)
    draft: Total = field(default_factory=Total)
    differences: dict[str, Differences] = field(default_factory=dict)
    """By currency; ``VALUE`` compares in millionths of a minor unit of money."""
    uncovered: Uncovered = field(default_factory=Uncovered)
    newly_covered: Uncovered = field(default_factory=Uncovered)
    tiers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Members by ladder, tier under the live version, tier under the draft."""

    def add(self, other: Tally) -> None:
        """Take over what another part found."""
        self.members += other.members
        self.events += other.events
        self.live.add(other.live)
        self.draft.add(other.draft)
        for code, found in other.differences.items():
            self.differences.setdefault(code, Differences()).add(found)
        self.uncovered.add(other.uncovered)
        self.newly_covered.add(other.newly_covered)
        _add(self.tiers, other.tiers)


def _add(to: dict[Any, int], more: Mapping[Any, int]) -> None:
    for key, value in more.items():
        to[key] = to.get(key, 0) + value
