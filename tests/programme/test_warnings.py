"""What is odd is said and allowed: rules that never apply, dear points, caps nobody uses."""

from __future__ import annotations

import pytest

from tests.programme.writing_programmes import SMALL, warnings, with_rule

RULE = "code: tested\nname: {zh: 测, en: Tested}\n"
EARN = "earn: {currency: points, units: 1}\n"


def more(text: str) -> str:
    """Say more about the currency."""
    return SMALL.replace("attributes:", f"    {text}\nattributes:")


ODD: list[tuple[str, str, str]] = [
    (SMALL.replace("    caps: [daily]\n", ""), "caps.daily", "no rule uses this cap."),
    (
        with_rule(RULE + EARN + "from: 2026-02-02\nto: 2026-02-01"),
        "rules[1]",
        "this rule can never apply: it ends before it begins.",
    ),
    (
        with_rule(
            RULE + "lines: {brand: x}\n"
            "earn: {currency: points, units: 1, per: 1, basis: {shipping: true}}"
        ),
        "rules[1]",
        "with `lines` only lines count, so shipping and fees do not.",
    ),
    (more("unit_cost: 1"), "rules[0]", "these units cost 100 % of what is paid for them."),
    (
        with_rule(RULE + "multiply: {rules: [base], factor: 3}", more("unit_cost: 0.4")),
        "rules[0]",
        "these units cost 120 % of what is paid for them.",
    ),
]


@pytest.mark.parametrize(("text", "path", "problem"), ODD)
def test_what_is_odd_is_said_and_allowed(text: str, path: str, problem: str):
    (found,) = warnings(text)
    assert (found.path, found.problem, found.warning) == (path, problem, True)
    assert found.line


FIRST = SMALL.replace("caps:\n", "caps:\n  one: {limit: 1, measure: applications, window: event}\n")
FIRST = FIRST.replace("caps: [daily]", "caps: [daily, one]")


@pytest.mark.parametrize(
    ("rule", "text", "problem"),
    [
        ('earn: {currency: points, units: 1, per: "1.00"}\ncaps: [daily]', SMALL,
         "this rule gives once more what 'base' gives, for the same."),
        ("earn: {currency: points, units: 5}\ncaps: [one]\nwhen: {channel: app}", FIRST,
         "whenever this rule applies, 'base' before it has taken what the cap 'one' allows."),
    ],
)  # fmt: skip
def test_rules_in_each_others_way_are_warned_of(rule: str, text: str, problem: str):
    (found,) = warnings(with_rule(RULE + rule, text))
    assert (found.path, found.problem, found.warning) == ("rules[1]", problem, True)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ('earn: {currency: points, units: 1, per: "1.00"}\nwhen: {channel: app}', SMALL),
        ("earn: {currency: points, units: 2}\ncaps: [daily]", SMALL),
        ("earn: {currency: points, units: 5}\ncaps: [one]",
         FIRST.replace("    caps: [daily,", "    when: {channel: app}\n    caps: [daily,")),
    ],
)  # fmt: skip
def test_rules_that_only_look_alike_are_not(rule: str, text: str):
    assert not warnings(with_rule(RULE + rule, text))


def test_what_is_not_odd_is_not_said():
    assert not warnings(SMALL)
    assert not warnings(more("unit_cost: 0.99"))
