"""Milestones with a choice, with conditions, one after the other, and what else they give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.time import parse_instant
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import findings

HOTEL = """\
programme: hotel
name: {zh: 酒店, en: Hotel}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}, expiry: {model: fixed, months: 24}}
attributes:
  level: {name: {zh: 等级, en: level}, values: [basic, gold]}
activities:
  stay:
    name: {zh: 入住, en: Stay}
    fields: {nights: {type: integer, required: true}, room: {values: [standard, suite]}}
metrics:
  nights: {name: {zh: 本年房晚, en: nights}, on: "activity:stay", measure: nights, window: year}
rewards:
  suite_night:
    name: {zh: 套房一晚, en: Suite night}
    price: {currency: points, units: 30000}
milestones:
  ten:
    name: {zh: 十晚礼, en: Ten nights}
    metric: nights
    every: 10
    times: 3
    options:
      points: {currency: points, units: 500}
      suite: {reward: suite_night, quantity: 2}
      breakfast: {benefit: {zh: 双人早餐, en: Breakfast for two}}
    choose_days: 60
    otherwise: points
"""
GOLD = """\
  gold_twenty:
    name: {zh: 金卡二十晚, en: Gold twenty}
    metric: nights
    at: 20
    when: {attribute: {code: level, is: gold}}
    after: [ten]
    reward: suite_night
"""


def hotel(more: str = "", text: str = HOTEL) -> Drive:
    return Drive(read_programme("hotel", text + more))


def stay(drive: Drive, nights: int, day: str = "2026-03-10") -> None:
    fields = {"nights": nights}
    drive.send(ev.Activity, f"{day}T12:00:00+08:00", activity="stay", fields=fields)


def choose(drive: Drive, option: str, day: str = "2026-03-11") -> list[tuple[str, int]]:
    at = f"{day}T12:00:00+08:00"
    sent = drive.send(ev.Choose, at, milestone="ten", option=option)
    return [(m.reason, m.units) for m in sent.movements]


def refusal(drive: Drive, option: str, day: str = "2026-03-11") -> str:
    with pytest.raises(Refusal) as refused:
        choose(drive, option, day)
    return refused.value.code


def wait(drive: Drive, at: str) -> int:
    before = len(drive.dues)
    drive.due(parse_instant(f"{at}+08:00")[0])
    return len(drive.dues) - before


def test_what_was_chosen_is_given_once_for_every_time():
    drive = hotel()
    assert refusal(drive, "points") == "nothing_to_choose"
    stay(drive, 20)
    assert drive.balances() == (0, 0, 0, 0)
    assert choose(drive, "points") == [("milestone", 500)]
    assert choose(drive, "breakfast") == []
    assert refusal(drive, "points") == "nothing_to_choose"
    stay(drive, 15, "2026-04-10")
    assert choose(drive, "points", "2026-04-11") == [("milestone", 500)]
    stay(drive, 50, "2026-04-12")
    assert refusal(drive, "points", "2026-04-13") == "nothing_to_choose"


def test_a_reward_that_was_chosen_costs_nothing():
    drive = hotel()
    stay(drive, 10)
    assert choose(drive, "suite") == []
    at = "2026-03-12T12:00:00+08:00"
    for _ in range(2):
        assert drive.send(ev.Redeem, at, reward="suite_night").movements == []
    with pytest.raises(Refusal, match="are needed"):
        drive.send(ev.Redeem, at, reward="suite_night")
    drive.send(ev.Reversal, at, reverses_seq=drive.member.seq, reason="no room")
    assert drive.send(ev.Redeem, at, reward="suite_night").movements == []


def test_who_does_not_choose_gets_what_is_usual():
    drive = hotel()
    stay(drive, 9)
    stay(drive, 11, "2026-03-20")
    assert wait(drive, "2026-05-19T23:59:59") == 0
    assert wait(drive, "2026-05-20T00:00:00") == 1
    assert [(m.units, m.rule) for m in drive.dues[-1].movements] == [(1000, "ten")]
    assert refusal(drive, "suite", "2026-05-20") == "nothing_to_choose"
    assert "choice:ten" not in drive.standing.counters


def test_or_nothing_where_nothing_is_usual():
    drive = hotel(text=HOTEL.replace("    otherwise: points\n", ""))
    stay(drive, 10)
    assert wait(drive, "2026-12-31T00:00:00") == 1
    assert drive.balances() == (0, 0, 0, 0)


def test_the_most_urgent_choice_is_made_first():
    drive = hotel()
    stay(drive, 10)
    stay(drive, 10, "2026-03-20")
    choose(drive, "breakfast", "2026-03-21")
    assert wait(drive, "2026-05-10T00:00:00") == 0
    assert wait(drive, "2026-05-20T00:00:00") == 1
    assert drive.balances()[0] == 500


def test_who_may_not_earn_neither_reaches_nor_chooses():
    drive = hotel()
    stay(drive, 10)
    drive.send(ev.StateChange, "2026-03-10T13:00:00+08:00", state="paused")
    assert refusal(drive, "points") == "state_forbids"
    stay(drive, 10, "2026-03-12")
    assert wait(drive, "2026-06-01T00:00:00") == 1
    assert drive.balances() == (0, 0, 0, 0)
    drive.send(ev.StateChange, "2026-06-10T13:00:00+08:00", state="active")
    assert choose(drive, "points", "2026-06-11") == [("milestone", 500)], "the second ten nights"


def test_a_condition_and_an_order_of_milestones():
    drive = hotel(GOLD)
    stay(drive, 25)
    assert "milestone:gold_twenty" not in drive.standing.counters
    drive.send(ev.AttributeChange, "2026-03-11T12:00:00+08:00", attributes={"level": "gold"})
    assert "milestone:gold_twenty" not in drive.standing.counters, "at the next stay"
    stay(drive, 1, "2026-03-12")
    assert drive.standing.counters["granted:suite_night"] == {0: 1}
    stay(drive, 1, "2026-03-13")
    assert drive.standing.counters["granted:suite_night"] == {0: 1}


def test_a_stay_that_is_reversed_keeps_what_was_reached_once():
    drive = hotel(text=HOTEL[: HOTEL.index("    options")] + "    currency: points\n    units: 7\n")
    stay(drive, 10)
    drive.send(ev.Reversal, "2026-03-10T13:00:00+08:00", reverses_seq=1, reason="not here")
    assert drive.balances()[0] == 7
    stay(drive, 10)
    assert drive.balances()[0] == 7
    stay(drive, 10)
    assert drive.balances()[0] == 14


@given(st.lists(st.integers(1, 12), max_size=10), st.lists(st.booleans(), max_size=10))
def test_every_ten_nights_give_five_hundred_chosen_or_not(nights: list[int], chosen: list[bool]):
    drive = hotel()
    for n, count in enumerate(nights):
        stay(drive, count, f"2026-03-{n + 1:02d}")
        if n < len(chosen) and chosen[n] and "choice:ten" in drive.standing.counters:
            choose(drive, "points", f"2026-03-{n + 1:02d}")
    wait(drive, "2026-07-01T00:00:00")
    assert drive.balances()[0] == min(sum(nights) // 10, 3) * 500


def test_it_is_written_said_and_kept_as_it_was_read():
    programme = read_programme("hotel", HOTEL + GOLD)
    assert read_canonical(canonical_text(programme)) == programme
    zh, en = plain_words(programme, "zh"), plain_words(programme, "en")
    assert [line for line in zh if "晚礼" in line or "二十晚" in line] == [
        (
            "十晚礼：本年房晚每达到10，500积分、“套房一晚”2份、双人早餐任选其一，"
            "60天内选择，逾期为500积分，最多3次。"
        ),
        "金卡二十晚：本年房晚达到20，且会员的等级为gold，须先达成十晚礼，奖励“套房一晚”一份。",
    ]
    assert [line for line in en if "Ten" in line or "twenty" in line] == [
        (
            "Ten nights: 500 Points, 2 × Suite night or Breakfast for two for every 10 of nights, "
            "3 times at most, to be chosen within 60 days, otherwise 500 Points."
        ),
        (
            "Gold twenty: Suite night when nights reaches 20 and the member's level is gold, "
            "after Ten nights."
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("otherwise: points", "otherwise: cash", "ten.otherwise", "unknown option 'cash'."),
        ("units: 500", "units: 0", "ten.options.points.units", "more than nothing"),
        ("{reward: suite_night, q", "{reward: suite, q", "ten.options.suite.reward", "unknown"),
        ("{reward: suite_night, q", "{units: 1, q", "ten.options.suite", "`currency` goes with"),
        ("    options:", "    benefit: {zh: a, en: a}\n    options:", "ten", "give one thing"),
        ("after: [ten]", "after: [tenn]", "gold_twenty.after[0]", "unknown milestone 'tenn'."),
        ("after: [ten]", "after: [gold_twenty]", "gold_twenty.after", "waits for itself"),
        ("{attribute: {code: level, is: gold}}", "{order_amount: {min: 1}}",
         "gold_twenty.when.order_amount", "makes no sense"),
        ("    reward: suite_night\n", "", "gold_twenty", "give one of"),
        ("    reward: suite_night\n", "    reward: suite_night\n    choose_days: 3\n",
         "gold_twenty", "nothing to choose"),
    ],
)  # fmt: skip
def test_what_a_text_may_not_say(old: str, new: str, path: str, problem: str):
    found = findings((HOTEL + GOLD).replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [(f"milestones.{path}", True)]


def test_what_a_later_version_may_not_do():
    old = read_programme("hotel", HOTEL)
    breakfast = "      breakfast: {benefit: {zh: 双人早餐, en: Breakfast for two}}\n"
    new = read_programme("hotel", HOTEL.replace(breakfast, ""))
    assert breaks(old, new) == ["milestones.ten: members may still choose breakfast."]


@pytest.mark.parametrize(("option", "code"), [("cash", "undeclared_name")])
def test_an_option_that_is_not_there_is_refused(option: str, code: str):
    drive = hotel()
    stay(drive, 10)
    assert refusal(drive, option) == code
