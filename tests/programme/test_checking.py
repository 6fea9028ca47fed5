"""Every mistake has one finding, at its file and line: what is wrong, and what is allowed."""

from __future__ import annotations

import pytest

from tests.programme.writing_programmes import (
    SMALL,
    finding,
    findings,
    line_of,
    with_rule,
)

RULE = "code: tested\nname: {zh: 测, en: Tested}\n"
EARN = "earn: {currency: points, units: 1}\n"
AGE = "  age: {type: integer}"
POINTS = "    name: {zh: 积分, en: Points}\nattributes"


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def more(text: str) -> str:
    """Say more about the currency."""
    return changed(POINTS, f"    name: {{zh: 积分, en: Points}}\n    {text}\nattributes")


MISTAKES: list[tuple[str, str, str, str, str]] = [
    # text, a part of the line that is meant, path, what is wrong, what is allowed
    (
        changed("Asia/Shanghai", "Asia/Shanghia"),
        "Shanghia",
        "zone",
        "'Asia/Shanghia' is not an IANA time zone such as Asia/Shanghai.",
        "",
    ),
    (
        changed("CNY", "QQQ"),
        "QQQ",
        "money",
        "'QQQ' is not an ISO 4217 currency.",
        "",
    ),
    (changed("CNY", "5"), "money", "money", "5 does not fit here.", "currency such as CNY"),
    (changed("zone: Asia/Shanghai\n", ""), "", "", "'zone' is missing.", ""),
    (
        changed(", en: Small shop", ""),
        "小店",
        "name",
        "'en' is missing.",
        "Allowed: {zh: 积分, en: Points}.",
    ),
    (more("scale: -1"), "-1", "currencies.points.scale", "-1 is below 0.", ""),
    (
        more("scale: 1.5"),
        "1.5",
        "currencies.points.scale",
        "'1.5' does not fit here.",
        "a whole number",
    ),
    (
        more("returns: proportionl"),
        "proportionl",
        "currencies.points.returns",
        "'proportionl' is not known here.",
        "Did you mean 'proportional'?",
    ),
    (
        more("expiry: {model: fixed}"),
        "fixed",
        "currencies.points.expiry",
        "`fixed` needs months or days.",
        "",
    ),
    (
        more("expiry: {model: none, round_to: month}"),
        "none",
        "currencies.points.expiry",
        "`none` is not rounded.",
        "",
    ),
    (
        more("expiry: {model: calendar}"),
        "calendar",
        "currencies.points.expiry",
        "`calendar` needs dates, such as [06-30, 12-31].",
        "",
    ),
    (
        more("expiry: {model: calendar, dates: [06-31]}"),
        "06-31",
        "currencies.points.expiry.dates[0]",
        "no year has the date 06-31.",
        "",
    ),
    (
        more("expiry: {model: inactivity, months: 6, activities: [activity:visits]}"),
        "visits]",
        "currencies.points.expiry.activities[0]",
        "unknown activity 'visits'.",
        "Did you mean 'visit'?",
    ),
    (
        more("unit_cost: 0.000000001"),
        "unit_cost",
        "currencies.points.unit_cost",
        "the cost of a unit is finer than",
        "",
    ),
    (
        more("debt: {policy: allow, limit_units: 0.5}"),
        "limit_units",
        "currencies.points.debt.limit_units",
        "'0.5' has more than 0 digits after the point.",
        "",
    ),
    (
        changed(AGE, "  age: {type: integer, values: [a]}"),
        "age:",
        "attributes.age.values",
        "only a text has values",
        "",
    ),
    (
        changed(AGE, "  age: {minimum: 3}"),
        "age:",
        "attributes.age",
        "only an integer has a minimum or maximum",
        "",
    ),
    (
        changed(AGE, "  age: {type: integer, minimum: 3, maximum: 2}"),
        "age:",
        "attributes.age",
        "no number lies between",
        "",
    ),
    (
        changed("orders: {measure: count", "orders: {measure: points"),
        "orders:",
        "metrics.orders.measure",
        "an order has no 'points'.",
        "count, amount, quantity, distinct",
    ),
    (
        changed(
            "visits: {on: activity:visit, measure: count",
            "visits: {on: activity:visit, measure: city",
        ),
        "visits:",
        "metrics.visits.measure",
        "'activity:visit' has no whole-number field 'city'.",
        "count, guests",
    ),
    (
        changed("activity:visit, measure", "activity:visot, measure"),
        "visot",
        "metrics.visits.on",
        "unknown activity 'visot'.",
        "Did you mean 'visit'?",
    ),
    (
        changed("window: year}", "window: year, when: {nth: {metric: orders, is: 1}}}"),
        "spend:",
        "metrics.spend.when.nth",
        "what a metric counts cannot depend on a metric or a tier.",
        "",
    ),
    (
        changed("window: year", "window: {rolling_days: 4000}"),
        "spend:",
        "metrics.spend.window",
        "a mapping does not fit here.",
        "Allowed: day, week, month, quarter, year, lifetime, anniversary, {rolling_days: 1 to 400}",
    ),
    (
        changed("window: day", "window: fortnight"),
        "daily:",
        "caps.daily.window",
        "'fortnight' does not fit here.",
        "Allowed: event, day, week",
    ),
    (
        changed("limit: 100,", "limit: 0.5,"),
        "daily:",
        "caps.daily.limit",
        "'0.5' has more than 0",
        "",
    ),
    (
        changed("caps: [daily]", "caps: [dayly]"),
        "dayly",
        "rules[0].caps[0]",
        "unknown cap 'dayly'.",
        "Did you mean 'daily'?",
    ),
    (
        changed("units: 1, per", "units: much, per"),
        "much",
        "rules[0].earn.units",
        "'much' does not fit here.",
        "Allowed: an exact number such as 2, 1.5 or 3/2.",
    ),
    (
        changed("units: 1, per", "units: 0, per"),
        "0, per",
        "rules[0].earn.units",
        "gives more than",
        "",
    ),
    (changed('"1.00"}', '"1.005"}'), "1.005", "rules[0].earn.per", "'1.005' has more than 2", ""),
    (changed('"1.00"}', "0}"), "per: 0", "rules[0].earn.per", "divided by zero", ""),
    (
        changed("earn: {currency: points", "earn: {currency: pionts"),
        "pionts",
        "rules[0].earn.currency",
        "unknown currency 'pionts'.",
        "Did you mean 'points'?",
    ),
    (
        changed("earn: {currency", "earn: {curency: x, currency"),
        "curency",
        "rules[0].earn.curency",
        "unknown key 'curency'.",
        "Did you mean 'currency'?",
    ),
    (
        changed("code: base", "code: 1st"),
        "1st",
        "rules[0].code",
        "'1st' does not fit here.",
        "Allowed: a letter, then letters",
    ),
    (with_rule(RULE), "tested", "rules[1]", "a rule has one effect", ""),
    (with_rule(RULE + EARN + "from: 2026-02-30"), "02-30", "rules[1].from", "is not a date", ""),
    (
        with_rule(RULE + EARN + "on: activity:vist"),
        "vist",
        "rules[1].on",
        "unknown activity 'vist'.",
        "",
    ),
    (
        with_rule(RULE + "on: activity:visit\nearn: {currency: points, units: 1, per: 5}"),
        "per: 5",
        "rules[1].earn.per",
        "an activity has no amount; name its field in `per_field`.",
        "",
    ),
    (
        with_rule(
            RULE + "on: activity:visit\nearn: {currency: points, units: 1, per_field: guest}"
        ),
        "per_field",
        "rules[1].earn.per_field",
        "'activity:visit' has no whole-number field 'guest'.",
        "Did you mean 'guests'?",
    ),
    (
        with_rule(RULE + "earn: {currency: points, units: 1, per_field: guests}"),
        "per_field",
        "rules[1].earn.per_field",
        "an order has no declared fields.",
        "per: an amount",
    ),
    (
        with_rule(RULE + "earn: {currency: points, units: 1, blocks: true}"),
        "blocks",
        "rules[1].earn.blocks",
        "without `per` there is nothing to cut into blocks.",
        "",
    ),
    (
        with_rule(RULE + "earn: {currency: points, units: 1, round_each: line}"),
        "round_each",
        "rules[1].earn.round_each",
        "only units per amount of an order are rounded by line.",
        "",
    ),
    (
        with_rule(RULE + "multiply: {rules: [bases], factor: 2}"),
        "bases",
        "rules[1].multiply.rules[0]",
        "unknown rule 'bases'.",
        "Did you mean 'base'?",
    ),
    (
        with_rule(RULE + "multiply: {rules: [tested], factor: 2}"),
        "[tested]",
        "rules[1].multiply.rules[0]",
        "'tested' does not stand before this rule",
        "",
    ),
    (
        with_rule(RULE + "multiply: {rules: [base], factor: 1/2}"),
        "1/2",
        "rules[1].multiply.factor",
        "a factor below one",
        "",
    ),
    (
        with_rule(RULE + "multiply: {rules: [base]}"),
        "[base]",
        "rules[1].multiply",
        "give one of `factor`, `parameter`, or `attribute` or `ladder` with `factors`.",
        "",
    ),
    (
        with_rule(RULE + "multiply: {rules: [base], attribute: levle, factors: {gold: 2}}"),
        "levle",
        "rules[1].multiply.attribute",
        "unknown attribute 'levle'.",
        "Did you mean 'level'?",
    ),
    (
        with_rule(RULE + "multiply: {rules: [base], attribute: level, factors: {glod: 2}}"),
        "glod",
        "rules[1].multiply.factors.glod",
        "'glod' is not a value of 'level'.",
        "Did you mean 'gold'?",
    ),
    (
        with_rule(RULE + "multiply: {rules: [base], attribute: age, factors: {gold: 2}}"),
        "age, f",
        "rules[1].multiply.attribute",
        "'age' is not a text with declared values",
        "",
    ),
    (
        with_rule("code: base\nname: {zh: 测, en: Again}\n" + EARN),
        "code: base",
        "rules[1].code",
        "the code 'base' stands twice; first at small.yaml:25.",
        "",
    ),
    (
        with_rule(RULE + EARN + "on: activity:visit\nlines: {brand: x}"),
        "brand",
        "rules[1].lines",
        "'activity:visit' has no lines.",
        "",
    ),
    (
        SMALL + "states: {sleeping: {earn: true}}\n",
        "sleeping",
        "states.sleeping",
        "unknown key 'sleeping'.",
        "Known: active",
    ),
    (
        SMALL + "sources: {a b: {}}\n",
        "a b",
        "sources.a b",
        "'a b' cannot be a name.",
        "Allowed: the code its events carry.",
    ),
    (
        SMALL + "moves_to: {rules: {base: null}}\n",
        "moves_to",
        "moves_to.rules.base",
        "'base' is still declared, so it has not moved.",
        "",
    ),
    (
        SMALL + "moves_to: {caps: {old: dayly}}\n",
        "moves_to",
        "moves_to.caps.old",
        "unknown cap 'dayly'.",
        "Did you mean 'daily'?",
    ),
    (SMALL + "rule: []\n", "rule: ", "rule", "unknown key 'rule'.", "Did you mean 'rules'?"),
    (SMALL + "late: {days: 5, days: 6}\n", "late", "late.days", "this stands twice; first at", ""),
]


@pytest.mark.parametrize(("text", "part", "path", "problem", "allowed"), MISTAKES)
def test_a_mistake_has_its_finding(text: str, part: str, path: str, problem: str, allowed: str):
    found = finding(text)
    assert found.path == path
    assert problem in found.problem
    assert allowed in found.allowed
    assert found.file == "small.yaml"
    assert found.line == (line_of(text, part) if part else 0)


def test_multiplied_rules_earn_one_currency_on_one_kind_of_event():
    text = SMALL.replace("attributes:\n", "  miles: {name: {zh: 里程, en: Miles}}\nattributes:\n")
    text = with_rule("code: far\nname: {zh: 远, en: Far}\nearn: {currency: miles, units: 1}", text)
    text = with_rule(
        "code: seen\nname: {zh: 到, en: Seen}\non: activity:visit\n" + EARN,
        text,
    )
    text = with_rule(RULE + "multiply: {rules: [base, far, seen], factor: 2}", text)
    text = with_rule(
        "code: again\nname: {zh: 再, en: Again}\nmultiply: {rules: [tested], factor: 2}", text
    )
    assert [(f.path, f.problem) for f in findings(text)] == [
        (
            "rules[3].multiply.rules[2]",
            "'seen' is about 'activity:visit', this rule about 'order'.",
        ),
        ("rules[3].multiply.rules", "the named rules earn different currencies."),
        (
            "rules[4].multiply.rules[0]",
            "'tested' multiplies itself; only what rules earn can be multiplied.",
        ),
    ]


def test_a_cap_bounds_units_of_one_scale_and_amounts_of_orders():
    text = SMALL.replace(
        "attributes:\n", "  cash: {name: {zh: 钱, en: Cash}, scale: 2}\nattributes:\n"
    )
    text = with_rule(RULE + "earn: {currency: cash, units: 1}\ncaps: [daily]", text)
    assert finding(text).path == "caps.daily"
    text = SMALL.replace("measure: units", "measure: amount")
    text = with_rule(RULE + "on: activity:visit\n" + EARN + "caps: [daily]", text)
    assert finding(text).problem == "bounds amounts, but a rule about an activity uses it."


def test_everything_is_said_at_once():
    text = changed("Asia/Shanghai", "Mars/Olympus")
    text = text.replace("measure: count, window: month}\n  spend", "measure: nothing}\n  spend")
    text = text.replace("currency: points", "currency: pionts")
    text = with_rule(RULE + EARN + "when: {nth: {metric: orders, is: 1}, chanel: app}", text)
    text = with_rule("code: more\nname: {zh: 多, en: More}\nearn: {currency: points}", text)
    assert sorted(f.path for f in findings(text)) == [
        "metrics.orders",
        "rules[0].earn.currency",
        "rules[1].when.chanel",
        "rules[2].earn",
        "zone",
    ]


def test_a_part_that_cannot_be_read_is_not_also_unknown():
    text = changed("orders: {measure: count", "orders: {measure: none such")
    text = with_rule(RULE + EARN + "when: {nth: {metric: orders, is: 1}}", text)
    assert [f.path for f in findings(text)] == ["metrics.orders.measure"]
