"""Values, tiers, currencies and activities are said by their names wherever words are said."""

from __future__ import annotations

import pytest

from coterie.programme.explaining import value_words
from coterie.programme.plain import LANGUAGES, cap_words, currency_words, rule_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.programme.writing_programmes import SMALL, finding, with_rule

NAMED = """\
  level:
    name: {zh: 等级, en: level}
    values:
      - {code: basic, name: {zh: 普卡, en: Basic}}
      - silver
      - {code: gold, name: {zh: 金卡, en: Gold}}
"""
CITIES = "values: [{code: bj, name: {zh: 北京, en: Beijing}}, sh]"
TEXT = SMALL.replace("  level: {values: [basic, silver, gold]}\n", NAMED).replace(
    "values: [bj, sh]", CITIES
)
LADDER = """\
ladders:
  status:
    name: {zh: 会员等级, en: status}
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: gold, name: {zh: 金卡, en: Gold}, reach: {spend: 100}}
"""


def said(rule: str, lang: str) -> str:
    text = with_rule(f"code: tested\nname: {{zh: 测, en: Tested}}\n{rule}", TEXT)
    programme = read_programme("small.yaml", text)
    return rule_words(programme.rules[-1], programme, lang).rstrip("。.")


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("earn: {currency: points, units: 5}\nwhen: {attribute: {code: level, in: [silver, gold]}}",
         "若会员的等级为silver或金卡", "when the member's level is silver or Gold"),
        ("earn: {currency: points, units: 5}\nwhen: {not: {attribute: {code: level, is: gold}}}",
         "若会员的等级不为金卡", "when the member's level is not Gold"),
        ("earn: {currency: points, units: 5}\nwhen: {attribute: {code: level, at_least: basic}}",
         "若会员的等级不低于普卡", "when the member's level is at least Basic"),
        (("on: activity:visit\nearn: {currency: points, units: 5}\n"
          "when: {field: {code: city, is: bj}}"), "若city为北京", "when city is Beijing"),
        ("multiply: {rules: [base], attribute: level, factors: {gold: 2, silver: 1.5}}",
         "按等级计：金卡 2 倍、silver 1.5 倍", "by the member's level: Gold 2 times, silver 1.5"),
        ("earn: {currency: points, by: {attribute: level, rates: {gold: 2}}, per: 1}",
         "按会员的等级送 积分：金卡 2", "by the member's level: Gold 2"),
        ("on: activity:visit\nearn: {currency: points, by: {field: city, rates: {bj: 2}}}",
         "按city送 积分：北京 2", "Points by city: Beijing 2"),
    ],
)  # fmt: skip
def test_values_are_said_by_their_names(rule: str, zh: str, en: str):
    assert zh in said(rule, "zh")
    assert en in said(rule, "en")


def test_a_value_in_an_explanation_is_said_by_its_name():
    programme = read_programme("small.yaml", TEXT)
    assert value_words("level", "gold", programme, "zh") == "等级：金卡"
    assert value_words("level", "silver", programme, "en") == "level: silver"
    assert value_words("staff", True, programme, "zh") == "staff：是"


def test_names_of_values_are_kept_and_may_change():
    programme = read_programme("small.yaml", TEXT)
    assert programme.attributes["level"].values == ("basic", "silver", "gold")
    assert read_canonical(canonical_text(programme)) == programme
    plain = read_programme("small.yaml", SMALL)
    assert breaks(programme, plain) == breaks(plain, programme) == []
    assert '"silver"' in canonical_text(plain)
    assert '"code": "silver"' not in canonical_text(programme), "no name, so only a text"


def test_a_value_stands_once():
    found = finding(SMALL.replace("[basic, silver, gold]", "[a, {code: a, name: {zh: 甲, en: A}}]"))
    assert (found.path, found.problem) == ("attributes.level.values[1]", "'a' stands twice.")


@pytest.mark.parametrize(
    "value", ["{code: a}", "{name: {zh: 甲, en: A}}", "7", "{code: a, nam: b}"]
)
def test_a_value_is_a_text_or_a_named_one(value: str):
    found = finding(SMALL.replace("[basic, silver, gold]", f"[{value}]"))
    assert found.path.startswith("attributes.level.values[0]")


@pytest.mark.parametrize(
    ("expiry", "zh", "en"),
    [
        ("{model: fixed, months: 12, by: {ladder: status, months: {gold: null}}}",
         "（按会员等级，金卡：长期有效）", "(by status, Gold: does not lapse)"),
        ("{model: fixed, months: 12, by: {attribute: level, months: {gold: 24, silver: 18}}}",
         "（按等级，金卡：24个月，silver：18个月）",
         "(by level, Gold: 24 months, silver: 18 months)"),
        ("{model: inactivity, months: 6, activities: [activity:visit]}",
         "6个月内无到店则全部失效", "lapses after 6 months without Visit"),
        ("{model: inactivity, months: 6, activities: [order, activity:visit]}",
         "6个月内无订单或到店则全部失效", "lapses after 6 months without an order or Visit"),
        ("{model: inactivity, days: 30}", "30天内无活动则全部失效", "without activity"),
    ],
)  # fmt: skip
def test_expiry_is_said_by_names(expiry: str, zh: str, en: str):
    points = "    name: {zh: 积分, en: Points}\n"
    text = TEXT.replace(points, f"{points}    expiry: {expiry}\n", 1) + LADDER
    programme = read_programme("small.yaml", text)
    assert zh in currency_words(programme.currencies["points"], programme, "zh")
    assert en in currency_words(programme.currencies["points"], programme, "en")


def test_a_cap_is_said_in_the_currency_it_bounds():
    text = SMALL.replace("en: Points}\n", "en: Points}\n    scale: 2\n", 1).replace(
        "limit: 100,", "limit: 1500.5, name: {zh: 每日上限, en: Daily},"
    )
    programme = read_programme("small.yaml", text)
    cap = programme.caps["daily"]
    assert cap.limit == 150_050
    assert cap_words(cap, programme, "zh") == "“每日上限”每天最多 1500.5 积分"
    assert cap_words(cap, programme, "en") == "at most 1500.5 Points a day (Daily)"


def test_a_cap_on_several_currencies_is_said_in_units():
    text = with_rule(
        "code: more\nname: {zh: 更多, en: More}\nearn: {currency: stamps, units: 1}\ncaps: [daily]",
        SMALL.replace("attributes:", "  stamps: {name: {zh: 印章, en: stamps}}\nattributes:", 1),
    )
    programme = read_programme("small.yaml", text)
    assert [cap_words(programme.caps["daily"], programme, lang) for lang in LANGUAGES] == [
        "“daily”每天最多100个单位",
        "at most 100 units a day (daily)",
    ]
