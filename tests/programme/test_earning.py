"""What orders and activities earn: rates, roundings, bases, caps and multipliers."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.numbers import Rounding
from coterie.members.model import Member
from coterie.programme.model import (
    ActivityKind,
    Basis,
    Cap,
    Condition,
    Debt,
    DebtPolicy,
    Field,
    FieldType,
    Metric,
    Multiply,
    Rule,
    Window,
)
from coterie.programme.rating import FEES, SHIPPING, basis_lines
from tests.ledger.driver import Drive, currency, earn, programme, words

AT = "2026-03-10T12:00:00+00:00"
ROUND: dict[Rounding, Callable[[Fraction], int]] = {
    Rounding.DOWN: floor,
    Rounding.UP: ceil,
    Rounding.HALF_UP: lambda x: floor(x + Fraction(1, 2)),
    Rounding.HALF_DOWN: lambda x: ceil(x - Fraction(1, 2)),
    Rounding.HALF_EVEN: round,
}


def buy(drive: Drive, *lines: ev.OrderLine, at: str = AT, **more: Any) -> dict[str, int]:
    """Units by rule."""
    sent = drive.send(ev.Order, at, order_ref=f"o{drive.keys}", lines=lines, **more)
    return {grant.rule: grant.units for grant in sent.grants}


def line(amount_minor: int, *tags: str, milli: int = 1000, **more: Any) -> ev.OrderLine:
    return ev.OrderLine(amount_minor, quantity_milli=milli, tags=tags, **more)


def tagged(name: str) -> Condition:
    return Condition("tag", {"in": [name]})


# ---------------------------------------------------------------------- rounding


def by_hand(rule: dict[str, Any], lines: list[tuple[int, int]]) -> int:
    """Round each order, line or piece; a part of a piece is a piece of its own."""

    def units(amount: Fraction) -> int:
        value = amount / rule["per_minor"]
        if rule["blocks"]:
            value = Fraction(floor(value))
        return ROUND[rule["rounding"]](value * rule["units"])

    if rule["round_each"] == "order":
        return units(Fraction(sum(amount for amount, _ in lines)))
    if rule["round_each"] == "line":
        return sum(units(Fraction(amount)) for amount, _ in lines)
    found = 0
    for amount, milli in lines:
        left = milli
        while left > 0:
            piece = min(left, 1000)
            found += units(Fraction(amount) * piece / milli)
            left -= piece
    return found


WAYS = list(product(Rounding, ["order", "line", "unit"], [False, True]))


@pytest.mark.parametrize(("rounding", "each", "blocks"), WAYS)
def test_every_way_to_round(rounding, each, blocks):
    @settings(max_examples=25)
    @given(
        st.fractions(Fraction(1, 7), 5, max_denominator=20),
        st.sampled_from([1, 7, 100, 300]),
        st.lists(
            st.tuples(st.integers(0, 5000), st.sampled_from([1000, 3000, 2500, 333])),
            min_size=1,
            max_size=4,
        ),
    )
    def check(units, per_minor, lines) -> None:
        how = {"units": units, "per_minor": per_minor, "rounding": rounding, "blocks": blocks,
               "round_each": each}  # fmt: skip
        rule = earn("base", units, per_minor, rounding=rounding, round_each=each, blocks=blocks)
        drive = Drive(programme(rules=(rule,)))
        found = buy(drive, *(line(amount, milli=milli) for amount, milli in lines))
        assert found.get("base", 0) == by_hand(how, lines)

    check()


@pytest.mark.parametrize(
    ("each", "blocks", "rounding", "units"),
    [
        # 3 pieces for 50.00 and one for 25.00; a point for every 10.00.
        ("order", False, Rounding.DOWN, 7),
        ("order", False, Rounding.HALF_UP, 8),
        ("line", False, Rounding.DOWN, 7),
        ("line", False, Rounding.UP, 8),
        ("unit", False, Rounding.DOWN, 5),  # 16.66 gives 1, three times; 25.00 gives 2
        ("unit", False, Rounding.HALF_UP, 9),  # 2, three times; 3
        ("unit", False, Rounding.HALF_EVEN, 8),  # 2, three times; 2.5 gives 2
        ("order", True, Rounding.UP, 7),
        ("unit", True, Rounding.UP, 5),
    ],
)
def test_rounding_by_hand(each, blocks, rounding, units):
    rule = earn("base", Fraction(1), 1000, rounding=rounding, round_each=each, blocks=blocks)
    assert buy(Drive(programme(rules=(rule,))), line(5000, milli=3000), line(2500)) == {
        "base": units
    }


def test_whole_blocks_only():
    # 2.5 points for every full 30.00: 89.99 holds two, 90.00 three (7.5).
    rule = earn("base", Fraction(5, 2), 3000, blocks=True, rounding=Rounding.HALF_UP)
    drive = Drive(programme(rules=(rule,)))
    assert buy(drive, line(8999)) == {"base": 5}
    assert buy(drive, line(9000)) == {"base": 8}


# ---------------------------------------------------------------------- basis

orders = st.builds(
    lambda lines, shipping, fees, gift, voucher: ev.Order(
        key="1",
        occurred_at=AT,
        member=ev.MemberRef(id=1),
        order_ref="A",
        lines=tuple(lines),
        shipping_minor=shipping,
        fees_minor=fees,
        tenders=(ev.Tender("gift", gift), ev.Tender("cash", 1), ev.Tender("voucher", voucher)),
    ),
    st.lists(
        st.builds(
            lambda net, tax: ev.OrderLine(net + tax, tax_minor=tax),
            st.integers(0, 5000),
            st.integers(0, 900),
        ),
        min_size=1,
        max_size=6,
    ),
    *[st.sampled_from([0, 1, 700, 10**6])] * 2,
    *[st.integers(0, 20_000)] * 2,
)


@settings(max_examples=150)
@given(orders, *[st.booleans()] * 3, st.sampled_from([(), ("gift",), ("gift", "voucher")]))
def test_a_basis_adds_up_to_the_last_minor_unit(order, tax, shipping, fees, without):
    found = basis_lines(Basis(tax, shipping, fees, without), order)
    amounts = {n: b.amount_minor - (0 if tax else b.tax_minor) for n, b in enumerate(order.lines)}
    if shipping and order.shipping_minor:
        amounts[SHIPPING] = order.shipping_minor
    if fees and order.fees_minor:
        amounts[FEES] = order.fees_minor
    whole = sum(amounts.values())
    excluded = min(sum(t.amount_minor for t in order.tenders if t.kind in without), whole)
    assert sum(dict(found).values()) == whole - excluded
    for n, amount in found:
        assert 0 <= amount <= amounts[n]
        exact = Fraction(amounts[n] * (whole - excluded), whole) if whole else Fraction(0)
        assert abs(amount - exact) < len(amounts) + 1


def test_a_tender_is_taken_off_by_hand():
    # 100.00 and 50.00; 50.00 by gift card: a third of each, 66.67 and 33.34, a cent off the last.
    order = ev.Order(
        key="1", occurred_at=AT, member=ev.MemberRef(id=1), order_ref="A",
        lines=(line(10_000), line(5_000)), tenders=(ev.Tender("gift", 5_000),),
    )  # fmt: skip
    assert basis_lines(Basis(without_tenders=("gift",)), order) == [(0, 6667), (1, 3333)]
    assert basis_lines(Basis(without_tenders=("cash",)), order) == [(0, 10_000), (1, 5_000)]


# ---------------------------------------------------------------------- multipliers


def doubling(**more: Any) -> Rule:
    more.setdefault("factor", Fraction(2))
    lines = more.pop("lines", None)
    caps = more.pop("caps", ())
    return Rule("more", words("more"), "order", Multiply(("base",), **more), lines=lines, caps=caps)


def test_a_bonus_is_on_the_base_only():
    rules = (
        earn("base", Fraction(1), 100),
        earn("flat", Fraction(30)),
        doubling(factor=Fraction(3, 2)),
    )
    assert buy(Drive(programme(rules=rules)), line(10_100)) == {"base": 101, "flat": 30, "more": 50}


def test_a_bonus_by_attribute():
    factors = {"gold": Fraction(3), "silver": Fraction(3, 2), "none": Fraction(1)}
    rules = (
        earn("base", Fraction(1), 100),
        doubling(attribute="level", factors=factors, rounding=Rounding.UP),
    )
    declared = {"level": Field("level", values=("none", "silver", "gold"))}
    drive = Drive(programme(rules=rules, attributes=declared), Member(1))
    found = []
    for level in (None, "none", "silver", "gold"):
        drive.send(ev.AttributeChange, AT, attributes={"level": level})
        found.append(buy(drive, line(500)).get("more", 0))
    assert found == [0, 0, 3, 10]


def test_a_bonus_on_some_lines():
    rules = (
        earn("base", Fraction(1), 100, rounding=Rounding.HALF_UP),
        doubling(lines=tagged("x"), factor=Fraction(3)),
    )
    # All lines give 6 (5.50); the lines with x 3.50, which is 4, and twice that as the bonus.
    found = buy(Drive(programme(rules=rules)), line(200, "x"), line(150, "x"), line(200, "y"))
    assert found == {"base": 6, "more": 8}
    assert buy(Drive(programme(rules=rules)), line(200, "y")) == {"base": 2}


def test_a_bonus_is_never_more_than_the_capped_base_allows():
    caps = {"day": Cap("day", 4, "units", Window("day"))}
    rules = (earn("base", Fraction(1), 100, rule_caps=("day",)), doubling(lines=tagged("x")))
    found = buy(Drive(programme(rules=rules, caps=caps)), line(1000, "x"), line(500))
    assert found == {"base": 4, "more": 4}


# ---------------------------------------------------------------------- caps


def capped(measure: str, limit: int, window: Window, **more: Any) -> Drive:
    caps = {"cap": Cap("cap", limit, measure, window)}
    rule = earn("base", Fraction(1), 100, rule_caps=("cap",), **more)
    return Drive(programme(rules=(rule,), caps=caps))


@pytest.mark.parametrize(
    ("window", "days", "given_units"),
    [
        # 60 points each; a bound of 100.
        (Window("event"), ["03-10", "03-10"], [60, 60]),
        (Window("day"), ["03-10", "03-10", "03-10", "03-11"], [60, 40, 0, 60]),
        (Window("week"), ["03-10", "03-15", "03-16"], [60, 40, 60]),  # Tuesday, Sunday, Monday
        (Window("month"), ["03-01", "03-31", "04-01"], [60, 40, 60]),
        (Window("quarter"), ["01-01", "03-31", "04-01"], [60, 40, 60]),
        (Window("year"), ["01-01", "12-31"], [60, 40]),
        (Window("rolling_days", 3), ["03-10", "03-12", "03-13", "03-14"], [60, 40, 60, 0]),
        (Window("rolling_months", 2), ["03-10", "04-30", "05-01", "06-01"], [60, 40, 60, 40]),
        (Window("lifetime"), ["03-10", "12-31"], [60, 40]),
    ],
)
def test_a_cap_in_every_window(window, days, given_units):
    drive = capped("units", 100, window)
    found = [buy(drive, line(6000), at=f"2026-{day}T12:00:00+00:00").get("base", 0) for day in days]
    assert found == given_units


def test_a_rolling_cap_holds_for_windows_that_end_after_a_late_event():
    drive = capped("units", 100, Window("rolling_days", 3))
    assert buy(drive, line(6000), at="2026-03-12T12:00:00+00:00") == {"base": 60}
    # Two days before: the 10th to the 12th already hold 60. The day before that: a window alone.
    late = drive.send(
        ev.Order, "2026-03-10T12:00:00+00:00", "2026-03-12T13:00:00+00:00",
        order_ref="late", lines=(line(6000),),
    )  # fmt: skip
    assert [grant.units for grant in late.grants] == [40]
    later = drive.send(
        ev.Order, "2026-03-07T12:00:00+00:00", "2026-03-12T13:00:00+00:00",
        order_ref="later", lines=(line(6000),),
    )  # fmt: skip
    assert [grant.units for grant in later.grants] == [60]


def test_a_cap_on_amounts_cuts_the_basis():
    # 50.00 a day count: of 30.00 and 40.00 the first line wholly, 20.00 of the second.
    drive = capped("amount", 5000, Window("day"))
    sent = drive.send(ev.Order, AT, order_ref="A", lines=(line(3000), line(4000)))
    assert [(g.units, g.lines) for g in sent.grants] == [(50, [(0, 3000), (1, 2000)])]
    assert buy(drive, line(100)) == {}


def test_a_cap_on_amounts_cuts_a_flat_grant_in_proportion():
    caps = {"cap": Cap("cap", 5000, "amount", Window("day"))}
    drive = Drive(programme(rules=(earn("flat", Fraction(30), rule_caps=("cap",)),), caps=caps))
    assert buy(drive, line(7500)) == {"flat": 20}


def test_a_cap_on_applications():
    drive = capped("applications", 2, Window("month"))
    assert [buy(drive, line(100)) for _ in range(3)] == [{"base": 1}, {"base": 1}, {}]


def test_rules_share_a_cap_and_the_rest_falls_to_the_next_rule():
    caps = {"shared": Cap("shared", 50, "units", Window("day"))}
    rules = (
        earn("first", Fraction(1), 100, rule_caps=("shared",)),
        earn("second", Fraction(1), 100, rule_caps=("shared",)),
        earn("free", Fraction(1, 2), 100),
    )
    drive = Drive(programme(rules=rules, caps=caps))
    assert buy(drive, line(3000)) == {"first": 30, "second": 20, "free": 15}
    assert buy(drive, line(3000)) == {"free": 15}


def test_the_tightest_of_several_caps_counts():
    caps = {
        "day": Cap("day", 40, "units", Window("day")),
        "month": Cap("month", 60, "units", Window("month")),
        "ticket": Cap("ticket", 2500, "amount", Window("event")),
    }
    rule = earn("base", Fraction(1), 100, rule_caps=("day", "month", "ticket"))
    drive = Drive(programme(rules=(rule,), caps=caps))
    assert [buy(drive, line(3000)) for _ in range(3)] == [{"base": 25}, {"base": 15}, {}]
    assert buy(drive, line(3000), at="2026-03-11T12:00:00+00:00") == {"base": 20}
    assert drive.standing.counters["cap:month"] == {2026 * 12 + 2: 60}


@settings(max_examples=60)
@given(
    st.sampled_from([Window("event"), Window("day"), Window("rolling_days", 4), Window("month")]),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9000)), min_size=1, max_size=12),
)
def test_no_window_ever_holds_more_than_its_cap(window, bought):
    """In whatever order the days come, as late events do."""
    drive = capped("units", 100, window)
    given_units: dict[int, list[int]] = {}
    for day, amount in bought:
        at = f"2026-03-{10 + day}T12:00:00+00:00"
        sent = drive.send(
            ev.Order, at, "2026-03-25T00:00:00+00:00", order_ref=f"{drive.keys}",
            lines=(line(amount),),
        )  # fmt: skip
        given_units.setdefault(day, []).append(sum(g.units for g in sent.grants))
    days = {day: sum(found) for day, found in given_units.items()}
    if window.kind == "event":
        assert max(max(found) for found in given_units.values()) <= 100
    length = {"day": 1, "rolling_days": 4, "month": 31, "event": 0}[window.kind]
    for first in range(-4, 10):
        if length:
            assert sum(days.get(first + n, 0) for n in range(length)) <= 100


def test_returned_room_goes_back_to_its_period_if_the_cap_says_so():
    # Of March's 100 the order took 60; a late order of March for 90.00 finds 100, or 40.
    for on_return, units in (("release", 90), ("keep", 40)):
        caps = {"cap": Cap("cap", 100, "units", Window("month"), on_return)}
        rule = earn("base", Fraction(1), 100, rule_caps=("cap",))
        drive = Drive(programme(rules=(rule,), caps=caps))
        buy(drive, line(6000))
        drive.send(ev.Return, "2026-04-02T12:00:00+00:00", order_ref="o0")
        assert buy(drive, line(6000), at="2026-04-03T12:00:00+00:00") == {"base": 60}
        late = drive.send(
            ev.Order, "2026-03-31T12:00:00+00:00", "2026-04-04T12:00:00+00:00",
            order_ref="late", lines=(line(9000),),
        )  # fmt: skip
        assert [grant.units for grant in late.grants] == [units]


# ---------------------------------------------------------------------- n-th, activities, states


def test_the_nth_purchase_of_a_month():
    metrics = {"orders": Metric("orders", "order", "count", Window("month"))}
    third = Condition("nth", {"metric": "orders", "every": 3})
    rules = (earn("third", Fraction(50), rule_when=third),)
    drive = Drive(programme(rules=rules, metrics=metrics))
    days = ["03-01", "03-02", "03-03", "04-01", "04-02", "04-03", "04-04"]
    found = [buy(drive, line(100), at=f"2026-{day}T12:00:00+00:00") for day in days]
    assert [bool(grants) for grants in found] == [0, 0, 1, 0, 0, 1, 0]


def test_a_returned_order_no_longer_counts():
    metrics = {
        "orders": Metric("orders", "order", "count", Window("month")),
        "spend": Metric("spend", "order", "amount", Window("month")),
        "ever": Metric("ever", "order", "amount", Window("lifetime"), returns="keep"),
    }
    drive = Drive(programme(metrics=metrics))
    month = 2026 * 12 + 2
    buy(drive, line(100), line(200))
    drive.send(ev.Return, AT, order_ref="o0", lines=(ev.ReturnLine(line="2"),))
    counters = drive.standing.counters
    assert counters == {"orders": {month: 1}, "spend": {month: 100}, "ever": {0: 300}}
    drive.send(ev.Return, AT, order_ref="o0", lines=(ev.ReturnLine(line="1"),))
    assert counters == {"orders": {month: 0}, "spend": {month: 0}, "ever": {0: 300}}


def test_an_activity_earns_by_its_field():
    fields = {"nights": Field("nights", FieldType.INTEGER, required=True, minimum=0, maximum=30)}
    activities = {"stay": ActivityKind("stay", words("stay"), fields)}
    caps = {"year": Cap("year", 5, "applications", Window("year"))}
    rules = (
        earn("nights", Fraction(3, 2), 1, per_field="nights", rule_on="activity:stay",
             rounding=Rounding.HALF_UP),
        earn("welcome", Fraction(10), rule_on="activity:stay", rule_caps=("year",)),
    )  # fmt: skip
    metrics = {"nights": Metric("nights", "activity:stay", "nights", Window("year"))}
    drive = Drive(programme(rules=rules, activities=activities, caps=caps, metrics=metrics))
    sent = drive.send(ev.Activity, AT, activity="stay", fields={"nights": 3})
    assert {grant.rule: grant.units for grant in sent.grants} == {"nights": 5, "welcome": 10}
    assert drive.standing.counters["nights"] == {2026: 3}
    drive.send(ev.Reversal, AT, reverses_seq=1, reason="no stay")
    assert drive.balances() == (0, 0, 0, 0)
    assert drive.standing.counters == {"nights": {2026: 0}, "cap:year": {2026: 0}}


def test_who_may_not_earn_is_counted_all_the_same():
    metrics = {"orders": Metric("orders", "order", "count", Window("lifetime"))}
    rules = (earn("base", Fraction(1), 100),)
    drive = Drive(programme(rules=rules, metrics=metrics), Member(1, state="paused"))
    assert buy(drive, line(10_000)) == {}
    assert drive.standing.counters == {"orders": {0: 1}}
    assert drive.balances() == (0, 0, 0, 0)


def test_a_repaid_debt_is_booked_with_rule_cost_and_funder():
    """Units that repay a debt cost whoever funds the rule as much as units that are kept."""
    rules = (earn("base", Fraction(1), 100, rule_funder="brand", rule_campaign="spring"),)
    points = currency(unit_cost_micro=7, debt=Debt(DebtPolicy.ALLOW))
    drive = Drive(programme(rules=rules, currencies={"points": points}))
    drive.send(ev.Adjustment, AT, currency="points", units=-4, reason="so")
    sent = drive.send(ev.Order, AT, order_ref="A", lines=(line(1000),))
    assert [(m.credit, m.units) for m in sent.movements] == [("owed", 4), ("available", 6)]
    marks = {(m.rule, m.unit_cost_micro, m.funder, m.campaign) for m in sent.movements}
    assert marks == {("base", 7, "brand", "spring")}
