"""A programme in plain words, word by word: what members read is part of what is promised."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path

import pytest

import coterie
from coterie.programme.plain import LANGUAGES, plain_words
from coterie.programme.reading import read_programme
from tests.programme.writing_programmes import SMALL, with_rule

LIBRARY = Path(coterie.__file__).parent / "programme" / "library"

TOLD = "tax included, rounded"
RULES = [
    # how it is written (after code and name), zh, en
    (
        "earn: {currency: points, units: 1.5, per: 2, rounding: half_up, round_each: line}",
        "每笔订单，每 CNY 2.00 送 1.5 积分（含税，逐行四舍五入）。",
        f"for every order, 1.5 Points for every CNY 2.00 ({TOLD} half up line by line).",
    ),
    (
        "earn: {currency: points, units: 1, per: 5, blocks: true, basis: {tax: false}}",
        "每笔订单，每满 CNY 5.00 送 1 积分（不含税，整单舍去尾数）。",
        (
            "for every order, 1 Points for every whole CNY 5.00 (without tax, rounded down once an "
            "order)."
        ),
    ),
    (
        (
            "earn: {currency: points, units: 1, per: 5, rounding: up, round_each: unit, basis: "
            "{shipping: true, fees: true, without_tenders: [card, gift]}}"
        ),
        (
            "每笔订单，每 CNY 5.00 送 1 积分（含税，含运费，含手续费，"
            "扣除以card或gift支付的部分，逐件进一）。"
        ),
        (
            "for every order, 1 Points for every CNY 5.00 (tax included, shipping included, fees "
            "included, without what was paid by card or gift, rounded up piece by piece)."
        ),
    ),
    (
        (
            "earn: {currency: points, units: 5}\nwhen: {channel: app}\n"
            "lines: {brand: x}\ncaps: [daily]"
        ),
        "每笔订单，若渠道为app，仅计品牌为x的商品，送 5 积分，“daily”每天最多 100 积分。",
        (
            "for every order, when the channel is app, on lines where the brand is x, 5 Points, "
            "at most 100 Points a day (daily)."
        ),
    ),
    (
        "on: activity:visit\nearn: {currency: points, units: 2, per_field: guests, per: 3}",
        "每次到店，每 3 guests 送 2 积分（舍去尾数）。",
        "for every Visit, 2 Points for every 3 of guests (rounded down).",
    ),
    (
        "multiply: {rules: [base], factor: 3}\nfrom: 2026-01-01",
        "每笔订单，2026-01-01起，“积分”按 3 倍计。",
        "for every order, from 2026-01-01, “Points for spending” counts 3 times.",
    ),
    (
        (
            "multiply: {rules: [base], attribute: level, factors: {gold: 2, silver: 1.5}}\n"
            "to: 2026-12-31"
        ),
        "每笔订单，至2026-12-31，“积分”按level计：gold 2 倍、silver 1.5 倍。",
        (
            "for every order, through 2026-12-31, “Points for spending” counts by the member's "
            "level: gold 2 times, silver 1.5 times."
        ),
    ),
]


@pytest.mark.parametrize(("written", "zh", "en"), RULES)
def test_a_rule_is_a_sentence(written: str, zh: str, en: str):
    text = with_rule(f"code: tested\nname: {{zh: 测, en: Tested}}\n{written}")
    programme = read_programme("small.yaml", text)
    assert plain_words(programme, "zh")[-2] == f"测：{zh}"
    assert plain_words(programme, "en")[-2] == f"Tested: {en}"


CURRENCIES = [
    (
        "scale: 0",
        "长期有效；退货最多扣至零",
        "does not lapse; a return takes no more than there is",
    ),
    (
        (
            "expiry: {model: fixed, months: 1, days: 2, round_to: year}\n"
            "pending: {days: 3, expiry_from: release}\ntransferable: true\nspendable: false"
        ),
        "可用后1个月2天有效，延至年末；获得3天后可用；不可兑换；可转赠；退货最多扣至零",
        (
            "valid for 1 month and 2 days after release, to the end of that year; "
            "can be spent after 3 days; cannot be spent; can be given to others; "
            "a return takes no more than there is"
        ),
    ),
    (
        "expiry: {model: calendar, dates: [06-30], min_months: 2}\ndebt: {policy: refuse}",
        "有效至6月30日中至少2个月后的第一个日期；余额不足时退货不予受理",
        (
            "valid through the first 06-30 that is at least 2 months off; "
            "a return that takes more than there is is refused"
        ),
    ),
    (
        "expiry: {model: inactivity, months: 12}\ndebt: {policy: allow, limit_units: 9}",
        "12个月内无活动则全部失效；退货可使余额为负，最多欠9",
        "lapses after 12 months without activity; a return may leave a debt of at most 9",
    ),
]


@pytest.mark.parametrize(("written", "zh", "en"), CURRENCIES)
def test_a_currency_is_a_sentence(written: str, zh: str, en: str):
    indented = "".join(f"    {line}\n" for line in written.splitlines())
    programme = read_programme("small.yaml", SMALL.replace("attributes:", f"{indented}attributes:"))
    assert plain_words(programme, "zh")[1] == f"积分：{zh}。"
    assert plain_words(programme, "en")[1] == f"Points: {en}."


def test_declared_names_are_said_instead_of_codes():
    words = "\n".join(plain_words(read_programme(LIBRARY / "demo.yaml"), "zh"))
    assert "按会员等级计" in words
    assert "这是当月签到次数中的第10次" in words


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["bench", "demo", "supermarket"])
def test_everything_shipped_can_be_said(name: str, lang: str):
    programme = read_programme(LIBRARY / f"{name}.yaml")
    words = plain_words(programme, lang)
    sections = tuple(programme.parts.values())
    parts: tuple[Sized, ...] = (programme.currencies, programme.metrics, programme.rules, *sections)
    assert len(words) == 2 + sum(len(part) for part in parts)
    assert all(words)
