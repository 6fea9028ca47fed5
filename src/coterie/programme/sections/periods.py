"""Periods at whose end something is done: which one a day is in, and when it is over."""

from __future__ import annotations

from datetime import date

from coterie.kernel.time import Zone, add_months, month_end
from coterie.metrics import Grain, bucket_of
from coterie.programme.windows.anniversary import years_since

PERIODS = ("month", "quarter", "year")
"""Those that are the same for everybody and long enough to be waited for."""
SETTLED = ("day", "week", *PERIODS, "anniversary")
"""Those that can be settled: each is also a window of metrics."""

WORDS = {
    "day": ("每日结束后", "at the end of every day"),
    "week": ("每周末", "at the end of every week"),
    "month": ("每月末", "at the end of every month"),
    "quarter": ("每季度末", "at the end of every quarter"),
    "year": ("每年末", "at the end of every year"),
    "anniversary": ("每个会籍年结束时", "at the end of every year of membership"),
}
YEARLY = {"month": 12, "quarter": 4, "year": 1}
"""How many periods before one lies the same of the year before."""
DAYS_LEAST = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365, "anniversary": 365}
"""How many days a period has at least."""


def period_of(kind: str, day: int, enrolled_day: int) -> int:
    """Return the period a day is in; the same number as the bucket of a metric over it."""
    if kind == "anniversary":
        return years_since(day, enrolled_day)
    return bucket_of(Grain(kind))(day)


def last_day(kind: str, period: int, enrolled_day: int) -> int:
    """Return the last day of a period."""
    if kind == "day":
        return period
    if kind == "week":
        return period * 7 + 7
    if kind == "month":
        return month_end(period)
    if kind == "quarter":
        return month_end(period * 3 + 2)
    if kind == "anniversary":
        return add_months(enrolled_day, 12 * (period + 1)) - 1
    return date(period, 12, 31).toordinal()


def over_us(zone: Zone, kind: str, period: int, days: int, enrolled_day: int) -> int:
    """Return the first instant at which a period, and ``days`` more days, are over."""
    return zone.day_start_us(last_day(kind, period, enrolled_day) + 1 + days)
