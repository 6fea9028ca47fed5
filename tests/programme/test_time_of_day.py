"""Happy hours: the clock that counts is the programme's, and a return keeps the sale's time."""

from __future__ import annotations

import pytest

from coterie.events import model as ev
from coterie.kernel.time import parse_instant
from coterie.members import Member
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, with_rule

HAPPY = """\
code: happy
name: {zh: 欢乐时光, en: Happy hour}
when: {time_of_day: {from: "17:00", to: "20:00"}}
earn: {currency: points, units: 1, per: "1.00"}"""
TEXT = SMALL.replace("    caps: [daily]\n", "").replace(
    "name: {zh: 积分, en: Points}", "name: {zh: 积分, en: Points}\n    returns: recompute"
)


def drive_in(zone: str) -> Drive:
    programme = read_programme("small.yaml", with_rule(HAPPY, TEXT).replace("Asia/Shanghai", zone))
    assert read_canonical(canonical_text(programme)) == programme
    enrolled, _ = parse_instant("2023-01-01T12:00:00+08:00")
    return Drive(programme, Member(1, enrolled_us=enrolled))


def happy(drive: Drive, at: str) -> bool:
    lines = (ev.OrderLine(1000), ev.OrderLine(500))
    decision = drive.send(ev.Order, at, order_ref=at, lines=lines)
    return any(grant.rule == "happy" for grant in decision.grants)


@pytest.mark.parametrize(
    ("zone", "at", "counts"),
    [
        ("Asia/Shanghai", "2026-03-02T16:59:59+08:00", False),
        ("Asia/Shanghai", "2026-03-02T17:00:00+08:00", True),
        ("Asia/Shanghai", "2026-03-02T19:59:59+08:00", True),
        ("Asia/Shanghai", "2026-03-02T20:00:00+08:00", False),
        ("Asia/Shanghai", "2026-03-02T10:00:00+01:00", True),
        ("America/New_York", "2026-03-06T21:30:00Z", False),
        ("America/New_York", "2026-03-09T21:30:00Z", True),
    ],
)
def test_the_clock_of_the_programme_counts(zone: str, at: str, counts: bool):
    assert happy(drive_in(zone), at) is counts


def test_what_is_recomputed_keeps_the_time_of_the_sale():
    drive = drive_in("Asia/Shanghai")
    assert happy(drive, "2026-03-02T18:00:00+08:00")
    assert drive.balances()[0] == 30
    drive.send(
        ev.Return,
        "2026-03-03T09:00:00+08:00",
        order_ref="2026-03-02T18:00:00+08:00",
        lines=(ev.ReturnLine(line="2"),),
    )
    assert drive.balances()[0] == 20
