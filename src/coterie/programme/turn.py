"""A decision on its way through the steps that follow an event.

After an event's own effects, and at every due moment, the steps of the programme's sections act in
their fixed order: tiers look at metrics, milestones at both, and so on. They act again while one of
them changed something, a bounded number of times; a step that finds nothing new does nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from coterie.programme.conditions import Compiled, Scene, Situation, compile_condition
from coterie.programme.giving import issue

if TYPE_CHECKING:
    from coterie.events import Happening
    from coterie.ledger import Book
    from coterie.programme.compile import CompiledProgramme, Programmes
    from coterie.programme.model import Condition, Programme
    from coterie.programme.standing import Decision, Standing

ROUNDS_MAX = 5


class Ask(NamedTuple):
    """A condition that a step wants tested on the member as before an event of the kind ``on``.

    Those that held are in the decision's ``asked`` by ``name``.
    """

    name: str
    on: str
    when: Compiled

    @classmethod
    def of(cls, name: str, on: str, condition: Condition | None, programme: Programme) -> Ask:
        """Compile a condition; None always holds."""
        compiled = Compiled() if condition is None else compile_condition(condition, programme)
        return cls(name, on, compiled)

    def holds(self, scene: Scene, situation: Situation) -> bool:
        """Tell whether it holds."""
        when = self.when
        return (when.static is None or when.static(scene)) and (
            when.dynamic is None or when.dynamic(situation)
        )


class Turn:
    """One event or due moment, as a step sees it.

    ``label`` is ``order``, ``activity:CODE``, ``due`` or another kind of event; ``day`` the
    business day it belongs to; ``standing`` the member as it is by now, with the event; ``cp`` the
    version of its moment, one of ``programmes``.
    """

    __slots__ = (
        "at_us",
        "book",
        "cp",
        "day",
        "decision",
        "happening",
        "label",
        "programmes",
        "seq",
        "standing",
    )

    def __init__(
        self,
        programmes: Programmes,
        cp: CompiledProgramme,
        standing: Standing,
        happening: Happening,
        book: Book,
        decision: Decision,
        label: str,
    ) -> None:
        """Put together."""
        self.programmes = programmes
        self.cp = cp
        self.standing = standing
        self.happening = happening
        self.book = book
        self.decision = decision
        self.label = label
        self.at_us = happening.at_us
        self.day = happening.day
        self.seq = happening.seq

    def metric(self, code: str) -> int:
        """Return a metric's value with everything that is counted by now."""
        return self.cp.metric_value(self.standing, code, self.day)

    def mark(self, code: str, bucket: int = 0) -> int:
        """Return a number that a step keeps about the member; 0 where there is none."""
        return self.standing.counters.get(code, {}).get(bucket, 0)

    def set_mark(self, code: str, value: int, bucket: int = 0) -> None:
        """Keep a number about the member: a namespaced code such as ``milestone:ten_nights``."""
        self.standing.counters.setdefault(code, {})[bucket] = value
        self.standing.counters_changed = True

    def clear_marks(self, code: str) -> None:
        """Forget what is kept about the member under a code, in all buckets."""
        if self.standing.counters.pop(code, None) is not None:
            self.standing.counters_changed = True

    @property
    def today(self) -> int:
        """The local day on which this is decided, also where the event is of an earlier one."""
        return self.cp.zone.day(self.happening.as_of_us)

    def due_at(self, at_us: int) -> None:
        """Ask for a due moment; the step's ``next_due`` must name it too."""
        member = self.standing.member
        if member.next_due_us is None or at_us < member.next_due_us:
            member.next_due_us = at_us

    def issue(self, currency: str, units: int, reason: str, code: str) -> None:
        """Give units for the promise ``code``: a debt first, the rest as a lot of its own."""
        issue(
            self.book,
            self.cp,
            self.standing,
            currency,
            units,
            reason,
            code,
            self.seq,
            self.day,
        )


class Step(ABC):
    """What the entries of one section do in decisions.

    ``needs_complete``: it may spend units after any event, so that all lots must be there.
    ``asks``: what is to be tested before an event changes anything.
    """

    needs_complete: bool = False
    asks: tuple[Ask, ...] = ()

    @abstractmethod
    def after(self, turn: Turn) -> bool:
        """Act on what happened; True when something changed that other steps may look at."""

    def brought(self, turn: Turn) -> None:
        """Take as done what another system did for what an opening of metrics brings."""
        del turn

    def due(self, turn: Turn) -> None:
        """Act on what fell due by ``turn.at_us``."""
        del turn

    def next_due(self, standing: Standing) -> int | None:
        """Return the earliest moment at which this step wants to act, from the standing alone."""
        del standing
        return None


def follow(turn: Turn, *, due: bool = False) -> None:
    """Let the steps act, in their order, until none changes anything."""
    steps = turn.cp.steps
    if due:
        for step in steps:
            step.due(turn)
        if not (turn.book.movements or turn.decision.holds or turn.decision.noted):
            # A moment at which nothing fell due is no event: it must change nothing.
            return
    if turn.label == "opening_metrics":
        for step in steps:
            step.brought(turn)
    for _ in range(ROUNDS_MAX):
        # Not any(): every step has its say in every round.
        changed = [step.after(turn) for step in steps]
        if not any(changed):
            return
