"""What was decided is decided again, the same; what was changed since is found by that."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import psycopg
import pytest

from coterie import events as ev
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.time import DAY_US, MINUTE_US, format_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.replay import Report, replay_speed, verify
from coterie.replay.comparing import compare
from coterie.replay.history import load_pasts, load_programmes
from coterie.storage import Connection, Storage, transaction
from tests.ledger.test_planted_damage import DAMAGE, EARN, plant
from tests.replay.worlds import LATER_PROGRAMME, PROGRAMME, START_US, build_world

# Changed alike everywhere a check looks: lot, movement, balance and daily sum agree, and are wrong.
ALIKE = f"""with target as {EARN}, moved as (
        update ledger.movement m set units = m.units + 5
        from target t where (m.member_id, m.seq, m.n) = (t.member_id, t.seq, t.n) returning m.*
    ), lots as (
        update ledger.lot l set units = l.units + 5, remaining = l.remaining + 5
        from target t where l.member_id = t.member_id and l.lot_no = t.lot_no
    ), sums as (
        update ledger.rollup r set units = r.units + 5 from moved d
        where (r.booked_on, r.currency, r.reason, r.store, r.rule, r.debit, r.credit)
            = (d.booked_on, d.currency, d.reason, coalesce(d.store, ''), coalesce(d.rule, ''),
                d.debit, d.credit)
    )
    update ledger.balance b set available = b.available + 5
    from target t where b.member_id = t.member_id and b.currency = t.currency"""

ONLY_SEEN_BY_REPLAY = {
    "units changed alike everywhere": (ALIKE, "movement"),
    "a counter is changed": (
        """update metrics.counters set buckets = '{"orders_month": {"24300": 77}}'
        where member_id in (select min(member_id) from metrics.counters)""",
        "counter",
    ),
    "an attribute is changed": (
        """update members.member set attributes = '{"level": "platinum"}'
        where member_id = 100002""",
        "member, attributes",
    ),
    "a state is changed": (
        "update members.member set state = 'erased' where member_id = 100002",
        "member, state",
    ),
    "a lot is kept valid for longer": (
        f"""update ledger.lot l set expires_us = expires_us + 1
        from {EARN} t where l.member_id = t.member_id and l.lot_no = t.lot_no""",
        "lot",
    ),
    "what came back is forgotten": (
        """delete from events.returned where (member_id, order_seq) in (
            select member_id, order_seq from events.returned order by 1, 2 limit 1)""",
        "returned",
    ),
    "the sale was another": (
        """update events.event e set payload = replace(e.payload::text, '"amount_minor":',
            '"amount_minor":1')::json
        where (member_id, seq) in (select member_id, seq from events.event where kind = 'order'
            and status = 'accepted' order by 1, 2 limit 1)""",
        "movement",
    ),
    "a payload cannot be read": (
        """update events.event e set payload = '{"kind": "order"}'
        where (member_id, seq) in (select member_id, seq from events.event where kind = 'order'
            order by 1, 2 limit 1)""",
        "record",
    ),
    "an answer is changed": (
        """update events.event e set code = 'other' where (member_id, seq) in (
            select member_id, seq from events.event where status = 'refused'
            order by 1, 2 limit 1)""",
        "answer",
    ),
    "a movement names another rule": (
        f"""with moved as (
            update ledger.movement m set rule = 'coins' from {EARN} t
            where (m.member_id, m.seq, m.n) = (t.member_id, t.seq, t.n) returning m.*
        )
        insert into ledger.rollup select booked_on, currency, reason, coalesce(store, ''), r.rule,
            debit, credit, 15, r.sign * units, r.sign
        from moved, (values ('coins', 1), ('base', -1)) r (rule, sign)
        on conflict on constraint rollup_pkey do update
            set units = rollup.units + excluded.units,
                movements = rollup.movements + excluded.movements""",
        "movement",
    ),
}


@pytest.fixture(scope="module")
def world(postgres: Storage, template_database: str, worker_id: str) -> Iterator[str]:
    name = f"replay_world_{worker_id}"
    postgres.create_database(name, template=template_database)
    with psycopg.connect(postgres.url_for(name), autocommit=True) as db:
        build_world(db, members=8, events=700)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def damaged(postgres: Storage, world: str, worker_id: str) -> Iterator[str]:
    name = f"replay_damaged_{worker_id}"
    postgres.create_database(name, template=world)
    yield postgres.url_for(name)
    postgres.drop_database(name)


def differing(report: Report) -> set[str]:
    return {result.check.name for result in report.results if not result.clean}


@pytest.mark.parametrize("seed", [2, 3])
def test_what_was_decided_is_decided_again(seed: int, database_url: str, db: Connection):
    """Every kind of event, late ones, approved ones, two versions: the same to the last number."""
    build_world(db, seed=seed, members=10, events=900)
    report = verify(database_url, jobs=1, replayed=True)
    assert differing(report) == set(), [r.offenders for r in report.results if not r.clean]
    kinds = db.execute("select count(distinct kind) from events.event").fetchone()
    assert kinds is not None
    assert kinds[0] >= 18, "the traffic no longer meets every kind"


def test_a_version_published_later_does_not_change_what_was_decided(
    database_url: str, db: Connection
):
    """A till ahead of time sells under the rules known then, though newer ones begin before it."""
    with transaction(db):
        publish(db, PROGRAMME, START_US - DAY_US, START_US)
    with transaction(db):
        [member_id] = create_members(db, [Newcomer((("card", "card1"),))], now_us=START_US)
    assert isinstance(member_id, int)
    order = ev.Order(
        source="pos",
        key="ahead",
        occurred_at=format_instant(START_US + 5 * MINUTE_US),
        member=ev.MemberRef(id=member_id),
        order_ref="ahead",
        lines=(ev.OrderLine(10_000),),
    )
    [answer] = Engine().submit(db, [arrival_of(order, received_us=START_US)])
    assert answer.status == "accepted"
    with transaction(db):
        publish(db, LATER_PROGRAMME, START_US + MINUTE_US, START_US)
    report = verify(database_url, jobs=1, replayed=True)
    assert differing(report) == set(), report.named("replay").offenders


def test_processes_find_what_one_finds(damaged: str):
    plant(damaged, ALIKE)
    told: list[int] = []
    two, one = (
        verify(
            damaged,
            jobs=jobs,
            names=[],
            replayed=True,
            on_progress=lambda progress: told.append(progress.members),
        ).named("replay")
        for jobs in (2, 1)
    )
    assert (two.offenders_count, two.offenders) == (one.offenders_count, one.offenders)
    assert two.offenders_count == 1
    assert told == [8, 8]


@pytest.mark.parametrize("kind", ONLY_SEEN_BY_REPLAY)
def test_only_a_replay_sees(kind: str, damaged: str):
    statement, what = ONLY_SEEN_BY_REPLAY[kind]
    plant(damaged, statement)
    report = verify(damaged, jobs=1, replayed=True)
    assert differing(report) == {"replay"}
    offender = report.named("replay").offenders[0]
    assert offender.name.startswith(what), offender
    assert offender.member_id is not None


@pytest.mark.parametrize(
    "kind", ["a movement is deleted", "an event is lost", "the parts of a hold cannot be read"]
)
def test_a_replay_survives_what_the_checks_see(kind: str, damaged: str):
    plant(damaged, DAMAGE[kind][0])
    assert verify(damaged, jobs=1, names=[], replayed=True).named("replay").offenders_count == 1


def test_the_first_difference_of_a_member_is_named_with_its_event(damaged: str):
    with psycopg.connect(damaged) as db:
        member_id, seq = db.execute(f"select * from {EARN} t".encode()).fetchone()[:2]  # type: ignore[index]
    plant(damaged, ALIKE)
    offenders = verify(damaged, jobs=1, names=[], replayed=True).named("replay").offenders
    assert [(o.member_id, o.seq) for o in offenders] == [(member_id, seq)]


def test_a_history_in_memory_is_decided_without_a_database(postgres: Storage, world: str):
    with psycopg.connect(postgres.url_for(world), autocommit=True) as db:
        programmes = load_programmes(db)
        pasts = list(load_pasts(db, 0, None))
    for past in pasts:
        assert compare(programmes, deepcopy(past)) is None
    told = [(past.start, [record.happening for record in past.records]) for past in pasts]
    assert replay_speed(programmes, told) == sum(len(past.records) for past in pasts)
