"""Who is erased leaves no name and a clean proof; who moves in keeps what they had done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coterie.events import MemberRef, MemberUnknown, NotForOutside
from coterie.intake.importing.mapping import parse_mapping
from coterie.intake.importing.model import What
from coterie.intake.importing.running import Job, run_import
from coterie.intake.joining import erasing
from coterie.kernel.time import DAY_US, HOUR_US, parse_instant
from coterie.members import Newcomer, create_members, find_member, read_member
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.storage import Connection, connect, transaction
from tests.importing.support import write
from tests.importing.test_running import Silent
from tests.intake.test_merging import NOON_US, Desk

NewDatabase = Callable[[], str]


def test_erasing_leaves_no_name_and_nothing_to_spend(new_database: NewDatabase) -> None:
    url = new_database()
    with connect(url) as db:
        desk = Desk(db)
        desk.send(3, "order", member={"card": "LATER"}, order_ref="L", lines=[{"amount_minor": 1}])
        for who in (0, 1):
            desk.earn(who)
        desk.send(1, "hold", currency="points", units=20, hold_ref="H")
        desk.merge(0, 1)
        arrival = erasing(desk.members[1], source="cli", key="e", now_us=NOON_US, reason=None)
        (done,) = desk.engine.submit(db, [arrival])
        assert done.status == "accepted"
        assert [desk.balance(who, c) for who in (0, 1) for c in ("points", "stamps")] == [
            (0, 0, 0)
        ] * 4
        for card in ("C1000", "C1001"):
            with pytest.raises(MemberUnknown):
                find_member(db, MemberRef(card=card))
        record = read_member(db, desk.members[1])
        assert (record.state, record.name, record.identities) == ("erased", None, ())
        # The card is free for somebody else.
        with transaction(db):
            (made,) = create_members(db, [Newcomer((("card", "C1000"),))], now_us=NOON_US)
        assert isinstance(made, int)
        desk.engine.settle(db, desk.members, NOON_US + 400 * DAY_US)
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def test_a_debt_is_written_off_and_what_waited_is_emptied(db: Connection) -> None:
    desk = Desk(db)
    sale: dict[str, Any] = {"order_ref": "P", "lines": [{"amount_minor": 100}]}
    assert desk.send(0, "order", member={"card": "NEW1"}, **sale).status == "waiting"
    with transaction(db):
        (made,) = create_members(db, [Newcomer((("card", "NEW1"),))], now_us=NOON_US)
    assert isinstance(made, int)
    desk.engine.unpark_any(db, NOON_US)
    desk.members[0] = made
    desk.send(0, "adjustment", currency="points", units=-80, reason="t", member={"id": made})
    arrival = erasing(made, source="cli", key="e", now_us=NOON_US + HOUR_US, reason=None)
    desk.engine.submit(db, [arrival])
    assert desk.balance(0) == (0, 0, 0)
    waited = db.execute("select identity_value, payload::text from events.waiting").fetchall()
    assert waited == [(None, "{}")]


def test_a_till_cannot_erase(db: Connection) -> None:
    desk = Desk(db)
    with pytest.raises(NotForOutside):
        desk.send(0, "state_change", state="erased")


INN = """
programme: inn
name: {zh: 旅馆, en: Inn}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}, expiry: {model: fixed, months: 24}}
activities:
  stay: {name: {zh: 入住, en: Stay}, fields: {nights: {type: integer, required: true}}}
metrics:
  nights: {on: activity:stay, measure: nights, window: year}
  spend: {measure: amount, window: {rolling_months: 12}}
milestones:
  ten:
    name: {zh: 十晚, en: Ten nights}
    metric: nights
    every: 10
    currency: points
    units: 500
"""
MOVING_IN = """\
import: events
zone: Asia/Shanghai
rows:
  - kind: opening_metrics
    set:
      member.card: card
      occurred_at: {const: "2026-06-01T00:00:00+08:00"}
      as_of: {column: month, date: "%Y-%m-%d"}
      metrics.spend: {column: spent, decimal: CNY}
      metrics.nights: {column: nights, integer: true}
"""


def test_members_move_in_with_what_they_had_done(new_database: NewDatabase, tmp_path: Path) -> None:
    url = new_database()
    now_us = parse_instant("2026-06-02T00:00:00+08:00")[0]
    with connect(url) as db:
        with transaction(db):
            publish(db, INN, 0, 0)
        with transaction(db):
            create_members(db, [Newcomer((("card", "CARD1"),))], now_us=now_us)
    text = "card,month,spent,nights\nCARD1,2026-03-15,1200.50,15\nCARD1,2026-05-15,80,9\n"
    path = write(tmp_path / "past.csv", text)
    mapping = parse_mapping(MOVING_IN, What.EVENTS)
    job = Job(path, mapping, now_us, tmp_path / "past.refused.csv")
    report = run_import(url, job, progress=Silent())
    assert (report.accepted, report.refused) == (2, 0)
    with connect(url) as db:
        counted = db.execute("select buckets from metrics.counters").fetchone()
        assert counted is not None
        assert sorted(counted[0]["spend"].values()) == [8_000, 120_050]
        assert list(counted[0]["nights"].values()) == [24]
        given = db.execute("select count(*) from ledger.movement").fetchone()
        assert given == (0,), "what was rewarded elsewhere is not rewarded again"
    proof = verify(url, jobs=1, replayed=True)
    assert proof.clean, [r for r in proof.results if not r.clean]
