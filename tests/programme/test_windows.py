"""Windows that begin on a day of choice, or with the member."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.time import parse_instant
from coterie.members import Member
from coterie.programme.model import Window
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.windows import period_of, window_words
from coterie.programme.windows.anniversary import years_since
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, finding

OLD = "  visits: {on: activity:visit"
METRICS = """\
  own_year: {measure: amount, window: anniversary}
  financial: {measure: amount, window: {months: 12, offset: 3}}
  pairs: {measure: amount, window: {months: 2}}
  tax_year: {measure: amount, window: {year_from: 04-06}}
"""
CODES = ("own_year", "financial", "pairs", "tax_year")
CAPPED = SMALL.replace(OLD, METRICS + OLD).replace("window: day", "window: anniversary")
SHOP = read_programme("small.yaml", CAPPED)


def shop(enrolled: str) -> Drive:
    return Drive(SHOP, Member(1, enrolled_us=parse_instant(f"{enrolled}T12:00:00+08:00")[0]))


def buy(drive: Drive, day: str, **more: Any) -> None:
    drive.keys += 1
    line = ev.OrderLine(6_000)
    drive.send(ev.Order, f"{day}T12:00:00+08:00", order_ref=f"o{drive.keys}", lines=(line,), **more)


def measured(drive: Drive, day: str) -> list[int]:
    cp = drive.programmes.versions[-1]
    ordinal = date.fromisoformat(day).toordinal()
    return [cp.metric_value(drive.standing, code, ordinal) // 6_000 for code in CODES]


def test_each_window_begins_where_it_says():
    drive = shop("2024-08-20")
    for day in ("2026-02-28", "2026-03-31", "2026-04-01", "2026-04-05", "2026-04-06"):
        buy(drive, day)
    assert measured(drive, "2026-02-28") == [5, 2, 1, 4]
    assert measured(drive, "2026-03-31") == [5, 2, 4, 4]
    assert measured(drive, "2026-04-06") == [5, 3, 4, 1]
    assert measured(drive, "2026-08-19") == [5, 3, 0, 1]
    assert measured(drive, "2026-08-20") == [0, 3, 0, 1]


def test_a_cap_may_count_by_the_years_of_membership():
    drive = shop("2024-08-20")
    seen = []
    for day in ("2026-08-18", "2026-08-19", "2026-08-20", "2026-08-21"):
        buy(drive, day)
        seen.append(drive.balances()[0])
    assert seen == [60, 100, 160, 200]
    drive.send(ev.Return, "2026-08-22T12:00:00+08:00", order_ref="o3")
    assert drive.balances()[0] == 160, "o3 was the second order"
    buy(drive, "2026-08-23")
    assert drive.balances()[0] == 160, "its room is free again in the year that is over"


@pytest.mark.parametrize(
    ("enrolled", "day", "years"),
    [
        ("2024-02-29", "2025-02-27", 0),
        ("2024-02-29", "2025-02-28", 1),
        ("2024-02-29", "2028-02-28", 3),
        ("2024-02-29", "2028-02-29", 4),
        ("2026-01-01", "2025-12-31", -1),
        ("2026-01-01", "2025-01-01", -1),
        ("2026-01-01", "2024-12-31", -2),
    ],
)
def test_anniversaries_are_counted_by_hand(enrolled, day, years):
    ordinals = (date.fromisoformat(text).toordinal() for text in (day, enrolled))
    assert years_since(*ordinals) == years


WINDOWS = st.one_of(
    st.builds(Window, st.just("months"), st.integers(1, 24), st.integers(0, 11)),
    st.builds(Window, st.just("year_from"), st.integers(1, 12), st.integers(1, 28)),
)


@settings(max_examples=200)
@given(WINDOWS, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_bucket_is_as_long_as_it_says(window, day):
    """Days go up one bucket at a time, and exactly on the first day of a period."""
    period = period_of(window, 60)
    assert period is not None
    before, now = (period.bucket(d.toordinal()) for d in (day - timedelta(1), day))
    months = day.year * 12 + day.month - 1
    if window.kind == "months":
        begins = day.day == 1 and (months - window.offset) % window.length == 0
    else:
        begins = (day.month, day.day) == (window.length, window.offset)
    assert now - before == begins


@pytest.mark.parametrize(
    ("window", "zh", "en"),
    [
        (Window("anniversary"), "每个会籍年", "a year of membership"),
        (
            Window("months", 12, 3),
            "每12个月（自4月起算）",
            "in periods of 12 months from month 4",
        ),
        (Window("year_from", 4, 6), "每年（自4月6日起算）", "a year from 04-06"),
        (Window("event"), "每次", "each time"),
        (Window("rolling_days", 7), "任意连续7天", "in any 7 days"),
    ],
)
def test_a_window_is_said(window, zh, en):
    assert (window_words(window, "zh"), window_words(window, "en")) == (zh, en)


def test_what_is_written_is_read_again():
    assert read_canonical(canonical_text(SHOP)) == SHOP


@pytest.mark.parametrize(
    ("window", "path", "problem"),
    [
        ("{months: 6, offset: 6}", ".offset", "an offset of 6 months in periods of 6"),
        ("{year_from: 02-29}", ".year_from", "not every year has the date 02-29"),
        ("{year_from: 13-01}", ".year_from", "not every year has the date 13-01"),
        ("aniversary", "", "'aniversary' does not fit here"),
    ],
)
def test_a_mistake_is_found_where_it_is(window, path, problem):
    found = finding(SMALL.replace("window: year", f"window: {window}"))
    assert found.path == f"metrics.spend.window{path}"
    assert problem in found.problem
