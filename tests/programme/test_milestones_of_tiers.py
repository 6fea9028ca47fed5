"""Gifts for reaching a tier, and numbers that begin to count somewhere: 40, 50, 60 ..."""

from __future__ import annotations

import pytest

from coterie.events import model as ev
from coterie.kernel.time import parse_instant
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.ladder_texts import hotel
from tests.programme.writing_programmes import SMALL, findings

GIFT = """\
milestones:
  gold_gift:
    name: {zh: 金卡升级礼, en: Welcome to Gold}
    ladder: status
    tier: gold
    currency: points
    units: 500
"""
FROM = """\
milestones:
  tens:
    name: {zh: 每十次, en: Tens}
    metric: visits
    every: 3
    from: 7
    currency: points
    units: 10
"""


def member(text: str = GIFT) -> Drive:
    return Drive(read_programme("hotel", hotel() + text))


def stay(drive: Drive, day: str, nights: int, received: str | None = None) -> int:
    """Stay so many nights; return the units that milestones gave for it."""
    when = None if received is None else f"{received}T12:00:00+08:00"
    drive.dues.clear()
    fields = {"nights": nights}
    sent = drive.send(ev.Activity, f"{day}T12:00:00+08:00", when, activity="stay", fields=fields)
    moved = [m for due in drive.dues for m in due.movements] + sent.movements
    return sum(m.units for m in moved if m.reason == "milestone")


def by_hand(drive: Drive, day: str, action: str, **parts: str) -> int:
    at = f"{day}T12:00:00+08:00"
    sent = drive.send(ev.StatusChange, at, ladder="status", action=action, reason="x", **parts)
    return sum(m.units for m in sent.movements if m.reason == "milestone")


def test_the_gift_comes_with_the_event_that_reaches_the_tier_and_once():
    drive = member()
    assert stay(drive, "2026-03-01", 24) == 0
    assert stay(drive, "2026-03-02", 1) == 500
    assert stay(drive, "2026-03-03", 30) == 0
    # Two years of silence: down to the lowest, and up again.
    assert stay(drive, "2028-03-03", 1) == 0
    assert drive.standing.tiers["status"].tier == "member"
    assert stay(drive, "2028-03-04", 30) == 0
    assert drive.standing.tiers["status"].tier == "gold"


def test_once_a_year_it_comes_again_with_every_rise_but_not_for_keeping():
    drive = member(GIFT + "    once_a: year\n")
    assert stay(drive, "2026-03-01", 25) == 500
    assert stay(drive, "2027-03-01", 20) == 0, "kept"
    assert stay(drive, "2029-03-01", 1) == 0
    assert stay(drive, "2029-03-02", 25) == 500


def test_whoever_rises_past_a_tier_has_reached_it():
    drive = member(GIFT.replace("tier: gold", "tier: silver"))
    assert stay(drive, "2026-03-01", 30) == 500


def test_a_tier_that_is_given_brings_no_gift_until_it_is_reached():
    drive = member()
    assert by_hand(drive, "2026-03-01", "grant", tier="gold", until="2026-09-30") == 0
    assert stay(drive, "2026-04-01", 25) == 500
    assert stay(drive, "2026-04-02", 25) == 0


@pytest.mark.parametrize("action", ["grant", "lifetime", "match"])
def test_where_it_is_said_a_given_tier_brings_the_gift_too(action: str):
    more = {"until": "2026-09-30"} if action != "lifetime" else {}
    assert by_hand(member(), "2026-03-01", action, tier="gold", **more) == 0
    drive = member(GIFT + "    also_granted: true\n")
    assert by_hand(drive, "2026-03-01", action, tier="gold", **more) == 500
    assert stay(drive, "2026-04-01", 25) == 0


def test_a_tier_that_is_corrected_or_restored_was_not_reached():
    drive = member(GIFT + "    once_a: year\n    also_granted: true\n")
    assert by_hand(drive, "2026-03-01", "correct", tier="gold") == 0
    drive = member(GIFT + "    once_a: year\n")
    assert stay(drive, "2026-03-01", 25) == 500
    assert stay(drive, "2027-03-01", 19) == 0
    drive.due(parse_instant("2028-01-02T00:00:00+08:00")[0])
    assert drive.standing.tiers["status"].tier == "silver"
    assert stay(drive, "2027-12-31", 1, "2028-01-03") == 0
    assert drive.standing.tiers["status"].tier == "gold"


def test_what_was_given_stays_when_the_stay_is_taken_back():
    drive = member()
    stay(drive, "2026-03-01", 25)
    at = "2026-03-02T12:00:00+08:00"
    drive.send(ev.Reversal, at, reverses_seq=1, reason="x")
    assert drive.balances()[0] == 500
    assert stay(drive, "2026-03-03", 25) == 0


def test_the_member_may_choose_what_the_tier_brings():
    options = """\
    options:
      points: {currency: points, units: 700}
      breakfast: {benefit: {zh: 双人早餐, en: Breakfast for two}}
    otherwise: points
"""
    drive = member(GIFT.replace("    currency: points\n    units: 500\n", options))
    assert stay(drive, "2026-03-01", 25) == 0
    at = "2026-03-02T12:00:00+08:00"
    drive.send(ev.Choose, at, milestone="gold_gift", option="points")
    assert drive.balances()[0] == 700


def test_from_a_number_on_every_so_many():
    drive = Drive(read_programme("small", SMALL + FROM))
    seen = []
    for _ in range(14):
        drive.send(ev.Activity, "2026-06-10T12:00:00+08:00", activity="visit")
        seen.append(drive.balances()[0])
    assert seen == [0] * 6 + [10, 10, 10, 20, 20, 20, 30, 30]


def test_they_are_written_and_said_as_they_were_read():
    yearly = GIFT + "    once_a: year\n    also_granted: true\n"
    for text in (hotel() + GIFT, hotel() + yearly, SMALL + FROM):
        programme = read_programme("any", text)
        assert read_canonical(canonical_text(programme)) == programme
    said = {
        (text, lang): plain_words(read_programme("any", text), lang)
        for text in (hotel() + GIFT, hotel() + yearly, SMALL + FROM)
        for lang in ("zh", "en")
    }
    wanted = [
        (hotel() + GIFT, "zh", "金卡升级礼：会籍升至金卡，奖励500积分，仅限首次。"),
        (
            hotel() + GIFT,
            "en",
            "Welcome to Gold: 500 Points on reaching Gold (Status), the first time.",
        ),
        (
            hotel() + yearly,
            "zh",
            "金卡升级礼：会籍升至金卡（含人工授予），奖励500积分，每年一次。",
        ),
        (SMALL + FROM, "zh", "每十次：visits达到7，以及此后每增加3，奖励10积分。"),
        (
            SMALL + FROM,
            "en",
            "Tens: 10 Points when visits reaches 7, and again with every 3 more.",
        ),
    ]
    for text, lang, sentence in wanted:
        assert sentence in said[text, lang]


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("tier: gold", "tier: golden", "tier", "unknown tier 'golden'"),
        ("tier: gold", "tier: member", "tier", "everybody begins"),
        ("ladder: status", "ladder: state", "ladder", "unknown ladder 'state'"),
        ("    tier: gold\n", "", "", "which `tier`"),
        ("tier: gold", "tier: gold\n    metric: nights", "", "either a `metric` or a `ladder`"),
        ("tier: gold", "tier: gold\n    times: 3", "times", "goes with a `metric`"),
        ("tier: gold", "tier: gold\n    from: 3", "from", "goes with a `metric`"),
    ],
)
def test_what_is_refused_of_tiers(old: str, new: str, path: str, problem: str):
    found = findings(hotel() + GIFT.replace(old, new))
    place = "milestones.gold_gift" + (f".{path}" if path else "")
    assert [(f.path, problem in f.problem) for f in found] == [(place, True)]


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("every: 3", "at: 3", "from", "goes with `every`"),
        ("from: 7", "from: 0", "from", "reached zero"),
        ("from: 7", "from: 7\n    once_a: year", "once_a", "goes with a `ladder`"),
    ],
)
def test_what_is_refused_of_numbers(old: str, new: str, path: str, problem: str):
    found = findings(SMALL + FROM.replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [(f"milestones.tens.{path}", True)]


def test_what_was_reached_stays_what_it_was():
    for text, old, new in (
        (hotel() + GIFT, "tier: gold", "tier: silver"),
        (SMALL + FROM, "from: 7", "from: 8"),
    ):
        (said,) = breaks(read_programme("a", text), read_programme("a", text.replace(old, new)))
        assert "needs a new code" in said
