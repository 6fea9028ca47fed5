"""What settlements do: they wait for the ends of periods, pay once, and correct the next time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from coterie.programme.sections.periods import over_us, period_of
from coterie.programme.turn import Step, Turn

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.sections.settlements import Settlement
    from coterie.programme.standing import Standing


class SettlementStep(Step):
    """Pays what a period was worth when it is over, and later differences with the next one.

    Marks: ``settlement_due:CODE`` the moments waited for by period, ``settled:CODE`` the value a
    period was settled on, ``settled_base:CODE`` the one it was compared with, ``paid:CODE`` what it
    got, ``overpaid:CODE`` what is still to be taken off. A period is corrected as long as its
    metrics remember it.
    """

    def __init__(self, settlements: Sequence[Settlement], cp: CompiledProgramme) -> None:
        """Make ready."""
        keeps = (min(cp.metrics[code].period.keep for code in s.metrics) for s in settlements)
        self._settlements = list(zip(settlements, keeps, strict=True))

    def after(self, turn: Turn) -> bool:
        """Wait for the end of every period in which there is something to pay or to correct."""
        if not turn.cp.states[turn.standing.member.state].earn:
            return False
        for entry, keep in self._settlements:
            for period, found in _values(turn.standing, entry, keep):
                if found != _settled(turn.standing, entry, period):
                    _wait(entry, period, turn)
        return False

    def due(self, turn: Turn) -> None:
        """Settle everything that is over by now."""
        may = turn.cp.states[turn.standing.member.state].earn
        for entry, keep in self._settlements:
            waits = turn.standing.counters.get(_due(entry), {})
            over = [period for period, at_us in waits.items() if at_us <= turn.at_us]
            if not over:
                continue
            for period in over:
                del waits[period]
            if not waits:
                turn.clear_marks(_due(entry))
            turn.decision.noted = True
            turn.standing.counters_changed = True
            if may:
                _settle(entry, keep, turn)

    def next_due(self, standing: Standing) -> int | None:
        """Return the earliest end of a period that the member waits for."""
        moments = [
            at_us
            for entry, _ in self._settlements
            for at_us in standing.counters.get(_due(entry), {}).values()
        ]
        return min(moments, default=None)


def _enrolled_day(turn: Turn) -> int:
    return turn.cp.zone.day(turn.standing.member.enrolled_us)


def _over_us(entry: Settlement, period: int, turn: Turn) -> int:
    return over_us(turn.cp.zone, entry.every, period, entry.days, _enrolled_day(turn))


def _due(entry: Settlement) -> str:
    return f"settlement_due:{entry.code}"


Value = tuple[int, int]
"""What was counted in a period, and in the one that it is compared with (0 without growth)."""


def _values(standing: Standing, entry: Settlement, keep: int) -> Iterator[tuple[int, Value]]:
    """Yield the periods that every metric still remembers, with the highest of their values.

    Of growth, those whose period of the year before is remembered, too.
    """
    shift = entry.shift
    counted = [standing.counters.get(code, {}) for code in entry.metrics]
    newest = max((max(buckets) for buckets in counted if buckets), default=0)
    for period in sorted({period for buckets in counted for period in buckets}):
        if period > newest - (keep - shift):
            value = max(buckets.get(period, 0) for buckets in counted)
            yield period, (value, counted[0].get(period - shift, 0) if shift else 0)


def _settled(standing: Standing, entry: Settlement, period: int) -> Value:
    value, base = (
        standing.counters.get(f"{mark}:{entry.code}", {}).get(period, 0)
        for mark in ("settled", "settled_base")
    )
    return value, base


def _wait(entry: Settlement, period: int, turn: Turn) -> None:
    """Wait for a period's own end; if that is past, for the end of the present one."""
    at_us = _over_us(entry, period, turn)
    if at_us <= turn.happening.as_of_us:
        period = period_of(entry.every, turn.today, _enrolled_day(turn))
        at_us = _over_us(entry, period, turn)
    if not turn.mark(_due(entry), period):
        turn.set_mark(_due(entry), at_us, period)
        turn.due_at(at_us)


def _settle(entry: Settlement, keep: int, turn: Turn) -> None:
    """Pay what is new of all periods that are over; what was paid too much is taken off first."""
    total = -turn.mark(f"overpaid:{entry.code}")
    remembered = dict(_values(turn.standing, entry, keep))
    for mark in ("settled", "settled_base", "paid"):
        kept = turn.standing.counters.get(f"{mark}:{entry.code}", {})
        for period in [period for period in kept if period not in remembered]:
            del kept[period]
    for period, (value, base) in remembered.items():
        before = _settled(turn.standing, entry, period)
        if (value, base) == before or _over_us(entry, period, turn) > turn.at_us:
            continue
        # By today's bands both times: a change of bands alone moves nothing of what is settled.
        paid = turn.mark(f"paid:{entry.code}", period)
        change = max(entry.units_for(value, base) - entry.units_for(*before), -paid)
        turn.set_mark(f"settled:{entry.code}", value, period)
        if entry.shift:
            turn.set_mark(f"settled_base:{entry.code}", base, period)
        turn.set_mark(f"paid:{entry.code}", paid + change, period)
        total += change
    if total > 0:
        turn.issue(entry.currency, total, "settle", entry.code)
    if total < 0 or turn.mark(f"overpaid:{entry.code}"):
        turn.set_mark(f"overpaid:{entry.code}", max(-total, 0))
