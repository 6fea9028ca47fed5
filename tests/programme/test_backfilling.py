"""A new metric counts what happened before it was declared, while events go on."""

from __future__ import annotations

import threading

import psycopg
import pytest

from coterie import events as ev
from coterie.intake.engine import Engine
from coterie.intake.joining import unmerging
from coterie.intake.reading import Arrival, arrival_of
from coterie.jobs import Counting, count_set_aside, run_backfills
from coterie.kernel.time import DAY_US, format_instant
from coterie.members import Newcomer, create_members
from coterie.programme.counting import MARK
from coterie.programme.errors import VersionUnknown
from coterie.programme.versions import (
    accept_set_aside,
    open_backfills,
    publish,
    rollback,
    set_aside_of,
    version_at,
)
from coterie.replay import verify
from coterie.replay.comparing import begin, decide_again
from coterie.replay.history import load_pasts, load_programmes
from coterie.storage import Connection, connect, transaction
from tests.replay.worlds import LATER_PROGRAMME, START_US, Traffic, build_world

NEW = """\
  ever: {measure: count, window: lifetime}
  big: {measure: amount, window: month, when: {order_amount: {min: "50.00"}}}
"""
COUNTS_MORE = LATER_PROGRAMME.replace("caps:\n", f"{NEW}caps:\n", 1)
LIVE_US = START_US + 300 * DAY_US
"""Later than anything that happened."""


@pytest.fixture
def traffic(db: Connection) -> Traffic:
    made = build_world(db, members=6, events=300)
    made.now_us = LIVE_US
    return made


def publish_more(db: Connection, at_us: int, now_us: int = LIVE_US) -> int:
    with transaction(db):
        return publish(db, COUNTS_MORE, at_us, now_us)


def value(db: Connection, member_id: int, code: str) -> int:
    """Return the sum over all buckets of what is recorded for a metric."""
    row = db.execute(
        """select coalesce((select sum(value::bigint) from metrics.counters c,
        json_each_text(c.buckets -> %s) where member_id = %s), 0)::bigint""",
        (code, member_id),
    ).fetchone()
    assert row is not None
    return int(row[0])


def accepted_orders(db: Connection, member_id: int) -> int:
    """Return the member's orders of which something is left."""
    row = db.execute(
        """select count(*) from events.event e where member_id = %s and kind = 'order'
        and status = 'accepted' and not exists (
            select from events.returned r where r.member_id = e.member_id
            and r.order_seq = e.seq)""",
        (member_id,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def order(member_id: int, key: str, at_us: int) -> Arrival:
    event = ev.Order(
        source="pos",
        key=key,
        occurred_at=format_instant(at_us),
        member=ev.MemberRef(id=member_id),
        order_ref=key,
        lines=(ev.OrderLine(10_000),),
    )
    return arrival_of(event, received_us=at_us)


def give_back(member_id: int, key: str, ref: str, at_us: int) -> Arrival:
    event = ev.Return(
        source="pos",
        key=key,
        occurred_at=format_instant(at_us),
        member=ev.MemberRef(id=member_id),
        order_ref=ref,
    )
    return arrival_of(event, received_us=at_us)


def test_a_version_with_a_new_metric_begins_when_it_is_counted(
    db: Connection, database_url: str, traffic: Traffic
):
    engine = Engine()
    version = publish_more(db, LIVE_US)
    (row,) = open_backfills(db)
    assert (row.version, row.metrics) == (version, ["ever", "big"])
    in_force = version_at(db, LIVE_US + 1)
    assert in_force is not None
    assert in_force.version == version - 1
    told: list[Counting] = []
    assert run_backfills(db, engine, LIVE_US + 1, on_progress=told.append) == [version]
    assert told[-1].members == told[-1].members_all == 6
    assert not open_backfills(db)
    in_force = version_at(db, LIVE_US + 1)
    assert in_force is not None
    assert in_force.version == version
    for member_id in traffic.members:
        assert value(db, member_id, "ever") >= accepted_orders(db, member_id)
    equal_from_the_beginning(db, version)
    assert verify(database_url, replayed=True).clean
    assert run_backfills(db, engine, LIVE_US + 2) == []


def equal_from_the_beginning(db: Connection, version: int) -> None:
    """Hold what was counted to a world in which the new metrics were always there."""
    programmes = load_programmes(db)
    newest = programmes.numbered(version)
    from coterie.programme.counting import counting_also

    always = counting_also(programmes, newest)
    for past in load_pasts(db, 0, None):
        standing = begin(past.start)
        for record in past.records:
            if record.happening.kind == "backfill":
                standing.member.seq = record.happening.seq
                continue
            decide_again(always, standing, record.happening)
        for code in ("ever", "big"):
            assert standing.counters.get(code, {}) == past.counters.get(code, {})


def test_events_between_publication_and_beginning_are_counted_once(
    db: Connection, database_url: str, traffic: Traffic
):
    """Before a member's turn, after it, of somebody new, and returns of what was counted."""
    engine = Engine()
    begins_us = LIVE_US + 5 * DAY_US
    version = publish_more(db, begins_us)
    first, last = min(traffic.members), max(traffic.members)
    engine.submit(db, [order(first, "early", LIVE_US + 1), order(last, "early2", LIVE_US + 1)])
    done: list[int] = []

    def stop_after_one() -> bool:
        done.append(1)
        return len(done) > 1

    from coterie.jobs import backfilling

    backfilling_together, backfilling.TOGETHER = backfilling.TOGETHER, 1
    try:
        assert run_backfills(db, engine, LIVE_US + 2, stopped=stop_after_one) == []
    finally:
        backfilling.TOGETHER = backfilling_together
    engine.submit(db, [order(first, "mid", LIVE_US + 3), order(last, "mid2", LIVE_US + 3)])
    with transaction(db):
        made = create_members(db, [Newcomer((("card", "new1"),))], now_us=LIVE_US)[0]
    assert isinstance(made, int)
    engine.submit(db, [order(made, "new", LIVE_US + 4)])
    assert run_backfills(db, engine, LIVE_US + 5) == [version]
    engine.submit(db, [order(first, "late", LIVE_US + 6), order(made, "new2", LIVE_US + 6)])
    assert value(db, made, "ever") == 2
    engine.submit(db, [give_back(first, "back", "early", LIVE_US + 7)])
    engine.submit(db, [give_back(made, "back2", "new", LIVE_US + 7)])
    assert value(db, made, "ever") == 1
    after = begins_us + 1
    engine.submit(db, [order(i, f"after{i}", after) for i in (first, last, made)])
    engine.submit(db, [give_back(last, "back3", "mid2", after + 1)])
    assert value(db, made, "ever") == 2
    equal_from_the_beginning(db, version)
    report = verify(database_url, replayed=True)
    assert report.clean, [r.offenders for r in report.results if not r.clean]


def test_earning_goes_on_while_it_is_counted(db: Connection, database_url: str, traffic: Traffic):
    engine = Engine()
    version = publish_more(db, LIVE_US)
    ended = threading.Event()
    sent = [0]

    def traffic_on() -> None:
        with connect(database_url) as other:
            mine = Engine()
            while not ended.is_set() or sent[0] < 50:
                sent[0] += 1
                member_id = traffic.members[sent[0] % len(traffic.members)]
                (answer,) = mine.submit(
                    other, [order(member_id, f"t{sent[0]}", LIVE_US + sent[0] * 1000)]
                )
                assert answer.status in {"accepted", "refused"}

    thread = threading.Thread(target=traffic_on)
    thread.start()
    try:
        assert run_backfills(db, engine, LIVE_US + 1_000_000) == [version]
    finally:
        ended.set()
        thread.join()
    equal_from_the_beginning(db, version)
    assert verify(database_url, replayed=True).clean


def test_two_may_count_at_once(db: Connection, database_url: str, traffic: Traffic):
    assert traffic.members
    version = publish_more(db, LIVE_US)
    ready: list[int] = []

    def count() -> None:
        with connect(database_url) as other:
            ready.extend(run_backfills(other, Engine(), LIVE_US + len(ready)))

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(ready) == {version}
    equal_from_the_beginning(db, version)
    marked = db.execute("select count(*) from events.event where kind = 'backfill'").fetchone()
    assert marked == (len(traffic.members),)
    assert verify(database_url, replayed=True).clean


def test_what_needs_no_counting_begins_at_once(db: Connection, traffic: Traffic):
    del traffic
    with transaction(db):
        publish(db, LATER_PROGRAMME.replace("units: 30", "units: 31"), LIVE_US, LIVE_US)
    assert not open_backfills(db)
    version = publish_more(db, LIVE_US + 1)
    assert run_backfills(db, Engine(), LIVE_US + 1) == [version]
    with transaction(db):
        rollback(db, version - 1, None, LIVE_US + 2)
    assert not open_backfills(db)
    again = publish_more(db, LIVE_US + 3, LIVE_US + 3)
    assert [row.version for row in open_backfills(db)] == [again]
    assert run_backfills(db, Engine(), LIVE_US + 4) == [again]
    marks = db.execute("select buckets -> %s from metrics.counters", (MARK + "ever",)).fetchall()
    assert all(set(mark) == {str(version), str(again)} for (mark,) in marks)


def test_before_anything_happened_nothing_is_counted(db: psycopg.Connection):
    with transaction(db):
        publish(db, LATER_PROGRAMME, 0, 0)
        publish(db, COUNTS_MORE, LIVE_US, 0)
    assert not open_backfills(db)


def merging(away: int, into: int, key: str, at_us: int = LIVE_US) -> Arrival:
    event = ev.StateChange(
        source="pos",
        key=key,
        occurred_at=format_instant(at_us),
        member=ev.MemberRef(id=away),
        state="merged",
        merged_into=into,
    )
    return arrival_of(event, received_us=max(at_us, LIVE_US))


def test_who_is_still_to_be_counted_is_merged_later(
    db: Connection, database_url: str, traffic: Traffic
):
    engine = Engine()
    away, into = traffic.members[:2]
    publish_more(db, LIVE_US)
    assert engine.submit(db, [merging(away, into, "M1")])[0].code == "being_counted"
    run_backfills(db, engine, LIVE_US)
    both = value(db, away, "ever") + value(db, into, "ever")
    assert engine.submit(db, [merging(away, into, "M1")])[0].status == "accepted"
    assert value(db, into, "ever") == both
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def test_a_late_event_of_who_joined_after_the_beginning_is_counted(
    db: Connection, database_url: str, traffic: Traffic
):
    engine = Engine()
    publish_more(db, LIVE_US)
    run_backfills(db, engine, LIVE_US)
    with transaction(db):
        newcomer = Newcomer((("card", "late"),), enrolled_us=LIVE_US)
        (member_id,) = create_members(db, [newcomer], now_us=LIVE_US)
    assert isinstance(member_id, int)
    first = order(member_id, "L1", LIVE_US + DAY_US)
    late = order(member_id, "L2", LIVE_US - DAY_US)
    late.received_us = LIVE_US + DAY_US
    for sent in (first, late):
        assert engine.submit(db, [sent])[0].status == "accepted"
    assert value(db, member_id, "ever") == 2
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def damage(db: Connection) -> tuple[int, int]:
    """Let something have fallen due at another moment; return of whom, and in which event."""
    db.execute("alter table events.event disable trigger event_never_changed")
    row = db.execute(
        "select member_id, seq from events.event where kind = 'due' order by 1, 2 limit 1"
    ).fetchone()
    assert row is not None
    move(db, row[0], row[1], 1)
    return row[0], row[1]


def move(db: Connection, member_id: int, seq: int, by_us: int) -> None:
    db.execute(
        """update events.event set occurred_us = occurred_us + %s
        where member_id = %s and seq = %s""",
        (by_us, member_id, seq),
    )


def test_a_member_who_cannot_be_counted_is_set_aside_and_repaired_later(
    db: Connection, database_url: str, traffic: Traffic
):
    engine = Engine()
    assert traffic.members
    broken, seq = damage(db)
    version = publish_more(db, LIVE_US)
    assert run_backfills(db, engine, LIVE_US) == []
    (row,) = open_backfills(db)
    assert (row.set_aside, row.members_done) == (1, 6)
    ((aside,), cursor) = set_aside_of(db, version)
    assert (aside.member_id, cursor) == (broken, None)
    assert aside.reason
    # It waits for somebody who takes it, however often it is tried.
    assert run_backfills(db, engine, LIVE_US) == []
    assert count_set_aside(db, engine, version, LIVE_US) == 0
    with transaction(db):
        assert accept_set_aside(db, version, LIVE_US) == 1
    assert run_backfills(db, engine, LIVE_US) == [version]
    in_force = version_at(db, LIVE_US + 1)
    assert in_force is not None
    assert in_force.version == version
    with transaction(db), pytest.raises(VersionUnknown):
        accept_set_aside(db, version, LIVE_US)
    engine.submit(db, [order(broken, "since", LIVE_US + 5)])
    assert value(db, broken, "ever") == 1
    move(db, broken, seq, -1)
    assert count_set_aside(db, engine, version, LIVE_US + 10) == 1
    assert set_aside_of(db, version) == ([], None)
    assert value(db, broken, "ever") >= accepted_orders(db, broken) > 1
    equal_from_the_beginning(db, version)
    assert verify(database_url, replayed=True).clean
    db.execute("alter table events.event enable trigger event_never_changed")


@pytest.mark.parametrize("counted_first", [False, True])
def test_an_unmerge_beside_a_publication_counts_nothing_twice(
    db: Connection, database_url: str, traffic: Traffic, *, counted_first: bool
):
    engine = Engine()
    away, into = traffic.members[:2]
    assert engine.submit(db, [merging(away, into, "M1")])[0].status == "accepted"
    version = publish_more(db, LIVE_US)
    if counted_first:
        assert run_backfills(db, engine, LIVE_US) == [version]
    made = unmerging(db, away, source="pos", key="U1", now_us=LIVE_US + 1, reason=None)
    (answer,) = engine.submit(db, [made])
    if not counted_first:
        assert answer.status == "accepted" or answer.code == "being_counted"
        assert run_backfills(db, engine, LIVE_US + 2) == [version]
    else:
        assert answer.status == "accepted"
        assert count_set_aside(db, engine, version, LIVE_US + 3) == 1
        assert value(db, away, "ever") > 0
    engine.submit(db, [order(i, f"after{i}", LIVE_US + 5) for i in (away, into)])
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


@pytest.mark.parametrize("counted_first", [True, False])
def test_who_is_erased_beside_a_publication_is_neither_lost_nor_waited_for(
    db: Connection, database_url: str, traffic: Traffic, *, counted_first: bool
):
    engine = Engine()
    gone, stays = traffic.members[:2]
    version = publish_more(db, LIVE_US)
    erasing = ev.StateChange(
        source="desk",
        key="E1",
        occurred_at=format_instant(LIVE_US + 1),
        member=ev.MemberRef(id=gone),
        state="erased",
        reason="asked for it",
    )
    if counted_first:
        assert run_backfills(db, engine, LIVE_US) == [version]
    [answer] = engine.submit(db, [arrival_of(erasing, received_us=LIVE_US + 1)])
    assert answer.status == "accepted"
    if not counted_first:
        assert run_backfills(db, engine, LIVE_US + 2) == [version]
    [after] = engine.submit(db, [order(stays, "after", LIVE_US + 5)])
    assert (after.status, after.code) == ("accepted", None)
    row = db.execute(
        "select count(*) from members.identity where member_id = %s", (gone,)
    ).fetchone()
    assert row == (0,)
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]
