"""Codes that events bring along are said by the names a programme gives them."""

from __future__ import annotations

import pytest

from coterie.programme.differing import diff, diff_words
from coterie.programme.model import NAMED
from coterie.programme.plain import rule_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.programme.writing_programmes import SMALL, finding, with_rule

NAMES = """\
names:
  category: {tea: {zh: 茶叶, en: tea}, 21: {zh: 茶具, en: teaware}}
  brand: {b1: {zh: 一号, en: Number One}}
  channel: {app: {zh: 手机应用, en: the app}}
  tender: {gift: {zh: 礼品卡, en: gift card}}
"""


def said(rule: str, lang: str, names: str = NAMES) -> str:
    text = with_rule(f"code: tested\nname: {{zh: 测, en: Tested}}\n{rule}", SMALL) + names
    programme = read_programme("small.yaml", text)
    return rule_words(programme.rules[-1], programme, lang)


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("earn: {currency: points, units: 5}\nlines: {category: [tea, 21, other]}",
         "仅计品类为茶叶、茶具或other的商品", "the category is tea, teaware or other"),
        ("earn: {currency: points, units: 5}\nlines: {not: {brand: b1}}",
         "品牌不为一号", "the brand is not Number One"),
        ("earn: {currency: points, units: 5}\nwhen: {channel: app}",
         "渠道为手机应用", "the channel is the app"),
        ("earn: {currency: points, units: 5}\nwhen: {tender: gift}",
         "以礼品卡支付", "gift card paid"),
        ("earn: {currency: points, per: 1, by: {field: brand, rates: {b1: 2}}}",
         "一号 2", "Number One 2"),
        ("earn: {currency: points, per: 1, by: {field: tender, rates: {gift: 2}}}",
         "礼品卡 2", "gift card 2"),
        ("earn: {currency: points, units: 1, per: 1, basis: {without_tenders: [gift]}}",
         "扣除以礼品卡支付的部分", "without what was paid by gift card"),
    ],
)  # fmt: skip
def test_codes_are_said_by_their_names(rule: str, zh: str, en: str):
    assert zh in said(rule, "zh")
    assert en in said(rule, "en")
    assert zh not in said(rule, "zh", "")


def test_names_are_kept_and_may_change_and_go():
    plain = read_programme("small.yaml", SMALL)
    named = read_programme("small.yaml", SMALL + NAMES)
    assert read_canonical(canonical_text(named)) == named
    assert '"names"' not in canonical_text(plain), "what says nothing is not written"
    assert breaks(named, plain) == breaks(plain, named) == []
    (line, *_) = diff_words(diff(plain, named), "zh")
    assert line == "新增名称 category"


def test_only_kinds_of_codes_that_events_bring_have_names():
    found = finding(SMALL + "names: {categorys: {tea: {zh: 茶, en: tea}}}\n")
    assert found.path == "names.categorys"
    assert "category" in found.allowed
    assert set(NAMED) >= {"category", "brand", "channel"}


def test_a_name_is_in_both_languages():
    assert finding(SMALL + "names: {brand: {b1: {en: One}}}\n").path == "names.brand.b1"
