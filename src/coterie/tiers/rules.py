"""When periods and validities end, how a standing begins, and what a ladder asks of thresholds.

Pure; how members move is in :mod:`coterie.tiers.walking`. Ranks count from 0, the base, which
everybody has.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from coterie.kernel.time import add_months, month_end, month_of, month_start
from coterie.tiers.model import Course, Evidence, Policy, Review, TierStanding, Validity

_ENDS = {"month": 1, "month_end": 1, "quarter_end": 3, "year_end": 12}


class Judge(Protocol):
    """What the thresholds of a ladder say about one member; tests are asked per day."""

    @property
    def enrolled_day(self) -> int:
        """The local day on which the member enrolled."""
        ...

    def holds(self, test: str, rank: int, day: int) -> bool:
        """Tell whether ``reach``, ``keep``, ``lifetime`` or ``challenge`` of a tier is met."""
        ...

    def surplus(self, test: str, rank: int, day: int) -> dict[str, int]:
        """Return what lies above a tier's thresholds in the metrics that roll over."""
        ...

    def ahead(self, rank: int) -> dict[str, int]:
        """Return what a period of a tier begins with."""
        ...

    def evidence(self, test: str, rank: int, day: int, *, met: bool) -> Evidence:
        """Return what a test looked at."""
        ...


# ----------------------------------------------------------------------------------------- days


def next_review(review: Review, day: int, enrolled_day: int) -> int | None:
    """Return the first day after ``day`` on which a new period begins; None: there are none."""
    if review.at == "never":
        return None
    if review.at in _ENDS:
        width = _ENDS[review.at]
        return month_start((month_of(day) // width + 1) * width)
    if review.at == "year_from":
        begun = period_start(review, day, enrolled_day)
        return _begins(review, date.fromordinal(begun).year + 1)
    step = review.months
    passed = max((month_of(day) - month_of(enrolled_day)) // step, 0)
    for turn in (passed, passed + 1, passed + 2):
        if (begins := add_months(enrolled_day, turn * step)) > day:
            return begins
    raise AssertionError("one of three months after each other is later")


def period_start(review: Review, day: int, enrolled_day: int) -> int:
    """Return the first day of the period that ``day`` lies in; 0 where there are no periods."""
    if review.at == "never":
        return 0
    if review.at in _ENDS:
        width = _ENDS[review.at]
        return month_start(month_of(day) // width * width)
    if review.at == "year_from":
        year = date.fromordinal(day).year
        begins = _begins(review, year)
        return begins if begins <= day else _begins(review, year - 1)
    step = review.months
    passed = max((month_of(day) - month_of(enrolled_day)) // step, 0)
    for turn in (passed, passed - 1):
        if turn >= 0 and (begins := add_months(enrolled_day, turn * step)) <= day:
            return begins
    return enrolled_day


def _begins(review: Review, year: int) -> int:
    return date(year, *review.year_from).toordinal()


def valid_through(policy: Policy, gained_day: int, today: int, enrolled_day: int) -> int | None:
    """Return the last day on which a tier met on ``gained_day`` is valid; None: without end."""
    valid = policy.valid
    if valid is None:
        ends = next_review(policy.review, today, enrolled_day)
        return None if ends is None else ends - 1
    if valid.until is None:
        return _rounded(valid, add_months(gained_day, valid.months))
    began = period_start(policy.review, gained_day, enrolled_day) or gained_day
    year = date.fromordinal(began).year + valid.years_after
    month, of_month = valid.until
    index = year * 12 + month - 1
    return min(month_start(index) + of_month - 1, month_end(index))


def _rounded(valid: Validity, day: int) -> int:
    if valid.to == "day":
        return day
    width = _ENDS[valid.to]
    return month_end(month_of(day) // width * width + width - 1)


# ---------------------------------------------------------------------------------- one ladder


def begin(
    policy: Policy, today: int, enrolled_day: int, version: int, *, active: bool = True
) -> TierStanding:
    """Return the standing of somebody to whom nothing has happened on this ladder.

    Not ``active``: it is one of several to choose from, and not chosen.
    """
    base = policy.tiers[0]
    course = Course(
        base,
        active=active,
        gained_day=today,
        period_day=period_start(policy.review, today, enrolled_day),
        review_day=next_review(policy.review, today, enrolled_day),
    )
    return TierStanding(base if active else None, today, None, None, "", version, 0, course)


def reviewed(policy: Policy, course: Course) -> bool:
    """Tell whether the end of a period means anything to the member."""
    if policy.fresh or policy.promote == "at_review" or course.earned != policy.tiers[0]:
        return True
    above = course.granted or course.lifetime or course.pinned
    return above is not None or bool(course.carried)


def due_day(policy: Policy, course: Course) -> int | None:
    """Return the first day on which the ladder has something to judge by itself."""
    if not course.active or course.paused_day is not None:
        return None
    days = []
    if course.review_day is not None and reviewed(policy, course):
        days.append(course.review_day)
    if course.grace_day is not None:
        days.append(course.grace_day + 1)
    elif course.earned_until is not None:
        days.append(course.earned_until + 1)
    if course.granted_until is not None:
        days.append(course.granted_until + 1)
    return min(days, default=None)
