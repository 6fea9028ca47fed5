"""Rates by table and by bands, per quantity and per tender: against a slow reading in fractions."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.programme.plain import rule_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, finding, with_rule

AT = "2026-03-10T12:00:00+08:00"
ROUND: dict[str, Callable[[Fraction], int]] = {
    "down": floor,
    "up": ceil,
    "half_up": lambda x: floor(x + Fraction(1, 2)),
    "half_down": lambda x: ceil(x - Fraction(1, 2)),
    "half_even": round,
}
BARE = SMALL[: SMALL.index("rules:\n")].replace(
    "caps:\n  daily: {limit: 100, measure: units, window: day}\n", ""
)


def rule(earn: str, on: str = "order", **more: str) -> str:
    said = "".join(f"    {key}: {value}\n" for key, value in more.items())
    return (
        f"{BARE}rules:\n  - code: tested\n    name: {{zh: 测, en: Tested}}\n    on: {on}\n"
        f"{said}    earn: {{currency: points, {earn}}}\n"
    )


def given_for(text: str, *lines: ev.OrderLine, **more: Any) -> int:
    drive = Drive(read_programme("small.yaml", text))
    drive.send(ev.Order, AT, order_ref="A", lines=lines, **more)
    return drive.balances()[0]


def visited(text: str, **fields: Any) -> int:
    drive = Drive(read_programme("small.yaml", text))
    if "level" in fields:
        level = fields.pop("level")
        drive.send(ev.AttributeChange, AT, attributes={"level": level})
    drive.send(ev.Activity, AT, activity="visit", fields=fields)
    return drive.balances()[0]


def line(amount: int, brand: str | None = None, *tags: str, milli: int = 1000) -> ev.OrderLine:
    return ev.OrderLine(amount, brand=brand, tags=tags, quantity_milli=milli)


# ---------------------------------------------------------------------- a slow interpreter


BRANDS = st.sampled_from([None, "x", "y", "z"])
LINES = st.lists(
    st.tuples(st.integers(0, 30_000), BRANDS, st.sampled_from([1000, 2500, 333, 4000])),
    min_size=1,
    max_size=5,
)
UNITS = st.sampled_from(["1", "1.5", "1/3", "0.25", "7"])
TENDERS = st.lists(
    st.tuples(st.sampled_from(["cash", "card", "gift"]), st.integers(0, 9_000)), max_size=3
)


@st.composite
def rates(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["brand", "tender", "marginal", "whole", "plain"]))
    found: dict[str, Any] = {"kind": kind, "rounding": draw(st.sampled_from(list(ROUND)))}
    found["per"] = draw(st.sampled_from(["1.00", "0.07", "30.00"]))
    found["each"] = draw(st.sampled_from(["order", "line"]))
    found["quantity"] = kind != "tender" and draw(st.booleans())
    if found["quantity"]:
        found["per"] = draw(st.sampled_from(["1", "0.5", "0.3"]))
    cut = draw(st.sampled_from(["", "blocks", "round"]))
    found["blocks"] = cut == "blocks"
    found["basis"] = (draw(st.sampled_from(["1", "0.5"])), draw(st.sampled_from(list(ROUND))))
    if cut != "round":
        found["basis"] = None
    found["units"] = draw(UNITS)
    found["least"] = draw(st.sampled_from([0, 5]))
    if kind in ("brand", "tender"):
        names = ["x", "y"] if kind == "brand" else ["cash", "card"]
        found["rates"] = {name: draw(UNITS) for name in names}
    elif kind != "plain":
        bounds = sorted(draw(st.sets(st.integers(1, 300), min_size=1, max_size=3)))
        found["bands"] = [(bound, draw(UNITS)) for bound in bounds]
        if draw(st.booleans()):
            found["bands"].append((None, draw(UNITS)))
    return found


def written(how: dict[str, Any]) -> str:
    parts = [f"rounding: {how['rounding']}", f"round_each: {how['each']}"]
    parts.append(f'{"per_quantity" if how["quantity"] else "per"}: "{how["per"]}"')
    if "rates" in how:
        field = "brand" if how["kind"] == "brand" else "tender"
        rates = ", ".join(f"{k}: {v}" for k, v in how["rates"].items())
        parts.append(f"units: {how['units']}, by: {{field: {field}, rates: {{{rates}}}}}")
    elif "bands" in how:
        bands = ", ".join(
            f"{{{'' if bound is None else f'up_to: {bound}, '}units: {units}}}"
            for bound, units in how["bands"]
        )
        parts.append(f"bands: [{bands}], bands_apply: {how['kind']}")
    else:
        parts.append(f"units: {how['units']}")
    if how["blocks"]:
        parts.append("blocks: true")
    if how["basis"]:
        parts.append(f'round_basis: {{to: "{how["basis"][0]}", rounding: {how["basis"][1]}}}')
    if how["least"]:
        parts.append(f"at_least: {how['least']}")
    return rule(", ".join(parts))


def cut(how: dict[str, Any], amount: Fraction) -> Fraction:
    """In whole money or whole pieces, as it is written."""
    if how["blocks"]:
        per = Fraction(how["per"])
        return floor(amount / per) * per
    if how["basis"]:
        to, rounding = Fraction(how["basis"][0]), how["basis"][1]
        return ROUND[rounding](amount / to) * to
    return amount


def worth(how, part, tenders, *, uncut: bool = False) -> Fraction:
    """The exact units of one part that is rounded for itself."""

    def counted(amount: Fraction) -> Fraction:
        return amount if uncut else cut(how, amount)

    whole = sum((amount for amount, _ in part), Fraction(0))
    by_rate: dict[Fraction, Fraction] = {}
    per = Fraction(how["per"])
    if how["kind"] == "brand":
        for amount, brand in part:
            rate = Fraction(how["rates"].get(brand, how["units"]))
            by_rate[rate] = by_rate.get(rate, Fraction(0)) + amount
        return sum((counted(a) * rate / per for rate, a in by_rate.items()), Fraction(0))
    if how["kind"] == "tender":
        paid = sum(amount for _, amount in tenders)
        if not paid:
            return counted(whole) * Fraction(how["units"]) / per
        so_far = 0
        for kind, amount in tenders:
            minor = whole * 100
            share = floor(minor * (so_far + amount) / paid) - floor(minor * so_far / paid)
            so_far += amount
            rate = Fraction(how["rates"].get(kind, how["units"]))
            by_rate[rate] = by_rate.get(rate, Fraction(0)) + Fraction(share, 100)
        return sum((counted(a) * rate / per for rate, a in by_rate.items()), Fraction(0))
    if how["kind"] == "plain":
        return counted(whole) * Fraction(how["units"]) / per
    if how["kind"] == "whole":
        units = next((u for bound, u in how["bands"] if bound is None or whole <= bound), "0")
        return counted(whole) * Fraction(units) / per
    found, begins = Fraction(0), Fraction(0)
    for bound, units in how["bands"]:
        ends = counted(whole) if bound is None else min(counted(whole), Fraction(bound))
        found += max(ends - begins, Fraction(0)) * Fraction(units) / per
        begins = max(ends, begins)
    return found


def slow(how, lines, tenders) -> int:
    sizes = [
        (Fraction(milli, 1000) if how["quantity"] else Fraction(amount, 100), brand)
        for amount, brand, milli in lines
    ]
    parts = [[size] for size in sizes] if how["each"] == "line" else [sizes]
    units = sum(ROUND[how["rounding"]](worth(how, part, tenders)) for part in parts)
    if how["least"] and worth(how, sizes, tenders, uncut=True):
        return max(units, int(how["least"]))
    return units


@settings(max_examples=400)
@given(rates(), LINES, TENDERS)
def test_what_is_compiled_is_what_is_read_slowly(how, lines, tenders):
    text = written(how)
    programme = read_programme("small.yaml", text)
    assert read_canonical(canonical_text(programme)) == programme
    found = given_for(
        text,
        *(line(amount, brand, milli=milli) for amount, brand, milli in lines),
        tenders=tuple(ev.Tender(kind, amount) for kind, amount in tenders),
    )
    assert found == slow(how, lines, tenders)


# ---------------------------------------------------------------------- by hand


CABIN = "by: {field: city, rates: {bj: 1, sh: 1.5}}"


@pytest.mark.parametrize(
    ("earn", "fields", "units"),
    [
        (f"{CABIN}, per_field: guests", {"city": "sh", "guests": 3}, 4),
        (f"{CABIN}, per_field: guests", {"guests": 3}, 0),
        (f"units: 2, {CABIN}, per_field: guests", {"guests": 3}, 6),
        (f"{CABIN}, per_field: guests, at_least: 500", {"city": "bj", "guests": 30}, 500),
        (f"{CABIN}, per_field: guests, at_least: 500", {"city": "bj", "guests": 900}, 900),
        (f"{CABIN}, per_field: guests, at_least: 500", {"guests": 900}, 0),
        ("by: {field: city, rates: {bj: 100, sh: 200}}", {"city": "sh"}, 200),
        ("by: {attribute: level, rates: {gold: 3}}, units: 1, per_field: guests",
         {"level": "gold", "guests": 5}, 15),
        ("by: {attribute: level, rates: {gold: 3}}, units: 1, per_field: guests",
         {"level": "basic", "guests": 5}, 5),
        (("bands: [{up_to: 2, units: 10}, {up_to: 4, units: 25}], bands_of: guests, "
         "bands_apply: whole"), {"guests": 2}, 10),
        (("bands: [{up_to: 2, units: 10}, {up_to: 4, units: 25}], bands_of: guests, "
         "bands_apply: whole"), {"guests": 3}, 25),
        (("bands: [{up_to: 2, units: 10}, {up_to: 4, units: 25}], bands_of: guests, "
         "bands_apply: whole"), {"guests": 5}, 0),
        ("bands: [{up_to: 2, units: 10}, {units: 1}], per_field: guests", {"guests": 5}, 23),
    ],
)  # fmt: skip
def test_an_activity_by_table_and_bands(earn, fields, units):
    assert visited(rule(earn, "activity:visit"), **fields) == units


@pytest.mark.parametrize(
    ("earn", "units"),
    [
        # 150.00 in all: 100.00 of x paid by card, 50.00 of y; 30.00 of it by a gift card
        ("units: 1, per: 1, basis: {only_tenders: [card]}", 120),
        ("units: 1, per: 1, basis: {only_tenders: [gift]}", 30),
        ("units: 1, per: 1, by: {field: tender, rates: {gift: 0}}", 120),
        ("units: 1, per: 1, by: {field: tender, rates: {gift: 3}}", 210),
        ("units: 1, per: 1, by: {field: channel, rates: {app: 2}}", 300),
        ("units: 1, per: 1, by: {field: tag, rates: {new: 2}}", 200),
        ("units: 2, per_quantity: 1", 7),
        ("bands: [{up_to: 100, units: 1}, {units: 2}], per: 1", 200),
        ("bands: [{up_to: 100, units: 1}, {units: 2}], per: 1, bands_apply: whole", 300),
        ("bands: [{up_to: 100, units: 10}, {units: 50}], bands_apply: whole", 50),
        (("bands: [{up_to: 3, units: 1}, {units: 4}], bands_of: quantity, bands_apply: whole, "
         "per: 1"), 600),
        ('units: 1, per: 1, round_basis: {to: "40.00"}', 160),
        ('units: 1, per: 1, round_basis: {to: "40.00", rounding: down}', 120),
    ],
)  # fmt: skip
def test_an_order_by_tender_channel_tag_quantity_and_bands(earn, units):
    found = given_for(
        rule(earn), line(10_000, "x", milli=2500), line(5_000, "y", "new"), channel="app",
        tenders=(ev.Tender("card", 12_000), ev.Tender("gift", 3_000)),
    )  # fmt: skip
    assert found == units


def test_a_return_leaves_what_remains_would_have_earned_in_proportion():
    text = rule("units: 1, per: 1, by: {field: brand, rates: {x: 3}}")
    for policy, left in (("proportional", 212), ("recompute", 250)):
        scaled = text.replace("en: Points}\n", f"en: Points}}\n    returns: {policy}\n", 1)
        drive = Drive(read_programme("small.yaml", scaled))
        lines = (line(10_000, "x"), line(10_000, "y"))
        drive.send(ev.Order, AT, order_ref="A", lines=lines)
        assert drive.balances()[0] == 400
        half = ev.ReturnLine(line="2", amount_minor=5_000)
        quarter = ev.ReturnLine(line="1", amount_minor=3_333)
        if policy == "recompute":
            drive.send(ev.Return, AT, order_ref="A", lines=(half, quarter))
            assert drive.balances()[0] == left
            continue
        for returned in (half, quarter):
            drive.send(ev.Return, AT, order_ref="A", lines=(returned,))
        assert drive.balances()[0] == 400 * (20_000 - 8_333) // 20_000


# ---------------------------------------------------------------------- words and mistakes


@pytest.mark.parametrize(
    ("earn", "on", "zh", "en"),
    [
        (
            f"{CABIN}, per_field: guests, at_least: 5", "activity:visit",
            "每次到店，每 1 guests 按city送 积分：bj 1、sh 1.5（舍去尾数，至少 5）。",
            ("for every Visit, Points for every 1 of guests by city: bj 1, sh 1.5 (rounded down, "
            "at least 5)."),
        ),
        (
            "units: 1, per: 1, by: {field: tender, rates: {gift: 0}}", "order",
            "每笔订单，每 CNY 1.00 按支付方式送 积分：gift 0、其他 1（含税，整单舍去尾数）。",
            ("for every order, Points for every CNY 1.00 by means of payment: gift 0, others 1 "
            "(tax included, rounded down once an order)."),
        ),
        (
            "bands: [{up_to: 100, units: 1}, {units: 2}], per: 1", "order",
            ("每笔订单，每 CNY 1.00 按金额分段送 积分：100.00以内的部分 1、以上部分 2"
            "（含税，整单舍去尾数）。"),
            ("for every order, Points for every CNY 1.00 by parts of the amount: up to 100.00 1, "
            "above that 2 (tax included, rounded down once an order)."),
        ),
        (
            "bands: [{up_to: 100, units: 10}, {units: 50}], bands_apply: whole", "order",
            "每笔订单，按金额所在档次送 积分：100.00以内 10、以上 50。",
            "for every order, Points by where the amount lies: up to 100.00 10, above that 50.",
        ),
        (
            'units: 2, per_quantity: 1, round_basis: {to: "1", rounding: up}', "order",
            "每笔订单，每 1 件（或计量单位） 送 2 积分（先按 1 的倍数进一，再整单舍去尾数）。",
            ("for every order, 2 Points for every 1 of quantity (first rounded up to 1, then "
            "rounded down once an order)."),
        ),
    ],
)  # fmt: skip
def test_a_rate_is_said(earn, on, zh, en):
    programme = read_programme("small.yaml", rule(earn, on))
    (only,) = programme.rules
    assert rule_words(only, programme, "zh") == f"测：{zh}"
    assert rule_words(only, programme, "en") == f"Tested: {en}"


@pytest.mark.parametrize(
    ("earn", "on", "path", "problem"),
    [
        ("per: 1", "order", "", "'units' is missing"),
        ("units: 1, bands: [{units: 1}]", "order", "", "`bands` say the units"),
        ("units: 0, per: 1", "order", ".units", "more than nothing"),
        ("per: 1, by: {field: brand, rates: {x: 0}}", "order", ".by.rates", "more than nothing"),
        ("per: 1, by: {field: colour, rates: {x: 1}}", "order", ".by.field", "no 'colour'"),
        ("per: 1, by: {rates: {x: 1}}", "order", ".by", "one of `field`"),
        ("by: {field: brand, rates: {x: 1}}", "order", ".by", "it needs `per`"),
        ("per: 1, by: {attribute: lvel, rates: {x: 1}}", "order", ".by.attribute",
         "unknown attribute"),
        ("per: 1, by: {attribute: level, rates: {glod: 1}}", "order", ".by.rates.glod",
         "not a value of 'level'"),
        ("per_field: guests, by: {field: city, rates: {nj: 1}}", "activity:visit",
         ".by.rates.nj", "not a value of 'city'"),
        ("bands: [{units: 1}, {units: 2}], per: 1", "order", ".bands[0]", "only the last band"),
        ("bands: [{up_to: 5, units: 1}, {up_to: 5, units: 2}], per: 1", "order",
         ".bands[1].up_to", "ends before it begins"),
        ("bands: [{up_to: 5, units: 1}]", "order", "", "cut into parts"),
        ("bands: [{up_to: 5, units: 1}], per: 1, bands_of: quantity", "order", "",
         "cut into parts"),
        ("bands: [{up_to: 5, units: 1}], bands_of: gusts, bands_apply: whole", "activity:visit",
         ".bands_of", "no whole-number field 'gusts'"),
        ("units: 1, per: 1, per_quantity: 1", "order", "", "one of `per`"),
        ("units: 1, per_quantity: 0", "order", ".per_quantity", "divided by zero"),
        ("units: 1, per_quantity: 1, basis: {only_tenders: [card]}", "order", ".basis",
         "not a quantity"),
        ('units: 1, per: 1, blocks: true, round_basis: {to: "1.00"}', "order", ".round_basis",
         "blocks cut it"),
        ('units: 1, per: 1, round_each: unit, round_basis: {to: "1.00"}', "order", ".round_each",
         "a piece has no table"),
        ('units: 1, per: 1, round_basis: {to: "0.00"}', "order", ".round_basis.to",
         "multiple of zero"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_where_it_is(earn, on, path, problem):
    found = finding(rule(earn, on))
    assert found.path == f"rules[0].earn{path}"
    assert problem in found.problem


def test_a_cap_on_amounts_bounds_no_quantities():
    text = with_rule(
        "code: litres\nname: {zh: 升, en: Litres}\ncaps: [spent]\n"
        "earn: {currency: points, units: 1, per_quantity: 1}",
        SMALL.replace(
            "caps:\n  d", "caps:\n  spent: {limit: 9, measure: amount, window: day}\n  d"
        ),
    )
    assert "bounds amounts" in finding(text).problem
