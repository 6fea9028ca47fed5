"""What differs between two programmes: exactly what was changed, and as sentences."""

from __future__ import annotations

from coterie.programme.differing import Change, What, diff, diff_words
from coterie.programme.reading import read_programme
from coterie.programme.writing import canonical_text
from tests.programme.writing_programmes import SMALL, with_rule

MORE = with_rule("code: more\nname: {zh: 多, en: More}\nearn: {currency: points, units: 1}")


def found(before: str, after: str) -> list[Change]:
    return diff(read_programme("before", before), read_programme("after", after))


def test_a_programme_does_not_differ_from_itself_however_it_is_written():
    text = canonical_text(read_programme("small", SMALL))
    assert found(SMALL, text) == []
    assert diff_words([], "en") == ["Both mean the same."]
    assert diff_words([], "zh") == ["两者含义相同。"]


def test_a_changed_rule_is_told_by_values_and_by_sentences():
    (change,) = found(SMALL, SMALL.replace("units: 1, per", "units: 1.5, per"))
    assert (change.section, change.code, change.what) == ("rules", "base", What.CHANGED)
    (value,) = change.values
    assert (value.path, value.before, value.after) == ("earn.units", "1", "1.5")
    english = diff_words([change], "en")
    assert english[0] == "rule base changes:"
    assert english[1].startswith("  - Points for spending: for every order, 1 Points for every CNY")
    assert english[2].startswith("  + Points for spending: for every order, 1.5 Points for every")
    assert english[3] == "  earn.units: 1 → 1.5"
    chinese = diff_words([change], "zh")
    assert chinese[0] == "规则 base 有改动："
    assert chinese[1].startswith("  - 积分：每笔订单，每 CNY 1.00 送 1 积分")
    assert chinese[3] == "  earn.units：1 → 1.5"


def test_what_comes_and_goes_is_told():
    (came,) = found(SMALL, MORE)
    assert (came.section, came.code, came.what) == ("rules", "more", What.ADDED)
    assert diff_words([came], "zh") == ["新增规则 more：", "  + 多：每笔订单，送 1 积分。"]
    moved = MORE.replace("code: base", "code: basic") + "moves_to: {rules: {base: basic}}\n"
    went, new = found(MORE, moved)
    assert (went.code, went.what, went.moves_to) == ("base", What.REMOVED, "basic")
    assert (new.code, new.what) == ("basic", What.ADDED)
    assert diff_words([went], "en")[0] == "rule base goes away, basic takes its place:"


def test_settings_sections_and_the_order_of_rules():
    changed = SMALL.replace("limit: 100", "limit: 200").replace("small\n", "large\n", 1)
    changes = found(SMALL, changed + "return_days: 30\nlate: {days: 3}\n")
    told = {(c.section, c.code): c.what for c in changes}
    assert told == {
        ("settings", "programme"): What.CHANGED,
        ("settings", "late.days"): What.CHANGED,
        ("settings", "return_days"): What.CHANGED,
        ("caps", "daily"): What.CHANGED,
    }
    first = MORE.index("  - code: base")
    second = MORE.index("  - code: more")
    swapped = MORE[:first] + MORE[second:] + MORE[first:second]
    (order,) = found(MORE, swapped)
    assert (order.what, order.values[0].after) == (What.REORDERED, ["more", "base"])
    assert diff_words([order], "en") == [
        "the order of the rules changes:",
        "  base, more → more, base",
    ]
