"""Every kind of condition: when it holds, when not, and how it is said in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import Struct, field

from coterie.events import MemberRef, Order, OrderLine, Tender
from coterie.programme.conditions import (
    Compiled,
    Scene,
    compile_condition,
    parse_condition,
    plain_condition,
    sentence,
)
from coterie.programme.conditions.registry import KINDS
from coterie.programme.reading import read_programme
from tests.programme.condition_tables import DAYS_AND_TIMES
from tests.programme.writing_programmes import SMALL

WEDNESDAY = date(2026, 11, 11).toordinal()
SCENE = Scene("s1", "app", "pos", "p1", "c1", WEDNESDAY)
MILK = OrderLine(300, product="milk", categories=("dairy", "food"), brand="farm", tags=("bio",))
CIGARS = OrderLine(900, product="cigar", categories=("tobacco",))


class Known(Struct):
    """A situation, spelt out."""

    scene: Scene = SCENE
    attributes: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    lines: tuple[OrderLine, ...] = (MILK, CIGARS)
    order: Order | None = None
    amount_minor: int = 1200
    day: int = WEDNESDAY
    minute: int = 12 * 60
    enrolled_day: int = WEDNESDAY - 10
    metrics: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    tiers: dict[str, str] = field(default_factory=dict)

    def metric(self, code: str) -> int:
        return self.metrics.get(code, 0)

    def mark(self, code: str, bucket: int = 0) -> int:
        return self.marks.get(code, bucket)

    def tier(self, ladder: str) -> str | None:
        return self.tiers.get(ladder)

    def held_out(self, campaign: str) -> bool:
        return campaign in self.tiers


LADDER = """\
ladders:
  status:
    name: {zh: 会籍, en: Status}
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: silver, name: {zh: 银卡, en: Silver}, reach: {visits: 2}}
      - {code: gold, name: {zh: 金卡, en: Gold}, reach: {visits: 5}}
"""
DATED = SMALL.replace("  staff:", "  born: {type: date}\n  staff:")
PROGRAMME = read_programme("small.yaml", DATED + LADDER)


def compiled(raw: dict[str, Any]) -> Compiled:
    return compile_condition(parse_condition(raw, "when"), PROGRAMME)


def said(raw: dict[str, Any]) -> tuple[str, str]:
    condition = parse_condition(raw, "when")
    return sentence(condition, "zh", PROGRAMME), sentence(condition, "en", PROGRAMME)


LINES: list[tuple[dict[str, Any], bool, bool, str, str]] = [
    # condition, holds for milk, holds for cigars, zh, en
    ({"category": "food"}, True, False, "品类为food", "the category is food"),
    (
        {"category": ["food", "tobacco"]},
        True,
        True,
        "品类为food或tobacco",
        "the category is food or tobacco",
    ),
    ({"brand": "farm"}, True, False, "品牌为farm", "the brand is farm"),
    ({"product": ["cigar"]}, False, True, "商品为cigar", "the product is cigar"),
    ({"tag": ["bio", "new"]}, True, False, "标签为bio或new", "the tag is bio or new"),
    ({"not": {"category": "food"}}, False, True, "品类不为food", "the category is not food"),
    (
        {"category": "food", "brand": "other"},
        False,
        False,
        "品类为food，且品牌为other",
        "the category is food and the brand is other",
    ),
    (
        {"any": [{"brand": "farm"}, {"product": "cigar"}, {"tag": "x"}]},
        True,
        True,
        "品牌为farm，或商品为cigar，或标签为x",
        "the brand is farm or the product is cigar or the tag is x",
    ),
]


@pytest.mark.parametrize(("raw", "milk", "cigars", "zh", "en"), LINES)
def test_conditions_on_lines(raw: dict[str, Any], milk: bool, cigars: bool, zh: str, en: str):
    tests = compiled(raw)
    assert (tests.static, tests.dynamic) == (None, None)
    assert tests.line is not None
    assert (tests.line(MILK), tests.line(CIGARS)) == (milk, cigars)
    assert said(raw) == (zh, en)


SCENES: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    # condition that holds for SCENE, what of the scene to change so that it does not, zh, en
    ({"store": ["s1", "s2"]}, {"store": "s3"}, "门店为s1或s2", "the store is s1 or s2"),
    ({"channel": "app"}, {"channel": None}, "渠道为app", "the channel is app"),
    ({"source": "pos"}, {"source": "api"}, "来源为pos", "the source is pos"),
    ({"partner": "p1"}, {"partner": None}, "合作伙伴为p1", "the partner is p1"),
    ({"campaign": "c1"}, {"campaign": "c2"}, "活动为c1", "the campaign is c1"),
    ({"weekday": "wed"}, {"day": WEDNESDAY + 1}, "日期为周三", "the day is a Wednesday"),
    (
        {"not": {"weekday": ["sat", "sun"]}},
        {"day": WEDNESDAY + 4},
        "日期不为周六或周日",
        "the day is not a Saturday or Sunday",
    ),
    (
        {"date": "2026-11-11"},
        {"day": WEDNESDAY - 1},
        "日期为2026-11-11",
        "the date is 2026-11-11",
    ),
    (
        {"date": ["2026-11-10", "2026-11-11"]},
        {"day": WEDNESDAY + 1},
        "日期为2026-11-10或2026-11-11",
        "the date is 2026-11-10 or 2026-11-11",
    ),
    (
        {"date": {"from": "2026-11-01", "to": "2026-11-11"}},
        {"day": WEDNESDAY + 1},
        "日期为2026-11-01至2026-11-11",
        "the date is from 2026-11-01 to 2026-11-11",
    ),
    (
        {"date": [{"to": "2026-01-01"}, {"from": "2026-11-11"}]},
        {"day": WEDNESDAY - 1},
        "日期为至2026-01-01或2026-11-11起",
        "the date is up to 2026-01-01 or from 2026-11-11 on",
    ),
    (
        {"month_day": 11},
        {"day": WEDNESDAY + 1},
        "日期为每月11日",
        "the date is day 11 of every month",
    ),
    (
        {"month_day": ["11-11", "last"]},
        {"day": WEDNESDAY + 365 + 1},
        "日期为每年11月11日或每月最后一天",
        "the date is 11-11 of every year or the last of every month",
    ),
    (
        {"channel": "app", "store": "s1", "weekday": "wed"},
        {"store": "s2"},
        "渠道为app，且门店为s1，且日期为周三",
        "the channel is app and the store is s1 and the day is a Wednesday",
    ),
    (
        {"any": [{"channel": "web"}, {"all": [{"store": "s1"}, {"source": "pos"}]}]},
        {"source": "api"},
        "渠道为web，或（门店为s1，且来源为pos）",
        "the channel is web or (the store is s1 and the source is pos)",
    ),
    (
        {"not": {"any": [{"channel": "web"}, {"store": "s9"}]}},
        {"channel": "web"},
        "并非（渠道为web，或门店为s9）",
        "not (the channel is web or the store is s9)",
    ),
]


@pytest.mark.parametrize(("raw", "change", "zh", "en"), SCENES)
def test_conditions_on_where_and_when(
    raw: dict[str, Any], change: dict[str, Any], zh: str, en: str
):
    tests = compiled(raw)
    assert (tests.line, tests.dynamic) == (None, None)
    assert tests.static is not None
    assert tests.static(SCENE) is True
    assert tests.static(SCENE._replace(**change)) is False
    assert said(raw) == (zh, en)


def test_the_last_of_a_month_is_its_last_day():
    test = compiled({"month_day": "last"}).static
    assert test is not None
    days = [date(2024, 2, 28), date(2024, 2, 29), date(2025, 2, 28), date(2026, 1, 31)]
    assert [test(SCENE._replace(day=day.toordinal())) for day in days] == [False, True, True, True]


def paid(**tenders: int) -> Order:
    told = tuple(Tender(kind, amount) for kind, amount in tenders.items())
    return Order(
        key="k", occurred_at="", member=MemberRef(id=1), order_ref="o", lines=(MILK,), tenders=told
    )


SITUATIONS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str, str]] = [
    # condition, a situation in which it holds, one in which it does not, zh, en
    (
        {"order_quantity": {"min": "3", "max": "4.5"}},
        {"lines": (OrderLine(1, quantity_milli=2000), OrderLine(1, quantity_milli=2500))},
        {"lines": (OrderLine(1, quantity_milli=2999),)},
        "商品件数在3与4.5之间",
        "the order's quantity is between 3 and 4.5",
    ),
    (
        {"tender": ["card", "wallet"]},
        {"order": paid(card=1, cash=99)},
        {"order": paid(cash=99)},
        "以card或wallet支付",
        "card or wallet paid",
    ),
    (
        {"tender": {"in": ["card"], "percent": 50}},
        {"order": paid(card=50, cash=50)},
        {"order": paid(card=49, cash=50)},
        "以card支付至少50%",
        "card paid at least 50 %",
    ),
    (
        {"has_opted_in": ["base", "spring"]},
        {"marks": {"optin:spring": 1}},
        {"marks": {"optin:summer": 1}},
        "会员已报名参加“积分”或“spring”",
        "the member has joined “Points for spending” or “spring”",
    ),
    (
        {"tagged": ["vip", "press"]},
        {"attributes": {"tag:press": True}},
        {"attributes": {"tag:staff": True}},
        "会员带有标签“vip”或“press”",
        "the member is tagged “vip” or “press”",
    ),
    (
        {"attribute": {"code": "level", "is": "gold"}},
        {"attributes": {"level": "gold"}},
        {"attributes": {}},
        "会员的level为gold",
        "the member's level is gold",
    ),
    (
        {"attribute": {"code": "level", "at_least": "silver"}},
        {"attributes": {"level": "gold"}},
        {"attributes": {"level": "basic"}},
        "会员的level不低于silver",
        "the member's level is at least silver",
    ),
    (
        {"attribute": {"code": "level", "at_most": "silver"}},
        {"attributes": {"level": "silver"}},
        {"attributes": {"level": "gold"}},
        "会员的level不超过silver",
        "the member's level is at most silver",
    ),
    (
        {"attribute": {"code": "age", "at_least": 18, "at_most": 30}},
        {"attributes": {"age": 30}},
        {"attributes": {"age": 31}},
        "会员的age在18与30之间",
        "the member's age is between 18 and 30",
    ),
    (
        {"not": {"attribute": {"code": "staff", "is": True}}},
        {"attributes": {}},
        {"attributes": {"staff": True}},
        "会员的staff不为是",
        "the member's staff is not yes",
    ),
    (
        {"field": {"code": "city", "in": ["bj", "sh"]}},
        {"fields": {"city": "sh"}},
        {"fields": {}},
        "city为bj或sh",
        "city is bj or sh",
    ),
    (
        {"field": {"code": "guests", "min": 2}},
        {"fields": {"guests": 2}},
        {"fields": {"guests": 1}},
        "guests不低于2",
        "guests is at least 2",
    ),
    (
        {"order_amount": {"min": "12.00"}},
        {"amount_minor": 1200},
        {"amount_minor": 1199},
        "订单金额不低于12.00",
        "the order's amount is at least 12.00",
    ),
    (
        {"order_amount": {"min": "1", "max": "12.00"}},
        {"amount_minor": 100},
        {"amount_minor": 1201},
        "订单金额在1与12.00之间",
        "the order's amount is between 1 and 12.00",
    ),
    (
        {"nth": {"metric": "orders", "is": 3}},
        {"metrics": {"orders": 2}},
        {"metrics": {"orders": 3}},
        "这是orders中的第3次",
        "this is number 3 of orders",
    ),
    (
        {"nth": {"metric": "orders", "every": 5}},
        {"metrics": {"orders": 9}},
        {"metrics": {"orders": 10}},
        "orders中每满5次",
        "this makes a multiple of 5 of orders",
    ),
    (
        {"nth": {"metric": "orders", "at_least": 5}},
        {"metrics": {"orders": 4}},
        {"metrics": {"orders": 3}},
        "这是orders中的第5次或之后",
        "this is number 5 or later of orders",
    ),
    (
        {"metric": {"code": "spend", "min": "10.00"}},
        {"metrics": {"spend": 1000}},
        {"metrics": {"spend": 999}},
        "此前的spend不低于10.00",
        "spend before this is at least 10.00",
    ),
    (
        {"metric": {"code": "orders", "max": 0}},
        {},
        {"metrics": {"orders": 1}},
        "此前的orders不超过0",
        "orders before this is at most 0",
    ),
    (
        {"metric": {"code": "orders", "min": 1, "max": 2}},
        {"metrics": {"orders": 2}},
        {"metrics": {"orders": 3}},
        "此前的orders在1与2之间",
        "orders before this is between 1 and 2",
    ),
    (
        {"tier": {"at_least": "silver"}},
        {"tiers": {"status": "gold"}},
        {"tiers": {"status": "member"}},
        "会员的会籍不低于银卡",
        "the member's Status is Silver or above",
    ),
    (
        {"tier": {"ladder": "status", "in": ["member", "gold"]}},
        {"tiers": {"status": "gold"}},
        {},
        "会员的会籍为会员或金卡",
        "the member's Status is Member or Gold",
    ),
    (
        {"new_member_days": 10},
        {"enrolled_day": WEDNESDAY - 10},
        {"enrolled_day": WEDNESDAY - 11},
        "入会不超过10天",
        "the member enrolled at most 10 days before",
    ),
    (
        {"new_member_days": 1},
        {"enrolled_day": WEDNESDAY},
        {"enrolled_day": WEDNESDAY + 1},
        "入会不超过1天",
        "the member enrolled at most 1 day before",
    ),
    *DAYS_AND_TIMES,
    (
        {"any_line": {"category": "food", "brand": "farm"}},
        {},
        {"lines": (CIGARS,)},
        "至少一件商品的品类为food，且品牌为farm",
        "for at least one line the category is food and the brand is farm",
    ),
    (
        {"any": [{"channel": "web"}, {"order_amount": {"max": "5"}}]},
        {"amount_minor": 500},
        {"amount_minor": 501},
        "渠道为web，或订单金额不超过5",
        "the channel is web or the order's amount is at most 5",
    ),
    (
        {"not": {"all": [{"channel": "app"}, {"new_member_days": 3}]}},
        {},
        {"enrolled_day": WEDNESDAY},
        "并非（渠道为app，且入会不超过3天）",
        "not (the channel is app and the member enrolled at most 3 days before)",
    ),
]


@pytest.mark.parametrize(("raw", "yes", "no", "zh", "en"), SITUATIONS)
def test_conditions_on_the_member(
    raw: dict[str, Any], yes: dict[str, Any], no: dict[str, Any], zh: str, en: str
):
    tests = compiled(raw)
    assert (tests.line, tests.static) == (None, None)
    assert tests.dynamic is not None
    assert tests.dynamic(Known(**yes)) is True
    assert tests.dynamic(Known(**no)) is False
    assert said(raw) == (zh, en)


def test_all_falls_into_what_can_be_kept_and_what_cannot():
    parts = [{"channel": "app"}, {"new_member_days": 30}, {"store": "s1"}, {"weekday": "wed"}]
    tests = compiled({"all": parts})
    assert tests.static is not None
    assert tests.dynamic is not None
    assert tests.static(SCENE)
    assert not tests.static(SCENE._replace(day=WEDNESDAY + 1))
    assert tests.dynamic(Known(scene=SCENE._replace(channel="web")))


def test_nothing_always_holds():
    assert compile_condition(None, PROGRAMME) == Compiled()


def test_every_kind_was_tried():
    tried = str([raw for raw, *_ in (*LINES, *SCENES, *SITUATIONS)])
    assert not [code for code in KINDS if f"'{code}'" not in tried]


@pytest.mark.parametrize("raw", [raw for raw, *_ in (*LINES, *SCENES, *SITUATIONS)])
def test_the_plain_form_says_the_same(raw: dict[str, Any]):
    condition = parse_condition(raw, "when")
    again = parse_condition(plain_condition(condition), "when")
    assert plain_condition(again) == plain_condition(condition)
    assert sentence(again, "en") == sentence(condition, "en")
