"""What people decide about a member's tier: granting, matching, pinning, pausing, correcting."""

from __future__ import annotations

from coterie.kernel.time import format_day
from coterie.tiers.errors import BadStatusChange, StatusUnchanged
from coterie.tiers.model import Evidence, Reason
from coterie.tiers.walking.walk import Walk

_TOLD = {
    "grant": Reason.GRANTED,
    "match": Reason.MATCHED,
    "lifetime": Reason.LIFETIME,
    "pin": Reason.PINNED,
    "unpin": Reason.UNPINNED,
    "pause": Reason.PAUSED,
    "resume": Reason.RESUMED,
    "correct": Reason.CORRECTED,
    "select": Reason.SELECTED,
    "leave": Reason.LEFT,
}
_NEEDS_TIER = frozenset({"grant", "match", "lifetime", "correct"})
_NEEDS_END = frozenset({"grant", "match"})
_TAKES_END = _NEEDS_END | {"correct"}


def command(
    walk: Walk,
    action: str,
    tier: str | None,
    until_day: int | None,
    note: str,
    *,
    since_day: int | None = None,
) -> None:
    """Do what a person decided; ``note`` is why. Raises before anything changes.

    ``since_day`` is when a corrected tier was earned: what comes after its period may renew it.
    """
    course = walk.course
    if since_day is not None and action != "correct":
        raise BadStatusChange(f"{action!r} takes no first day.", where="since")
    _check_parts(walk, action, tier, until_day)
    _check_standing(walk, action)
    if action in {"grant", "match"}:
        course.granted, course.granted_until = tier, until_day
        course.matched = action == "match"
    elif action == "lifetime":
        course.lifetime = tier
    elif action == "pin":
        course.pinned = tier or walk.policy.tiers[max(walk.effective()[0], 0)]
    elif action == "unpin":
        course.pinned = None
    elif action == "pause":
        course.paused_day = walk.today
    elif action == "resume":
        _resume(walk)
    elif action == "correct":
        assert tier is not None
        _correct(walk, tier, until_day, walk.today if since_day is None else since_day)
    else:
        course.active = action == "select"
    walk.settle(_TOLD[action], Evidence(walk.today, note=note), said=True)
    if since_day is not None:
        walk.standing.since_day = since_day


def _check_parts(walk: Walk, action: str, tier: str | None, until_day: int | None) -> None:
    if action in _NEEDS_TIER and tier is None:
        raise BadStatusChange(f"{action!r} needs a tier.", where="tier")
    if action not in _NEEDS_TIER | {"pin"} and tier is not None:
        raise BadStatusChange(f"{action!r} takes no tier.", where="tier")
    if action in _NEEDS_END and until_day is None:
        raise BadStatusChange(f"{action!r} needs a last day.", where="until")
    if action not in _TAKES_END and until_day is not None:
        raise BadStatusChange(f"{action!r} takes no last day.", where="until")
    if until_day is not None and until_day < walk.today:
        raise BadStatusChange(f"{format_day(until_day)} has passed.", where="until")


def _check_standing(walk: Walk, action: str) -> None:
    course = walk.course
    if action == "unpin" and course.pinned is None:
        raise StatusUnchanged("Nothing is pinned.", where="action")
    if action == "pause" and course.paused_day is not None:
        raise StatusUnchanged("It is paused already.", where="action")
    if action == "resume" and course.paused_day is None:
        raise StatusUnchanged("It is not paused.", where="action")
    if action == "select" and course.active:
        raise StatusUnchanged("The member is on this ladder already.", where="action")


def _resume(walk: Walk) -> None:
    """Give back the days of the pause to everything that would have ended."""
    course = walk.course
    assert course.paused_day is not None
    days = walk.today - course.paused_day
    course.paused_day = None
    for name in ("earned_until", "granted_until", "grace_day"):
        if (day := getattr(course, name)) is not None:
            setattr(course, name, day + days)
    if course.review_day is not None and course.review_day <= walk.today:
        walk.next_period(walk.today)


def _correct(walk: Walk, tier: str, until_day: int | None, since_day: int) -> None:
    course, rank = walk.course, walk.rank_of(tier)
    # What was met before the correction must not lift the member again at the next event.
    course.barred = rank < walk.earned
    course.earned = tier
    course.gained_day = since_day
    course.grace_day = course.fallen = course.rose_from = None
    course.earned_until = (until_day or walk.through(since_day)) if rank else None
