"""Units become another currency: at a threshold, at the end of a period, when a member asks."""

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
from tests.ledger.driver import Drive, compiled
from tests.programme.writing_programmes import findings, warnings

SHOP = """\
programme: shop
name: {zh: 超市, en: Supermarket}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}, unit_cost: "0.004"}
  vouchers:
    name: {zh: 礼券, en: Vouchers}
    scale: 2
    expiry: {model: fixed, months: 1}
    unit_cost: "1"
"""
ON_REQUEST = """\
conversions:
  money_off:
    name: {zh: 积分抵现, en: Money off}
    from: points
    to: vouchers
    step: 500
    gives: "2.50"
    limit: {units: 2000, window: month}
"""
AT_THRESHOLD = """\
conversions:
  money_off:
    name: {zh: 自动发券, en: Vouchers by themselves}
    from: points
    to: vouchers
    step: 100
    gives: "1.00"
    minimum: 500
    at: threshold
"""
QUARTERLY = AT_THRESHOLD.replace("threshold", "quarter_end")
JUNE = "2026-06-10T12:00:00+08:00"


def shop(conversions: str) -> Drive:
    return Drive(read_programme("shop", SHOP + conversions))


def opening(drive: Drive, *units: int, at: str = JUNE) -> None:
    lots = tuple(ev.OpeningLot(n) for n in units)
    drive.send(ev.OpeningBalance, at, currency="points", lots=lots)


def has(drive: Drive) -> tuple[int, int]:
    return drive.balances()[0], drive.balances("vouchers")[0]


def settle(drive: Drive, at: str) -> int:
    before = len(drive.dues)
    drive.due(parse_instant(at)[0])
    return len(drive.dues) - before


def test_as_much_as_can_be_is_converted_and_the_rest_stays():
    drive = shop(ON_REQUEST)
    opening(drive, 700, 560)
    sent = drive.send(ev.Convert, JUNE, conversion="money_off")
    assert has(drive) == (260, 500)
    told = [(m.currency, m.debit, m.credit, m.units, m.reason, m.rule) for m in sent.movements]
    assert told == [
        ("points", "available", "redeemed", 1000, "convert", "money_off"),
        ("vouchers", "issued", "available", 500, "convert", "money_off"),
    ]
    assert [(use.lot_no, use.units) for use in sent.uses] == [(1, -700), (2, -300)]
    assert sent.movements[1].unit_cost_micro == 1_000_000, "one fen of a voucher costs a fen"


@pytest.mark.parametrize(
    ("units", "code"),
    [(499, "wrong_value"), (2500, "limit_reached"), (1500, "insufficient_units")],
)
def test_what_is_refused_says_why(units: int, code: str):
    drive = shop(ON_REQUEST)
    opening(drive, 1260)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Convert, JUNE, conversion="money_off", units=units)
    assert refused.value.code == code


def test_too_few_units_and_other_conversions_are_refused():
    drive = shop(ON_REQUEST)
    opening(drive, 499)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Convert, JUNE, conversion="money_off")
    assert refused.value.code == "insufficient_units"
    with pytest.raises(Refusal, match="There is no conversion 'money_of'"):
        drive.send(ev.Convert, JUNE, conversion="money_of")
    with pytest.raises(Refusal, match="happens by itself"):
        shop(AT_THRESHOLD).send(ev.Convert, JUNE, conversion="money_off")
    drive.send(ev.StateChange, JUNE, state="paused")
    with pytest.raises(Refusal, match="cannot spend"):
        drive.send(ev.Convert, JUNE, conversion="money_off", units=500)


def test_a_limit_leaves_room_again_next_month_and_after_a_reversal():
    drive = shop(ON_REQUEST)
    opening(drive, 5000)
    drive.send(ev.Convert, JUNE, conversion="money_off")
    assert has(drive) == (3000, 1000)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Convert, JUNE, conversion="money_off")
    assert refused.value.code == "limit_reached"
    drive.send(ev.Reversal, JUNE, reverses_seq=2, reason="by mistake")
    assert has(drive) == (5000, 0)
    drive.send(ev.Convert, JUNE, conversion="money_off", units=500)
    drive.send(ev.Convert, "2026-07-01T00:00:00+08:00", conversion="money_off", units=2000)
    assert has(drive) == (2500, 1250)


def test_a_voucher_that_was_spent_cannot_be_points_again():
    drive = shop(ON_REQUEST)
    opening(drive, 1000)
    drive.send(ev.Convert, JUNE, conversion="money_off")
    drive.send(ev.Spend, JUNE, currency="vouchers", units=100)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Reversal, JUNE, reverses_seq=2, reason="no")
    assert refused.value.code == "debt_refused"
    owing = 'unit_cost: "1"\n    debt: {policy: allow, limit_units: null}\n'
    drive = Drive(read_programme("shop", SHOP.replace('unit_cost: "1"\n', owing) + ON_REQUEST))
    opening(drive, 1000)
    drive.send(ev.Convert, JUNE, conversion="money_off")
    drive.send(ev.Spend, JUNE, currency="vouchers", units=100)
    drive.send(ev.Reversal, JUNE, reverses_seq=2, reason="yes")
    assert drive.balances() == (1000, 0, 0, 0)
    assert drive.balances("vouchers") == (0, 0, 0, 100)


def test_a_lapsed_voucher_becomes_points_again_at_no_loss():
    drive = shop(ON_REQUEST)
    opening(drive, 500)
    drive.send(ev.Convert, JUNE, conversion="money_off")
    drive.send(ev.Reversal, "2026-08-10T12:00:00+08:00", reverses_seq=2, reason="complaint")
    assert has(drive) == (500, 0)


def test_a_threshold_converts_whole_steps_as_soon_as_it_is_reached():
    drive = shop(AT_THRESHOLD)
    seen = []
    for units in (450, 80, 380, 90, 1):
        opening(drive, units)
        seen.append(has(drive))
    assert seen == [(450, 0), (30, 500), (410, 500), (0, 1000), (1, 1000)]
    drive.send(ev.StateChange, JUNE, state="paused")
    opening(drive, 700)
    assert has(drive) == (701, 1000), "who cannot spend keeps the units"
    drive.send(ev.StateChange, JUNE, state="active")
    assert has(drive) == (1, 1700)


def test_a_debt_comes_first():
    owing = SHOP.replace('unit_cost: "0.004"', "debt: {policy: allow, limit_units: null}")
    drive = Drive(read_programme("shop", owing + AT_THRESHOLD))
    drive.send(ev.Adjustment, JUNE, currency="points", units=-100, reason="so")
    opening(drive, 550)
    assert has(drive) == (450, 0)


def test_the_end_of_a_quarter_converts_what_is_there_also_for_the_silent():
    drive = shop(QUARTERLY)
    opening(drive, 450)
    assert settle(drive, "2026-07-01T00:00:00+08:00") == 0, "too little: nothing happens"
    opening(drive, 120, at="2026-07-02T12:00:00+08:00")
    assert settle(drive, "2026-09-30T23:59:59+08:00") == 0
    assert has(drive) == (570, 0)
    assert settle(drive, "2026-10-01T00:00:00+08:00") == 1
    assert has(drive) == (70, 500)
    moved = drive.dues[-1].movements
    assert [(m.reason, m.rule, m.units) for m in moved] == [
        ("convert", "money_off", 500), ("convert", "money_off", 500)
    ]  # fmt: skip
    assert settle(drive, "2029-01-01T00:00:00+08:00") == 1, "the vouchers lapse, nothing else"


def test_what_was_spent_before_the_end_is_not_converted():
    drive = shop(QUARTERLY)
    opening(drive, 600)
    drive.send(ev.Spend, JUNE, currency="points", units=300)
    assert settle(drive, "2026-07-01T00:00:00+08:00") == 1, "it is noted that nothing was due"
    assert has(drive) == (300, 0)
    assert drive.standing.counters == {}


@given(
    st.lists(st.integers(1, 900), min_size=1, max_size=8),
    st.sampled_from(["threshold", "quarter_end"]),
)
def test_no_unit_is_lost_whatever_comes(openings: list[int], at: str):
    drive = shop(AT_THRESHOLD.replace("threshold", at))
    for units in openings:
        opening(drive, units)
    settle(drive, "2026-07-01T00:00:00+08:00")
    points, vouchers = has(drive)
    # By hand: at a threshold after each opening, at the end once.
    left, made = 0, 0
    for units in openings if at == "threshold" else [sum(openings)]:
        left += units
        if left >= 500:
            made += left // 100 * 100
            left %= 100
    assert (points, vouchers) == (left, made)


def test_it_is_written_said_and_kept_as_it_was_read():
    for text in (ON_REQUEST, AT_THRESHOLD, QUARTERLY):
        programme = read_programme("shop", SHOP + text)
        assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2] == (
        "自动发券：每季度末，500积分起，每100积分换1.00礼券，不足部分保留。"
    )
    assert plain_words(read_programme("shop", SHOP + ON_REQUEST), "zh")[-2] == (
        "积分抵现：会员申请时，每月最多2000积分，每500积分换2.50礼券，不足部分保留。"
    )
    assert plain_words(read_programme("shop", SHOP + ON_REQUEST), "en")[-2] == (
        "Money off: every 500 Points become 2.50 Vouchers when the member asks, "
        "at most 2000 a month of them; the rest stays."
    )
    assert plain_words(read_programme("shop", SHOP + AT_THRESHOLD), "en")[-2] == (
        "Vouchers by themselves: every 100 Points become 1.00 Vouchers "
        "as soon as there are 500 Points; the rest stays."
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("from: points", "from: point", "from", "unknown currency 'point'."),
        ("from: points", "from: vouchers", "to", "not converted into itself"),
        ("step: 500", "step: 0", "step", "more than nothing"),
        ('gives: "2.50"', 'gives: "2.505"', "gives", "more than 2 digits"),
        ("units: 2000", "units: 400", "limit.units", "less than one conversion"),
    ],
)
def test_what_a_text_may_not_say(old: str, new: str, path: str, problem: str):
    found = findings(SHOP + ON_REQUEST.replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [
        (f"conversions.money_off.{path}", True)
    ]


BACK = """\
  back:
    name: {zh: 换回, en: Back}
    from: vouchers
    to: points
    step: "1.00"
    gives: 300
"""


def test_a_round_that_gains_is_odd_and_one_by_itself_is_wrong():
    odd = warnings(SHOP + ON_REQUEST + BACK)
    assert [(f.path, "150 %" in f.problem) for f in odd] == [
        ("conversions.money_off", True),
        ("conversions.back", True),
    ]
    assert warnings(SHOP + ON_REQUEST + BACK.replace("300", "200")) == []
    ring = findings(SHOP + AT_THRESHOLD + BACK + "    at: threshold\n")
    assert [f.path for f in ring] == ["conversions.money_off.to", "conversions.back.to"]


def test_what_a_later_version_may_not_do():
    old = read_programme("shop", SHOP + ON_REQUEST)
    new = read_programme("shop", SHOP + QUARTERLY)
    assert breaks(old, new) == [
        "conversions.money_off: happens at another time now; a new conversion needs a new code."
    ]
    new = read_programme("shop", SHOP + ON_REQUEST.replace("window: month", "window: year"))
    assert breaks(old, new) == [
        "conversions.money_off: counts over another window now; a new conversion needs a new code."
    ]


def test_a_reversal_may_leave_no_more_debt_than_the_version_of_today_allows():
    owing = 'unit_cost: "1"\n    debt: {policy: allow, limit_units: 5}\n'
    text = SHOP.replace('unit_cost: "1"\n', owing) + ON_REQUEST
    old = read_programme("shop", text)
    new = read_programme("shop", text.replace("limit_units: 5", "limit_units: 0"))
    drive = Drive(compiled(old, new))
    drive.programmes.versions[1].active_from_us = parse_instant("2026-06-20T00:00:00+08:00")[0]
    opening(drive, 1000)
    drive.send(ev.Adjustment, JUNE, currency="vouchers", units=-400, reason="so")
    assert drive.balances("vouchers")[3] == 400
    drive.send(ev.Convert, JUNE, conversion="money_off")
    drive.send(ev.Spend, JUNE, currency="vouchers", units=100)
    with pytest.raises(Refusal) as refused:
        drive.send(ev.Reversal, "2026-06-21T12:00:00+08:00", reverses_seq=3, reason="no")
    assert refused.value.code == "debt_refused"
    assert drive.balances("vouchers")[3] == 0
