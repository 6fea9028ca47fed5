"""Settlements of days, weeks and years of membership: what is added up, when it is paid."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.time import Zone, parse_instant
from coterie.members.model import Member
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.sections.periods import DAYS_LEAST, SETTLED, last_day, period_of
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import findings

ENROLLED = "2024-02-29T15:00:00+08:00"


def mall(every: str, late: int = 5, **more: str) -> str:
    """A point for each whole 100 of what was bought in a period."""
    lines = "".join(f"    {key}: {value}\n" for key, value in more.items())
    return f"""\
programme: mall
name: {{zh: 商场, en: Mall}}
zone: Asia/Shanghai
money: CNY
late: {{days: {late}}}
currencies:
  points: {{name: {{zh: 积分, en: Points}}}}
metrics:
  spend: {{name: {{zh: 消费, en: spending}}, measure: amount, window: {every}}}
settlements:
  added_up:
    name: {{zh: 合并计分, en: Added up}}
    every: {every}
    metric: spend
    bands: [{{from: 0, rate: "0.01"}}]
    currency: points
{lines}"""


def shopper(text: str) -> Drive:
    enrolled_us = parse_instant(ENROLLED)[0]
    return Drive(read_programme("mall", text), Member(1, enrolled_us=enrolled_us))


def buy(drive: Drive, at: str, minor: int, received: str | None = None) -> None:
    when = None if received is None else f"{received}:00+08:00"
    line = ev.OrderLine(minor)
    drive.send(ev.Order, f"{at}:00+08:00", when, order_ref=f"r{drive.keys}", lines=(line,))


def wait(drive: Drive, at: str) -> list[int]:
    before = len(drive.dues)
    drive.due(parse_instant(f"{at}+08:00")[0])
    return [sum(m.units for m in due.movements) for due in drive.dues[before:]]


def test_the_receipts_of_one_day_are_added_up():
    drive = shopper(mall("day"))
    for at, minor in (("10:00", 6_000), ("12:00", 6_000), ("23:59", 9_900)):
        buy(drive, f"2026-03-05T{at}", minor)
    assert wait(drive, "2026-03-05T23:59:59") == []
    assert wait(drive, "2026-03-06T00:00:00") == [2]
    buy(drive, "2026-03-06T10:00", 9_900)
    buy(drive, "2026-03-07T10:00", 9_900)
    wait(drive, "2026-03-20T00:00:00")
    assert drive.balances()[0] == 2, "each day for itself"


def test_a_late_receipt_of_a_day_is_paid_with_the_day_it_comes_on():
    drive = shopper(mall("day"))
    buy(drive, "2026-03-05T10:00", 6_000)
    assert wait(drive, "2026-03-06T00:00:00") == [0]
    buy(drive, "2026-03-05T11:00", 6_000, "2026-03-09T10:00")
    assert wait(drive, "2026-03-10T00:00:00") == [1]


def test_a_week_ends_on_sunday():
    drive = shopper(mall("week"))
    buy(drive, "2026-03-02T00:00", 6_000)
    buy(drive, "2026-03-08T23:59", 6_000)
    assert wait(drive, "2026-03-08T23:59:59") == []
    assert wait(drive, "2026-03-09T00:00:00") == [1]


def test_a_year_of_membership_is_paid_on_the_anniversary():
    drive = shopper(mall("anniversary", most="12", days="1"))
    buy(drive, "2026-02-27T23:00", 100_000)
    buy(drive, "2026-02-28T00:00", 9_000_000)
    # Enrolled on 29 February: a year ends with the 27th, in leap years with the 28th.
    drive.dues.clear()
    assert wait(drive, "2026-02-28T23:59:59") == []
    assert wait(drive, "2026-03-01T00:00:00") == [10]
    assert wait(drive, "2027-03-01T00:00:00") == [12]
    buy(drive, "2028-02-28T23:59", 100_000)
    assert wait(drive, "2028-02-29T23:59:59") == []
    assert wait(drive, "2028-03-01T00:00:00") == [10]


@given(
    st.sampled_from(SETTLED),
    st.dates(date(1999, 1, 1), date(2099, 12, 31)),
    st.integers(0, 20_000),
)
def test_a_period_ends_on_its_last_day(kind: str, enrolled: date, after: int):
    first = enrolled.toordinal()
    day = (enrolled + timedelta(days=after)).toordinal()
    period = period_of(kind, day, first)
    last = last_day(kind, period, first)
    assert last >= day
    assert period_of(kind, last, first) == period
    assert period_of(kind, last + 1, first) == period + 1
    assert last - last_day(kind, period - 1, first) >= DAYS_LEAST[kind]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30_000)), max_size=15))
def test_days_together_pay_what_each_is_worth(bought: list[tuple[int, int]]):
    drive = shopper(mall("day", days="3"))
    worth: dict[int, int] = {}
    for days, minor in sorted(bought):
        at = date(2026, 3, 1) + timedelta(days=days)
        buy(drive, f"{at.isoformat()}T10:00", minor)
        worth[days] = worth.get(days, 0) + minor
    drive.due(Zone("Asia/Shanghai").day_start_us(date(2026, 6, 1).toordinal()))
    assert drive.balances()[0] == sum(minor // 10_000 for minor in worth.values())


@pytest.mark.parametrize(
    ("every", "zh", "en"),
    [
        ("day", "每日结束后结算", "at the end of every day"),
        ("week", "每周末结算", "at the end of every week"),
        ("anniversary", "每个会籍年结束时结算", "at the end of every year of membership"),
    ],
)
def test_they_are_written_and_said_as_they_were_read(every: str, zh: str, en: str):
    programme = read_programme("mall", mall(every))
    assert read_canonical(canonical_text(programme)) == programme
    for lang, wanted in (("zh", zh), ("en", en)):
        assert [line for line in plain_words(programme, lang) if wanted in line]


def test_nothing_is_paid_so_late_that_it_is_forgotten():
    (found,) = findings(mall("day", days="7"))
    assert (found.path, found.allowed) == (
        "settlements.added_up.days",
        "at most 6, or more `late.days`",
    )
    assert read_programme("mall", mall("day", days="6")).parts
    assert read_programme("mall", mall("quarter", late=0, days="90")).parts
    (found,) = findings(mall("day").replace("window: day", "window: week"))
    assert "does not count by `day`" in found.problem
