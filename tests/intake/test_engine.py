"""The path of events, case by case: who is unknown, what is late, what waits, what is refused."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from coterie.catalogue import Category as CategoryRow
from coterie.catalogue import Place, Product, save_categories, save_places, save_products
from coterie.events import (
    MemberRef,
    NotForOutside,
    Order,
    OrderLine,
    UnknownField,
    UnknownKind,
    open_waiting,
)
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.errors import NoProgramme
from coterie.intake.reading import arrival_of, read_batch, read_event
from coterie.kernel.errors import Malformed, Refusal
from coterie.kernel.time import DAY_US, HOUR_US, MINUTE_US
from coterie.ledger import close_books
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Connection, connect, transaction
from tests.intake.world import PROGRAMME, START_US, arrival, open_world, submit

NOON_US = START_US + 12 * HOUR_US
LINES = [{"amount_minor": 10_000, "product": "p"}]
MEMBER = {"card": "C1000"}


class Till:
    """Sends events one at a time and remembers nothing but a counter for keys."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.engine = Engine()
        self.members = open_world(db)
        self.sent = 0

    def send(self, kind: str, at_us: int = NOON_US, **fields: Any) -> Answer:
        self.sent += 1
        given = {"key": f"k{self.sent}", "member": {"card": "C1000"}, "kind": kind, **fields}
        return self.engine.submit(self.db, [arrival(at_us, **given)])[0]

    def order(self, at_us: int = NOON_US, **fields: Any) -> Answer:
        ref = f"O{self.sent}"
        return self.send("order", at_us, **{"order_ref": ref, "lines": LINES, **fields})

    def points(self, member: int = 0) -> int | None:
        row = self.db.execute(
            "select available - owed from ledger.balance where currency = 'points' "
            "and member_id = %s",
            (self.members[member],),
        ).fetchone()
        return row[0] if row else None


@pytest.fixture
def till(db: Connection) -> Till:
    return Till(db)


def test_without_a_programme_everything_is_refused(db: Connection) -> None:
    with pytest.raises(NoProgramme):
        Engine().submit(db, [])


def test_the_same_key_gives_the_first_answer_again(till: Till) -> None:
    first = till.order(key="same", order_ref="A")
    later = till.order(NOON_US, key="same", order_ref="A")
    assert later == Answer(**{**_fields(first), "replayed": True})
    assert till.points() == 100


def _fields(answer: Answer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in answer.__struct_fields__}


@pytest.mark.parametrize("change", [{"order_ref": "B"}, {"member": {"card": "C1001"}}])
def test_the_same_key_with_other_content_is_refused(till: Till, change: dict[str, Any]) -> None:
    till.order(key="same", order_ref="A")
    answer = till.order(**{"key": "same", "order_ref": "A", **change})
    assert (answer.status, answer.code) == ("refused", "key_reused")
    assert till.points() == 100
    assert till.points(1) is None


def test_a_refused_event_keeps_its_answer_when_the_member_could_pay_later(till: Till) -> None:
    first = till.send("spend", key="s", currency="points", units=50)
    till.order()
    again = till.send("spend", key="s", currency="points", units=50)
    assert (first.code, again.code, again.replayed) == ("insufficient_units",) * 2 + (True,)
    assert till.points() == 100


def test_malformed_input_leaves_no_trace_and_may_be_tried_again(till: Till) -> None:
    wrong = till.send("attribute_change", key="a", attributes={"lvl": "gold"})
    assert (wrong.code, wrong.where) == ("undeclared_name", "attributes.lvl")
    assert "level" in (wrong.detail or "")
    right = till.send("attribute_change", key="a", attributes={"level": "gold"})
    assert right.status == "accepted"
    assert till.db.execute("select count(*) from events.event").fetchone() == (1,)


@pytest.mark.parametrize(
    ("sent", "error", "says"),
    [
        ({"kind": "ordr"}, UnknownKind, "'order'"),
        ({"kind": "spend", "curency": "points"}, UnknownField, "'currency'"),
        ({"kind": "order", "lines": [{"amont_minor": 1}]}, UnknownField, "'amount_minor'"),
        ({"kind": "due"}, NotForOutside, "due"),
        ({"kind": "spend", "units": -1, "currency": "p"}, Malformed, ">= 1"),
        ({"kind": "order", "order_ref": "a\x00", "lines": LINES}, Malformed, "NUL"),
        ({"kind": "order", "order_ref": "a", "lines": []}, Malformed, "length"),
    ],
)
def test_what_cannot_be_read_is_explained(
    sent: dict[str, Any], error: type[Refusal], says: str
) -> None:
    whole = {
        "key": "1",
        "occurred_at": "2026-01-01T00:00:00Z",
        "member": {"id": 1},
        **sent,
    }
    with pytest.raises(error) as refusal:
        read_event(json.dumps(whole).encode(), source=None, received_us=0)
    assert says in refusal.value.message


def test_a_batch_names_the_place_of_a_bad_item() -> None:
    raw = json.dumps({"events": [{"kind": "nothing"}]}).encode()
    (refusal,) = read_batch(raw, source=None, received_us=0)
    assert isinstance(refusal, Refusal)
    assert refusal.where == "events[0].kind"


def test_an_unknown_member_is_refused_parked_or_enrolled_as_the_source_says(till: Till) -> None:
    stranger = {"card": "NEW1"}
    refused = till.order(source="office", member=stranger)
    assert (refused.code, refused.event) == ("member_unknown", None)
    parked = till.order(source="till", member=stranger, key="parked")
    assert (parked.status, parked.code) == ("waiting", "unknown_member")
    again = till.order(source="till", member=stranger, key="parked", order_ref="O1")
    assert again == Answer("waiting", code="unknown_member", replayed=True)
    enrolled = till.order(source="shop", member={"card": "NEW2"})
    assert enrolled.status == "accepted"


def test_parked_events_count_when_their_member_appears(till: Till) -> None:
    for key in ("later", "sooner"):
        at_us = NOON_US + (HOUR_US if key == "later" else 0)
        till.order(at_us, member={"card": "NEW1"}, key=key, order_ref=key)
    newcomer = Newcomer((("card", "NEW1"),), enrolled_us=START_US)
    with transaction(till.db):
        (member,) = create_members(till.db, [newcomer], now_us=NOON_US)
    answers = till.engine.unpark(till.db, [("card", "NEW1")], NOON_US + 2 * HOUR_US)
    assert [a.event for a in answers] == [f"{member}:1", f"{member}:2"]
    order = till.db.execute(
        "select key from events.event where member_id = %s order by seq", (member,)
    ).fetchall()
    assert order == [("sooner",), ("later",)]
    assert open_waiting(till.db, 0, 10) == []
    replay = till.order(NOON_US, member={"card": "NEW1"}, key="sooner", order_ref="sooner")
    assert (replay.replayed, replay.event) == (True, f"{member}:1")


def test_late_events_wait_for_a_person_and_events_of_the_future_are_refused(till: Till) -> None:
    late = till.order(NOON_US, received_us=NOON_US + 31 * DAY_US, key="late")
    assert (late.status, late.code) == ("waiting", "late")
    in_time = till.order(NOON_US, received_us=NOON_US + 30 * DAY_US)
    assert in_time.status == "accepted"
    (waiting,) = open_waiting(till.db, 0, 10)
    done = till.engine.approve(till.db, waiting.waiting_id, NOON_US + 32 * DAY_US, "anna")
    assert done is not None
    assert done.status == "accepted"
    assert till.engine.approve(till.db, waiting.waiting_id, NOON_US, "anna") is None
    future = till.order(NOON_US, received_us=NOON_US - 11 * MINUTE_US)
    assert future.code == "in_the_future"


def test_a_history_may_be_as_old_as_it_is(till: Till) -> None:
    answer = till.order(NOON_US, received_us=NOON_US + 900 * DAY_US, mode="historical")
    assert answer.status == "accepted"


def test_an_unmatched_return_follows_its_source(till: Till) -> None:
    bought = till.order(source="till", order_ref="A")
    lines = [{"product": "p", "quantity_milli": 3000}]
    assert bought.status == "accepted"
    refused = till.send("return", source="shop", order_ref="A", lines=lines)
    assert refused.code == "return_unmatched"
    waits = till.send("return", source="office", order_ref="A", lines=lines)
    assert (waits.status, waits.code) == ("waiting", "unmatched_return")
    matched = till.send("return", source="till", order_ref="A", lines=lines)
    assert matched.status == "accepted"
    assert [(e.line, e.quantity_milli) for e in matched.excess] == [(0, 2000)]
    assert till.points() == 0
    nothing = till.send("return", source="till", lines=[{"product": "other"}])
    assert nothing.code == "return_unmatched"


def test_closed_books_push_movements_to_the_first_open_day(till: Till) -> None:
    first = START_US // DAY_US
    day_after = till.db.execute("select date '2026-01-04' - date '0001-01-01' + 1").fetchone()
    assert day_after is not None
    with transaction(till.db):
        assert close_books(till.db, day_after[0])
    till.order(NOON_US)
    assert till.db.execute(
        "select booked_on::text from ledger.movement where currency = 'points'"
    ).fetchall() == [("2026-01-05",)]
    assert till.db.execute("select day::text from events.event").fetchall() == [("2026-01-01",)]
    assert first > 0


def test_a_store_that_closes_late_sells_on_the_day_before(till: Till) -> None:
    with transaction(till.db):
        save_places(till.db, [Place("bar", "store", day_cut_minutes=180)])
    till.order(START_US + DAY_US + 2 * HOUR_US, store="bar")
    till.order(START_US + DAY_US + 4 * HOUR_US, store="bar")
    assert till.db.execute("select day::text from events.event order by seq").fetchall() == [
        ("2026-01-01",),
        ("2026-01-02",),
    ]


def test_products_are_resolved_into_the_event_at_intake(till: Till) -> None:
    with transaction(till.db):
        save_categories(till.db, [CategoryRow("goods"), CategoryRow("tobacco", parent="goods")])
        save_products(till.db, [Product("cigar", category="tobacco")])
    answer = till.order(lines=[{"amount_minor": 10_000, "product": "cigar"}])
    assert {e.rule for e in answer.effects} == {"growth", "stamp"}
    row = till.db.execute("select payload->'lines'->0->'categories' from events.event").fetchone()
    assert row == (["tobacco", "goods"],)


def test_a_transfer_arrives_or_comes_back(till: Till) -> None:
    till.order()
    given = till.send("transfer", currency="points", units=30, receiver={"card": "C1001"})
    assert given.status == "accepted"
    assert (till.points(0), till.points(1)) == (70, 30)
    till.send("state_change", member={"card": "C1001"}, state="closed")
    refused = till.send("transfer", currency="points", units=30, receiver={"card": "C1001"})
    assert refused.status == "accepted"
    assert (till.points(0), till.points(1)) == (70, 30)
    nobody = till.send("transfer", currency="points", units=30, receiver={"card": "NOBODY"})
    assert (nobody.code, nobody.where) == ("member_unknown", "receiver")
    oneself = till.send("transfer", currency="points", units=30, receiver={"card": "C1000"})
    assert oneself.code == "self_transfer"


def test_events_of_a_merged_member_reach_the_one_that_took_over(till: Till) -> None:
    merged = till.send(
        "state_change", member={"card": "C1000"}, state="merged", merged_into=till.members[1]
    )
    assert merged.status == "accepted"
    answer = till.order(member={"card": "C1000"})
    assert answer.member_id == till.members[1]
    assert till.points(1) == 100


def test_one_broken_event_of_a_batch_does_not_take_the_others_along(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.db.execute("alter table ledger.movement add constraint test_broken check (units <> 77)")
    sent = [
        arrival(
            NOON_US,
            key=f"b{i}",
            kind="adjustment",
            currency="points",
            units=77 if i == 5 else 10,
            reason="test",
            member={"card": f"C{1000 + i % 6}"},
        )
        for i in range(12)
    ]
    answers = submit(till.db, till.engine, [sent])
    assert [a.status for a in answers] == ["accepted"] * 5 + ["failed"] + ["accepted"] * 6
    found = till.db.execute("select count(*) from ledger.movement").fetchone()
    assert found == (11,)


def test_a_movement_and_its_balance_change_together_whoever_writes_it(till: Till) -> None:
    till.order()
    with pytest.raises(psycopg.errors.RestrictViolation):
        till.db.execute("update ledger.movement set units = 5")
    with pytest.raises(psycopg.errors.RestrictViolation):
        till.db.execute("delete from events.event")
    with pytest.raises(psycopg.errors.CheckViolation):
        till.db.execute(
            "insert into ledger.movement (member_id, seq, n, currency, debit, credit, units, "
            "reason, version, booked_on, recorded_us) values (%s, 1, 9, 'points', 'available', "
            "'redeemed', 101, 'spend', 1, '2026-01-01', 0)",
            (till.members[0],),
        )


def test_a_person_may_refuse_what_waits_and_the_sender_hears_of_it(till: Till) -> None:
    sent = {"received_us": NOON_US + 31 * DAY_US, "key": "late", "order_ref": "L"}
    till.order(NOON_US, **sent)
    (waiting,) = open_waiting(till.db, 0, 10)
    assert till.engine.refuse_waiting(till.db, waiting.waiting_id, NOON_US, "anna")
    again = till.order(NOON_US, **sent)
    assert (again.status, again.code, again.replayed) == ("refused", "not_approved", True)
    assert till.points() is None


def test_a_version_counts_from_its_moment_in_every_process(till: Till) -> None:
    other = Engine()
    other.surroundings(till.db)
    later_us = NOON_US + DAY_US
    doubled = PROGRAMME.replace('units: 1, per: "1.00"', 'units: 2, per: "1.00"')
    with transaction(till.db):
        assert publish(till.db, doubled, later_us, NOON_US) == 2
    stale = other.surroundings(till.db)
    for at_us, key in ((later_us - 1, "before"), (later_us, "after")):
        order = arrival(at_us, kind="order", key=key, order_ref=key, lines=LINES, member=MEMBER)
        other.submit(till.db, [order])
    assert stale.version == 2
    versions = till.db.execute(
        "select e.key, m.version, m.units from ledger.movement m "
        "join events.event e using (member_id, seq) where m.rule = 'base' order by e.seq"
    ).fetchall()
    assert versions == [("before", 1, 100), ("after", 2, 200)]


def test_books_are_not_closed_while_a_batch_is_half_way_through(
    till: Till, database_url: str
) -> None:
    with connect(database_url) as running, transaction(running):
        till.engine.surroundings(running).confirm(running)
        till.db.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable), transaction(till.db):
            close_books(till.db, 740_000)


def test_a_consequence_that_fails_is_kept_and_tried_again(till: Till) -> None:
    till.order()
    till.db.execute(
        "alter table ledger.movement add constraint no_in check (reason <> 'transfer_in')"
    )
    given = till.send("transfer", currency="points", units=30, receiver={"card": "C1001"})
    assert given.status == "accepted"
    assert till.points(1) is None
    assert till.engine.deliver(till.db, NOON_US) > 0
    assert till.db.execute("select attempts from storage.outbox where follow_up").fetchall() == [
        (1,)
    ]
    till.db.execute("alter table ledger.movement drop constraint no_in")
    assert till.engine.deliver(till.db, NOON_US) == 0
    till.engine.deliver(till.db, NOON_US + 2_000_000)
    assert till.points(1) == 30


def test_pending_units_wait_for_a_delay_a_date_or_a_confirmation(till: Till) -> None:
    def stamps() -> tuple[int, int]:
        row = till.db.execute(
            "select pending, available from ledger.balance where currency = 'stamps'"
        ).fetchone()
        assert row is not None
        return row

    till.order(order_ref="A")
    till.order(order_ref="B")
    assert stamps() == (2, 0)
    confirmed = till.send("confirm", NOON_US + HOUR_US, order_ref="A")
    assert [(e.reason, e.units) for e in confirmed.effects] == [("release_pending", 1)]
    assert stamps() == (1, 1)
    again = till.send("confirm", NOON_US + HOUR_US, order_ref="A")
    assert (again.status, again.effects) == ("accepted", ())
    nothing = till.send("confirm", order_ref="Z")
    assert nothing.code == "sale_unknown"
    returned = till.send("reversal", NOON_US + HOUR_US, reverses_seq=2, reason="error")
    assert returned.status == "accepted"
    assert stamps() == (0, 1)
    until = PROGRAMME.replace("pending: {days: 3}", "pending: {days: 3, until: 2026-01-20}")
    with transaction(till.db):
        publish(till.db, until, NOON_US + 3 * HOUR_US, NOON_US)
    till.order(NOON_US + 4 * HOUR_US)
    till.engine.settle(till.db, till.members, NOON_US + 7 * DAY_US)
    assert stamps() == (1, 1)
    till.engine.settle(till.db, till.members, START_US + 19 * DAY_US)
    assert stamps() == (0, 2)


def test_an_attribute_may_lengthen_or_waive_the_expiry(till: Till) -> None:
    by = "by: {attribute: level, months: {gold: 5}}}"
    longer = PROGRAMME.replace("round_to: month}", f"round_to: month, {by}").replace(
        "expiry: {model: inactivity, days: 20}",
        "expiry: {model: inactivity, days: 20, by: {attribute: level, months: {gold: null}}}",
    )
    with transaction(till.db):
        publish(till.db, longer, NOON_US, NOON_US)
    till.order()
    till.send("attribute_change", attributes={"level": "gold"})
    till.order()
    expires = till.db.execute(
        "select expires_on::text from ledger.lot where currency = 'points' order by lot_no"
    ).fetchall()
    assert expires == [("2026-03-31",), ("2026-06-30",)]
    till.engine.settle(till.db, till.members, NOON_US + 300 * DAY_US)
    rows = till.db.execute("select currency, available from ledger.balance order by 1").fetchall()
    assert ("stamps", 2) in rows
    assert ("points", 0) in rows


def test_a_record_names_its_member_by_number_alone(till: Till) -> None:
    with transaction(till.db):
        newcomer = Newcomer((("phone", "+8613800138000"),), enrolled_us=START_US)
        (member,) = create_members(till.db, [newcomer], now_us=NOON_US)
    tricky = 'x","member":{"phone":"+8613800138000"}'
    answer = till.order(key=tricky, order_ref="A", member={"phone": "138 0013 8000"})
    assert answer.member_id == member
    row = till.db.execute("select payload->'member', payload->>'key' from events.event").fetchone()
    assert row == ({"id": member}, tricky)
    again = till.order(key=tricky, order_ref="A", member={"phone": "138 0013 8000"})
    assert again.replayed


def test_orders_that_share_a_line_are_each_recorded_as_resolved(till: Till) -> None:
    with transaction(till.db):
        save_categories(till.db, [CategoryRow("tea")])
        save_products(till.db, [Product("mint", category="tea")])
    line = OrderLine(amount_minor=1_000, product="mint")
    sent = [
        Order(
            source="till",
            key=f"shared-{n}",
            occurred_at="2026-01-01T12:00:00+08:00",
            member=MemberRef(id=till.members[0]),
            order_ref=f"shared-{n}",
            lines=(line,),
        )
        for n in range(2)
    ]
    submit(till.db, till.engine, [[arrival_of(event, received_us=NOON_US) for event in sent]])
    rows = till.db.execute("select payload->'lines'->0->'categories' from events.event").fetchall()
    assert rows == [(["tea"],), (["tea"],)]
