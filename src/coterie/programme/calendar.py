"""Dates a programme promises: when units lapse or are released, which bucket a day is in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec.structs import replace

from coterie.kernel.time import Zone, add_months, month_end, month_of
from coterie.metrics import Grain
from coterie.programme.model import Expiry, ExpiryModel

_DAYS_PER_BUCKET = {
    Grain.DAY: 1,
    Grain.WEEK: 7,
    Grain.MONTH: 28,
    Grain.QUARTER: 90,
    Grain.YEAR: 365,
    Grain.ALL: 1,
}


def buckets_kept(grain: Grain, length: int, slack_days: int) -> int:
    """Return how many buckets stay: the window, and as far back as a late event may reach."""
    return length + slack_days // _DAYS_PER_BUCKET[grain] + 1


def _round_end(day: int, round_to: str) -> int:
    month = month_of(day)
    if round_to == "month":
        return month_end(month)
    if round_to == "quarter":
        return month_end(month // 3 * 3 + 2)
    if round_to == "year":
        return month_end(month // 12 * 12 + 11)
    return day


def _month_day(year: int, month: int, day: int) -> int:
    # 29 February is 28 February in other years.
    last = month_end(year * 12 + month - 1)
    first = date(year, month, 1).toordinal()
    return min(first + day - 1, last)


def last_valid_day(expiry: Expiry, earned_day: int) -> int | None:
    """Return the last day on which units earned on a day are valid, None if for ever."""
    if expiry.model is ExpiryModel.FIXED:
        day = add_months(earned_day, expiry.months) + expiry.days
        return _round_end(day, expiry.round_to)
    if expiry.model is ExpiryModel.CALENDAR:
        earliest = add_months(earned_day, expiry.min_months)
        year = date.fromordinal(earliest).year
        return min(
            day
            for at in (year, year + 1)
            for month, of_month in expiry.dates
            if (day := _month_day(at, month, of_month)) >= earliest
        )
    return None


def expiry_for(expiry: Expiry, attributes: Mapping[str, Any]) -> Expiry:
    """Return the expiry that holds for a member with these attributes (and tiers)."""
    decides = expiry.decides
    if decides is None:
        return expiry
    value = attributes.get(decides)
    if value not in expiry.months_by:
        return expiry
    months = expiry.months_by[value]
    return Expiry() if months is None else replace(expiry, months=months)


def inactive_from_us(expiry: Expiry, zone: Zone, day: int) -> int:
    """Return the first instant after the last valid day of somebody active on ``day``."""
    return zone.day_start_us(add_months(day, expiry.months) + expiry.days + 1)
