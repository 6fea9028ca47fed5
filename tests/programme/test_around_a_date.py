"""What is given around a birthday comes once a birthday, also where its days lie in two years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.casebook import read_casebook, run_cases
from coterie.programme.plain import cap_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.windows.around import year_of_nearest
from coterie.programme.writing import canonical_text
from tests.programme.writing_programmes import findings, warnings

TEXT = """\
programme: birthdays
name: {zh: 生日, en: Birthdays}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}}
attributes:
  born: {type: date, name: {zh: 生日, en: birthday}}
caps:
  once: {limit: 1, measure: applications, window: {around: born}}
rules:
  - code: gift
    name: {zh: 生日礼, en: Birthday gift}
    when: {birthday: {attribute: born, within_days: 7}}
    earn: {currency: points, units: 100}
    caps: [once]
"""
CASES = """\
cases:
  - id: around-new-year
    given: {attributes: {born: 1990-01-02}}
    events:
      - {at: 2025-12-28, order: "1.00", expect: {gives: {gift: 100}}}
      - {at: 2026-01-05, order: "1.00", expect: {gives: {}, change: {points: 0}}}
      - {at: 2026-12-30, order: "1.00", expect: {gives: {gift: 100}}}
      - {at: 2027-01-02, order: "1.00", expect: {change: {points: 0}}}
  - id: in-the-last-days-of-a-year
    given: {attributes: {born: 1988-12-30}}
    events:
      - {at: 2026-01-02, order: "1.00", expect: {gives: {gift: 100}}}
      - {at: 2026-12-25, order: "1.00", expect: {gives: {gift: 100}}}
      - {at: 2027-01-03, order: "1.00", expect: {change: {points: 0}}}
  - id: on-leap-day
    given: {attributes: {born: 2000-02-29}}
    events:
      - {at: 2026-02-21, order: "1.00", expect: {gives: {gift: 100}}}
      - {at: 2026-03-01, order: "1.00", expect: {change: {points: 0}}}
"""


def test_a_gift_comes_once_a_birthday(tmp_path: Path):
    (tmp_path / "programme.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "birthdays.cases.yaml").write_text(CASES, "utf-8")
    book = read_casebook(tmp_path)
    failed = [str(d) for r in run_cases(book.programme, book.cases) for d in r.differences]
    assert failed == []


@given(
    st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    st.integers(2021, 2060),
    st.integers(-180, 180),
)
def test_every_day_belongs_to_the_nearest_return(born: date, year: int, off: int):
    try:
        day = born.replace(year=year)
    except ValueError:
        day = born.replace(year=year, day=28)
    assert year_of_nearest(day.toordinal() + off, born.toordinal()) == year


def test_it_is_said_and_kept():
    programme = read_programme("x", TEXT)
    assert read_canonical(canonical_text(programme)) == programme
    cap = programme.caps["once"]
    assert cap_words(cap, programme, "zh") == "“once”每逢会员的生日最多1次"
    assert cap_words(cap, programme, "en") == (
        "at most 1 time around each return of the member's birthday (once)"
    )


def test_a_year_that_ends_in_the_days_of_a_birthday_is_warned_of():
    (found,) = warnings(TEXT.replace("{around: born}", "year"))
    assert (found.path, found.allowed) == ("caps.once.window", "{around: born}")
    assert found.problem == "around New Year, 'gift' has two years for one born."
    assert not warnings(TEXT)


@pytest.mark.parametrize("other", ["bron", "city"])
def test_it_goes_by_a_date(other: str):
    text = TEXT.replace("attributes:\n", "attributes:\n  city: {type: text}\n", 1)
    (found,) = findings(text.replace("around: born", f"around: {other}"))
    assert found.path == "caps.once.window.around"
