"""Random histories as plain lists, to be told to several members and compared."""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.time import from_datetime
from coterie.programme.standing import Decision
from tests.ledger.driver import Drive
from tests.ledger.machine import STARTS


@dataclass(frozen=True)
class Step:
    """After ``hours``, an event that occurred ``late_hours`` before."""

    hours: int
    late_hours: int
    kind: type[ev.Event]
    parts: dict[str, Any]


amounts = st.one_of(st.integers(0, 4000), st.sampled_from([0, 99, 100, 3000, 10000]))
order_lines = st.lists(
    st.builds(
        ev.OrderLine,
        amounts,
        quantity_milli=st.sampled_from([1000, 1000, 3000, 700, 2500]),
        tax_minor=st.integers(0, 50),
        tags=st.sampled_from([("x",), ("y",), ("x", "y"), ()]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
units = st.integers(1, 120)
_numbers = st.integers(0, 5)


def _kinds() -> st.SearchStrategy[tuple[type[ev.Event], dict[str, Any]]]:
    def of(kind: type[ev.Event], **parts: Any) -> Any:
        return st.tuples(st.just(kind), st.fixed_dictionaries(parts))

    points = st.just("points")
    holds = _numbers.map(lambda n: f"h{n}")
    orders = _numbers.map(lambda n: f"o{n}")
    bought = of(ev.Order, lines=order_lines, order_ref=orders)
    return st.one_of(
        bought,
        bought,
        of(ev.Spend, currency=points, units=units),
        of(ev.Hold, currency=points, units=units, hold_ref=holds),
        of(ev.Capture, hold_ref=holds, units=st.none() | st.integers(1, 30)),
        of(ev.Release, hold_ref=holds),
        of(ev.Return, order_ref=orders),
        of(ev.Adjustment, currency=points, units=st.integers(-80, 80), reason=st.just("so")),
        of(ev.Reversal, reverses_seq=st.integers(1, 12), reason=st.just("so")),
    )


@st.composite
def steps(draw: st.DrawFn) -> Step:
    kind, parts = draw(_kinds())
    hours = draw(st.sampled_from([0, 0, 1, 7, 24, 24 * 4, 24 * 31]))
    late = draw(st.sampled_from([0, 0, 0, 0, 1, 50]))
    return Step(hours, late, kind, parts)


histories = st.lists(steps(), min_size=1, max_size=25)
zones = st.sampled_from(sorted(STARTS))


@dataclass
class Clock:
    """Where a telling stands in time."""

    now: datetime

    @property
    def us(self) -> int:
        return from_datetime(self.now)


def take(drive: Drive, clock: Clock, step: Step) -> tuple[str, Decision | None]:
    """Tell one step; the code of its refusal, and the decision."""
    clock.now += timedelta(hours=step.hours, minutes=7)
    occurred = clock.now - timedelta(hours=step.late_hours)
    try:
        told = drive.send(step.kind, occurred.isoformat(), clock.now.isoformat(), **step.parts)
    except Refusal as refused:
        return refused.code, None
    return "", told


def tell(drive: Drive, clock: Clock, history: list[Step]) -> list[tuple[str, Decision | None]]:
    return [take(drive, clock, step) for step in history]


def state(drive: Drive, *, without_clock: bool = True) -> dict[str, Any]:
    """Everything that must not depend on punctuality."""
    found = drive.state()
    if without_clock:
        found["member"].clock_us = 0
        found["member"].next_due_us = 0
    return found


def twin(drive: Drive) -> Drive:
    """Another member with the same past."""
    other = Drive(drive.programmes)
    other.standing.complete = True
    for name, value in drive.state().items():
        setattr(other.standing, name, copy.deepcopy(value))
    other.keys = drive.keys
    return other
