"""Instants as microseconds, days as ordinals, and the zone that joins them.

An *instant* is an ``int``: microseconds since 1970-01-01T00:00Z. A *day* is an ``int``: the
proleptic Gregorian ordinal of :meth:`datetime.date.toordinal`. Integers compare, add and index
faster than objects, and the hot path does a lot of all three.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coterie.kernel.errors import Malformed

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
EPOCH_DAY = date(1970, 1, 1).toordinal()

# A zone changes its offset on a quarter of an hour, so one quarter has one offset, or is looked
# up exactly when its two ends differ.
_CHUNK_US = 15 * MINUTE_US
_CACHE_MAX = 200_000

_MIN_US = -62_135_596_800 * SECOND_US
_MAX_US = 253_402_300_799 * SECOND_US
_FRACTION = re.compile(r"([.,]\d{1,9})")


def parse_instant(text: str, *, where: str = "") -> tuple[int, int]:
    """Read an RFC 3339 moment and return (instant, offset in minutes).

    A moment without an offset names no instant and is refused: guessing a zone would move sales
    between days.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(
            f"{text!r} is not a date and time such as 2026-01-31T18:30:00+08:00.", where=where
        ) from None
    offset = moment.utcoffset()
    if offset is None:
        raise Malformed(
            f"{text!r} has no offset from UTC; write +08:00 or Z at its end.", where=where
        )
    return from_datetime(moment), int(offset.total_seconds() // 60)


def from_datetime(moment: datetime) -> int:
    """Return the instant of an aware datetime."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND_US + delta.microseconds


def to_datetime(at_us: int) -> datetime:
    """Return the instant as an aware UTC datetime."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)


def format_instant(at_us: int, offset_minutes: int = 0) -> str:
    """Write an instant as RFC 3339 with the given offset, at the precision it has."""
    local = to_datetime(at_us + offset_minutes * MINUTE_US).replace(tzinfo=None)
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    tail = "Z" if offset_minutes == 0 else f"{sign}{hours:02d}:{minutes:02d}"
    return local.isoformat() + tail


def parse_day(text: str, *, where: str = "") -> int:
    """Read ``2026-01-31`` and return its ordinal."""
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise Malformed(f"{text!r} is not a date such as 2026-01-31.", where=where) from None


def is_day(text: str) -> bool:
    """Tell whether a text is a date written as ``2026-01-31``, and in no other way."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def format_day(day: int) -> str:
    """Write a day as ``2026-01-31``."""
    return date.fromordinal(day).isoformat()


@lru_cache(maxsize=65_536)
def month_of(day: int) -> int:
    """Return the month's index: year * 12 + month - 1."""
    value = date.fromordinal(day)
    return value.year * 12 + value.month - 1


def month_start(month: int) -> int:
    """Return the first day of a month index."""
    return date(month // 12, month % 12 + 1, 1).toordinal()


def month_end(month: int) -> int:
    """Return the last day of a month index."""
    return month_start(month + 1) - 1


@lru_cache(maxsize=65_536)
def add_months(day: int, months: int) -> int:
    """Return the same day of the month, ``months`` later, or that month's last day.

    31 January plus one month is 28 or 29 February; 29 February plus twelve months is 28 February.
    """
    month = month_of(day) + months
    wanted = month_start(month) + date.fromordinal(day).day - 1
    return min(wanted, month_end(month))


class Zone:
    """An IANA zone that turns instants into local days, with a cache of offsets."""

    __slots__ = ("_info", "_offsets", "_starts", "name")

    def __init__(self, name: str) -> None:
        """Take a zone by its IANA name, or refuse."""
        try:
            self._info = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Malformed(f"{name!r} is not an IANA time zone such as Asia/Shanghai.") from None
        self.name = name
        self._offsets: dict[int, int | None] = {}
        self._starts: dict[int, int] = {}

    def offset_us(self, at_us: int) -> int:
        """Return local time minus UTC at an instant, in microseconds."""
        chunk = at_us // _CHUNK_US
        try:
            cached = self._offsets[chunk]
        except KeyError:
            cached = self._fill(chunk)
        return self._exact(at_us) if cached is None else cached

    def _fill(self, chunk: int) -> int | None:
        if len(self._offsets) >= _CACHE_MAX:
            self._offsets.clear()
        first = self._exact(chunk * _CHUNK_US)
        last = self._exact(chunk * _CHUNK_US + _CHUNK_US - 1)
        value = first if first == last else None
        self._offsets[chunk] = value
        return value

    def _exact(self, at_us: int) -> int:
        if not _MIN_US + DAY_US <= at_us <= _MAX_US - DAY_US:
            raise Malformed("The moment lies outside the years 1 to 9999.")
        offset = to_datetime(at_us).astimezone(self._info).utcoffset()
        assert offset is not None
        return (offset.days * 86_400 + offset.seconds) * SECOND_US + offset.microseconds

    def day(self, at_us: int, cut_us: int = 0) -> int:
        """Return the local day of an instant; with ``cut_us``, a day begins that much later.

        A shop that closes at two in the morning has ``cut_us = 2 * HOUR_US``: a sale at 01:30
        belongs to the day before.
        """
        return (at_us + self.offset_us(at_us) - cut_us) // DAY_US + EPOCH_DAY

    def day_start_us(self, day: int) -> int:
        """Return the first instant of a local day, also where midnight is skipped or doubled."""
        try:
            return self._starts[day]
        except KeyError:
            pass
        if len(self._starts) >= _CACHE_MAX:
            self._starts.clear()
        wall_us = (day - EPOCH_DAY) * DAY_US
        # The day starts at wall time minus the offset that holds there. Both candidate offsets
        # around a change are tried; the earliest instant that lies in the day is its start.
        offsets = {self._exact(wall_us + hours * HOUR_US) for hours in (-26, -14, 0, 14, 26)}
        starts = sorted(wall_us - offset for offset in offsets)
        found = next((at for at in starts if self.day(at) == day), None)
        if found is None or self.day(found - 1) >= day:
            # Midnight itself is skipped: the day begins where the gap ends, which is earlier than
            # midnight would be when the gap began before it.
            found = self._gap_end(starts[0] - 2 * HOUR_US, day)
        self._starts[day] = found
        return found

    def _gap_end(self, low_us: int, day: int) -> int:
        high_us = low_us + 30 * HOUR_US
        while high_us - low_us > 1:
            middle = (low_us + high_us) // 2
            if self.day(middle) >= day:
                high_us = middle
            else:
                low_us = middle
        return high_us
