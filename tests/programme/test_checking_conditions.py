"""A wrong condition has its finding, and so has one that stands where it makes no sense."""

from __future__ import annotations

import pytest

from tests.programme.writing_programmes import finding, line_of, with_when

CONDITIONS: list[tuple[str, str, str, str]] = [
    # a condition, path below `when`, what is wrong, what is allowed
    ("{chanel: app}", ".chanel", "unknown key 'chanel'.", "Did you mean 'channel'?"),
    ("{}", "", "at least 1 here, not 0.", "conditions by kind"),
    ("{channel: []}", ".channel", "at least 1 here, not 0.", "one channel or a list"),
    ("{channel: [app, app]}", ".channel[1]", "'app' stands twice.", ""),
    ("{channel: {is: app}}", ".channel", "a mapping does not fit here.", "one channel or a list"),
    ("{weekday: [sat, sunday]}", ".weekday", "does not fit here.", "mon, tue, wed"),
    ("{date: 2026-02-30}", ".date[0]", "'2026-02-30' is not a date", ""),
    ("{date: {from: 2026-02-02, to: 2026-02-01}}", ".date[0]", "ends before it begins.", ""),
    ("{month_day: 04-31}", ".month_day[0]", "'04-31' is not a date of any year.", "a day of"),
    ('{time_of_day: {from: "25:00", to: "26:00"}}', ".time_of_day", "not fit here.", "17:00"),
    ('{time_of_day: {from: "9:00", to: "9:00"}}', ".time_of_day", "not fit here.", "17:00"),
    ('{time_of_day: {from: "09:00", to: "09:00"}}', ".time_of_day[0]", "ends as it", "24:00"),
    ("{month_day: 32}", ".month_day", "32 does not fit here.", "1 to 31"),
    (
        "{attribute: {code: levle, is: gold}}",
        ".attribute.code",
        "unknown attribute 'levle'.",
        "Did you mean 'level'?",
    ),
    (
        "{attribute: {code: level, is: glod}}",
        ".attribute.is",
        "'glod' is not a value of 'level'.",
        "Did you mean 'gold'?",
    ),
    ("{attribute: {code: age, is: old}}", ".attribute.is", "'age' holds integers, not 'old'.", ""),
    (
        "{attribute: {code: staff, at_least: 1}}",
        ".attribute",
        "'staff' has no order, so it has no bounds.",
        "an integer or a date, or a text",
    ),
    (
        "{attribute: {code: level, is: gold, in: [gold]}}",
        ".attribute",
        "give either `is`, or `in`, or bounds.",
        "",
    ),
    ("{order_amount: {min: 5, max: 1}}", ".order_amount", "no amount lies between", ""),
    ("{order_amount: {min: 5.001}}", ".order_amount.min", "more than 2 digits", ""),
    ("{metric: {code: order, min: 1}}", ".metric.code", "unknown metric 'order'.", "'orders'"),
    ("{metric: {code: orders, min: 1.5}}", ".metric", "more than 0 digits", ""),
    ("{metric: {code: orders, min: 3, max: 1}}", ".metric", "no number lies between", ""),
    ("{nth: {metric: ordrs, is: 1}}", ".nth.metric", "unknown metric 'ordrs'.", "'orders'"),
    ("{nth: {metric: visits, is: 1}}", ".nth.metric", "'visits' does not count 'order'", "orders"),
    ("{nth: {metric: orders, is: 1, every: 2}}", ".nth", "at most 2 here, not 3.", ""),
    ("{field: {code: city, is: bj}}", ".field", "'field' makes no sense on 'order'.", ""),
    (
        "{category: tobacco}",
        ".category",
        "'category' looks at one line, and an order has many.",
        "`lines: {category: ...}` to choose the lines that count, or `any_line:",
    ),
    (
        "{any_line: {channel: app}}",
        ".any_line.channel",
        "looks at the event",
        "in `lines`: category",
    ),
    (
        "{any_line: {any_line: {brand: x}}}",
        ".any_line.any_line",
        "'any_line' is already inside a condition on lines.",
        "",
    ),
]


@pytest.mark.parametrize(("when", "below", "problem", "allowed"), CONDITIONS)
def test_a_wrong_condition_has_its_finding(when: str, below: str, problem: str, allowed: str):
    text = with_when(when)
    found = finding(text)
    assert found.path == f"rules[1].when{below}"
    assert problem in found.problem
    assert allowed in found.allowed
    assert found.line == line_of(text, "when:")


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ("{field: {code: town, is: bj}}", "unknown field 'town'."),
        ("{field: {code: city, min: bj}}", "'city' has no order, so it has no bounds."),
        ("{order_amount: {min: 1}}", "'order_amount' makes no sense on 'activity:visit'."),
        ("{any_line: {brand: x}}", "'any_line' makes no sense on 'activity:visit'."),
    ],
)
def test_conditions_on_activities(when: str, problem: str):
    assert finding(with_when(when, on="activity:visit")).problem == problem


def test_a_condition_on_lines_cannot_look_at_the_event():
    found = finding(with_when("{all: [{brand: x}, {not: {weekday: sat}}]}", key="lines"))
    assert found.path == "rules[1].lines.all[1].not.weekday"
    assert "write it in `when`" in found.problem


def test_conditions_nest_only_so_deep():
    assert "nest at most" in finding(with_when("{not: " * 10 + "{store: s}" + "}" * 10)).problem
