"""Caps with a bound for each value, and rules that count what the caps of others left over."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.programme.capping import OTHERS, VALUES_MAX, shares
from coterie.programme.plain import rule_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, finding

HEAD = SMALL[: SMALL.index("caps:\n")]
CARD = """\
caps:
  groceries: {limit: "100.00", measure: amount, window: month, name: {zh: 食品, en: groceries}}
rules:
  - code: food
    name: {zh: 食品返点, en: Food}
    lines: {tag: food}
    earn: {currency: points, units: 5, per: 1}
    caps: [groceries]
  - code: rest
    name: {zh: 其余, en: The rest}
    rest_of: [food]
    earn: {currency: points, units: 1, per: 1}
  - code: other
    name: {zh: 其他, en: Everything else}
    lines: {not: {tag: food}}
    earn: {currency: points, units: 1, per: 1}
"""


def by_value(measure: str, limit: str, by: str, **more: str) -> str:
    said = "".join(f", {key}: {value}" for key, value in more.items())
    return f"""{HEAD}caps:
  each: {{limit: {limit}, measure: {measure}, window: month, by: {by}{said}}}
rules:
  - code: base
    name: {{zh: 积分, en: Points for spending}}
    earn: {{currency: points, units: 1, per: 1}}
    caps: [each]
"""


def line(amount: int, brand: str | None = None, *tags: str) -> ev.OrderLine:
    return ev.OrderLine(amount, brand=brand, tags=tags)


def at(day: str) -> str:
    return f"{day}T12:00:00+08:00"


def shop(text: str) -> Drive:
    programme = read_programme("small.yaml", text)
    assert read_canonical(canonical_text(programme)) == programme
    return Drive(programme)


def buy(
    drive: Drive, day: str, *lines: ev.OrderLine, ref: str = "A", **more: Any
) -> dict[str, int]:
    sent = drive.send(ev.Order, at(day), order_ref=ref, lines=lines, **more)
    return {grant.rule: grant.units for grant in sent.grants}


# ---------------------------------------------------------------------- for each value


@pytest.mark.parametrize(
    ("measure", "limit", "units"),
    [
        # 300.00 of x, 80.00 of y and 50.00 of no brand in one order
        ("units", "100", 100 + 80 + 50),
        ("amount", '"100.00"', 100 + 80 + 50),
        ("applications", "1", 430),
    ],
)
def test_each_brand_has_a_bound_of_its_own(measure, limit, units):
    drive = shop(by_value(measure, limit, "brand"))
    lines = (line(20_000, "x"), line(8_000, "y"), line(10_000, "x"), line(5_000))
    assert buy(drive, "2026-03-01", *lines) == {"base": units}
    again = buy(drive, "2026-03-02", line(5_000, "x"), line(5_000, "z"), ref="B")
    assert again == {"base": 50}, "x is full, z is not"
    assert buy(drive, "2026-04-01", line(5_000, "x"), ref="C") == {"base": 50}, "a new month"
    prefix = "cap:each/"
    kept = {code for code in drive.standing.counters if code.startswith(prefix)}
    assert kept == {"cap:each/x", "cap:each/y", "cap:each/z"}


def test_each_store_has_a_bound_of_its_own_and_few_values_are_kept():
    drive = shop(by_value("applications", "1", "store"))
    for n in range(VALUES_MAX + 2):
        buy(drive, "2026-03-01", line(100), ref=f"O{n}", store=f"s{n}")
    assert drive.balances()[0] == VALUES_MAX + 1, "the last two share one bound"
    assert f"cap:each/{OTHERS}" in drive.standing.counters
    buy(drive, "2028-03-01", line(100), ref="later", store="new")
    kept = [code for code in drive.standing.counters if code.startswith("cap:each/")]
    assert len(kept) == 1, "what no window reaches is dropped"


def test_a_field_of_an_activity_is_told_apart():
    text = by_value("units", "5", "city").replace(
        "    earn: {currency: points, units: 1, per: 1}",
        "    on: activity:visit\n    earn: {currency: points, units: 3}",
    )
    drive = shop(text)
    for city in ("bj", "bj", "sh", "bj"):
        drive.send(ev.Activity, at("2026-03-01"), activity="visit", fields={"city": city})
    assert drive.balances()[0] == 3 + 2 + 3
    drive.send(ev.Reversal, at("2026-03-02"), reverses_seq=1, reason="slip")
    drive.send(ev.Activity, at("2026-03-02"), activity="visit", fields={"city": "bj"})
    assert drive.balances()[0] == 2 + 3 + 3


LINES = st.lists(
    st.tuples(st.integers(0, 20_000), st.sampled_from(["x", "y", None])), min_size=1, max_size=5
)


@settings(max_examples=120)
@given(
    LINES,
    st.sampled_from(["units", "amount", "applications"]),
    st.sampled_from(["proportional", "recompute"]),
    st.randoms(),
)
def test_returns_free_each_bound_in_any_order(lines, measure, policy, random):
    limit = {"units": "60", "amount": '"60.00"', "applications": "1"}[measure]
    text = by_value(measure, limit, "brand").replace(
        "en: Points}\n", f"en: Points}}\n    returns: {policy}\n", 1
    )
    bought = [line(amount, brand) for amount, brand in lines]
    indices = list(range(len(lines)))
    states = []
    for _ in range(2):
        drive = shop(text)
        buy(drive, "2026-03-01", *bought)
        for index in indices:
            back = ev.ReturnLine(line=str(index + 1), amount_minor=bought[index].amount_minor // 2)
            if bought[index].amount_minor > 1:
                drive.send(ev.Return, at("2026-03-02"), order_ref="A", lines=(back,))
        states.append((drive.balances()[0], dict(drive.standing.counters)))
        random.shuffle(indices)
    if policy == "proportional":
        assert states[0] == states[1]
    assert states[0][0] == states[1][0]
    drive.send(ev.Return, at("2026-03-03"), order_ref="A")
    assert drive.balances()[0] == 0
    caps = [b for code, b in drive.standing.counters.items() if code.startswith("cap:")]
    assert not any(value for buckets in caps for value in buckets.values()), "all room is free"


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_shares_are_exact(whole, weights):
    parts = shares(whole, weights)
    assert sum(parts) == whole
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if total:
            assert abs(part - whole * weight / total) <= 1


# ---------------------------------------------------------------------- the rest


def test_what_a_cap_leaves_over_falls_to_the_next_rule():
    drive = shop(HEAD + CARD)
    lines = (line(8_000, None, "food"), line(7_000, None, "food"), line(3_000))
    assert buy(drive, "2026-03-01", *lines) == {"food": 500, "rest": 50, "other": 30}
    again = buy(drive, "2026-03-02", line(2_000, None, "food"), ref="B")
    assert again == {"rest": 20}, "the cap is full"
    assert buy(drive, "2026-04-02", line(2_000, None, "food"), ref="C") == {"food": 100}
    drive.send(ev.Return, at("2026-04-03"), order_ref="A")
    drive.send(ev.Return, at("2026-04-03"), order_ref="B")
    assert drive.balances()[0] == 100


def test_a_cap_on_units_leaves_the_basis_it_did_not_pay_for():
    text = (HEAD + CARD).replace('{limit: "100.00", measure: amount', "{limit: 250, measure: units")
    drive = shop(text)
    lines = (line(8_000, None, "food"), line(7_000, None, "food"))
    assert buy(drive, "2026-03-01", *lines) == {"food": 250, "rest": 100}


def test_a_rule_that_does_not_apply_leaves_nothing_over():
    text = (HEAD + CARD).replace("    lines: {tag: food}\n", "    when: {channel: app}\n", 1)
    drive = shop(text)
    assert buy(drive, "2026-03-01", line(20_000), channel="web") == {"other": 200}
    assert buy(drive, "2026-03-01", line(20_000, None, "food"), ref="B", channel="app") == {
        "food": 500,
        "rest": 100,
    }


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 9_000), st.booleans()), min_size=1, max_size=4))
def test_nothing_is_counted_twice_and_nothing_is_lost(lines):
    drive = shop(HEAD + CARD.replace("units: 5", "units: 1").replace('"100.00"', '"50.00"'))
    bought = [line(amount * 100, None, *(["food"] if food else [])) for amount, food in lines]
    assert sum(buy(drive, "2026-03-01", *bought).values()) == sum(amount for amount, _ in lines)


# ---------------------------------------------------------------------- words and mistakes


def test_they_are_said():
    programme = read_programme("small.yaml", HEAD + CARD)
    rest = programme.rules[1]
    assert rule_words(rest, programme, "zh") == (
        "其余：每笔订单，仅计“食品返点”超出上限后剩余的部分，"
        "每 CNY 1.00 送 1 积分（含税，整单舍去尾数）。"
    )
    assert "on what the caps of “Food” leave over, 1 Points" in rule_words(rest, programme, "en")
    capped = read_programme("small.yaml", by_value("units", "9", "brand"))
    assert "“each”每个品牌每月最多 9 积分" in rule_words(capped.rules[0], capped, "zh")
    assert "at most 9 Points a month for each brand (each)" in rule_words(
        capped.rules[0], capped, "en"
    )


@pytest.mark.parametrize(
    ("text", "path", "problem"),
    [
        (by_value("units", "9", "colour"), "caps.each.by", "no one 'colour'"),
        (by_value("units", "9", "tag"), "caps.each.by", "no one 'tag'"),
        (HEAD + CARD.replace("[food]\n", "[fodd]\n"), "rules[1].rest_of[0]", "unknown rule"),
        (HEAD + CARD.replace("[food]\n", "[other]\n"), "rules[1].rest_of[0]",
         "does not stand before"),
        (HEAD + CARD.replace("    caps: [groceries]\n", ""), "rules[1].rest_of[0]", "has no cap"),
        (HEAD + CARD.replace("earn: {currency: points, units: 1, per: 1}",
                             "earn: {currency: points, units: 1}", 1),
         "rules[1].rest_of[0]", "another basis"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_where_it_is(text, path, problem):
    found = finding(text)
    assert found.path == path
    assert problem in found.problem
