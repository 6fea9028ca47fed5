"""The calendar period of the event's business day: day, week, month, quarter or year."""

from __future__ import annotations

from coterie.metrics import Grain, bucket_of
from coterie.programme.calendar import buckets_kept
from coterie.programme.model import Window
from coterie.programme.windows.kind import Period, WindowKind


class CalendarWindow(WindowKind):
    """One calendar period; weeks begin on Monday."""

    def __init__(self, grain: Grain, zh: str, en: str) -> None:
        """Name the grain and how it is said."""
        self.code = grain.value
        self.hint = grain.value
        self._grain = grain
        self._said = {"zh": zh, "en": en}

    def words(self, window: Window, lang: str) -> str:
        """Say ``a day`` and the like."""
        del window
        return self._said[lang]

    def period(self, window: Window, slack_days: int) -> Period:
        """Count one bucket."""
        del window
        return Period(bucket_of(self._grain), 1, buckets_kept(self._grain, 1, slack_days))


CALENDAR = (
    CalendarWindow(Grain.DAY, "每天", "a day"),
    CalendarWindow(Grain.WEEK, "每周", "a week"),
    CalendarWindow(Grain.MONTH, "每月", "a month"),
    CalendarWindow(Grain.QUARTER, "每季度", "a quarter"),
    CalendarWindow(Grain.YEAR, "每年", "a year"),
)
