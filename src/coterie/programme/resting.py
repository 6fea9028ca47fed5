"""Rules that count only what the caps of other rules left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coterie.programme.effects import Act
from coterie.programme.rating import BasisLines, basis_lines, cut_basis

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, CompiledRule
    from coterie.programme.earning import Situation
    from coterie.programme.standing import Grant


def _sum(lines: BasisLines) -> int:
    return sum([amount for _, amount in lines])


def rest_act(cp: CompiledProgramme, rule: CompiledRule, others: Sequence[CompiledRule]) -> Act:
    """Return what a rule gives for what is left of the basis that ``others`` counted.

    A rule whose conditions do not hold leaves nothing over: it counted nothing.
    """

    def act(
        given: Mapping[int, Grant], masks: Sequence[int], situation: Situation
    ) -> tuple[int, BasisLines]:
        left: dict[int, int] = {}
        for other in others:
            if _applies(cp, other, situation):
                for index, amount in _left_over(cp, other, given, masks, situation):
                    left[index] = min(left.get(index, amount), amount)
        lines = [(index, amount) for index, amount in left.items() if amount]
        if rule.line is not None:
            lines = [pair for pair in lines if pair[0] >= 0 and masks[pair[0]] & rule.bit]
        return (rule.rate(lines, _sum(lines), situation) if lines else 0), lines

    return act


def _applies(cp: CompiledProgramme, rule: CompiledRule, situation: Situation) -> bool:
    return rule in cp.candidates("order", situation.scene) and (
        rule.dynamic is None or rule.dynamic(situation)
    )


def _left_over(
    cp: CompiledProgramme,
    rule: CompiledRule,
    given: Mapping[int, Grant],
    masks: Sequence[int],
    situation: Situation,
) -> BasisLines:
    """Return what a rule would have counted, less what its grant stands on."""
    assert situation.order is not None
    lines = basis_lines(cp.bases[rule.basis], situation.order)
    if rule.line is not None:
        lines = [pair for pair in lines if pair[0] >= 0 and masks[pair[0]] & rule.bit]
    grant = given.get(rule.index)
    if grant is None:
        return lines
    kept = dict(grant.lines)
    full = rule.rate(grant.lines, _sum(grant.lines), situation)
    if grant.units < full:
        # Where units were cut, the first lines are those that were paid for, as in any cut.
        kept = dict(cut_basis(grant.lines, _sum(grant.lines) * grant.units // full))
    return [(index, amount - kept.get(index, 0)) for index, amount in lines]
