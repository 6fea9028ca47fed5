"""After a merge: sales of who was merged come back to the survivor, tiers given by hand follow."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from coterie.intake.answers import Answer
from coterie.kernel.time import DAY_US
from coterie.replay import verify
from coterie.storage import Connection, connect
from tests.intake.test_merging import NOON_US, Desk
from tests.intake.world import PROGRAMME, Stream

NewDatabase = Callable[[], str]
LADDERS = """
ladders:
  club:
    name: {zh: 等级, en: Tiers}
    tiers:
      - {code: basic, name: {zh: 普通, en: Basic}}
      - code: silver
        name: {zh: 银卡, en: Silver}
        reach: {spend_half: 5000.00}
      - code: gold
        name: {zh: 金卡, en: Gold}
        reach: {spend_half: 20000.00}
    review: {at: year_end}
"""
TIERS = ("basic", "silver", "gold")


@pytest.fixture
def desk(db: Connection) -> Desk:
    return Desk(db, programme=PROGRAMME + LADDERS)


def back(desk: Desk, who: int, order: str, yuan: int | None = None, at_us: int = NOON_US) -> Answer:
    lines = [] if yuan is None else [{"product": "p", "amount_minor": yuan * 100}]
    return desk.send(who, "return", at_us, order_ref=order, lines=lines)


def status(desk: Desk, who: int, action: str, **fields: Any) -> Answer:
    given = {"ladder": "club", "action": action, "reason": "test", **fields}
    return desk.send(who, "status_change", **given)


def tier(desk: Desk, who: int) -> str:
    row = desk.db.execute(
        "select tier from tiers.standing where member_id = %s", (desk.members[who],)
    ).fetchone()
    return row[0] if row else "basic"


def spent(desk: Desk, who: int) -> int:
    return sum(desk.counted(who).get("spend_half", {}).values())


def clean(desk: Desk) -> None:
    report = verify(desk.db.info.dsn, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def test_what_the_merged_member_bought_comes_back_to_the_survivor(desk: Desk) -> None:
    desk.earn(0)
    desk.earn(1, 40)
    desk.merge(0, 1)
    given = back(desk, 1, "O0", 30)
    assert (given.status, given.code) == ("accepted", None)
    assert desk.balance(1)[0] == 110
    assert spent(desk, 1) == 11_000
    assert back(desk, 0, "O0").status == "accepted"
    assert (desk.balance(1)[0], spent(desk, 1)) == (40, 4_000)
    assert back(desk, 1, "O0").code == "return_unmatched"
    clean(desk)


def test_a_return_without_reference_finds_it_as_well(desk: Desk) -> None:
    desk.earn(0)
    desk.merge(0, 1)
    lines = [{"product": "p", "quantity_milli": 1000}]
    assert desk.send(1, "return", lines=lines).status == "accepted"
    assert desk.balance(1)[0] == 0


def test_lots_of_the_sale_are_taken_first(desk: Desk) -> None:
    desk.earn(1, 50, NOON_US - DAY_US)
    desk.earn(0)
    desk.merge(0, 1)
    back(desk, 1, "O1")
    rows = desk.db.execute(
        "select remaining from ledger.lot where member_id = %s and currency = 'points' "
        "order by lot_no",
        (desk.members[1],),
    ).fetchall()
    assert rows == [(50,), (0,)]


def test_what_came_back_meanwhile_stays_back_after_an_unmerge(desk: Desk) -> None:
    desk.earn(0)
    desk.earn(1, 40)
    desk.merge(0, 1)
    back(desk, 1, "O0", 30)
    assert desk.unmerge(0).status == "accepted"
    assert (desk.balance(0)[0], desk.balance(1)[0]) == (70, 40)
    assert (spent(desk, 0), spent(desk, 1)) == (7_000, 4_000)
    assert back(desk, 1, "O0").code == "return_unmatched"
    assert back(desk, 0, "O0").status == "accepted"
    assert (desk.balance(0)[0], spent(desk, 0)) == (0, 0)
    clean(desk)


def test_what_came_back_before_the_merge_is_known(desk: Desk) -> None:
    desk.earn(0)
    back(desk, 0, "O0", 60)
    desk.merge(0, 1)
    clean(desk)
    assert back(desk, 1, "O0").status == "accepted"
    assert desk.balance(1)[0] == 0
    clean(desk)


def test_sales_go_on_through_several_merges_and_back(desk: Desk) -> None:
    desk.earn(0)
    desk.merge(0, 1)
    back(desk, 1, "O0", 10)
    desk.merge(1, 2)
    assert back(desk, 2, "O0", 20).status == "accepted"
    assert desk.balance(2)[0] == 70
    desk.unmerge(1)
    assert back(desk, 1, "O0", 30).status == "accepted"
    desk.unmerge(0)
    assert desk.balance(0)[0] == 40
    assert back(desk, 0, "O0").status == "accepted"
    assert [desk.balance(who)[0] for who in range(3)] == [0, 0, 0]
    clean(desk)


def test_a_confirmed_sale_of_the_merged_member_releases_its_units(desk: Desk) -> None:
    desk.earn(0)
    desk.merge(0, 1)
    assert desk.balance(1, "stamps") == (0, 1, 0)
    assert desk.send(1, "confirm", order_ref="O0").status == "accepted"
    assert desk.balance(1, "stamps") == (1, 0, 0)
    clean(desk)


def test_the_higher_of_what_was_given_holds_and_goes_back(desk: Desk) -> None:
    status(desk, 0, "grant", tier="gold", until="2026-06-30")
    status(desk, 1, "grant", tier="silver", until="2026-12-31")
    status(desk, 0, "lifetime", tier="silver")
    desk.merge(0, 1)
    assert tier(desk, 1) == "gold"
    desk.unmerge(0)
    assert (tier(desk, 0), tier(desk, 1)) == ("gold", "silver")
    clean(desk)


@pytest.mark.parametrize(("action", "fields"), [("lifetime", {}), ("pin", {})])
def test_what_has_no_end_follows_to_whoever_never_had_a_tier(
    desk: Desk, action: str, fields: dict[str, Any]
) -> None:
    status(desk, 0, action, tier="gold", **fields)
    desk.merge(0, 1)
    assert tier(desk, 1) == "gold"
    desk.merge(1, 2)
    assert tier(desk, 2) == "gold"
    desk.unmerge(1)
    desk.unmerge(0)
    assert [tier(desk, who) for who in range(3)] == ["gold", "basic", "basic"]
    clean(desk)


def test_what_was_decided_since_the_merge_stays(desk: Desk) -> None:
    status(desk, 0, "pin", tier="gold")
    desk.merge(0, 1)
    status(desk, 1, "pin", tier="silver")
    desk.unmerge(0)
    assert tier(desk, 1) == "silver"
    clean(desk)


def _live(desk: Desk, seed: int) -> int:
    """Buy, bring back, decide about tiers, merge and unmerge at random; count returns that met."""
    pick, stream = random.Random(seed), Stream(seed, 4)
    merged: list[int] = []
    met = 0
    for _ in range(120):
        (event,) = stream.take(1)
        desk.engine.submit(desk.db, [event])
        at_us = stream.at_us + 2_000_000
        left = [who for who in range(4) if who not in merged]
        roll = pick.random()
        orders = [order for found in stream.orders.values() for order in found]
        if roll < 0.1 and len(left) > 1:
            away, into = pick.sample(left, 2)
            if desk.merge(away, into, at_us).status == "accepted":
                merged.append(away)
        elif roll < 0.18 and merged:
            assert desk.unmerge(merged.pop(), at_us).status == "accepted"
        elif roll < 0.45 and orders:
            # Whoever brings it back: it is somebody else's sale, or one of a member merged in.
            answer = back(desk, pick.randrange(4), pick.choice(orders), None, at_us)
            met += answer.status == "accepted"
        elif roll < 0.6:
            action = pick.choice(["grant", "lifetime", "pin", "unpin", "correct"])
            fields: dict[str, Any] = {} if action == "unpin" else {"tier": pick.choice(TIERS)}
            if action == "grant":
                fields["until"] = "2026-02-10" if pick.random() < 0.5 else "2027-01-01"
            given = {"ladder": "club", "action": action, "reason": "test", **fields}
            desk.send(pick.randrange(4), "status_change", at_us, **given)
    for who in reversed(merged):
        assert desk.unmerge(who, stream.at_us + DAY_US).status == "accepted"
    return met


@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_whatever_comes_back_or_is_given_around_merges_a_replay_finds_the_same(
    new_database: NewDatabase, seed: int
) -> None:
    url = new_database()
    with connect(url) as db:
        desk = Desk(db, programme=PROGRAMME + LADDERS)
        assert _live(desk, seed) > 3
        brought = db.execute(
            "select count(*) from events.returned where lines->'sales' is not null "
            "or exists (select from events.event where kind = 'merge_in' "
            "and payload::jsonb->'sales' <> '[]')"
        ).fetchone()
        assert brought is not None
        assert brought[0] > 0
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]
