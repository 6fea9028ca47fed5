"""The demo world: small here, built as the large one is, proven by the ledger itself."""

from __future__ import annotations

import pytest

from coterie.demo import DemoProgress, WorldInUse, build_demo
from coterie.kernel.time import parse_instant
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.staff import demo_people
from coterie.storage import connect, transaction
from tests.intake.world import PROGRAMME, dump

NOW_US = parse_instant("2026-06-15T12:00:00+08:00")[0]
PEOPLE = 24


def test_it_is_living_proven_and_the_same_every_time(database_url: str) -> None:
    told: list[DemoProgress] = []
    assert build_demo(database_url, now_us=NOW_US, report=told.append, people=PEOPLE)
    assert told[-1].stage == "due"
    with connect(database_url) as db:
        assert verify(database_url, replayed=True).clean
        kinds = {row[0] for row in db.execute("select distinct kind from events.event")}
        assert {"order", "return", "spend", "activity", "due", "opening_balance"} <= kinds
        waiting = db.execute("select reason from events.waiting order by 1").fetchall()
        assert waiting == [("late",), ("unknown_member",)]
        first = dump(db)
        assert len(demo_people(db)) == 6
    assert not build_demo(database_url, now_us=NOW_US, report=told.append, people=PEOPLE)
    with connect(database_url) as db:
        assert dump(db) == first


def test_a_building_that_was_interrupted_goes_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coterie.demo.building._play", _broken)
    with pytest.raises(KeyboardInterrupt):
        build_demo(database_url, now_us=NOW_US, report=lambda _: None, people=PEOPLE)
    monkeypatch.undo()
    later_us = NOW_US + 86_400_000_000
    assert build_demo(database_url, now_us=later_us, report=lambda _: None, people=99)
    with connect(database_url) as db:
        assert db.execute("select count(*) from members.member").fetchone() == (PEOPLE,)


def _broken(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_world_of_somebody_else_is_left_alone(database_url: str) -> None:
    with connect(database_url) as db, transaction(db):
        publish(db, PROGRAMME, 0, 0)
    with pytest.raises(WorldInUse):
        build_demo(database_url, now_us=NOW_US, report=lambda _: None, people=PEOPLE)
