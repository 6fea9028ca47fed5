"""Units for reaching a number in a metric: once, at every multiple, within a window, after all."""

from typing import Any

import pytest

from coterie.events import model as ev
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, findings

TEN = """\
milestones:
  tenth:
    name: {zh: 十次奖励, en: Tenth visit}
    metric: visits
    every: 3
    times: 2
    currency: points
    units: 50
  big:
    name: {zh: 大客户, en: Big spender}
    metric: spend
    at: "500.00"
    currency: points
    units: 7
"""
JUNE, JULY = "2026-06-10T12:00:00+08:00", "2026-07-10T12:00:00+08:00"


def shop() -> Drive:
    return Drive(read_programme("small", SMALL + TEN))


def visit(drive: Drive, at: str = JUNE) -> None:
    drive.send(ev.Activity, at, activity="visit")


def test_every_third_visit_of_a_month_is_rewarded_twice_at_most():
    drive = shop()
    seen = []
    for _ in range(10):
        visit(drive)
        seen.append(drive.balances()[0])
    assert seen == [0, 0, 50, 50, 50, 100, 100, 100, 100, 100]
    for _ in range(3):
        visit(drive, JULY)
    assert drive.balances()[0] == 150, "another month counts anew"


def test_an_amount_is_reached_once_and_stays_reached():
    drive = shop()
    line = (ev.OrderLine(30_000),)
    drive.send(ev.Order, JUNE, order_ref="A", lines=line)
    sent = drive.send(ev.Order, JUNE, order_ref="B", lines=line)
    bonus = [(m.rule, m.units, m.reason) for m in sent.movements if m.reason == "milestone"]
    assert bonus == [("big", 7, "milestone")]
    before = drive.balances()[0]
    drive.send(ev.Return, JUNE, order_ref="B")
    sent = drive.send(ev.Order, JUNE, order_ref="C", lines=line)
    assert not [m for m in sent.movements if m.reason == "milestone"]
    assert drive.balances()[0] <= before


def test_it_is_written_said_and_kept_as_it_was_read():
    programme = read_programme("small", SMALL + TEN)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-3:-1] == [
        "十次奖励：visits每达到3，奖励50积分，最多2次。",
        "大客户：spend达到500.00，奖励7积分。",
    ]
    assert "Tenth visit: 50 Points for every 3 of visits, 2 times at most." in plain_words(
        programme, "en"
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("metric: visits", "metric: visit", "milestones.tenth.metric", "unknown metric 'visit'."),
        ("units: 50", "units: 0", "milestones.tenth.units", "gives more than nothing"),
        (
            "every: 3",
            "every: 3\n    at: 3",
            "milestones.tenth",
            "one of `at`, `every` and `parameter`",
        ),
        ("every: 3", "every: 0", "milestones.tenth.every", "reached zero"),
        ("every: 3", "at: 3", "milestones.tenth.times", "reached once"),
        ('at: "500.00"', 'at: "5.001"', "milestones.big.at", "2"),
    ],
)
def test_what_is_refused(old: str, new: str, path: str, problem: str):
    found = findings(SMALL + TEN.replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [(path, True)]


def test_what_a_later_version_may_not_do():
    old: Any = read_programme("small", SMALL + TEN)
    new = read_programme("small", SMALL + TEN.replace("every: 3", "every: 4"))
    assert breaks(old, new) == [
        "milestones.tenth: is reached by something else now; a new milestone needs a new code."
    ]
    gone = read_programme("small", SMALL)
    assert len(breaks(old, gone)) == 2
