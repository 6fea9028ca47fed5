"""Lots are found by their numbers: those of a sale, those that are live, those of older databases.

Whatever decides again has every lot in memory; so that a replay agrees proves that what was loaded
was enough.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from coterie import events as ev
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.time import DAY_US, format_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.storage import Connection, known_migrations, transaction
from tests.replay.worlds import START_US, build_world

# The bonus likes orders below 40.00 and above 80.00: a return may make the rules give more.
PROGRAMME = """
programme: fickle
name: {zh: 测试, en: Test}
zone: UTC
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    returns: recompute
    debt: {policy: allow}
    expiry: {model: fixed, days: 30}
rules:
  - code: base
    name: {zh: 规则, en: base}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: fickle
    name: {zh: 规则, en: fickle}
    when: {not: {order_amount: {min: "40.00", max: "80.00"}}}
    earn: {currency: points, units: 20}
"""


class Member:
    """One member, whose events go through the engine, a batch each."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.engine = Engine()
        self.sent = 0
        with transaction(db):
            publish(db, PROGRAMME, 0, 0)
        with transaction(db):
            [made] = create_members(db, [Newcomer(enrolled_us=START_US)], now_us=START_US)
        assert isinstance(made, int)
        self.member_id = made

    def send(self, kind: Any, day: int, **fields: Any) -> Answer:
        self.sent += 1
        at_us = START_US + day * DAY_US
        event = kind(
            source="pos",
            key=f"k{self.sent}",
            occurred_at=format_instant(at_us),
            member=ev.MemberRef(id=self.member_id),
            **fields,
        )
        [answer] = self.engine.submit(self.db, [arrival_of(event, received_us=at_us)])
        assert answer.status == "accepted", answer
        return answer

    def order(self, day: int, amount_minor: int, ref: str) -> Answer:
        return self.send(ev.Order, day, order_ref=ref, lines=(ev.OrderLine(amount_minor),))

    def give_back(self, day: int, amount_minor: int, ref: str) -> Answer:
        line = ev.ReturnLine(line="1", amount_minor=amount_minor)
        return self.send(ev.Return, day, order_ref=ref, lines=(line,))

    def lots_from(self) -> int:
        row = self.db.execute("select lots_from from members.member").fetchone()
        assert row is not None
        return int(row[0])


def moved(answer: Answer) -> list[tuple[str, str, int]]:
    return [(effect.debit, effect.credit, effect.units) for effect in answer.effects]


def check(url: str) -> None:
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, [r.offenders for r in report.results if not r.clean]


@pytest.fixture
def member(db: Connection) -> Member:
    return Member(db)


def given_again(member: Member) -> None:
    """Leave a sale with a lot of its own and one that a return opened for it.

    What is given again goes to where it came from; only a debt that is paid by then has no room.
    """
    member.order(0, 8100, "A")
    member.send(ev.Spend, 0, currency="points", units=101)
    owing = member.give_back(1, 4100, "A")
    assert {(debit, credit) for debit, credit, _ in moved(owing)} == {("owed", "issued")}
    member.order(1, 9900, "B")
    answer = member.give_back(1, 1, "A")
    assert moved(answer) == [("issued", "available", 19)]


def test_a_lot_that_a_return_opened_is_a_lot_of_the_sale(member: Member, database_url: str):
    given_again(member)
    # A month later all lots have lapsed: nothing is live, and those of the sale are found for it.
    back = moved(member.send(ev.Return, 40, order_ref="A"))
    assert sum(units for debit, _, units in back if debit == "breakage") == 19
    assert sum(units for _, _, units in back) == 59
    check(database_url)


def test_live_lots_are_looked_for_from_the_first_one(member: Member, database_url: str):
    member.order(0, 3000, "A")
    assert member.lots_from() == 1
    spent = member.send(ev.Spend, 1, currency="points", units=50)
    assert member.lots_from() == 2, "the number of the next lot"
    member.order(2, 3000, "B")
    assert member.lots_from() == 2
    assert spent.event is not None
    seq = int(spent.event.partition(":")[2])
    member.send(ev.Reversal, 3, reverses_seq=seq, reason="r")
    assert member.lots_from() == 1, "the first lot is filled again"
    member.send(
        ev.Hold,
        4,
        currency="points",
        units=70,
        hold_ref="h",
        expires_at=format_instant(START_US + 9 * DAY_US),
    )
    assert member.lots_from() == 1, "what is held may come back"
    member.send(ev.Release, 5, hold_ref="h")
    answer = member.send(ev.Spend, 6, currency="points", units=60)
    assert moved(answer) == [("available", "redeemed", 60)]
    assert member.lots_from() == 2
    check(database_url)


LOTS = next(m for m in known_migrations() if m.name == "lots")
BEFORE = r"""
    create index lot_live on ledger.lot (member_id, currency) where remaining > 0 or held > 0;
    create index lot_earned on ledger.lot (member_id, earned_seq);
    alter table members.member drop column lots_from;
    update events.event set outcome = regexp_replace(outcome::text, ',"opened":[^\]]+\]', '')::json;
    update events.returned set lines = regexp_replace(lines::text, ',"lots":[^\]]+\]', '')::json;
"""
KEPT = (
    "select member_id, lots_from from members.member order by 1",
    "select member_id, seq, outcome::text from events.event order by 1, 2",
    "select member_id, order_seq, lines::text from events.returned order by 1, 2",
)


def kept(db: Connection) -> list[list[tuple[Any, ...]]]:
    return [db.execute(statement.encode()).fetchall() for statement in KEPT]


def test_an_older_database_learns_where_its_lots_are(db: Connection, database_url: str):
    build_world(db, members=6, events=500)
    expected = kept(db)
    with psycopg.connect(database_url, autocommit=True) as older:
        older.execute("set session_replication_role = replica")
        older.execute(BEFORE)
        older.execute("set session_replication_role = origin")
        older.execute(LOTS.text.encode())
    assert kept(db) == expected
    check(database_url)


def test_an_older_database_learns_what_returns_opened(member: Member, database_url: str):
    given_again(member)
    expected = kept(member.db)
    assert any("lots" in lines for _, _, lines in expected[2])
    with psycopg.connect(database_url, autocommit=True) as older:
        older.execute("set session_replication_role = replica")
        older.execute(BEFORE)
        older.execute("set session_replication_role = origin")
        older.execute(LOTS.text.encode())
    assert kept(member.db) == expected
