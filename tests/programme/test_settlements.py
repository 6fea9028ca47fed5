"""Rebates at the end of a period: bands, the best of several metrics, corrections, silence."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.time import parse_instant
from coterie.programme.differing import diff, diff_words
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive, compiled
from tests.programme.writing_programmes import findings, warnings

TRADE = """\
programme: trade
name: {zh: 经销, en: Trade}
zone: Asia/Shanghai
money: CNY
currencies:
  cash:
    name: {zh: 返利, en: Rebate}
    scale: 2
    unit_cost: "1"
metrics:
  spend: {name: {zh: 当季进货额, en: purchases of the quarter}, measure: amount, window: quarter}
  food: {name: {zh: 食品消费, en: food}, measure: amount, window: month,
         when: {any_line: {category: food}}}
  home: {name: {zh: 家居消费, en: home}, measure: amount, window: month,
         when: {any_line: {category: home}}}
"""
QUARTERLY = """\
settlements:
  rebate:
    name: {zh: 季度返利, en: Quarterly rebate}
    every: quarter
    metric: spend
    bands:
      - {from: "1000.00", rate: "0.01"}
      - {from: "5000.00", rate: "0.02"}
      - {from: "20000.00", rate: "0.03"}
    currency: cash
    most: "900.00"
"""
BEST = """\
settlements:
  best:
    name: {zh: 当月最高品类, en: Best category}
    every: month
    best_of: [food, home]
    bands: [{from: 0, rate: "0.05"}, {from: "100.00", units: 20}]
    applies: marginal
    currency: cash
    rounding: half_up
    days: 10
"""


def trade(settlements: str) -> Drive:
    return Drive(read_programme("trade", TRADE + settlements))


def buy(drive: Drive, at: str, minor: int, ref: str = "", category: str = "food") -> None:
    line = ev.OrderLine(minor, categories=(category,))
    ref = ref or f"r{drive.keys}"
    drive.send(ev.Order, f"{at}T12:00:00+08:00", order_ref=ref, lines=(line,))


def wait(drive: Drive, at: str) -> list[int]:
    """Let time pass; return what every due moment paid."""
    before = len(drive.dues)
    drive.due(parse_instant(f"{at}+08:00")[0])
    return [sum(m.units for m in due.movements) for due in drive.dues[before:]]


@pytest.mark.parametrize(
    ("spent", "whole", "marginal"),
    [
        (99_999, 0, 0),
        (100_000, 1_000, 0),
        (499_999, 4_999, 3_999),
        (500_000, 10_000, 4_000),
        (2_000_000, 60_000, 34_000),
        (9_000_000, 90_000, 90_000),
    ],
)
def test_bands_on_the_whole_or_each_on_its_part(spent: int, whole: int, marginal: int):
    # By hand: 1 % from 1,000, 2 % from 5,000, 3 % from 20,000; 900 at most.
    assert read_programme("t", TRADE + QUARTERLY).parts["settlements"]["rebate"].units_for(
        spent
    ) == (whole)
    text = QUARTERLY + "    applies: marginal\n"
    entry = read_programme("t", TRADE + text).parts["settlements"]["rebate"]
    assert entry.units_for(spent) == marginal


def test_a_quarter_is_paid_once_also_to_the_silent():
    drive = trade(QUARTERLY)
    buy(drive, "2026-01-10", 300_000)
    buy(drive, "2026-02-10", 300_000)
    assert drive.balances("cash")[0] == 0
    assert wait(drive, "2026-03-31T23:59:59") == []
    assert wait(drive, "2026-04-01T00:00:00") == [12_000]
    moved = drive.dues[-1].movements
    assert [(m.debit, m.credit, m.reason, m.rule, m.unit_cost_micro) for m in moved] == [
        ("issued", "available", "settle", "rebate", 1_000_000)
    ]
    assert wait(drive, "2030-01-01T00:00:00") == [], "nothing more, ever"
    buy(drive, "2030-01-02", 100_000)
    assert wait(drive, "2030-04-01T00:00:00") == [1_000]


def test_a_return_after_the_settlement_corrects_the_next():
    drive = trade(QUARTERLY)
    buy(drive, "2026-01-10", 300_000, "A")
    buy(drive, "2026-02-10", 300_000, "B")
    wait(drive, "2026-04-01T00:00:00")
    drive.send(ev.Return, "2026-04-10T12:00:00+08:00", order_ref="B")
    assert drive.balances("cash")[0] == 12_000, "what was paid stays until then"
    buy(drive, "2026-05-10", 1_000_000)
    # The first quarter is worth 3,000.00 at 1 %: 30.00 instead of 120.00. The second: 200.00.
    assert wait(drive, "2026-07-01T00:00:00") == [20_000 - 9_000]
    assert drive.balances("cash")[0] == 3_000 + 20_000


def test_what_was_paid_too_much_is_taken_off_as_long_as_it_takes():
    drive = trade(QUARTERLY)
    buy(drive, "2026-01-10", 600_000, "A")
    wait(drive, "2026-04-01T00:00:00")
    drive.send(ev.Return, "2026-04-10T12:00:00+08:00", order_ref="A")
    assert wait(drive, "2026-07-01T00:00:00") == [0], "noted: 120.00 are to be taken off"
    buy(drive, "2026-07-10", 300_000)
    assert wait(drive, "2026-10-01T00:00:00") == [0]
    buy(drive, "2026-10-10", 600_000)
    assert wait(drive, "2027-01-01T00:00:00") == [12_000 - (12_000 - 3_000)]
    assert wait(drive, "2029-01-01T00:00:00") == []


def test_what_arrives_late_is_paid_with_the_next():
    drive = trade(QUARTERLY)
    buy(drive, "2026-03-10", 100_000)
    wait(drive, "2026-04-01T00:00:00")
    line = (ev.OrderLine(400_000),)
    late = ("2026-03-30T12:00:00+08:00", "2026-04-05T12:00:00+08:00")
    drive.send(ev.Order, *late, order_ref="late", lines=line)
    assert wait(drive, "2026-06-30T23:59:59") == []
    assert wait(drive, "2026-07-01T00:00:00") == [10_000 - 1_000]
    # Nothing at all was known of that quarter before.
    drive = trade(QUARTERLY)
    drive.send(ev.Order, *late, order_ref="late", lines=line)
    assert wait(drive, "2026-07-01T00:00:00") == [4_000]


def test_the_best_category_of_a_month_is_paid_ten_days_later():
    drive = trade(BEST)
    buy(drive, "2026-01-10", 9_990)
    buy(drive, "2026-01-11", 15_010, category="home")
    assert wait(drive, "2026-02-10T23:59:59") == []
    # 5 % of 100.00, and from there 20.00; 5 % of the rest lies in no band.
    assert wait(drive, "2026-02-11T00:00:00") == [500 + 2_000]
    buy(drive, "2026-02-12", 9_990)
    assert wait(drive, "2026-03-11T00:00:00") == [500], "499.5 rounded half up"


def test_who_may_not_earn_gets_nothing_until_they_may():
    drive = trade(QUARTERLY)
    buy(drive, "2026-01-10", 600_000)
    drive.send(ev.StateChange, "2026-03-10T12:00:00+08:00", state="paused")
    assert wait(drive, "2026-04-01T00:00:00") == [0]
    assert wait(drive, "2027-04-01T00:00:00") == []
    drive.send(ev.StateChange, "2027-04-10T12:00:00+08:00", state="active")
    assert wait(drive, "2027-07-01T00:00:00") == [12_000]


def test_other_bands_move_nothing_of_what_is_settled():
    old = read_programme("trade", TRADE + QUARTERLY)
    new = read_programme("trade", TRADE + QUARTERLY.replace('rate: "0.02"', 'rate: "0.05"'))
    assert breaks(old, new) == []
    drive = Drive(compiled(old, new))
    drive.programmes.versions[1].active_from_us = parse_instant("2026-04-15T00:00:00+08:00")[0]
    buy(drive, "2026-01-10", 600_000)
    assert wait(drive, "2026-04-01T00:00:00") == [12_000]
    buy(drive, "2026-05-10", 600_000)
    assert wait(drive, "2026-07-01T00:00:00") == [30_000]


MONTHS = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 28), st.integers(1, 900_000), st.booleans()),
    max_size=12,
)


@given(MONTHS)
def test_all_payments_together_are_what_the_quarters_are_worth(bought: list[tuple[int, ...]]):
    """Whatever is bought and comes back at once: a sum by hand, quarter for quarter."""
    drive = trade(QUARTERLY)
    worth = [0, 0, 0, 0]
    for n, (month, day, minor, back) in enumerate(sorted(bought)):
        buy(drive, f"2026-{month:02d}-{day:02d}", minor, f"o{n}")
        if back:
            at = f"2026-{month:02d}-{day:02d}T13:00:00+08:00"
            drive.send(ev.Return, at, order_ref=f"o{n}")
        else:
            worth[(month - 1) // 3] += minor
    wait(drive, "2027-01-01T00:00:00")
    expected = 0
    for value in worth:
        percent = 3 if value >= 2_000_000 else 2 if value >= 500_000 else 1
        expected += min(value * percent // 100, 90_000) if value >= 100_000 else 0
    assert drive.balances("cash")[0] == expected


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_marginal_bands_never_pay_less_for_more(one: int, other: int):
    text = QUARTERLY + "    applies: marginal\n    rounding: half_even\n"
    entry = read_programme("t", TRADE + text).parts["settlements"]["rebate"]
    assert entry.units_for(min(one, other)) <= entry.units_for(max(one, other))
    parts = [(100_000, 1), (500_000, 1), (2_000_000, 1)]
    exact = sum(Fraction(max(one - start, 0) * more, 100) for start, more in parts)
    assert entry.units_for(one) == min(round(exact), 90_000)


def test_it_is_written_said_and_kept_as_it_was_read():
    for text in (QUARTERLY, BEST):
        programme = read_programme("trade", TRADE + text)
        assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2] == (
        "当月最高品类：每月末结算，按食品消费、家居消费中最高的一项分段累计："
        "满0.00每1得0.05返利；满100.00得20.00返利，10天后发放。"
    )
    assert plain_words(programme, "en")[-2] == (
        "Best category: at the end of every month, on the part of the highest of food and home in "
        "each band: from 0.00 0.05 Rebate for each 1; from 100.00 20.00 Rebate, paid 10 days later."
    )
    assert plain_words(read_programme("trade", TRADE + QUARTERLY), "en")[-2] == (
        "Quarterly rebate: at the end of every quarter, on the whole of purchases of the quarter: "
        "from 1000.00 0.01 Rebate for each 1; from 5000.00 0.02 Rebate for each 1; "
        "from 20000.00 0.03 Rebate for each 1, at most 900.00 Rebate a time."
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("metric: spend", "metric: spent", "metric", "unknown metric 'spent'."),
        ("metric: spend", "metric: food", "metric", "does not count by `quarter`"),
        ("metric: spend", "metric: spend\n    best_of: [food, home]", "", "either `metric`"),
        ('"5000.00"', '"1000.00"', "bands[1].from", "bands rise"),
        ('rate: "0.02"', 'rate: "0.02", units: 1', "bands[1]", "either a `rate` or `units`"),
        ("currency: cash", "currency: cas", "currency", "unknown currency 'cas'."),
        ('most: "900.00"', 'most: "900.001"', "most", "more than 2 digits"),
    ],
)
def test_what_a_text_may_not_say(old: str, new: str, path: str, problem: str):
    found = findings(TRADE + QUARTERLY.replace(old, new))
    place = f"settlements.rebate.{path}" if path else "settlements.rebate"
    assert [(f.path, problem in f.problem) for f in found] == [(place, True)]


def test_a_rebate_of_more_than_the_sale_is_odd():
    odd = warnings(TRADE + QUARTERLY.replace('rate: "0.03"', 'rate: "1.25"'))
    assert [(f.path, "125 %" in f.problem) for f in odd] == [("settlements.rebate.bands[2]", True)]


def test_what_a_later_version_may_not_do():
    old = read_programme("trade", TRADE + QUARTERLY)
    new = read_programme(
        "trade",
        TRADE.replace("window: quarter", "window: year") + QUARTERLY.replace("quarter\n", "year\n"),
    )
    assert "settlements.rebate: settles something else now; a new settlement needs a new code." in (
        breaks(old, new)
    )


def test_a_new_settlement_begins_for_each_member_with_their_next_event():
    old = read_programme("trade", TRADE)
    new = read_programme("trade", TRADE + QUARTERLY)
    said = {lang: diff_words(diff(old, new), lang)[-1] for lang in ("zh", "en")}
    assert (
        said["zh"] == "  每位会员自生效后的下一次事件起结算；指标仍有记录的上一期随下次结算补付。"
    )
    assert said["en"].endswith("next event on; a remembered period before is made up then.")

    def drive() -> Drive:
        found = Drive(compiled(old, new))
        found.programmes.versions[1].active_from_us = parse_instant("2026-02-01T00:00:00+08:00")[0]
        buy(found, "2026-01-10", 600_000)
        return found

    silent, active = drive(), drive()
    buy(active, "2026-03-31", 1)
    assert wait(active, "2026-04-01T00:00:00") == [12_000], "all of the quarter is counted"
    assert wait(silent, "2026-04-01T00:00:00") == []
    buy(silent, "2026-04-10", 200_000)
    assert wait(silent, "2026-07-01T00:00:00") == [12_000 + 2_000], "made up for"


def test_a_late_event_of_an_earlier_version_forgets_nothing_that_is_due():
    old = read_programme("trade", TRADE)
    new = read_programme("trade", TRADE + QUARTERLY)
    drive = Drive(compiled(old, new))
    drive.programmes.versions[1].active_from_us = parse_instant("2026-02-01T00:00:00+08:00")[0]
    buy(drive, "2026-02-10", 600_000)
    at, received = "2026-01-20T12:00:00+08:00", "2026-02-11T12:00:00+08:00"
    drive.send(ev.OpeningBalance, at, received, currency="cash", lots=(ev.OpeningLot(1),))
    assert wait(drive, "2026-04-01T00:00:00") == [12_000]


def test_a_rebate_that_nobody_touches_lapses_for_inactivity():
    text = TRADE.replace(
        "    scale: 2\n", "    scale: 2\n    expiry: {model: inactivity, days: 30}\n"
    )
    drive = Drive(read_programme("trade", text + QUARTERLY))
    buy(drive, "2026-01-10", 600_000)
    assert wait(drive, "2026-04-01T00:00:00") == [12_000]
    assert wait(drive, "2026-05-01T23:59:59") == []
    assert wait(drive, "2026-05-02T00:00:00") == [12_000]
    assert drive.balances("cash")[0] == 0
