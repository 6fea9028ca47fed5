"""Calendar periods at whose end something is done: which one a day is in, and when it is over."""

from __future__ import annotations

from datetime import date

from coterie.kernel.time import Zone, month_end
from coterie.metrics import Grain, bucket_of

PERIODS = ("month", "quarter", "year")

WORDS = {
    "month": ("每月末", "at the end of every month"),
    "quarter": ("每季度末", "at the end of every quarter"),
    "year": ("每年末", "at the end of every year"),
}


def period_of(kind: str, day: int) -> int:
    """Return the period a day is in; the same number as the bucket of a metric over it."""
    return bucket_of(Grain(kind))(day)


def last_day(kind: str, period: int) -> int:
    """Return the last day of a period."""
    if kind == "month":
        return month_end(period)
    if kind == "quarter":
        return month_end(period * 3 + 2)
    return date(period, 12, 31).toordinal()


def over_us(zone: Zone, kind: str, period: int, days: int = 0) -> int:
    """Return the first instant at which a period, and ``days`` more days, are over."""
    return zone.day_start_us(last_day(kind, period) + 1 + days)
