"""Units for units of another currency or of a partner, at the rate of the day."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import findings, warnings

AIR = """\
programme: air
name: {zh: 航空, en: Airline}
zone: Asia/Shanghai
money: CNY
currencies:
  miles: {name: {zh: 里程, en: Miles}, expiry: {model: fixed, months: 36}}
  points: {name: {zh: 积分, en: Points}}
exchanges:
  to_points:
    name: {zh: 里程换积分, en: Miles to points}
    from: miles
    to: points
    rates:
      - {from: 2026-01-01, give: 3, get: 1}
      - {from: 2026-07-01, give: 2, get: 1}
    step: 10
    minimum: 100
    limit: {units: 5000, window: year}
  to_hotel:
    name: {zh: 转酒店, en: To the hotel}
    from: miles
    partner: hotel
    rates: [{from: 2026-01-01, give: 5, get: 2}]
  from_hotel:
    name: {zh: 酒店转入, en: From the hotel}
    to: miles
    partner: hotel
    rates: [{from: 2026-01-01, give: 3, get: 1}]
    minimum: 300
"""
MAY, JULY = "2026-05-10T12:00:00+08:00", "2026-07-01T00:00:00+08:00"


def air(miles: int = 0) -> Drive:
    drive = Drive(read_programme("air", AIR))
    if miles:
        lots = (ev.OpeningLot(miles),)
        drive.send(ev.OpeningBalance, MAY, currency="miles", lots=lots)
    return drive


def moved(decision: Any) -> list[tuple[str, str, str, int]]:
    return [(m.currency, m.debit, m.credit, m.units) for m in decision.movements]


def test_the_rate_of_the_day_counts():
    drive = air(1000)
    sent = drive.send(ev.Exchange, MAY, exchange="to_points", units=300)
    assert moved(sent) == [
        ("miles", "available", "redeemed", 300),
        ("points", "issued", "available", 100),
    ]
    drive.send(ev.Exchange, JULY, exchange="to_points", units=300)
    assert (drive.balances("miles")[0], drive.balances()[0]) == (400, 250)


def test_what_gives_nothing_more_stays():
    drive = air(1000)
    # 110 at three for one are 36, for which 108 are needed: 110 in tens.
    drive.send(ev.Exchange, MAY, exchange="to_points", units=110)
    assert (drive.balances("miles")[0], drive.balances()[0]) == (890, 36)
    sent = drive.send(ev.Exchange, MAY, exchange="to_hotel", units=14)
    assert moved(sent) == [("miles", "available", "partner", 13)]


def test_all_is_as_many_whole_steps_as_there_are():
    drive = air(1234)
    drive.send(ev.Exchange, JULY, exchange="to_points")
    assert (drive.balances("miles")[0], drive.balances()[0]) == (4, 615)
    drive = air(9999)
    drive.send(ev.Exchange, JULY, exchange="to_points")
    assert drive.balances("miles")[0] == 4999, "the limit of the year"


def test_a_partners_units_come_out_of_its_account_and_go_back():
    drive = air()
    sent = drive.send(ev.Exchange, MAY, exchange="from_hotel", units=900)
    assert moved(sent) == [("miles", "partner", "available", 300)]
    back = drive.send(ev.Reversal, MAY, reverses_seq=1, reason="by mistake")
    assert moved(back) == [("miles", "available", "partner", 300)]


def test_a_reversal_brings_back_what_went():
    drive = air(1000)
    drive.send(ev.Exchange, MAY, exchange="to_hotel")
    assert drive.balances("miles")[0] == 0
    drive.send(ev.Reversal, MAY, reverses_seq=2, reason="the hotel refused")
    assert drive.balances("miles")[0] == 1000
    drive.send(ev.Exchange, MAY, exchange="to_points")
    drive.send(ev.Spend, MAY, currency="points", units=1)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Reversal, MAY, reverses_seq=4, reason="no")
    assert refused.value.code == "debt_refused"


@pytest.mark.parametrize(
    ("at", "event", "code"),
    [
        ("2025-12-31T23:59:59+08:00", {"exchange": "to_points"}, "not_offered"),
        (MAY, {"exchange": "to_points", "units": 90}, "below_minimum"),
        (MAY, {"exchange": "to_points", "units": 101}, "wrong_value"),
        (MAY, {"exchange": "to_points", "units": 5010}, "limit_reached"),
        (MAY, {"exchange": "to_points", "units": 2000}, "insufficient_units"),
        (MAY, {"exchange": "to_hotel", "units": 2}, "below_minimum"),
        (MAY, {"exchange": "from_hotel"}, "wrong_value"),
        (MAY, {"exchange": "to_hotels"}, "undeclared_name"),
    ],
)
def test_what_is_refused(at: str, event: dict[str, Any], code: str):
    drive = air()
    lots = (ev.OpeningLot(1000),)
    drive.send(ev.OpeningBalance, "2025-12-01T00:00:00Z", currency="miles", lots=lots)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Exchange, at, **event)
    assert refused.value.code == code


@given(st.integers(10, 500).map(lambda n: n * 10))
def test_never_more_than_the_rate_and_never_a_unit_for_nothing(units: int):
    drive = air(5000)
    sent = drive.send(ev.Exchange, MAY, exchange="to_points", units=units)
    gave, got = (m.units for m in sent.movements)
    assert got == units // 3
    assert gave % 10 == 0
    assert got * 3 <= gave <= units
    assert gave - 10 < got * 3, "ten fewer would not have been enough"


def test_it_is_written_said_and_kept_as_it_was_read():
    programme = read_programme("air", AIR)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-4:-1] == [
        (
            "里程换积分：2026-01-01起3里程换1积分；2026-07-01起2里程换1积分，以10为单位，100起，"
            "每年最多5000里程。"
        ),
        "转酒店：2026-01-01起5里程换2hotel积分。",
        "酒店转入：2026-01-01起3hotel积分换1里程，300起。",
    ]
    assert plain_words(programme, "en")[-4:-1] == [
        (
            "Miles to points: from 2026-01-01 1 Points for 3 Miles; from 2026-07-01 1 Points for 2 "
            "Miles, in steps of 10, 100 at least, at most 5000 a year of Miles."
        ),
        "To the hotel: from 2026-01-01 2 points of hotel for 5 Miles.",
        "From the hotel: from 2026-01-01 1 Miles for 3 points of hotel, 300 at least.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("from: miles\n    to", "from: mile\n    to", "to_points.from", "unknown currency 'mile'"),
        ("to: points", "to: miles", "to_points.to", "not exchanged for itself"),
        ("give: 5, get: 2", "give: 5, get: 0", "to_hotel.rates[0]", "more than nothing"),
        ("from: miles\n    partner: hotel", "from: miles", "to_hotel", "without `to`"),
        ("    to: miles\n", "", "from_hotel", "`from` or `to`"),
        ("2026-07-01", "2026-01-01", "to_points.rates[1].from", "two rates"),
        ("units: 5000", "units: 50", "to_points.limit.units", "less than one exchange"),
        ("step: 10", "step: 0", "to_points.step", "steps of zero"),
    ],
)
def test_what_a_text_may_not_say(old: str, new: str, path: str, problem: str):
    found = findings(AIR.replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [(f"exchanges.{path}", True)]


def test_an_exchange_that_comes_back_with_more_is_odd():
    back = """\
  back:
    name: {zh: 换回, en: Back}
    from: points
    to: miles
    rates: [{from: 2026-01-01, give: 1, get: 4}]
"""
    assert [f.path for f in warnings(AIR + back)] == ["exchanges.to_points", "exchanges.back"]
    assert warnings(AIR + back.replace("get: 4", "get: 2")) == []


def test_what_a_later_version_may_not_do():
    old = read_programme("air", AIR)
    hotel = "    partner: hotel\n    rates: [{from: 2026-01-01, give: 5"
    new = read_programme("air", AIR.replace(hotel, hotel.replace("partner: hotel", "to: points")))
    assert breaks(old, new) == [
        "exchanges.to_hotel: is between others now; a new exchange needs a new code."
    ]
    new = read_programme("air", AIR.replace("window: year", "window: month"))
    assert breaks(old, new) == [
        "exchanges.to_points: counts over another window now; a new exchange needs a new code."
    ]
