"""What the end of a period, a validity, a grace or a grant does."""

from __future__ import annotations

from coterie.tiers.model import Reason
from coterie.tiers.rules import reviewed
from coterie.tiers.walking.walk import Walk


def let_pass(walk: Walk) -> None:
    """Judge what ended with the day before ``walk.today``."""
    course = walk.course
    if not course.active or course.paused_day is not None:
        return
    if course.granted_until is not None and course.granted_until < walk.today:
        _end_grant(walk)
    closes = course.review_day is not None and course.review_day <= walk.today
    if closes and reviewed(walk.policy, course):
        _close(walk)
    elif _over(walk):
        _judge_again(walk)


def _end_grant(walk: Walk) -> None:
    course = walk.course
    test = "challenge" if course.matched else "keep"
    rank = walk.rank_of(course.granted)
    evidence = walk.judge.evidence(test, rank, walk.today - 1, met=False)
    course.granted = course.granted_until = None
    course.matched = False
    walk.settle(Reason.GRANT_ENDED, evidence)


def _close(walk: Walk) -> None:
    """End a period: rise or stay, or fall where the validity is over; then carry over."""
    course, judge, last = walk.course, walk.judge, walk.today - 1
    walk.moved = True
    fit, kept = walk.highest("reach", last), walk.highest("keep", last)
    earned = walk.earned
    course.fallen = None
    if fit > earned and not course.barred:
        walk.gain(fit, last, Reason.REACHED, "reach")
    elif earned and walk.counts(course.period_day) and judge.holds("keep", earned, last):
        walk.gain(earned, last, Reason.KEPT, "keep")
    elif _over(walk):
        _lose(walk, None)
    level = walk.earned
    carried = judge.surplus("reach" if fit >= level else "keep", level, last) if level else {}
    for metric, value in judge.ahead(max(walk.effective()[0], 0)).items():
        carried[metric] = carried.get(metric, 0) + value
    course.carried_before, course.carried = course.carried, carried
    course.fit, course.kept = walk.policy.tiers[fit], walk.policy.tiers[kept]
    walk.next_period(walk.today)


def _over(walk: Walk) -> bool:
    """Tell whether the validity of what was earned is over, or the grace after it."""
    course = walk.course
    over = course.earned_until if course.grace_day is None else course.grace_day
    return walk.earned > 0 and over is not None and over < walk.today


def _judge_again(walk: Walk) -> None:
    """Judge a tier whose validity ended within a period: by that period and the closed one."""
    began, last = walk.course.period_day, walk.today - 1
    days = [last] if walk.counts(began) else []
    closed = began - 1 if began and walk.counts(walk.period(began - 1)) else None
    if closed is not None:
        days.append(closed)
    for day in days:
        if walk.judge.holds("keep", walk.earned, day):
            walk.gain(walk.earned, day, Reason.KEPT, "keep")
            return
    _lose(walk, closed)


def _lose(walk: Walk, closed: int | None) -> None:
    """Begin the grace, or let the member fall; ``closed`` ends the period that counts besides."""
    course, last = walk.course, walk.today - 1
    evidence = walk.judge.evidence("keep", walk.earned, last, met=False)
    if walk.policy.grace_days and course.grace_day is None and course.earned_until is not None:
        grace_day = course.earned_until + walk.policy.grace_days
        if grace_day >= walk.today:
            course.grace_day = grace_day
            walk.settle(Reason.GRACE, evidence)
            return
    rank = _target(walk, last, closed)
    course.fallen = course.earned
    course.earned = walk.policy.tiers[rank]
    # What comes after the period that was judged may prolong what is left.
    judged = last if closed is None else closed
    course.gained_day = judged
    course.grace_day = None
    course.earned_until = walk.through(judged) if rank else None
    walk.settle(Reason.DEMOTED, evidence)


def _target(walk: Walk, last: int, closed: int | None) -> int:
    """Return the tier a member falls to."""
    demote = walk.policy.demote
    if demote == "one":
        return walk.earned - 1
    if demote == "base":
        return 0
    test = "reach" if demote == "fit" else "keep"
    rank = walk.highest(test, last)
    if closed is not None:
        stored = walk.course.fit if demote == "fit" else walk.course.kept
        rank = max(rank, walk.rank_of(stored))
    return min(rank, walk.earned - 1)
