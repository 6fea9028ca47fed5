"""Damage of every kind, planted behind the engine's back, is found by the check meant for it.

The database has real traffic made by the engine. Damage is planted with triggers off, as a bug, a
hand in the database or a torn restore would. Each test pins exactly which checks see it: a check
that sees too little proves nothing, one that sees too much names the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from coterie.replay import CHECKS, Report, verify
from coterie.replay.checks import AUDIT
from coterie.storage import Storage
from tests.replay.worlds import build_world

# One event each that the others build on; `limit 1` with an order names the same row every time.
SPEND = """(select member_id, seq, n from ledger.movement where reason = 'spend'
    order by member_id, seq limit 1)"""
EARN = """(select m.member_id, m.seq, m.n, l.lot_no, m.currency from ledger.movement m
    join ledger.lot l on l.member_id = m.member_id and l.earned_seq = m.seq
        and l.currency = m.currency
    where m.reason = 'earn' and m.credit = 'available' and l.remaining = l.units and not exists (
        select from ledger.lot_use u where u.member_id = l.member_id and u.lot_no = l.lot_no)
    order by 1, 2, 3 limit 1)"""
OPEN_HOLD = """(select member_id, hold_ref, placed_seq from ledger.hold where state = 'open'
    order by member_id, hold_ref limit 1)"""

DAMAGE: dict[str, tuple[str, set[str]]] = {
    "a movement is deleted": (
        f"delete from ledger.movement where (member_id, seq, n) in {SPEND}",
        {"balances", "rollups", "uses", "effects"},
    ),
    "an amount is changed": (
        f"update ledger.movement set units = units + 1 where (member_id, seq, n) in {SPEND}",
        {"balances", "rollups", "uses"},
    ),
    "a movement says another reason": (
        f"update ledger.movement set reason = 'gift' where (member_id, seq, n) in {SPEND}",
        {"rollups"},
    ),
    "a movement goes to another house account": (
        f"update ledger.movement set credit = 'partner' where (member_id, seq, n) in {SPEND}",
        {"rollups"},
    ),
    "a movement is booked on another day": (
        f"""update ledger.movement set booked_on = booked_on + 1
        where (member_id, seq, n) in {SPEND}""",
        {"rollups", "effects"},
    ),
    "an effect is doubled, and everything that follows from it too": (
        f"""with target as {EARN}, doubled as (
            insert into ledger.movement (member_id, seq, n, currency, debit, credit, units, reason,
                rule, version, store, booked_on, recorded_us)
            select m.member_id, m.seq, 99, m.currency, m.debit, m.credit, m.units, m.reason, m.rule,
                m.version, m.store, m.booked_on, m.recorded_us
            from ledger.movement m join target using (member_id, seq, n)
            returning *
        ), lots as (
            update ledger.lot l set units = l.units + d.units, remaining = l.remaining + d.units
            from doubled d, target t
            where l.member_id = t.member_id and l.lot_no = t.lot_no
        ), sums as (
            update ledger.rollup r set units = r.units + d.units, movements = r.movements + 1
            from doubled d
            where (r.booked_on, r.currency, r.reason, r.store, r.rule, r.debit, r.credit)
                = (d.booked_on, d.currency, d.reason, coalesce(d.store, ''), coalesce(d.rule, ''),
                    d.debit, d.credit)
        )
        update ledger.balance b set available = b.available + d.units
        from doubled d where b.member_id = d.member_id and b.currency = d.currency""",
        {"effects"},
    ),
    "a lot and its balance are changed alike": (
        f"""with target as {EARN}, lots as (
            update ledger.lot l set units = l.units + 5, remaining = l.remaining + 5
            from target t where l.member_id = t.member_id and l.lot_no = t.lot_no
        )
        update ledger.balance b set available = b.available + 5
        from target t where b.member_id = t.member_id and b.currency = t.currency""",
        {"balances", "conservation", "openings"},
    ),
    "a balance is changed": (
        f"""update ledger.balance b set available = b.available + 5
        from {EARN} t where b.member_id = t.member_id and b.currency = t.currency""",
        {"balances", "conservation", "lot_sums"},
    ),
    "a balance row is lost": (
        f"""delete from ledger.balance b
        using {EARN} t where b.member_id = t.member_id and b.currency = t.currency""",
        {"balances", "conservation", "lot_sums"},
    ),
    "a lot is emptied": (
        f"""update ledger.lot l set remaining = 0
        from {EARN} t where l.member_id = t.member_id and l.lot_no = t.lot_no""",
        {"lots", "lot_sums"},
    ),
    "a lot is lost": (
        f"""delete from ledger.lot l
        using {EARN} t where l.member_id = t.member_id and l.lot_no = t.lot_no""",
        {"lot_sums", "lot_numbers", "openings"},
    ),
    "a lot forgets that it lapsed": (
        """update ledger.lot set lapsed = 0 where (member_id, lot_no) in (
            select member_id, lot_no from ledger.lot where lapsed > 0 order by 1, 2 limit 1)""",
        {"lapsed"},
    ),
    "a use is laid on another lot": (
        f"""update ledger.lot_use u set lot_no = (
            select l.lot_no from ledger.lot l, ledger.lot o
            where l.member_id = u.member_id and o.member_id = u.member_id and o.lot_no = u.lot_no
                and l.currency = o.currency and l.lot_no <> o.lot_no limit 1)
        where (member_id, seq, n) in {SPEND}""",
        {"lots"},
    ),
    "a use is lost": (
        f"delete from ledger.lot_use where (member_id, seq, n) in {SPEND}",
        {"lots", "uses"},
    ),
    "a use belongs to no movement": (
        f"""insert into ledger.lot_use select member_id, seq, 98, 1, v.units
        from {SPEND} t, (values (-1), (1)) v (units) limit 1""",
        {"lots", "uses"},
    ),
    "lots are looked for above those that are there": (
        f"""update members.member m set lots_from = t.lot_no + 1
        from {EARN} t where m.member_id = t.member_id""",
        {"live_lots"},
    ),
    "a hold is lost": (
        f"delete from ledger.hold where (member_id, hold_ref, placed_seq) in {OPEN_HOLD}",
        {"holds", "hold_sums", "held_lots"},
    ),
    "a hold was never placed": (
        f"""insert into ledger.hold (member_id, hold_ref, currency, units, state, placed_seq,
            expires_us, parts)
        select h.member_id, 'orphan', h.currency, 1, 'open', 999, 9e15, '[[1,1]]'
        from ledger.hold h where (member_id, hold_ref, placed_seq) in {OPEN_HOLD}""",
        {"holds", "hold_sums", "held_lots"},
    ),
    "a hold that is open is called released": (
        f"""update ledger.hold set state = 'released'
        where (member_id, hold_ref, placed_seq) in {OPEN_HOLD}""",
        {"hold_sums", "held_lots"},
    ),
    "the parts of a hold cannot be read": (
        f"""update ledger.hold set parts = '[["one","two"]]'
        where (member_id, hold_ref, placed_seq) in {OPEN_HOLD}""",
        {"holds", "held_lots"},
    ),
    "a daily sum is changed": (
        """update ledger.rollup set units = units + 1 where ctid in (
            select ctid from ledger.rollup where reason = 'spend' order by 1 limit 1)""",
        {"rollups", "conservation"},
    ),
    "a daily sum is lost": (
        """delete from ledger.rollup where ctid in (
            select ctid from ledger.rollup where reason = 'spend' order by 1 limit 1)""",
        {"rollups", "conservation"},
    ),
    "an event is lost": (
        f"""delete from events.event
        where (member_id, seq) in (select member_id, seq from {SPEND} t)""",
        {"sequences", "effects", "registry"},
    ),
    "an accepted event is called refused": (
        f"""update events.event set status = 'refused', code = 'x'
        where (member_id, seq) in (select member_id, seq from {SPEND} t)""",
        {"effects"},
    ),
    "an event names another version": (
        f"""update events.event set version = 3 - version
        where (member_id, seq) in (select member_id, seq from {SPEND} t)""",
        {"effects"},
    ),
    "a member's last number is too high": (
        "update members.member set seq = seq + 1 where member_id = 100001",
        {"sequences"},
    ),
    "a registry row is missing": (
        "delete from storage.registry where ctid in (select min(ctid) from storage.registry)",
        {"registry"},
    ),
    "a registry row points at another event": (
        """update storage.registry set seq = seq + 1 where ctid in (
            select min(ctid) from storage.registry where seq > 0)""",
        {"registry"},
    ),
    "a registry row points at nothing": (
        """insert into storage.registry
        values ('pos', 'ghost', decode(md5('g'), 'hex'), 100001, 99999, null)""",
        {"registry"},
    ),
    "a key was rewritten": (
        f"""update events.event set key = 'other'
        where (member_id, seq) in (select member_id, seq from {SPEND} t)""",
        {"registry"},
    ),
    "what waits is lost": (
        "delete from events.waiting where reason = 'unknown_member'",
        {"waiting"},
    ),
    "what waits is not registered": (
        """delete from storage.registry where waiting_id in (
            select waiting_id from events.waiting where reason = 'unknown_member')""",
        {"waiting"},
    ),
    "a transfer never arrived": (
        """update events.event set caused_by = null where (member_id, seq) in (
            select member_id, seq from events.event where kind = 'transfer_in'
                and status = 'accepted' order by 1, 2 limit 1)""",
        {"transit", "follow_ups"},
    ),
    "what was sent on is not on record": (
        """update events.event set outcome = (outcome::jsonb - 'follow_ups')::json
            where (member_id, seq) in (select member_id, seq from events.event
                where kind = 'transfer' and status = 'accepted' order by 1, 2 limit 1)""",
        {"follow_ups"},
    ),
    "what came back belongs to no sale": (
        "insert into events.returned values (100001, 99999, '{}')",
        {"returned"},
    ),
    "a version's text was edited": (
        "update programme.version set content = content || ' ' where version = 1",
        {"versions"},
    ),
    "a version is lost": (
        "delete from programme.version where version = 2",
        {"versions"},
    ),
    "a due moment is forgotten": (
        """update members.member set next_due_us = next_due_us + 1 where member_id in (
            select min(member_id) from members.member where next_due_us is not null)""",
        {"dues"},
    ),
    "a member with a lot has nothing due": (
        """update members.member set next_due_us = null where member_id in (
            select min(member_id) from members.member where next_due_us is not null)""",
        {"dues"},
    ),
    "a tier is not what its last change left": (
        """update tiers.standing set tier = 'gold' where (member_id, ladder) in (
            select member_id, ladder from tiers.standing where tier = 'silver'
            order by 1 limit 1)""",
        {"tiers"},
    ),
    "a change of tier is lost": (
        """delete from tiers.change where (member_id, seq, n) in (
            select member_id, seq, n from tiers.change order by 1, 2, 3 limit 1)""",
        {"tiers", "tier_changes"},
    ),
    "a change of tier is told otherwise": (
        """update tiers.change set evidence = '{"day": 1}' where (member_id, seq, n) in (
            select member_id, seq, n from tiers.change order by 1, 2, 3 limit 1)""",
        {"tier_changes"},
    ),
    "a tier is reviewed too late": (
        """update members.member set next_due_us = next_due_us + 86400000000 where member_id in (
            select s.member_id from tiers.standing s join members.member m using (member_id)
            where s.due_us = m.next_due_us order by 1 limit 1)""",
        {"dues"},
    ),
    "a card belongs to nobody": (
        "update members.identity set member_id = 5 where member_id = 100001",
        {"persons"},
    ),
    "two members are merged into each other": (
        """update members.member set state = 'merged',
            merged_into = case member_id when 100001 then 100002 else 100001 end
        where member_id in (100001, 100002)""",
        {"persons"},
    ),
}


@pytest.fixture(scope="module")
def world(postgres: Storage, template_database: str, worker_id: str) -> Iterator[str]:
    """The name of a database with traffic; nobody writes to it any more."""
    name = f"damage_world_{worker_id}"
    postgres.create_database(name, template=template_database)
    with psycopg.connect(postgres.url_for(name), autocommit=True) as db:
        build_world(db, members=8, events=700)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def damaged(postgres: Storage, world: str, worker_id: str) -> Iterator[str]:
    """The address of a copy of the world, to be damaged."""
    name = f"damaged_{worker_id}"
    postgres.create_database(name, template=world)
    yield postgres.url_for(name)
    postgres.drop_database(name)


def plant(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("set session_replication_role = replica")
        assert db.execute(statement.encode()).rowcount > 0, "the damage met nothing"


def found(report: Report) -> set[str]:
    return {result.check.name for result in report.results if not result.clean}


def test_an_undamaged_database_is_clean(postgres: Storage, world: str):
    report = verify(postgres.url_for(world), jobs=2)
    assert found(report) == set(), [r.offenders for r in report.results if not r.clean]
    assert (report.clean, report.members) == (True, 8)
    assert report.events > 700
    assert [result.check for result in report.results] == [*CHECKS, AUDIT]


@pytest.mark.parametrize("kind", DAMAGE)
def test_the_right_check_finds(kind: str, damaged: str):
    statement, expected = DAMAGE[kind]
    plant(damaged, statement)
    report = verify(damaged, jobs=2)
    assert found(report) == expected
    for name in expected:
        assert report.named(name).offenders, "found, but nobody is named"


def test_every_check_is_held_to_some_damage():
    seen = set().union(*(expected for _, expected in DAMAGE.values()))
    assert {check.name for check in CHECKS} == seen


def test_the_first_offender_is_named(damaged: str):
    with psycopg.connect(damaged) as db:
        row = db.execute(f"select * from {SPEND} t".encode()).fetchone()
    assert row is not None
    plant(damaged, DAMAGE["an amount is changed"][0])
    offender = verify(damaged, names=["uses"]).named("uses").offenders[0]
    assert (offender.member_id, offender.seq) == row[:2]
    assert f"movement {row[2]}" in offender.place
    assert offender.expected != offender.found
