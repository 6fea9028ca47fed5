"""Dates a programme promises, counted by hand."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.kernel.time import Zone, format_instant, parse_day
from coterie.metrics import Grain, bucket_of
from coterie.programme.calendar import buckets_kept, inactive_from_us, last_valid_day
from coterie.programme.model import Expiry, ExpiryModel, Window
from coterie.programme.windows import period_of


def fixed(months: int = 0, days: int = 0, round_to: str = "none") -> Expiry:
    return Expiry(ExpiryModel.FIXED, months=months, days=days, round_to=round_to)


def dated(*dates: tuple[int, int], least: int = 0) -> Expiry:
    return Expiry(ExpiryModel.CALENDAR, dates=dates, min_months=least)


def valid_through(expiry: Expiry, earned_day: int) -> date:
    found = last_valid_day(expiry, earned_day)
    assert found is not None
    return date.fromordinal(found)


@pytest.mark.parametrize(
    ("expiry", "earned", "last"),
    [
        (fixed(12), "2026-01-31", "2027-01-31"),
        (fixed(12), "2028-02-29", "2029-02-28"),
        (fixed(1), "2026-01-31", "2026-02-28"),
        (fixed(0, 30), "2026-01-31", "2026-03-02"),
        (fixed(1, 1), "2028-01-31", "2028-03-01"),
        (fixed(12, 0, "month"), "2026-02-03", "2027-02-28"),
        (fixed(12, 0, "month"), "2027-02-03", "2028-02-29"),
        (fixed(6, 0, "quarter"), "2026-05-15", "2026-12-31"),
        (fixed(0, 0, "quarter"), "2026-04-01", "2026-06-30"),
        (fixed(24, 0, "year"), "2026-01-01", "2028-12-31"),
        (fixed(0, 1, "year"), "2026-12-31", "2027-12-31"),
        (dated((12, 31)), "2026-12-31", "2026-12-31"),
        (dated((12, 31), least=1), "2026-12-01", "2027-12-31"),
        (dated((12, 31), least=1), "2026-11-30", "2026-12-31"),
        (dated((6, 30), (12, 31), least=3), "2026-03-31", "2026-06-30"),
        (dated((6, 30), (12, 31), least=3), "2026-04-01", "2026-12-31"),
        (dated((2, 29)), "2027-02-01", "2027-02-28"),
        (dated((2, 29)), "2028-02-01", "2028-02-29"),
        (dated((3, 1)), "2026-03-02", "2027-03-01"),
    ],
)
def test_the_last_valid_day(expiry, earned, last):
    assert valid_through(expiry, parse_day(earned)).isoformat() == last


def test_some_units_never_lapse():
    for model in (ExpiryModel.NONE, ExpiryModel.INACTIVITY):
        assert last_valid_day(Expiry(model), parse_day("2026-01-01")) is None


@settings(max_examples=200)
@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.lists(
        st.sampled_from([(1, 1), (2, 28), (3, 31), (6, 30), (12, 31)]), min_size=1, unique=True
    ),
    st.integers(0, 24),
)
def test_calendar_dates_are_the_next_that_leaves_enough(earned, dates, least):
    found = valid_through(dated(*dates, least=least), earned.toordinal())
    assert (found.month, found.day) in dates
    day = date(earned.year + least // 12, earned.month, min(earned.day, 28))
    for _ in range(least % 12):  # walk into the month that is wanted
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=day.day)
    assert found >= day
    assert (found - day).days <= 366 + 3


def test_inactivity_ends_after_the_last_day():
    expiry = Expiry(ExpiryModel.INACTIVITY, months=12)
    found = inactive_from_us(expiry, Zone("America/New_York"), parse_day("2026-03-07"))
    # Valid through 7 March 2027, in winter time.
    assert format_instant(found) == "2027-03-08T05:00:00Z"


@pytest.mark.parametrize(
    ("window", "grain", "length"),
    [
        (Window("day"), Grain.DAY, 1),
        (Window("week"), Grain.WEEK, 1),
        (Window("month"), Grain.MONTH, 1),
        (Window("quarter"), Grain.QUARTER, 1),
        (Window("year"), Grain.YEAR, 1),
        (Window("rolling_days", 7), Grain.DAY, 7),
        (Window("rolling_months", 12), Grain.MONTH, 12),
        (Window("lifetime"), Grain.ALL, 1),
    ],
)
def test_a_window_counts_in_the_coarsest_buckets(window, grain, length):
    period = period_of(window, 60)
    assert period is not None
    days = range(738_000, 739_000)
    assert [period.bucket(day) for day in days] == [bucket_of(grain)(day) for day in days]
    assert period.length == length


@settings(max_examples=400)
@given(
    st.sampled_from([g for g in Grain if g is not Grain.ALL]),
    st.integers(1, 400),
    st.integers(0, 400),
    st.integers(date(2020, 1, 1).toordinal(), date(2030, 1, 1).toordinal()),
)
def test_what_a_late_event_may_reach_is_kept(grain, length, slack, newest):
    """An event is at most ``slack`` days late on the day it arrives; a till may be a day ahead.

    ``add`` drops the buckets that are ``keep`` or more older than the newest.
    """
    bucket = bucket_of(grain)
    oldest_event = newest - 1 - slack
    first_of_its_window = bucket(oldest_event) - length + 1
    assert first_of_its_window > bucket(newest) - buckets_kept(grain, length, slack)
