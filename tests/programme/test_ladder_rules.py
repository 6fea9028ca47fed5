"""Rules that look at tiers: conditions, bonuses, validity of units, and sales that come back."""

from __future__ import annotations

import pytest

from coterie.events import model as ev
from coterie.kernel.time import format_day, parse_instant
from coterie.members.model import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.ladder_tables import JOINED_US, drive, live
from tests.programme.ladder_texts import hotel
from tests.programme.writing_programmes import findings

RULES = """\
rules:
  - code: base
    name: {zh: 消费积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: bonus
    name: {zh: 会籍奖励, en: Bonus}
    multiply: {rules: [base], ladder: status, factors: {silver: "1.5", gold: 2}}
  - code: gift
    name: {zh: 金卡礼, en: Gift}
    when: {tier: {at_least: gold}}
    earn: {currency: points, units: 7}
"""


def earned(member: Drive, day: str, ref: str, amount: int = 100) -> dict[str | None, int]:
    line = (ev.OrderLine(amount * 100),)
    sent = member.send(ev.Order, f"{day}T12:00:00+08:00", order_ref=ref, lines=line)
    return {m.rule: m.units for m in sent.movements}


def test_a_bonus_and_a_condition_go_by_the_tier_before_the_event():
    member = drive(hotel() + RULES)
    assert earned(member, "2025-06-01", "A") == {"base": 100}
    live("", "2025-06-02 stay 10 -> silver reached 2025-12-31", member)
    assert earned(member, "2025-06-03", "B") == {"base": 100, "bonus": 50}
    live("", "2025-06-04 stay 15 -> gold reached 2025-12-31", member)
    assert earned(member, "2025-06-05", "C") == {"base": 100, "bonus": 100, "gift": 7}
    assert earned(member, "2028-06-05", "D") == {"base": 100}, "reviews have passed"


def test_bonus_and_condition_are_written_and_said():
    programme = read_programme("hotel", hotel() + RULES)
    assert read_canonical(canonical_text(programme)) == programme
    zh = "\n".join(plain_words(programme, "zh"))
    assert "“消费积分”按会籍计：银卡 1.5 倍、金卡 2 倍" in zh
    assert "会员的会籍不低于金卡" in zh
    en = "\n".join(plain_words(programme, "en"))
    assert "counts by the member's Status: Silver 1.5 times, Gold 2 times" in en
    assert "the member's Status is Gold or above" in en


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("{is: silver}", [False, True, False]),
        ("{in: [member, gold]}", [True, False, True]),
        ("{at_most: silver}", [True, True, False]),
        ("{ladder: status, at_least: silver, at_most: silver}", [False, True, False]),
    ],
)
def test_every_form_of_the_condition(condition: str, wanted: list[bool]):
    text = hotel() + RULES.replace("{at_least: gold}", condition)
    read = read_programme("hotel", text)
    assert read_canonical(canonical_text(read)) == read
    member, found = drive(text), []
    for number, nights in enumerate((0, 10, 15)):
        if nights:
            line = f"2025-06-0{number + 1} stay {nights}"
            tier = ("", "silver", "gold")[number]
            live("", f"{line} -> {tier} reached 2025-12-31", member)
        found.append("gift" in earned(member, f"2025-06-0{number + 1}", str(number)))
    assert found == wanted
    for lang in ("zh", "en"):
        assert plain_words(read, lang)


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("{at_least: gold}", "{at_least: god}", "rules[2].when.tier.at_least", "unknown tier"),
        (
            "{at_least: gold}",
            "{ladder: x, is: gold}",
            "rules[2].when.tier.ladder",
            "unknown ladder",
        ),
        ("{at_least: gold}", "{ladder: status}", "rules[2].when.tier", "give either `is`"),
        (
            "{at_least: gold}",
            "{at_least: gold, at_most: silver}",
            "rules[2].when.tier",
            "no tier lies between",
        ),
        ("gold: 2}", "glod: 2}", "rules[1].multiply.factors.glod", "unknown tier 'glod'."),
        ("ladder: status", "ladder: states", "rules[1].multiply.ladder", "unknown ladder"),
    ],
)
def test_what_is_refused(old: str, new: str, path: str, problem: str):
    (found,) = findings(hotel() + RULES.replace(old, new))
    assert (found.path, problem in found.problem) == (path, True), found


def test_a_metric_cannot_count_by_tier():
    text = hotel().replace(
        "measure: amount, window: year", "measure: amount, window: year, when: {tier: {is: gold}}"
    )
    (found,) = findings(text)
    assert found.problem == "what a metric counts cannot depend on a metric or a tier."


def test_units_last_longer_on_a_higher_tier_and_silence_is_waived():
    text = hotel().replace(
        "points: {name: {zh: 积分, en: Points}}",
        "points: {name: {zh: 积分, en: Points}, expiry: {model: fixed, months: 12, "
        "by: {ladder: status, months: {silver: 24}}}}\n"
        "  miles: {name: {zh: 里程, en: Miles}, expiry: {model: inactivity, months: 6, "
        "by: {ladder: status, months: {silver: null}}}}",
    )
    text += RULES.replace(
        "  - code: bonus",
        "  - code: miles\n    name: {zh: 里程, en: Miles}\n"
        "    earn: {currency: miles, units: 1, per: 1}\n  - code: bonus",
    )
    programme = read_programme("hotel", text)
    assert read_canonical(canonical_text(programme)) == programme
    assert "（按会籍，银卡：24个月）" in "\n".join(plain_words(programme, "zh"))

    def lots(member: Drive) -> list[tuple[str, str | None]]:
        return [
            (lot.currency, None if lot.expires_day is None else format_day(lot.expires_day))
            for lot in member.standing.lots.values()
            if lot.remaining
        ]

    plain = drive(text)
    earned(plain, "2025-06-03", "A")
    assert lots(plain) == [("points", "2026-06-03"), ("miles", None)]
    live("", "2025-12-10 pass ->", plain)
    assert plain.balances("miles")[0] == 0, "silent for six months"
    silver = drive(text)
    live("", "2025-06-02 stay 10 -> silver reached 2025-12-31", silver)
    earned(silver, "2025-06-03", "A")
    assert lots(silver)[0] == ("points", "2027-06-03")
    live("", "2025-12-10 pass ->", silver)
    assert silver.balances("miles")[0] == 100


def test_a_sale_that_comes_back_is_judged_by_the_tier_it_was_made_on():
    text = hotel().replace("en: Points}}", "en: Points}, returns: recompute}") + RULES
    member = drive(text)
    live("", "2025-06-02 stay 10 -> silver reached 2025-12-31", member)
    lines = (ev.OrderLine(10_000, line="1"), ev.OrderLine(10_000, line="2"))
    at = "2025-06-03T12:00:00+08:00"
    member.send(ev.Order, at, order_ref="A", lines=lines)
    live("", "2025-06-04 stay 15 -> gold reached 2025-12-31", member)
    assert member.balances()[0] == 300
    part = (ev.ReturnLine(line="1"),)
    member.send(ev.Return, "2025-06-05T12:00:00+08:00", order_ref="A", lines=part)
    assert member.balances()[0] == 150
    member.send(ev.Return, "2025-06-06T12:00:00+08:00", order_ref="A")
    assert member.balances()[0] == 0


def test_points_earned_count_and_spending_them_takes_nothing_away():
    text = (
        hotel()
        .replace(
            "metrics:\n",
            "metrics:\n  growth: {measure: earned, of: points, window: year}\n",
        )
        .replace("reach: {nights: 10}", "reach: {growth: 300}")
    )
    member = drive(text + RULES)
    earned(member, "2025-06-01", "A", 200)
    at = "2025-06-02T12:00:00+08:00"
    member.send(ev.Spend, at, currency="points", units=150)
    assert earned(member, "2025-06-03", "B", 100) == {"base": 100}
    assert member.standing.tiers["status"].tier == "silver"


def test_growth_comes_of_the_same_purchases_and_tasks_and_spending_leaves_it():
    text = hotel().replace(
        "  points: {name: {zh: 积分, en: Points}}",
        "  points: {name: {zh: 积分, en: Points}}\n"
        "  growth: {name: {zh: 成长值, en: Growth}, spendable: false}",
    )
    text = text.replace(
        "metrics:\n", "metrics:\n  grown: {measure: earned, of: growth, window: year}\n"
    )
    text = text.replace("reach: {nights: 10}", "reach: {grown: 300}") + RULES
    for code, on in (("buying", "order"), ("staying", "activity:stay")):
        text += (
            f"  - code: {code}\n    name: {{zh: 成长, en: Growth}}\n    on: {on}\n"
            "    earn: {currency: growth, units: 150}\n"
        )
    member = drive(text)
    assert earned(member, "2025-06-01", "A", 200) == {"base": 200, "buying": 150}
    member.send(ev.Spend, "2025-06-02T12:00:00+08:00", currency="points", units=150)
    live("", "2025-06-03 stay 1 -> silver reached 2025-12-31", member)
    assert (member.balances("points")[0], member.balances("growth")[0]) == (50, 300)


def test_a_ladder_begins_with_one_tier_and_grows_under_its_members():
    one = hotel().partition("      - {code: silver")[0]
    three = hotel().replace("银卡", "白银卡")
    first, later = read_programme("a", one), read_programme("b", three)
    versions = Programmes(
        [
            CompiledProgramme(first, 1, 0),
            CompiledProgramme(later, 2, parse_instant("2025-07-01T00:00:00+08:00")[0]),
        ]
    )
    member = Drive(versions, Member(1, enrolled_us=JOINED_US))
    live(
        "",
        """
        2025-06-01 stay 12   ->
        2025-06-30 stay 2    ->
        2025-07-01 stay 1    -> silver reached 2025-12-31
        """,
        member,
    )
