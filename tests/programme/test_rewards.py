"""What units can be spent on: prices said or by a formula, thresholds, limits, reversal."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.sections.rewards import price_of
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import findings

CAFE = """\
programme: cafe
name: {zh: 咖啡馆, en: Cafe}
zone: Asia/Shanghai
money: CNY
currencies:
  stamps: {name: {zh: 印花, en: Stamps}, expiry: {model: fixed, days: 90}}
  points: {name: {zh: 积分, en: Points}}
attributes:
  level: {name: {zh: 等级, en: level}, values: [basic, gold]}
rewards:
  free_drink:
    name: {zh: 免费饮品, en: Free drink}
    price: {currency: stamps, units: 9}
    value: "28.00"
    limit: {times: 2, window: day}
  voucher:
    name: {zh: 代金券, en: Voucher}
    price: {currency: points, rate: "1.5", step: 100, minimum: 500}
    minimum_balance: 1000
  gold_gift:
    name: {zh: 金卡礼, en: Gold gift}
    price: {currency: points, units: 50}
    when: {attribute: {code: level, is: gold}}
"""
JUNE = "2026-06-10T12:00:00+08:00"


def cafe(stamps: int = 0, points: int = 0) -> Drive:
    drive = Drive(read_programme("cafe", CAFE))
    for currency, units in (("stamps", stamps), ("points", points)):
        if units:
            lots = (ev.OpeningLot(units),)
            drive.send(ev.OpeningBalance, JUNE, currency=currency, lots=lots)
    return drive


def redeem(drive: Drive, reward: str = "free_drink", **more: Any) -> Any:
    return drive.send(ev.Redeem, JUNE, reward=reward, **more)


def refusal(drive: Drive, **event: Any) -> str:
    with pytest.raises(Refusal) as refused:
        redeem(drive, **event)
    return refused.value.code


def test_nine_stamps_are_a_drink_and_eight_are_not():
    drive = cafe(stamps=9)
    moved = redeem(drive).movements
    assert [(m.debit, m.credit, m.units, m.reason, m.rule) for m in moved] == [
        ("available", "redeemed", 9, "redeem", "free_drink")
    ]
    assert drive.balances("stamps")[0] == 0
    assert refusal(cafe(stamps=8)) == "insufficient_units"


def test_several_at_once_within_the_limit_of_the_day():
    drive = cafe(stamps=40)
    assert refusal(drive, quantity=3) == "limit_reached"
    redeem(drive, quantity=2)
    assert drive.balances("stamps")[0] == 22
    assert refusal(drive) == "limit_reached"
    drive.send(ev.Redeem, "2026-06-11T00:00:00+08:00", reward="free_drink")
    assert drive.balances("stamps")[0] == 13


def test_a_reversal_refills_the_lots_and_the_limit():
    drive = cafe(stamps=20)
    redeem(drive, quantity=2)
    drive.send(ev.Reversal, JUNE, reverses_seq=2, reason="machine broken")
    assert drive.balances("stamps")[0] == 20
    assert drive.standing.lots[1].remaining == 20
    redeem(drive, quantity=2)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Reversal, JUNE, reverses_seq=2, reason="again")
    assert refused.value.code == "already_undone"


def test_under_the_threshold_nothing_is_redeemed():
    assert refusal(cafe(points=999), reward="voucher", value_minor=5_000) == "below_minimum"
    drive = cafe(points=1000)
    redeem(drive, "voucher", value_minor=5_000)
    assert drive.balances()[0] == 500


@pytest.mark.parametrize(
    ("value_minor", "price"),
    [(1, 500), (33_333, 500), (33_334, 600), (100_000, 1500), (100_001, 1600)],
)
def test_a_price_by_value_is_rounded_up_to_steps(value_minor: int, price: int):
    # 1.5 points for 1.00, in hundreds, 500 at least.
    entry = read_programme("cafe", CAFE).parts["rewards"]["voucher"]
    assert price_of(entry, value_minor) == price


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_price_never_falls_when_the_value_rises(one: int, other: int):
    entry = read_programme("cafe", CAFE).parts["rewards"]["voucher"]
    low, high = min(one, other), max(one, other)
    assert price_of(entry, low) <= price_of(entry, high)
    assert (
        0 <= price_of(entry, high) - max(Fraction(high, 100) * Fraction(3, 2), Fraction(400)) <= 100
    )


def test_who_may_not_is_told_so():
    drive = cafe(points=50)
    assert refusal(drive, reward="gold_gift") == "not_offered"
    drive.send(ev.AttributeChange, JUNE, attributes={"level": "gold"})
    redeem(drive, "gold_gift")
    drive.send(ev.StateChange, JUNE, state="paused")
    assert refusal(drive, reward="gold_gift") == "state_forbids"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"reward": "free_drnk"}, "undeclared_name"),
        ({"reward": "free_drink", "value_minor": 5}, "wrong_value"),
        ({"reward": "voucher"}, "wrong_value"),
    ],
)
def test_an_event_that_does_not_fit_is_refused(event: dict[str, Any], code: str):
    assert refusal(cafe(stamps=9, points=5000), **event) == code


def test_it_is_written_said_and_kept_as_it_was_read():
    programme = read_programme("cafe", CAFE)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-4:-1] == [
        "免费饮品：9印花，价值 CNY 28.00，每天最多2次。",
        "代金券：每 CNY 1 价值收1.5积分，以100为单位进一，至少500，余额满1000方可兑换。",
        "金卡礼：50积分，仅当会员的等级为gold时提供。",
    ]
    assert plain_words(programme, "en")[-4:-1] == [
        "Free drink: 9 Stamps, worth CNY 28.00, at most 2 times a day.",
        (
            "Voucher: 1.5 Points for every CNY 1 of its value, rounded up to multiples of 100, "
            "at least 500, for those who have at least 1000."
        ),
        "Gold gift: 50 Points, when the member's level is gold.",
    ]


BILL = """\
  cash_off:
    name: {zh: 抵现, en: Pay with points}
    price: {currency: points, rate: 100}
    at_most_share: "1/2"
  night:
    name: {zh: 奖励住宿, en: Award night}
    price: {currency: points, units: 1000, every_free: 5}
"""


def shop(points: int) -> Drive:
    drive = Drive(read_programme("cafe", CAFE + BILL))
    lots = (ev.OpeningLot(points),)
    drive.send(ev.OpeningBalance, JUNE, currency="points", lots=lots)
    return drive


def test_half_of_a_bill_may_be_paid_with_points_and_no_more():
    drive = shop(20_000)
    with pytest.raises(Refusal) as refused:
        redeem(drive, "cash_off", value_minor=4_901, of_minor=9_801)
    assert (refused.value.code, refused.value.where) == ("share_exceeded", "value_minor")
    assert refused.value.facts == {"allowed_minor": 4_900}
    assert refusal(drive, reward="cash_off", value_minor=100) == "wrong_value"
    redeem(drive, "cash_off", value_minor=4_900, of_minor=9_801)
    assert drive.balances()[0] == 20_000 - 4_900
    assert refusal(drive, reward="cash_off", value_minor=50, quantity=2, of_minor=199) == (
        "share_exceeded"
    )


@pytest.mark.parametrize(("nights", "price"), [(1, 1), (4, 4), (5, 4), (9, 8), (10, 8)])
def test_every_fifth_night_of_a_stay_is_free(nights: int, price: int):
    drive = shop(10_000)
    redeem(drive, "night", quantity=nights)
    assert drive.balances()[0] == 10_000 - 1_000 * price
    drive.send(ev.Reversal, JUNE, reverses_seq=2, reason="cancelled")
    assert drive.balances()[0] == 10_000


def test_shares_and_free_pieces_are_written_and_said():
    programme = read_programme("cafe", CAFE + BILL)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-3:-1] == [
        "抵现：每 CNY 1 价值收100积分，进一，最多抵扣账单的50%。",
        "奖励住宿：1000积分，一次兑换每满5份免1份。",
    ]
    assert plain_words(programme, "en")[-3:-1] == [
        (
            "Pay with points: 100 Points for every CNY 1 of its value, rounded up, "
            "for at most 50% of a bill."
        ),
        "Award night: 1000 Points, one of every 5 is free.",
    ]
    third = read_programme("cafe", CAFE + BILL.replace("1/2", "1/3"))
    assert any("for at most 1/3 of a bill" in line for line in plain_words(third, "en"))


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("1/2", "3/2", "cash_off.at_most_share", "at most 1"),
        ("1/2", "0", "cash_off.at_most_share", "more than 0"),
        ("rate: 100", "units: 100", "cash_off.at_most_share", "has a `value`"),
        ("every_free: 5", "every_free: 1", "night.price.every_free", "1"),
    ],
)
def test_what_no_share_and_no_free_piece_can_be(old: str, new: str, path: str, problem: str):
    found = findings(CAFE + BILL.replace(old, new))
    assert [(f.path, problem in f.problem + f.allowed) for f in found] == [
        (f"rewards.{path}", True)
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("currency: stamps", "currency: stamp", "free_drink.price.currency", "unknown currency"),
        ("units: 9}", "units: 0}", "free_drink.price", "more than nothing"),
        ("stamps: {", "stamps: {spendable: false, ", "free_drink.price.currency", "be spent"),
        ("units: 9}", "units: 9, rate: 1}", "free_drink.price", "either `units` or `rate`"),
        ("units: 9}", "units: 9, step: 1}", "free_drink.price", "not reckoned by other keys"),
        ("step: 100", "step: 0", "voucher.price", "more than nothing"),
        ("{attribute: {code: level,", "{order_amount: {max: 1}, attribute: {code: level,",
         "gold_gift.when.order_amount", "makes no sense"),
    ],
)  # fmt: skip
def test_what_a_text_may_not_say(old: str, new: str, path: str, problem: str):
    found = findings(CAFE.replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [(f"rewards.{path}", True)]


def test_what_a_later_version_may_not_do():
    old = read_programme("cafe", CAFE)
    new = read_programme("cafe", CAFE.replace("window: day", "window: month"))
    assert breaks(old, new) == [
        "rewards.free_drink: counts over another window now; a new reward needs a new code."
    ]
