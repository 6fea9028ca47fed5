"""What units are worth: published, in words, and not more than what is paid for them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.ways import unit_value, worth_of
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import findings, warnings

SHOP = """\
programme: shop
name: {zh: 小店, en: Shop}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    worth: "1.00"
    redeem_from: 500
  vouchers: {name: {zh: 礼券, en: Vouchers}, scale: 2, unit_cost: 1}
rules:
  - code: base
    name: {zh: 积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
rewards:
  gift:
    name: {zh: 礼品, en: Gift}
    price: {currency: points, units: 10}
"""
CONVERSION = """\
conversions:
  off:
    name: {zh: 抵现, en: Money off}
    from: points
    to: vouchers
    step: 100
    gives: "3.00"
"""
JUNE = "2026-06-10T12:00:00+08:00"


def test_under_the_threshold_nothing_is_spent_set_aside_or_redeemed():
    drive = Drive(read_programme("shop", SHOP))
    line = (ev.OrderLine(49_900),)
    drive.send(ev.Order, JUNE, order_ref="A", lines=line)
    asked = (
        (ev.Spend, {"currency": "points", "units": 1}),
        (ev.Hold, {"currency": "points", "units": 1, "hold_ref": "h"}),
        (ev.Redeem, {"reward": "gift"}),
    )
    for kind, fields in asked:
        with pytest.raises(Refusal) as refused:
            drive.send(kind, JUNE, **fields)
        assert refused.value.code == "below_minimum"
        assert refused.value.facts["least"] == 500
    drive.send(ev.Order, JUNE, order_ref="B", lines=(ev.OrderLine(100),))
    drive.send(ev.Hold, JUNE, currency="points", units=200, hold_ref="h")
    with pytest.raises(Refusal, match="500 points open it, 300 can be spent"):
        drive.send(ev.Redeem, JUNE, reward="gift")
    drive.send(ev.Release, JUNE, hold_ref="h")
    drive.send(ev.Redeem, JUNE, reward="gift")
    assert drive.balances()[0] == 490


def test_it_is_said_and_written():
    programme = read_programme("shop", SHOP)
    assert plain_words(programme, "zh")[1] == (
        "积分：每100个价值 CNY 1.00；长期有效；满500方可兑换；退货最多扣至零。"
    )
    assert plain_words(programme, "en")[1] == (
        "Points: 100 are worth CNY 1.00; does not lapse; can be spent once there are 500; "
        "a return takes no more than there is."
    )
    assert read_canonical(canonical_text(programme)) == programme


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(0, 4))
def test_worth_is_a_share_of_the_word_rounded_down(units: int, worth: int, scale: int):
    text = SHOP.replace('worth: "1.00"', f'worth: "{worth // 100}.{worth % 100:02d}"')
    text = text.replace("    redeem_from: 500\n", f"    scale: {scale}\n")
    points = read_programme("shop", text).currencies["points"]
    exact = Fraction(units * worth, 100 * 10**scale)
    assert worth_of(points, units) == exact.numerator // exact.denominator
    assert worth_of(points, -units) == -(exact.numerator // exact.denominator)


def test_who_says_nothing_of_worth_is_told_nothing():
    points = read_programme("shop", SHOP.replace('    worth: "1.00"\n', "")).currencies["points"]
    assert worth_of(points, 100) is None


def test_a_unit_is_worth_what_it_can_become():
    programme = read_programme("shop", SHOP)
    assert unit_value(programme, "points") == 1
    assert unit_value(read_programme("shop", SHOP + CONVERSION), "points") == 3


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        (SHOP.replace('worth: "1.00"', 'worth: "100.00"'), "100 %"),
        (SHOP + CONVERSION.replace("3.00", "150.00"), "150 %"),
    ],
)
def test_points_that_are_worth_more_than_the_sale_are_odd(text: str, percent: str):
    (odd,) = warnings(text)
    assert odd.path == "rules[0]"
    assert percent in odd.problem


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('worth: "1.00"', 'worth: "1.001"', "currencies.points.worth"),
        ("redeem_from: 500", "redeem_from: 0.5", "currencies.points.redeem_from"),
    ],
)
def test_what_is_too_fine_is_refused(old: str, new: str, path: str):
    assert [f.path for f in findings(SHOP.replace(old, new))] == [path]


def test_units_of_a_given_age_are_cleared_every_quarter():
    """Rolling clearing: what is a year old at a quarter's end goes on that day, once a quarter."""
    clearing = (
        "expiry: {model: calendar, dates: [03-31, 06-30, 09-30, 12-31], min_months: 12}\n    worth"
    )
    drive = Drive(read_programme("shop", SHOP.replace("worth", clearing, 1)))
    for day in ("2026-01-10", "2026-03-31", "2026-04-01", "2026-06-30"):
        at = f"{day}T12:00:00+08:00"
        drive.send(ev.Order, at, order_ref=day, lines=(ev.OrderLine(10_000),))
    lapsed = {}
    for day in ("2027-04-01", "2027-07-01", "2028-01-01"):
        before = drive.balances()[0]
        drive.send(ev.StateChange, f"{day}T00:00:00+08:00", state="active")
        lapsed[day] = before - drive.balances()[0]
    assert lapsed == {"2027-04-01": 200, "2027-07-01": 200, "2028-01-01": 0}
