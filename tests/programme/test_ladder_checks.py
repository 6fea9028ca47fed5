"""What a check says of ladders: what cannot be, what is odd, what a later version may not do."""

from __future__ import annotations

import pytest

from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.programme.ladder_texts import hotel
from tests.programme.writing_programmes import findings, warnings

WHOLE = hotel(
    valid="{until: 02-29, years_after: 2}",
    demote="one",
    grace_days="30",
    rollover="[nights]",
    needs="{fees: 1}",
    score='{spend: {metric: spend, points: 1, per: "100", most: 50}, '
    "loyalty: {name: {zh: 会龄分, en: loyalty}, tenure: years, points: -2}}",
).replace(
    "keep: {nights: 20}",
    "keep: {all: [{nights: 20}, {at_most: {complaints: 2}}]}\n"
    "        challenge: {nights: 8}\n"
    "        lifetime: {nights_ever: 500}\n"
    "        needs: {score: 3}\n"
    "        head_start: {nights: 5}\n"
    "        benefits: [{zh: 免费早餐, en: Free breakfast}]",
)


def test_a_whole_ladder_is_written_and_said_as_it_was_read():
    programme = read_programme("hotel", WHOLE)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2] == (
        "会籍：会员、银卡、金卡；高于基础等级须满足fees达到1；升级至银卡的条件：房晚达到10；"
        "升级至金卡的条件：房晚达到25或入住次数达到20；"
        "金卡保级条件：房晚达到20且complaints不超过2；金卡另须满足综合评分达到3；"
        "匹配获得的金卡须完成房晚达到8方可保留；nights_ever达到500可终身享有金卡；"
        "金卡每周期起始即有房晚5；达到条件即时升级；每年末评定；"
        "等级有效至评定周期起始年的2年后2月29日；未达保级条件时降一级；宽限30天；"
        "超出部分的房晚结转至下一周期；评分“spend”：消费每100.00计1分，最多50分；"
        "评分“会龄分”：会龄（年）每1扣2分。"
    )
    assert plain_words(programme, "en")[-2] == (
        "Status: Member, Silver, Gold; above the lowest it needs 1 fees; Silver is reached with "
        "10 nights; Gold is reached with 25 nights or 20 stays; kept with 20 nights and at most "
        "2 complaints; Gold also needs a score of 3; a matched Gold stays with 8 nights; Gold is "
        "for ever with 500 nights_ever; Gold begins a period with 5 nights; a member rises at "
        "once; reviewed at the end of every year; a tier is valid through 02-29 of 2 years after "
        "the year in which the period began; otherwise one tier down; after 30 days of grace; "
        "surplus of nights is carried into the next period; score “spend”: every 100.00 of spend "
        "gives 1 points, 50 at most; score “loyalty”: every 1 of years since joining takes 2 "
        "points."
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("{nights: 10}", "{night: 10}", "tiers[1].reach.night", "unknown metric 'night'."),
        ("{nights: 10}", "{score: 10}", "tiers[1].reach.score", "the ladder has no `score`."),
        ("{nights: 10}", "{nights: 0}", "tiers[1].reach.nights", "everybody has reached zero."),
        ("{nights: 10}", '{nights: "1.5"}', "tiers[1].reach.nights", "0 digits"),
        ("code: gold", "code: silver", "tiers[2].code", "the tier 'silver' stands twice."),
        (
            "{at: year_end}",
            "{at: year_end, months: 6}",
            "review",
            "give either `at`, or `months`, or `year_from`.",
        ),
        ("{at: year_end}", "{year_from: 02-29}", "review.year_from", "not every year has"),
        (
            "{zh: 会员, en: Member}}",
            "{zh: 会员, en: Member}, reach: {nights: 1}}",
            "tiers[0].reach",
            "everybody stands on the lowest tier, whatever they do.",
        ),
        ("review: {at: year_end}", "promote: at_review", "promote", "there is no review"),
        ("review: {at: year_end}", "rollover: [nights]", "rollover", "no next period"),
        ("review: {at: year_end}", "grace_days: 5", "grace_days", "no tier ends"),
        ("review: {at: year_end}", "valid: {to: day}", "valid", "give either `months` or `until`."),
        (
            "review: {at: year_end}",
            "valid: {months: 1, years_after: 1}",
            "valid.years_after",
            "goes with `until`.",
        ),
        (
            "review: {at: year_end}",
            "score: {a: {points: 1}}",
            "score.a",
            "give either `metric` or `tenure: years`.",
        ),
        (
            "review: {at: year_end}",
            "score: {a: {metric: none, points: 1}}",
            "score.a.metric",
            "unknown metric 'none'.",
        ),
        (
            "review: {at: year_end}",
            "score: {a: {metric: nights, points: 1, per: 0}}",
            "score.a.per",
            "nothing can be divided by zero.",
        ),
    ],
)
def test_what_is_refused(old: str, new: str, path: str, problem: str):
    (found,) = findings(hotel().replace(old, new))
    assert (found.path, problem in found.problem) == (f"ladders.status.{path}", True), found


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        (
            "{any: [{nights: 25}, {stays: 20}]}",
            "{nights: 9}",
            "tiers[1]",
            "nobody stays here: whoever reaches it reaches 'gold' as well.",
        ),
        (
            "keep: {nights: 20}",
            "keep: {stays: 21}",
            "tiers[2].keep",
            "whoever reaches the tier does not surely keep it by the same.",
        ),
        (
            "reach: {nights: 10}}",
            "reach: {score: 9}}\n    score: {a: {metric: nights, points: 1, most: 8}}",
            "tiers[1].reach",
            "nobody can reach this: the parts of the score add up to 8 at most.",
        ),
    ],
)
def test_what_is_odd(old: str, new: str, path: str, problem: str):
    text = hotel().replace(old, new)
    if "score" in new:
        tiers, _, score = text.partition("\n    score:")
        line, _, rest = score.partition("\n")
        text = tiers.replace("    tiers:", f"    score:{line}\n    tiers:") + "\n" + rest
    told = [(found.path, found.problem) for found in warnings(text)]
    assert (f"ladders.status.{path}", problem) in told


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("code: silver", "code: bronze", "members may stand on silver"),
        ("code: member", "code: guest", "members may stand on member"),
        ("    review", "    track: path\n    review", "one of a track"),
    ],
)
def test_what_a_later_version_may_not_do(old: str, new: str, problem: str):
    before = read_programme("a", hotel())
    after = read_programme("b", hotel().replace(old, new))
    assert problem in breaks(before, after)[0]


def test_a_threshold_on_units_that_no_rule_gives_is_odd():
    text = hotel().replace(
        "metrics:\n", "metrics:\n  growth: {measure: earned, of: points, window: year}\n"
    )
    found = warnings(text.replace("reach: {nights: 10}", "reach: {growth: 300}"))
    told = {warning.path: warning.problem for warning in found}
    assert told["ladders.status.tiers[1].reach"] == (
        "nobody can reach this: no rule gives what 'growth' counts."
    )


def test_a_tier_may_be_renamed_and_one_may_come_between():
    before = read_programme("a", hotel())
    between = hotel().replace(
        "      - code: gold",
        "      - {code: jade, name: {zh: 玉卡, en: Jade}, reach: {nights: 15}}\n      - code: gold",
    )
    after = read_programme("b", between.replace("银卡", "白银卡"))
    assert breaks(before, after) == []
