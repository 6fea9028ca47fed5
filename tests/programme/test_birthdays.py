"""Dates of members: how they are written and checked, and what their return brings."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.time import parse_instant
from coterie.members import Member
from coterie.programme.conditions.birthday import days_off
from coterie.programme.plain import rule_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, finding, with_rule, with_when

NAMED = "born: {type: date, name: {zh: 生日, en: birthday}}"
DATED = SMALL.replace("  staff:", f"  {NAMED}\n  staff:")
TEXT = DATED.replace("    caps: [daily]\n", "")


def shop(when: str) -> Drive:
    text = with_rule(
        f"code: gift\nname: {{zh: 生日礼, en: Gift}}\nwhen: {when}\n"
        "earn: {currency: points, units: 5}",
        TEXT,
    )
    programme = read_programme("small.yaml", text)
    assert read_canonical(canonical_text(programme)) == programme
    enrolled, _ = parse_instant("2023-01-01T12:00:00+08:00")
    return Drive(programme, Member(1, enrolled_us=enrolled))


def days_of(when: str, born: str | None, *days: str) -> list[str]:
    """Return the days on which somebody born then gets the gift."""
    drive = shop(when)
    if born is not None:
        drive.send(ev.AttributeChange, "2023-02-01T12:00:00+08:00", attributes={"born": born})
    found = []
    for day in days:
        decision = drive.send(
            ev.Order, f"{day}T12:00:00+08:00", order_ref=day, lines=(ev.OrderLine(100),)
        )
        if any(grant.rule == "gift" for grant in decision.grants):
            found.append(day)
    return found


@pytest.mark.parametrize(
    ("when", "born", "yes", "no"),
    [
        ("{birthday: born}", "1990-06-01", ["2023-06-01", "2024-06-01"], ["2023-06-02"]),
        ("{birthday: born}", "2000-02-29", ["2023-02-28", "2024-02-29"],
         ["2023-03-01", "2024-02-28"]),
        ("{birthday: {attribute: born, within_days: 3}}", "1990-01-01",
         ["2023-12-29", "2024-01-04"], ["2023-12-28", "2024-01-05"]),
        ("{birthday: {attribute: born, within_days: 3}}", "1990-12-31",
         ["2024-01-03"], ["2024-01-04"]),
        ("{birthday_month: born}", "1990-06-30", ["2023-06-01", "2024-06-30"], ["2023-07-01"]),
        ("{attribute: {code: born, at_least: 1990-01-01}}", "1990-06-30", ["2023-06-01"], []),
        ("{attribute: {code: born, at_most: 1990-01-01}}", "1990-06-30", [], ["2023-06-01"]),
        ("{attribute: {code: born, is: 1990-06-30}}", "1990-06-30", ["2023-06-01"], []),
        ("{birthday: born}", None, [], ["2023-06-01"]),
        ("{birthday_month: born}", None, [], ["2023-06-01"]),
    ],
)  # fmt: skip
def test_a_gift_comes_with_the_day(when: str, born: str | None, yes: list[str], no: list[str]):
    assert days_of(when, born, *sorted([*yes, *no])) == yes


@given(st.dates(), st.dates())
@example(date(2000, 2, 29), date(2100, 3, 1))
@example(date(1, 12, 31), date(9999, 1, 1))
def test_no_day_is_further_than_half_a_year(born: date, day: date):
    off = days_off(born.isoformat(), day.toordinal())
    assert 0 <= off <= 366
    same = (born.month, born.day) == (day.month, day.day)
    moved = (born.month, born.day, day.month, day.day) == (2, 29, 2, 28) and not _leap(day.year)
    assert (off == 0) is (same or moved)


def _leap(year: int) -> bool:
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


@pytest.mark.parametrize("value", ["1990-6-1", "19900601", "1990-W01-1", "1990-02-30", "soon", 5])
def test_what_is_no_date_is_refused(value: object):
    with pytest.raises(Refusal) as caught:
        shop("{birthday: born}").send(
            ev.AttributeChange, "2023-02-01T12:00:00+08:00", attributes={"born": value}
        )
    assert (caught.value.code, caught.value.where) == ("wrong_value", "attributes.born")


@pytest.mark.parametrize(
    ("when", "path", "problem", "allowed"),
    [
        ("{birthday: bron}", ".birthday.attribute", "unknown attribute 'bron'.", "'born'"),
        ("{birthday: age}", ".birthday.attribute", "'age' is integer, and not a date.", "born"),
        ("{birthday_month: level}", ".birthday_month", "'level' is text, and not a date.", "born"),
        ("{birthday: {attribute: born, within_days: 181}}", ".birthday.within_days", "180", ""),
        ("{birthday: {within_days: 1}}", ".birthday", "'attribute' is missing", ""),
        ("{birthday: 3}", ".birthday", "3 does not fit here.", "an attribute of type date"),
        ("{attribute: {code: born, is: 1990-02-30}}", ".attribute.is",
         "'1990-02-30' is not a date.", "2026-01-31"),
        ("{attribute: {code: born, is: 5}}", ".attribute.is", "holds dates, not 5", ""),
    ],
)  # fmt: skip
def test_mistakes_are_said(when: str, path: str, problem: str, allowed: str):
    found = finding(with_when(when).replace(SMALL, DATED))
    assert found.path.endswith(f".when{path}")
    assert problem in found.problem
    assert allowed in found.allowed


def test_a_date_has_no_values():
    found = finding(DATED.replace("born: {type: date,", "born: {type: date, values: [a],"))
    assert found.problem == "only a text has values, and this is date."


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        ("{birthday: born}", "若当天为会员的生日，", "when it is the member's birthday,"),
        ("{birthday: {attribute: born, within_days: 3}}", "若当天在会员的生日前后3天内，",
         "when it is at most 3 days before or after the member's birthday,"),
        ("{birthday_month: born}", "若当月为会员的生日所在月份，",
         "when it is the month of the member's birthday,"),
    ],
)  # fmt: skip
def test_birthdays_are_said(when: str, zh: str, en: str):
    programme = shop(when).programmes.versions[-1].programme
    assert zh in rule_words(programme.rules[-1], programme, "zh")
    assert en in rule_words(programme.rules[-1], programme, "en")


def test_a_field_of_an_activity_may_be_a_date():
    text = TEXT.replace("      guests:", "      on: {type: date}\n      guests:")
    rule = """\
code: early
name: {zh: 早, en: Early}
on: activity:visit
when: {field: {code: on, max: 2023-05-31}}
earn: {currency: points, units: 5}"""
    enrolled, _ = parse_instant("2023-01-01T12:00:00+08:00")
    drive = Drive(
        read_programme("small.yaml", with_rule(rule, text)), Member(1, enrolled_us=enrolled)
    )
    got = [
        len(drive.send(ev.Activity, "2023-06-01T12:00:00+08:00", activity="visit",
                       fields={"on": on}).grants)
        for on in ("2023-05-31", "2023-06-01")
    ]  # fmt: skip
    assert got == [1, 0]
