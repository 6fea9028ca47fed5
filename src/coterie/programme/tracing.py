"""Why each rule applied to an event, or why not: one line a rule.

A trace is read off what was decided, before the counters move: the grants are the decision's own,
and only for rules that gave nothing is it asked again what stood in their way. So a trace cannot
disagree with the decision, and costs nothing where nobody wants one. It is never stored:
explaining decides again.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from coterie.events import Order
from coterie.programme.compile import CompiledProgramme, CompiledRule
from coterie.programme.conditions import unmet
from coterie.programme.earning import CapRoom, Situation, uncapped
from coterie.programme.model import Condition, Multiply, Rule
from coterie.programme.personal import taken_by
from coterie.programme.standing import Grant


class Verdict(StrEnum):
    """What became of a rule."""

    APPLIED = "applied"
    CUT = "cut"
    """Applied, but a cap had room for a part only."""
    OTHER_KIND = "other_kind"
    """The rule is about another kind of event."""
    STATE = "state"
    """A member in this state earns nothing."""
    DATES = "dates"
    """The event's day lies outside the rule's dates."""
    HELD_OUT = "held_out"
    """The member is in the comparison group of the rule's campaign."""
    CONDITION = "condition"
    LINES = "lines"
    """No line of the order is among those the rule counts."""
    BASE = "base"
    """A bonus on rules that gave nothing here."""
    FACTOR = "factor"
    """A bonus whose factor adds nothing for this member: the tier or attribute has none."""
    TOO_LITTLE = "too_little"
    """What it counts is too little for one unit."""
    CAP = "cap"
    """A cap has no room left."""


class TraceLine(Struct, frozen=True):
    """One rule's part in a decision.

    ``units`` is what it gave, ``uncapped`` what it would have given without caps. ``condition`` is
    the smallest part that does not hold, ``cap`` the one that cut.
    """

    rule: str
    verdict: Verdict
    currency: str
    units: int = 0
    uncapped: int = 0
    condition: Condition | None = None
    cap: str | None = None
    personal: tuple[tuple[str, int], ...] = ()
    """The member's own numbers it took: by parameter, in its last digit."""


class Trace:
    """Collects the lines of one decision; hand one to ``decide`` to have it filled."""

    def __init__(self) -> None:
        """Start empty; it stays so for events that no rule is about."""
        self.lines: list[TraceLine] = []


def trace_earning(
    cp: CompiledProgramme,
    on: str,
    situation: Situation,
    caps: CapRoom | None,
    grants: Sequence[Grant],
    order: Order | None,
) -> list[TraceLine]:
    """Return a line for every rule of the programme, in its order.

    ``on`` is ``order`` or ``activity:CODE``; ``caps`` is None for a member whose state earns
    nothing. The counters still stand as before the event.
    """
    given = {grant.rule: grant for grant in grants}
    if "parameters" in cp.programme.parts:
        return [
            replace(
                _line(cp, rule, on, situation, caps, given, order),
                personal=_personal(rule, cp, situation),
            )
            for rule in cp.programme.rules
        ]
    return [_line(cp, rule, on, situation, caps, given, order) for rule in cp.programme.rules]


def _line(
    cp: CompiledProgramme,
    rule: Rule,
    on: str,
    situation: Situation,
    caps: CapRoom | None,
    given: dict[str, Grant],
    order: Order | None,
) -> TraceLine:
    compiled = cp.by_code[rule.code]
    currency = compiled.currency

    def line(verdict: Verdict, **more: object) -> TraceLine:
        return TraceLine(rule.code, verdict, currency, **more)  # type: ignore[arg-type]

    if rule.on != on:
        return line(Verdict.OTHER_KIND)
    if caps is None:
        return line(Verdict.STATE)
    if not compiled.in_dates(situation.day):
        return line(Verdict.DATES)
    failing = unmet(rule.condition, cp.programme, situation)
    if failing is not None:
        return line(Verdict.CONDITION, condition=failing)
    if compiled.held_out_of is not None and situation.held_out(compiled.held_out_of):
        return line(Verdict.HELD_OUT)
    counts, free = uncapped(cp, compiled, situation, given, order)
    grant = given.get(rule.code)
    if grant is not None:
        if grant.units < free:
            return line(Verdict.CUT, units=grant.units, uncapped=free, cap=_cut_by(compiled, caps))
        return line(Verdict.APPLIED, units=grant.units, uncapped=free)
    if free > 0:
        return line(Verdict.CAP, uncapped=free, cap=_cut_by(compiled, caps))
    if counts:
        return line(Verdict.TOO_LITTLE)
    if isinstance(rule.effect, Multiply):
        based = any(code in given for code in rule.effect.rules)
        return line(Verdict.FACTOR if based else Verdict.BASE)
    return line(Verdict.LINES, condition=rule.lines)


def _personal(
    rule: Rule, cp: CompiledProgramme, situation: Situation
) -> tuple[tuple[str, int], ...]:
    known = cp.programme.parts["parameters"]
    return tuple((code, known[code].of(situation)) for code in taken_by(rule, cp.programme))


def _cut_by(rule: CompiledRule, caps: CapRoom) -> str | None:
    """Return the cap of a rule that has no room left; caps only ever fill during an event."""
    return caps.full(rule.caps)
