"""What metrics measure besides counts and sums: earned units, different things, tenure, runs."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.time import parse_instant
from coterie.members import Member
from coterie.programme.measures import metric_words, told_number
from coterie.programme.measures.distinct import VALUES_MAX
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, finding, findings, with_rule

OLD = "  visits: {on: activity:visit"
METRICS = """\
  brands: {measure: distinct, of: brand, window: year}
  fresh_brands: {measure: distinct, of: brand, window: {rolling_months: 2}, lines: {tag: fresh}}
  kinds: {measure: distinct, of: category, window: lifetime}
  shops: {measure: distinct, of: store, window: month}
  cities: {on: activity:visit, measure: distinct, of: city, window: month}
  got: {measure: earned, of: points, window: month}
  base_only: {measure: earned, of: points, rules: [base], window: year}
  kept: {measure: earned, of: points, window: year, returns: keep}
  fresh: {measure: amount, window: month, lines: {tag: fresh}}
  pieces: {measure: quantity, window: month, lines: {tag: fresh}}
  days: {measure: tenure, of: days}
  months: {measure: tenure, of: months}
  years: {measure: tenure, of: years}
  run: {measure: streak, of: day}
  weeks: {on: activity:visit, measure: streak, of: week}
"""
TEXT = SMALL.replace(OLD, METRICS + OLD).replace("    caps: [daily]\n", "")
DOUBLE = """\
code: double
name: {zh: 双倍, en: Double}
multiply: {rules: [base], factor: 2}
lines: {tag: fresh}"""
ENROLLED_US = parse_instant("2024-02-29T12:00:00+08:00")[0]
SHOP = read_programme("small.yaml", with_rule(DOUBLE, TEXT))


def shop() -> Drive:
    return Drive(SHOP, Member(1, enrolled_us=ENROLLED_US))


def measured(drive: Drive, *codes: str, day: str | None = None) -> list[int]:
    cp = drive.programmes.versions[-1]
    at = cp.zone.day(drive.member.clock_us) if day is None else date.fromisoformat(day).toordinal()
    return [cp.metric_value(drive.standing, code, at) for code in codes]


def buy(drive: Drive, day: str, ref: str, *lines: ev.OrderLine, **more: Any) -> None:
    drive.send(ev.Order, f"{day}T12:00:00+08:00", order_ref=ref, lines=lines, **more)


def back(drive: Drive, day: str, ref: str, *lines: ev.ReturnLine) -> None:
    drive.send(ev.Return, f"{day}T12:00:00+08:00", order_ref=ref, lines=lines)


def line(amount: int, brand: str, *tags: str, milli: int = 1000) -> ev.OrderLine:
    return ev.OrderLine(amount, brand=brand, tags=tags, categories=("a", "z"), quantity_milli=milli)


# ---------------------------------------------------------------------- different things


def test_brands_are_counted_once_and_forgotten_when_nothing_of_them_is_left():
    drive = shop()
    buy(drive, "2026-03-01", "A", line(100, "x", "fresh"), line(100, "y"), line(100, "x"))
    assert measured(drive, "brands", "fresh_brands", "kinds") == [2, 1, 1]
    buy(drive, "2026-04-01", "B", line(100, "z", "fresh"))
    assert measured(drive, "brands", "fresh_brands") == [3, 2]
    assert measured(drive, "brands", "fresh_brands", day="2026-05-09") == [3, 1], "two months"
    assert measured(drive, "brands", day="2027-01-01") == [0]
    back(drive, "2026-05-01", "A", ev.ReturnLine(line="1"))
    assert measured(drive, "brands") == [3], "another line of the brand is left"
    back(drive, "2026-05-01", "A", ev.ReturnLine(line="3"))
    assert measured(drive, "brands") == [2]


def test_stores_and_fields_are_told_apart():
    drive = shop()
    for n, store in enumerate(["s1", "s2", "s1", None]):
        buy(drive, "2026-03-01", f"O{n}", line(100, "x"), store=store)
    for city in ("bj", "sh", "bj"):
        drive.send(
            ev.Activity, "2026-03-02T12:00:00+08:00", activity="visit", fields={"city": city}
        )
    assert measured(drive, "shops", "cities") == [2, 2]
    last = drive.member.seq
    drive.send(ev.Reversal, "2026-03-03T12:00:00+08:00", reverses_seq=last - 1, reason="not there")
    assert measured(drive, "cities") == [1]


def test_only_so_many_values_are_remembered():
    drive = shop()
    for n in range(VALUES_MAX // 100 + 1):
        lines = [line(100, f"b{n}-{k}") for k in range(100)]
        buy(drive, "2026-03-01", f"O{n}", *lines)
    assert measured(drive, "brands") == [VALUES_MAX]
    buy(drive, "2028-03-01", "later", line(100, "new"))
    assert measured(drive, "brands") == [1]
    assert len(drive.standing.counters["brands"]) == 1, "what no window reaches is dropped"


PIECES = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=6)


@settings(max_examples=60)
@given(st.lists(st.sampled_from("xyz"), min_size=3, max_size=3), PIECES, st.randoms())
def test_the_order_of_returns_shows_in_no_metric(brands, pieces, random):
    """Each piece gives back some quantity of one line; any order of the same pieces is alike."""
    codes = ("brands", "got", "base_only", "kept", "fresh", "pieces")
    left = [3000, 3000, 3000]
    fitting = []
    for index, pieces_of in pieces:
        part = min(left[index], 1000 * pieces_of)
        left[index] -= part
        if part:
            fitting.append((index, part))
    results = []
    for _ in range(2):
        drive = shop()
        buy(drive, "2026-03-01", "A",
            *(line(700, brand, "fresh", milli=3000) for brand in brands))  # fmt: skip
        for index, part in fitting:
            back(drive, "2026-03-02", "A", ev.ReturnLine(line=str(index + 1), quantity_milli=part))
        results.append(measured(drive, *codes))
        random.shuffle(fitting)
    assert results[0] == results[1]
    still = {brand for brand, rest in zip(brands, left, strict=True) if rest}
    assert results[0][0] == len(still)
    assert results[0][-1] == sum(left)


# ---------------------------------------------------------------------- earned, amounts, pieces


def test_units_earned_count_whatever_became_of_the_balance():
    drive = shop()
    buy(drive, "2026-03-01", "A", line(10_000, "x", "fresh"), line(5_000, "y"))
    assert measured(drive, "got", "base_only", "kept") == [250, 150, 250]
    drive.send(ev.Spend, "2026-03-02T12:00:00+08:00", currency="points", units=240)
    drive.send(
        ev.Adjustment, "2026-03-02T12:00:00+08:00", currency="points", units=99, reason="sorry"
    )
    assert measured(drive, "got", "base_only") == [250, 150]
    back(drive, "2026-03-03", "A", ev.ReturnLine(line="1"))
    assert measured(drive, "got", "base_only", "kept") == [50, 50, 250]
    drive.send(ev.Reversal, "2026-03-04T12:00:00+08:00", reverses_seq=1, reason="slip")
    assert measured(drive, "got", "base_only", "fresh", "pieces") == [0, 0, 0, 0]


def test_amounts_and_pieces_of_chosen_lines():
    drive = shop()
    buy(drive, "2026-03-01", "A", line(900, "x", "fresh", milli=1500), line(5_000, "y"))
    assert measured(drive, "fresh", "pieces", "spend") == [900, 1500, 5900]
    back(drive, "2026-03-03", "A", ev.ReturnLine(line="1", quantity_milli=500))
    assert measured(drive, "fresh", "pieces", "spend") == [600, 1000, 5600]


# ---------------------------------------------------------------------- tenure and runs


@pytest.mark.parametrize(
    ("day", "days", "months", "years"),
    [
        ("2024-02-29", 0, 0, 0),
        ("2024-03-28", 28, 0, 0),
        ("2024-03-29", 29, 1, 0),
        ("2025-02-27", 364, 11, 0),
        ("2025-02-28", 365, 12, 1),
        ("2028-02-28", 1460, 47, 3),
        ("2028-02-29", 1461, 48, 4),
        ("2024-01-01", 0, 0, 0),
    ],
)
def test_membership_is_counted_in_whole_units(day, days, months, years):
    drive = shop()
    assert measured(drive, "days", "months", "years", day=day) == [days, months, years]
    assert not drive.standing.counters, "nothing is kept"


@settings(max_examples=150)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=15), st.integers(0, 14))
def test_a_run_is_what_a_calendar_shows(days, asked):
    """Days come in any order, as late events do."""
    drive = shop()
    first = date(2026, 3, 2)
    for n, day in enumerate(days):
        at = first + timedelta(day)
        received = "2026-03-20T12:00:00+08:00"
        order = ev.Order(
            key=f"k{n}", occurred_at=f"{at}T12:00:00+08:00", member=ev.MemberRef(id=1),
            order_ref=f"o{n}", lines=(line(100, "x"),),
        )  # fmt: skip
        drive.submit(order, received)
    there = set(days)
    end = asked if asked in there else asked - 1
    expected = 0
    while end - expected in there:
        expected += 1
    found = measured(drive, "run", day=str(first + timedelta(asked)))
    assert found == [expected]


def test_weeks_in_a_row_and_a_return_that_breaks_none():
    drive = shop()
    for day in ("2026-03-02", "2026-03-08", "2026-03-09", "2026-03-22"):
        drive.send(ev.Activity, f"{day}T12:00:00+08:00", activity="visit")
    assert measured(drive, "weeks") == [3]
    cp = drive.programmes.versions[-1]
    assert cp.metric_term(drive.standing, "weeks", date(2026, 3, 22).toordinal()) == (
        date(2026, 3, 2).toordinal() // 7
    )
    buy(drive, "2026-03-23", "A", line(100, "x"))
    back(drive, "2026-03-23", "A")
    assert measured(drive, "run", "orders") == [1, 0]


# ---------------------------------------------------------------------- words and mistakes


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("orders", "orders：每月订单次数。", "orders: the number of orders a month."),
        ("visits", "visits：每月到店次数。", "visits: the number of Visit a month."),
        (
            "fresh_brands",
            "fresh_brands：最近2个月不同品牌数，仅计标签为fresh的商品。",
            (
                "fresh_brands: how many different brands in the last 2 months, on lines where the "
                "tag is fresh."
            ),
        ),
        ("cities", "cities：每月不同city数。", "cities: how many different city a month."),
        (
            "base_only",
            "base_only：每年由“积分”获得的积分。",
            "base_only: Points earned by “Points for spending” a year.",
        ),
        ("got", "got：每月获得的积分。", "got: Points earned a month."),
        ("months", "months：入会月数。", "months: the months of membership."),
        ("weeks", "weeks：连续有到店的周数。", "weeks: weeks in a row with Visit."),
    ],
)
def test_a_metric_is_a_sentence(code, zh, en):
    metric = SHOP.metrics[code]
    assert metric_words(metric, SHOP, "zh") == zh
    assert metric_words(metric, SHOP, "en") == en


@pytest.mark.parametrize(
    ("code", "value", "told"),
    [("pieces", 60_000, "60"), ("pieces", 1_500, "1.5"), ("pieces", 0, "0"), ("orders", 10, "10"),
     ("spend", 500_000, "5000.00"), ("nobody", 7, "7")],
)  # fmt: skip
def test_a_number_is_told_without_digits_that_say_nothing(code, value, told):
    assert told_number(SHOP, code, value) == told


def test_what_is_written_is_read_again():
    assert read_canonical(canonical_text(SHOP)) == SHOP


@pytest.mark.parametrize(
    ("metric", "path", "problem", "allowed"),
    [
        ("{measure: distinct, window: month}", "of", "says what it counts in `of`", "brand, "),
        ("{measure: distinct, of: colour, window: month}", "of", "no 'colour'", "brand, category"),
        ("{on: activity:visit, measure: distinct, of: guest, window: month}", "of",
         "no field 'guest'", "city, guests"),
        ("{measure: count, of: brand, window: month}", "of", "has no `of`", ""),
        ("{measure: earned, of: point, window: month}", "of", "unknown currency 'point'", "points"),
        ("{measure: earned, of: points, rules: [bass], window: month}", "rules[0]",
         "unknown rule 'bass'", "base"),
        ("{measure: count, rules: [base], window: month}", "rules", "what rules gave", ""),
        ("{measure: count, lines: {tag: x}, window: month}", "lines", "looks at no lines", ""),
        ("{on: activity:visit, measure: quantity, window: month}", "measure", "no quantity", ""),
        ("{measure: tenure, of: weeks}", "of", "membership in 'weeks'", "days, months or years"),
        ("{measure: tenure, of: days, when: {channel: app}}", "", "nothing to narrow", ""),
        ("{measure: streak, of: quarter}", "of", "no periods of a 'quarter'", "day, week"),
        ("{measure: streak, of: day, returns: subtract}", "returns", "breaks no run", "keep"),
        ("{measure: streak, of: day, window: month}", "window", "in no window", ""),
        ("{measure: count}", "", "'window' is missing", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_found_where_it_is(metric, path, problem, allowed):
    text = SMALL.replace(OLD, f"  wrong: {metric}\n" + OLD)
    found = finding(text)
    assert found.path == "metrics.wrong" + (f".{path}" if path else "")
    assert problem in found.problem
    assert allowed in found.allowed


def test_units_earned_are_written_in_their_scale():
    text = TEXT.replace("{zh: 积分, en: Points}\na", "{zh: 积分, en: Points}\n    scale: 2\na")
    rule = 'code: more\nname: {zh: 多, en: More}\nwhen: {metric: {code: got, min: "1.50"}}\n'
    read = read_programme(
        "small.yaml", with_rule(rule + "earn: {currency: points, units: 1}", text)
    )
    drive = Drive(read)
    for ref in ("A", "B"):
        buy(drive, "2026-03-01", ref, line(150, "x"))
    assert drive.balances()[0] == 150 + 150 + 100, "1.50 before the second order"
    too_fine = rule.replace("1.50", "1.505") + "earn: {currency: points, units: 1}"
    assert "more than 2 digits" in findings(with_rule(too_fine, text))[0].problem
