"""Worked cases are run as the engine would run them, and each difference is told."""

from pathlib import Path

import pytest

from coterie.casebook import CasesInvalid, Result, read_casebook, run_cases
from coterie.casebook.starting import TEMPLATES
from tests.casebook.books import write


def run(folder: Path, cases: str, lang: str = "en") -> list[Result]:
    book = read_casebook(write(folder, cases))
    return list(run_cases(book.programme, book.cases, lang))


def one(folder: Path, case: str) -> Result:
    (found,) = run(folder, f"cases:\n  - id: it\n    {case}")
    return found


PASSING = {
    "repeats": """
    events:
      - {at: 2026-03-01, every: day, times: 9, order: {amount: "20.00", category: drink}}
      - {at: 2026-03-10, spend: {stamps: 9}, expect: {change: {stamps: -9}}}
    expect: {balances: {stamps: 0}, gives: {stamp: 9, points: 180}}""",
    "a refusal that is expected": """
    given: {balances: {stamps: 8}}
    events: [{at: 2026-03-01, spend: {stamps: 9}}]
    expect: {refused: insufficient_units, balances: {stamps: 8}}""",
    "a cap": """
    events: [{at: 2026-03-01, times: 8, order: {amount: "20.00", category: drink}}]
    expect: {balances: {stamps: 6}}""",
    "time passes": """
    given: {lots: {points: [{units: 7.5, expires_on: 2026-03-31}, {units: 1}]}}
    begins: 2026-03-05
    events:
      - {at: 2026-03-31T23:59, expect: {balances: {points: 8.5}}}
      - {at: 2026-04-01, expect: {balances: {points: 1},
         lots: {points: [{units: 1, expires_on: 2026-04-05}]}}}
    expect: {at: 2026-04-07, balances: {points: 0}, lots: {points: []}}""",
    "several members": """
    given: {balances: {points: 10}}
    members: {friend: {attributes: {level: gold}}}
    events:
      - {at: 2026-03-01, transfer: {points: 4, receiver: friend}}
      - {at: 2026-03-02, member: friend, order: 3}
    expect:
      balances: {points: 6}
      members: {friend: {balances: {points: 10}, gives: {gold: 3}}}""",
    "a transfer that comes back": """
    given: {balances: {points: 10}}
    members: {friend: {state: closed}}
    events: [{at: 2026-03-01, transfer: {points: 4, receiver: friend}}]
    expect: {balances: {points: 10}, members: {friend: {state: closed}}}""",
    "returns": """
    events:
      - at: 2026-03-01
        order: {order_ref: A, lines: ["40.00", {amount: "20.00", category: drink}]}
      - at: 2026-03-02
        return: {order_ref: A, lines: [{line: "2"}]}
        expect: {change: {points: -20}}
      - {at: 2026-03-03, return: A, expect: {balances: {points: 0}}}
    expect: {balances: {points: 0, stamps: 0}, metrics: {spent: 0}}""",
    "a reversal by label": """
    events:
      - {at: 2026-03-01, id: gift, adjustment: {points: 5}}
      - {at: 2026-03-02, reversal: {reverses_seq: gift}}
    expect: {balances: {points: 0}}""",
    "what is known of a member": """
    given: {metrics: {spent: "100.00"}, attributes: {level: basic}, state: prospect}
    events:
      - {at: 2026-03-01, attribute_change: {level: gold}}
      - {at: 2026-03-01, state_change: active}
      - {at: 2026-03-01, order: "1.50", channel: app, expect: {metrics: {spent: "101.50"}}}
      - {at: 2026-03-02, activity: {check_in: {guests: 2}}}
      - {at: 2026-03-02, activity: check_in}
    expect: {attributes: {level: gold}, state: active, balances: {points: 3}}""",
    "effects": """
    events: [{at: 2026-03-01, order: 2}]
    expect:
      effects: [{units: 2, currency: points, reason: earn, rule: points, credit: available}]""",
    "late arrival": """
    events: [{at: 2026-03-01, received: 2026-09-01, order: 2}]
    expect: {refused: too_late, balances: {points: 0}}""",
}


@pytest.mark.parametrize("name", PASSING)
def test_a_case_passes(tmp_path: Path, name: str):
    result = one(tmp_path, PASSING[name].strip())
    assert result.passed, "\n".join(map(str, result.differences))


DIFFERING = {
    "balances": ("expect: {balances: {points: 9}}", "balances.points: expected 9.0, found 2.0."),
    "lots": (
        "expect: {lots: {points: [{units: 2}]}}",
        "lots.points: expected 2.0, found 2.0 to 2026-04-01.",
    ),
    "pending": ("expect: {pending: {points: 1}}", "pending.points: expected 1.0, found 0.0."),
    "metrics": ("expect: {metrics: {spent: 3}}", "metrics.spent: expected 3.00, found 2.00."),
    "state": ("expect: {state: closed}", "state: expected closed, found active."),
    "attributes": (
        "expect: {attributes: {level: gold}}",
        "attributes.level: expected gold, found nothing.",
    ),
    "change": ("expect: {change: {points: -1}}", "change.points: expected -1.0, found 2.0."),
    "gives": ("expect: {gives: {gold: 2}}", "gives.gold: expected 2.0, found 0.0."),
    "effects": ("expect: {effects: []}", "effects: expected 0 effects, found 1 effects."),
    "refused": (
        "expect: {refused: too_late}",
        "expect.order: expected refused (too_late), found accepted.",
    ),
    "waiting": (
        "expect: {waiting: late}",
        "expect.order: expected waiting (late), found accepted.",
    ),
}


@pytest.mark.parametrize("name", DIFFERING)
def test_each_difference_is_told_with_its_line(tmp_path: Path, name: str):
    expect, told = DIFFERING[name]
    result = one(tmp_path, f"events:\n      - at: 2026-03-01\n        order: 2\n    {expect}")
    (difference,) = result.differences
    assert str(difference).endswith(told)
    assert str(difference).startswith(f"{tmp_path}/cafe.cases.yaml:6: cases[0].expect")


def test_an_event_that_nothing_is_said_of_is_to_be_accepted(tmp_path: Path):
    result = one(tmp_path, "events: [{at: 2026-03-01, spend: {stamps: 1}}]")
    (difference,) = result.differences
    assert difference.expected == "accepted"
    assert difference.found == "refused (insufficient_units)"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            (
                "A stamp for each drink: does not apply, no line of the order counts: the category",
                "Points for spending: gives 2.0 Points",
                "+2.0 Points: earned, by Points for spending",
            ),
        ),
        ("zh", ("“一杯一章”：不适用，没有符合条件的商品", "“积分”：给予2.0 积分")),
    ],
)
def test_the_story_says_why_each_rule_applied_or_not(
    tmp_path: Path, lang: str, words: tuple[str, ...]
):
    cases = "cases: [{id: it, events: [{at: 2026-03-01, order: {amount: 2, category: tea}}]}]"
    (result,) = run(tmp_path, cases, lang)
    (told,) = result.story
    text = "\n".join(told.lines)
    for part in words:
        assert part in text
    assert told.at == "2026-03-01T12:00:00+08:00"


def test_cases_do_not_see_each_other(tmp_path: Path):
    case = "events: [{at: 2026-03-01, order: 2}]\n    expect: {balances: {points: 2}}"
    results = run(tmp_path, f"cases:\n  - id: a\n    {case}\n  - id: b\n    {case}")
    assert [result.passed for result in results] == [True, True]


def test_a_tier_change_is_told_with_its_numbers():
    book = read_casebook(TEMPLATES / "hotel", "soft-landing")
    (result,) = run_cases(book.programme, book.cases, "zh")
    assert result.passed
    (told,) = result.story
    assert told.lines[0].startswith("会员等级：未达保级条件，由钻石卡降至白金卡，有效至2027-02-28")


def test_what_cannot_be_given_is_refused_with_its_place(tmp_path: Path):
    case = "given: {lots: {points: [{units: 1, expires_on: 2020-01-01}]}}"
    with pytest.raises(CasesInvalid, match=r"cafe.cases.yaml:3: cases\[0\].given: this cannot"):
        one(tmp_path, f"{case}\n    expect: {{at: 2026-01-01}}")
