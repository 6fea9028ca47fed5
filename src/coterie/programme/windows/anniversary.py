"""The member's own years, counted from the day of enrolment."""

from __future__ import annotations

from coterie.kernel.time import add_months, month_of
from coterie.programme.model import Window
from coterie.programme.windows.kind import Period, WindowKind

_YEAR_DAYS = 365


def years_since(day: int, enrolled_day: int) -> int:
    """Return how many anniversaries there were by ``day``; -1 and less before the enrolment.

    Who enrolled on 29 February has the 28th as anniversary in other years.
    """
    years = (month_of(day) - month_of(enrolled_day)) // 12
    return years if add_months(enrolled_day, 12 * years) <= day else years - 1


class Anniversary(WindowKind):
    """A year that begins on the day of enrolment, and on every anniversary of it."""

    code = "anniversary"
    hint = "anniversary"

    def words(self, window: Window, lang: str) -> str:
        """Say ``a year of membership``."""
        del window
        return "每个会籍年" if lang == "zh" else "a year of membership"

    def period(self, window: Window, slack_days: int) -> Period:
        """Count one bucket, which depends on the member."""
        del window
        return Period(_unknown, 1, 2 + slack_days // _YEAR_DAYS, years_since)


def _unknown(day: int) -> int:
    raise TypeError(f"Which year of membership day {day} is in depends on the member.")
