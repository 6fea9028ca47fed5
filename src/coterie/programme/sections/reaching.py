"""What milestones do: they see what was reached, and wait for what the member chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.programme.sections.gifts import Gift, hand_over
from coterie.programme.sections.goals import NumberGoal
from coterie.programme.turn import Ask, Step, Turn

if TYPE_CHECKING:
    from coterie.kernel.time import Zone
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.sections.milestones import Milestone
    from coterie.programme.standing import Standing


def mark_of(code: str) -> str:
    """Return the mark that counts, by window, how often a milestone was reached."""
    return f"milestone:{code}"


def choice_of(code: str) -> str:
    """Return the mark that counts what is to be chosen, by the last day for it."""
    return f"choice:{code}"


def closes_us(zone: Zone, last_day: int) -> int:
    """Return the moment at which a choice is made for the member."""
    return zone.day_start_us(last_day + 1)


_NONE: dict[int, int] = {}


class MilestoneStep(Step):
    """Gives what was reached since; what a return takes out of the metric stays given."""

    def __init__(self, milestones: Sequence[Milestone], cp: CompiledProgramme) -> None:
        """Make ready."""
        self._milestones = tuple(milestones)
        self._marks = [mark_of(m.code) for m in milestones]
        self._zone = cp.zone
        self.asks = tuple(
            Ask.of(mark_of(m.code), cp.metrics[m.goal.metric].on, m.when, cp.programme)
            for m in milestones
            if m.when is not None and isinstance(m.goal, NumberGoal)
        )

    def after(self, turn: Turn) -> bool:
        """Look at every number and tier that a milestone is about."""
        if not turn.cp.states[turn.standing.member.state].earn:
            return False
        changed = False
        for entry, mark in zip(self._milestones, self._marks, strict=True):
            marked = turn.standing.counters.get(mark, _NONE)
            bucket, reached = entry.goal.reached(turn, marked)
            times = reached - marked.get(bucket, 0)
            if times <= 0 or (entry.when is not None and mark not in turn.decision.asked):
                continue
            if any(not turn.standing.counters.get(mark_of(code)) for code in entry.after):
                continue
            turn.set_mark(mark, reached, bucket)
            changed = True
            if turn.label != "opening_metrics":
                _give(entry, times, turn)
        return changed

    def brought(self, turn: Turn) -> None:
        """Take what was reached elsewhere as given there."""
        for entry in self._milestones:
            mark = mark_of(entry.code)
            marked = turn.standing.counters.get(mark, _NONE)
            bucket, reached = entry.goal.reached(turn, marked)
            if reached > marked.get(bucket, 0):
                turn.set_mark(mark, reached, bucket)

    def due(self, turn: Turn) -> None:
        """Give what is given to who has not chosen."""
        may = turn.cp.states[turn.standing.member.state].earn
        for entry in self._milestones:
            waits = turn.standing.counters.get(choice_of(entry.code), {})
            for day in [day for day in waits if closes_us(self._zone, day) <= turn.at_us]:
                times = waits.pop(day)
                turn.decision.noted = True
                turn.standing.counters_changed = True
                if may and entry.otherwise is not None:
                    _hand(entry.options[entry.otherwise], times, turn, entry.code)
            if not waits:
                turn.clear_marks(choice_of(entry.code))

    def next_due(self, standing: Standing) -> int | None:
        """Return the earliest moment at which a choice closes."""
        days = [
            day
            for entry in self._milestones
            for day in standing.counters.get(choice_of(entry.code), ())
        ]
        return closes_us(self._zone, min(days)) if days else None


def _give(entry: Milestone, times: int, turn: Turn) -> None:
    if entry.gift is not None:
        _hand(entry.gift, times, turn, entry.code)
        return
    last = turn.today + entry.days
    mark = choice_of(entry.code)
    turn.set_mark(mark, turn.mark(mark, last) + times, last)
    turn.due_at(closes_us(turn.cp.zone, last))


def _hand(gift: Gift, times: int, turn: Turn, code: str) -> None:
    place = (turn.seq, turn.day)
    hand_over(gift, times, turn.book, turn.cp, turn.standing, place, "milestone", code)
