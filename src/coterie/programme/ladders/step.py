"""What ladders do after every event and as time passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from coterie.programme.ladders.judging import CompiledLadder, MemberJudge
from coterie.programme.turn import Step, Turn
from coterie.tiers import Course, TierStanding, Walk, begin, due_day, let_pass

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Decision, Standing

_GONE = frozenset({"merged", "erased"})
_TAKES_BACK = frozenset({"return", "reversal"})


def first_standing(
    compiled: CompiledLadder, cp: CompiledProgramme, standing: Standing, today: int
) -> TierStanding:
    """Return where somebody begins to whom nothing has happened on a ladder."""
    enrolled = cp.zone.day(standing.member.enrolled_us)
    ladder = compiled.ladder
    begun = begin(compiled.policy, today, enrolled, cp.version, active=ladder.track is None)
    begun.course.carried = dict(compiled.ahead[0])
    return begun


def walk_of(
    compiled: CompiledLadder,
    cp: CompiledProgramme,
    standing: Standing,
    tier: TierStanding,
    today: int,
) -> Walk:
    """Return a member on a ladder, ready to move."""
    judge = MemberJudge(compiled, cp, standing, tier.course)
    return Walk(compiled.policy, judge, tier, cp.version, today)


def take(cp: CompiledProgramme, standing: Standing, decision: Decision, walk: Walk) -> bool:
    """Take over what a walk changed; True when it moved."""
    if not walk.moved:
        return False
    tier, code = walk.standing, walk.policy.ladder
    standing.tiers[code] = tier
    standing.tiers_changed = True
    day = due_day(walk.policy, tier.course)
    tier.due_us = None if day is None else cp.zone.day_start_us(day)
    member = standing.member
    if tier.due_us is not None and (member.next_due_us is None or tier.due_us < member.next_due_us):
        member.next_due_us = tier.due_us
    decision.tiers += walk.changes
    return True


_NOTHING = Course("")


def _stays(compiled: CompiledLadder, turn: Turn, today: int) -> bool:
    """Tell quickly that somebody on the lowest tier stays there: most events of most members."""
    policy = compiled.policy
    if policy.fresh or policy.promote == "at_review" or turn.day != today:
        return False
    judge = MemberJudge(compiled, turn.cp, turn.standing, _NOTHING)
    return not any(
        judge.holds(test, rank, today)
        for test in ("reach", "lifetime")
        for rank in range(1, len(policy.tiers))
    )


class LadderStep(Step):
    """The ladders of a programme."""

    def __init__(self, ladders: Iterable[CompiledLadder], cp: CompiledProgramme) -> None:
        """Take them in their order."""
        self._ladders = tuple(ladders)
        self._cp = cp

    def after(self, turn: Turn) -> bool:
        """Judge what the event changed; True when a tier changed."""
        standing, cp = turn.standing, self._cp
        if standing.member.state in _GONE:
            return False
        today = cp.zone.day(turn.happening.as_of_us)
        changed = False
        for compiled in self._ladders:
            policy = compiled.policy
            tier = standing.tiers.get(policy.ladder)
            new = tier is None
            if tier is None:
                if compiled.ladder.track is not None or _stays(compiled, turn, today):
                    continue
                tier = first_standing(compiled, cp, standing, today)
            walk = walk_of(compiled, cp, standing, tier, today)
            # Whoever has reviews has a place in them from the first event on.
            walk.moved = new and (policy.fresh or policy.promote == "at_review")
            walk.observe(turn.day, returned=turn.label in _TAKES_BACK)
            take(cp, standing, turn.decision, walk)
            if tier.due_us is not None:
                # Also for somebody who was gone for a while: nothing was due then.
                turn.due_at(tier.due_us)
            changed = changed or bool(walk.changes)
        return changed

    def due(self, turn: Turn) -> None:
        """Judge what ended."""
        standing, cp = turn.standing, self._cp
        if standing.member.state in _GONE:
            return
        for compiled in self._ladders:
            tier = standing.tiers.get(compiled.policy.ladder)
            if tier is None or tier.due_us is None or tier.due_us > turn.at_us:
                continue
            walk = walk_of(compiled, cp, standing, tier, turn.day)
            let_pass(walk)
            walk.moved = True
            take(cp, standing, turn.decision, walk)
            if walk.changes:
                turn.decision.noted = True

    def next_due(self, standing: Standing) -> int | None:
        """Return when a ladder next looks at the member by itself."""
        if standing.member.state in _GONE:
            return None
        moments = [
            tier.due_us
            for compiled in self._ladders
            if (tier := standing.tiers.get(compiled.policy.ladder)) is not None
            and tier.due_us is not None
        ]
        return min(moments, default=None)
