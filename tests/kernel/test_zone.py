"""The kernel's zone against zoneinfo, and day starts against a search by eye."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.kernel.errors import Malformed
from coterie.kernel.time import (
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    Zone,
    add_months,
    format_instant,
    from_datetime,
    month_end,
    month_of,
    month_start,
    parse_day,
    parse_instant,
    to_datetime,
)

NAMES = (
    "America/New_York",
    "Europe/London",
    "Asia/Shanghai",
    "America/Sao_Paulo",  # until 2018 the clock went forward at midnight: no 00:00 that day
    "Pacific/Apia",  # skipped 30 December 2011
    "America/Toronto",  # 1919: 23:30 to 00:30
    "America/St_Johns",  # until 2011 the clock went back at 00:01: two midnights
    "Asia/Kathmandu",  # +05:45
    "Africa/Monrovia",  # until 1972 an offset with seconds
    "Australia/Lord_Howe",  # half an hour of summer time
    "Antarctica/Troll",  # two hours
)
ZONES = {name: Zone(name) for name in NAMES}
names = st.sampled_from(NAMES)
instants = st.integers(-3 * 10**15, 8 * 10**15)


def offset_us(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


def first_instant(name: str, day: date) -> datetime:
    """Walk a minute at a time (a second within it) until the local date is the day, or later."""
    info = ZoneInfo(name)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=27)
    for step in (timedelta(minutes=1), timedelta(seconds=1)):
        while at.astimezone(info).date() < day:
            at += step
        if step == timedelta(minutes=1):
            at -= step
    return at


@settings(max_examples=500)
@given(names, instants)
def test_offsets_are_those_of_zoneinfo(name, at_us):
    local = to_datetime(at_us).astimezone(ZoneInfo(name))
    assert ZONES[name].offset_us(at_us) == offset_us(local)
    assert ZONES[name].day(at_us) == local.date().toordinal()


def changes(name: str, first_year: int, last_year: int) -> list[int]:
    """The instants around which the offset changes, found by halving."""
    zone, found = ZONES[name], []
    at = from_datetime(datetime(first_year, 1, 1, tzinfo=UTC))
    end = from_datetime(datetime(last_year, 1, 1, tzinfo=UTC))
    while at < end:
        step = at + 7 * 24 * HOUR_US
        if zone._exact(at) != zone._exact(step):
            low, high = at, step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high) if zone._exact(middle) == zone._exact(at) else (low, middle)
                )
            found.append(high)
        at = step
    return found


SPANS = {"America/Toronto": (1919, 1921), "Africa/Monrovia": (1971, 1973)}


@pytest.mark.parametrize("name", NAMES)
def test_around_every_change_of_the_clock(name):
    found = changes(name, *SPANS.get(name, (2007, 2019)))
    info, zone = ZoneInfo(name), ZONES[name]
    for at in found:
        for near in (-HOUR_US, -SECOND_US, -1, 0, 1, SECOND_US, 20 * MINUTE_US):
            local = to_datetime(at + near).astimezone(info)
            assert zone.offset_us(at + near) == offset_us(local)
        for days in (-1, 0, 1, 2):
            day = to_datetime(at).astimezone(info).date() + timedelta(days=days)
            assert to_datetime(zone.day_start_us(day.toordinal())) == first_instant(name, day)


@settings(max_examples=60)
@given(names, st.integers(date(1900, 1, 1).toordinal(), date(2100, 1, 1).toordinal()))
def test_a_day_starts_at_its_first_instant(name, day):
    zone = ZONES[name]
    start = zone.day_start_us(day)
    assert to_datetime(start) == first_instant(name, date.fromordinal(day))
    assert zone.day(start - 1) < day <= zone.day(start)


def test_days_that_begin_late_or_never():
    def start(name: str, day: str) -> str:
        return format_instant(ZONES[name].day_start_us(parse_day(day)))

    # The clock went from 23:59:59 to 01:00 in Brazil's summer of 2017.
    assert start("America/Sao_Paulo", "2017-10-15") == "2017-10-15T03:00:00Z"
    assert ZONES["America/Sao_Paulo"].day(parse_instant("2017-10-15T02:59:59Z")[0]) == parse_day(
        "2017-10-14"
    )
    # 30 December 2011 does not exist in Samoa: what would start then starts on the 31st.
    assert start("Pacific/Apia", "2011-12-30") == "2011-12-30T10:00:00Z"
    assert start("Pacific/Apia", "2011-12-31") == "2011-12-30T10:00:00Z"
    # Toronto went from 23:30 to 00:30 in 1919: half an hour of that day is missing.
    assert start("America/Toronto", "1919-03-31") == "1919-03-31T04:30:00Z"
    # St John's went back from 00:01 to 23:01: the day had begun, and it began only once.
    assert start("America/St_Johns", "2010-11-07") == "2010-11-07T02:30:00Z"
    assert start("Asia/Shanghai", "2026-01-01") == "2025-12-31T16:00:00Z"


def test_a_business_day_begins_at_the_cut():
    zone = ZONES["Asia/Shanghai"]
    cut = 2 * HOUR_US
    assert zone.day(parse_instant("2026-03-01T01:59:59+08:00")[0], cut) == parse_day("2026-02-28")
    assert zone.day(parse_instant("2026-03-01T02:00:00+08:00")[0], cut) == parse_day("2026-03-01")
    # On the night the clock skips from 02:00 to 03:00 the cut is a time on the wall all the same.
    zone = ZONES["America/New_York"]
    assert zone.day(parse_instant("2026-03-08T01:59:59-05:00")[0], cut) == parse_day("2026-03-07")
    assert zone.day(parse_instant("2026-03-08T03:00:00-04:00")[0], cut) == parse_day("2026-03-08")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-03-31", 6, "2026-09-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-05-05", 0, "2026-05-05"),
    ],
)
def test_months_later_is_the_same_day_or_the_last(day, months, expected):
    assert add_months(parse_day(day), months) == parse_day(expected)


@given(st.integers(date(1, 1, 1).toordinal(), date(9998, 12, 31).toordinal()))
def test_months_hold_their_days(day):
    month = month_of(day)
    assert month_start(month) <= day <= month_end(month)
    assert month_of(month_start(month)) == month_of(month_end(month)) == month
    assert month_of(month_end(month) + 1) == month + 1


@given(instants, st.integers(-14 * 60, 14 * 60))
def test_instants_are_written_and_read_back(at_us, offset):
    assert parse_instant(format_instant(at_us, offset)) == (at_us, offset)


@pytest.mark.parametrize(
    "text", ["2026-01-31T10:00:00", "yesterday", "2026-02-30T10:00:00Z", "", "2026-01-31"]
)
def test_what_names_no_instant_is_refused(text):
    with pytest.raises(Malformed):
        parse_instant(text)


def test_a_zone_must_exist_and_a_moment_lie_in_the_calendar():
    with pytest.raises(Malformed):
        Zone("Asia/Peking")
    with pytest.raises(Malformed):
        ZONES["Asia/Shanghai"].offset_us(10**18)
