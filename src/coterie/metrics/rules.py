"""Adding to buckets and summing them over a window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import lru_cache

from coterie.kernel.time import month_of

Counters = dict[str, dict[int, int]]
"""Per counter, per bucket, a value. A bucket is a day ordinal, a month index, a year or 0."""


class Grain(StrEnum):
    """How wide a bucket is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


def _week(day: int) -> int:
    # Ordinal 1 was a Monday, so whole weeks count from there.
    return (day - 1) // 7


@lru_cache(maxsize=65_536)
def _year(day: int) -> int:
    return date.fromordinal(day).year


_BUCKETS: dict[Grain, Callable[[int], int]] = {
    Grain.DAY: lambda day: day,
    Grain.WEEK: _week,
    Grain.MONTH: month_of,
    Grain.QUARTER: lambda day: month_of(day) // 3,
    Grain.YEAR: _year,
    Grain.ALL: lambda _day: 0,
}


def bucket_of(grain: Grain) -> Callable[[int], int]:
    """Return the function from a day to its bucket."""
    return _BUCKETS[grain]


def total(counters: Counters, code: str, bucket: int, length: int) -> int:
    """Return the sum of the ``length`` buckets that end with ``bucket``."""
    buckets = counters.get(code)
    if not buckets:
        return 0
    if length == 1:
        return buckets.get(bucket, 0)
    first = bucket - length
    return sum([value for at, value in buckets.items() if first < at <= bucket])


def peak(counters: Counters, code: str, bucket: int, length: int) -> int:
    """Return the largest sum of ``length`` buckets in a row of which ``bucket`` is one.

    That is :func:`total` unless something later was counted before: a bound on every window must
    hold for the windows that end after a late event, too.
    """
    buckets = counters.get(code)
    if not buckets:
        return 0
    if length == 1:
        return buckets.get(bucket, 0)
    newest = max(buckets)
    if newest <= bucket:
        return total(counters, code, bucket, length)
    last = min(bucket + length - 1, newest)
    return max(total(counters, code, end, length) for end in range(bucket, last + 1))


def add(counters: Counters, code: str, bucket: int, value: int, keep: int) -> None:
    """Add ``value`` to a bucket; opening one drops those ``keep`` or more older than the newest.

    A bucket that falls to zero or below stays at zero: a return cannot make a count negative.
    """
    buckets = counters.get(code)
    if buckets is None:
        buckets = counters[code] = {}
    if bucket in buckets:
        buckets[bucket] = max(buckets[bucket] + value, 0)
        return
    if value <= 0:
        return
    buckets[bucket] = value
    if len(buckets) > 1:
        oldest = max(buckets) - keep
        for at in [at for at in buckets if at <= oldest]:
            del buckets[at]
