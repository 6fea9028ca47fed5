"""From the outbox to a receiver: at least once, in order per member, tried again, written down."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
import pytest

from coterie import webhooks
from coterie.kernel.clock import SystemClock
from coterie.kernel.time import DAY_US, HOUR_US
from coterie.storage import Connection, connect, insert_facts, transaction
from coterie.webhooks import Change, Sender, Told, WebhookSettings, Wish, store
from coterie.webhooks.model import Outcome
from coterie.webhooks.sending import loop
from tests.rooms.webhooks.receiver import OK, Answer, Receiver, eventually, receiving

LOCAL = WebhookSettings.from_environment({"COTERIE_WEBHOOK_NETWORKS": "127.0.0.0/8"})


def now_us() -> int:
    return SystemClock().now_us()


def subscribe(db: Connection, url: str, *kinds: str, key: str = "k") -> tuple[int, str]:
    with transaction(db):
        made, secret, _ = webhooks.subscribe(
            db,
            Wish(url, kinds or ("*",)),
            source="shop",
            key=key,
            now_us=now_us(),
            settings=LOCAL,
        )
    return made.subscription_id, webhooks.write_secret(secret)


def tell(db: Connection, places: Sequence[tuple[int, int]], kind: str = "units.earn") -> None:
    facts = [{"fact": kind, "currency": "points", "units": 5}]
    text = msgspec.json.encode(Told(1_000_000, 480, 2_000_000, "order", facts)).decode()
    with transaction(db):
        insert_facts(db, [(member_id, seq, text, False) for member_id, seq in places])


@contextmanager
def sending(url: str, **more: Any) -> Iterator[Sender]:
    sender = Sender(lambda: connect(url), settings=LOCAL, **more)
    thread = threading.Thread(target=sender.run)
    thread.start()
    try:
        yield sender
    finally:
        sender.stop()
        thread.join(40)
        assert not thread.is_alive()


def states(db: Connection) -> dict[str, int]:
    found = db.execute("select state, count(*) from webhooks.delivery group by state").fetchall()
    return dict(found)


def hurry(db: Connection) -> None:
    """Let the next try be due: days pass."""
    with transaction(db):
        for (subscription_id,) in db.execute("select subscription_id from webhooks.subscription"):
            store.hurry_lanes(db, subscription_id)


def assert_lanes_are_true(db: Connection) -> None:
    wrong = db.execute(
        """select l.member_id from webhooks.lane l full join
            (select member_id, subscription_id, count(*) as waiting from webhooks.delivery
             where state = 'waiting' group by 1, 2) d using (member_id, subscription_id)
        where l.waiting is distinct from d.waiting"""
    ).fetchall()
    assert not wrong


def test_a_fact_reaches_its_receiver_signed(db: Connection, database_url: str):
    with receiving() as receiver:
        _, secret = subscribe(db, receiver.url, "units.*")
        tell(db, [(7, 1)])
        tell(db, [(7, 2)], "tier.changed")
        assert webhooks.fan_out(db, 100) == 2
        with sending(database_url):
            eventually(lambda: states(db) == {"delivered": 1})
    [(message, body, headers)] = receiver.arrived
    assert message == "msg_7_1_1"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("Coterie/")
    assert body["type"] == "units.earn"
    assert body["data"]["member_id"] == 7
    receiver.verify(secret)
    assert db.execute("select count(*) from webhooks.lane").fetchone() == (0,)
    delivery = webhooks.read_delivery(db, 1, message)
    [attempt] = webhooks.attempts_of(db, delivery)
    assert (attempt.status, attempt.answer, attempt.error) == (200, "thanks", "")


def test_without_a_subscriber_facts_are_forgotten(db: Connection):
    tell(db, [(7, 1), (8, 1)])
    assert webhooks.fan_out(db, 1) == 1
    assert webhooks.fan_out(db, 10) == 1
    assert db.execute("select count(*) from storage.outbox").fetchone() == (0,)
    assert states(db) == {}


def test_facts_that_cannot_be_read_hold_up_nobody(db: Connection):
    with receiving() as receiver:
        subscribe(db, receiver.url)
        with transaction(db):
            insert_facts(db, [(7, 1, '[{"fact": "units.earn"}]', False)])
        tell(db, [(7, 2)])
        assert webhooks.fan_out(db, 10) == 2
    assert states(db) == {"waiting": 1}


def test_only_one_takes_facts_out_at_a_time(db: Connection, database_url: str):
    tell(db, [(7, 1)])
    with connect(database_url) as other, transaction(other):
        other.execute("select pg_advisory_xact_lock(7103)")
        assert webhooks.fan_out(db, 10) == 0
    assert webhooks.fan_out(db, 10) == 1


def test_a_failing_delivery_holds_the_members_later_ones_and_nobody_elses(
    db: Connection, database_url: str
):
    broken = threading.Event()
    broken.set()

    def answer(message: str, _body: dict[str, Any]) -> Answer:
        return (500, {}, b"no") if broken.is_set() and message == "msg_7_1_1" else OK

    with receiving(answer) as receiver:
        subscribe(db, receiver.url)
        tell(db, [(7, 1), (7, 2), (8, 1), (7, 3), (8, 2)])
        webhooks.fan_out(db, 100)
        with sending(database_url):
            eventually(lambda: states(db).get("delivered") == 2)
            eventually(lambda: "msg_7_1_1" in receiver.messages)
            assert "msg_7_2_1" not in receiver.messages
            delivery = webhooks.read_delivery(db, 1, "msg_7_1_1")
            assert delivery.state == "waiting"
            broken.clear()
            hurry(db)
            eventually(lambda: states(db) == {"delivered": 5})
    of_7 = [each for each in receiver.messages if each.startswith("msg_7")]
    assert of_7[0] == "msg_7_1_1"
    assert of_7[-3:] == ["msg_7_1_1", "msg_7_2_1", "msg_7_3_1"]
    assert [each for each in receiver.messages if "_8_" in each] == ["msg_8_1_1", "msg_8_2_1"]
    assert_lanes_are_true(db)


def test_several_senders_side_by_side_keep_the_order(db: Connection, database_url: str):
    chance = random.Random(5)

    def answer(_message: str, _body: dict[str, Any]) -> Answer:
        return (503, {}, b"") if chance.random() < 0.1 else OK

    places = [(member_id, seq) for seq in range(1, 9) for member_id in range(1, 13)]
    with receiving(answer) as receiver:
        _, secret = subscribe(db, receiver.url)
        with sending(database_url), sending(database_url), connect(database_url) as other:
            for begin in range(0, len(places), 10):
                tell(db, places[begin : begin + 10])
                webhooks.fan_out(other, 7)
            while webhooks.fan_out(other, 7):
                hurry(db)

            def done() -> bool:
                hurry(db)
                return states(db) == {"delivered": len(places)}

            eventually(done, 60)
    receiver.verify(secret)
    for member_id in range(1, 13):
        seqs = [
            int(m.split("_")[2]) for m in receiver.messages if m.split("_")[1] == f"{member_id}"
        ]
        assert seqs == sorted(seqs), "a later one overtook an earlier one"
        assert set(seqs) == set(range(1, 9))
    assert_lanes_are_true(db)
    assert db.execute("select count(*) from webhooks.lane").fetchone() == (0,)


def test_after_days_it_is_dead_and_can_be_sent_again(db: Connection, database_url: str):
    status = [500]
    with receiving(lambda *_: (status[0], {}, b"down")) as receiver:
        subscription_id, _ = subscribe(db, receiver.url)
        tell(db, [(7, 1), (7, 2)])
        webhooks.fan_out(db, 10)
        # Eleven tries later; the last two pauses are made short.
        db.execute("update webhooks.delivery set tries = 11")
        with sending(database_url):

            def dead() -> bool:
                hurry(db)
                return states(db) == {"dead": 2}

            eventually(dead, 60)
            tried = ["msg_7_1_1"] * 2 + ["msg_7_2_1"] * 2
            assert receiver.messages == tried
            assert db.execute("select count(*) from webhooks.lane").fetchone() == (0,)
            status[0] = 201
            with transaction(db):
                webhooks.replay(db, subscription_id, "msg_7_2_1")
            eventually(lambda: states(db) == {"dead": 1, "delivered": 1})
            with transaction(db):
                found = webhooks.replay_between(db, subscription_id, 0, 2_000_001)
                assert found == 1
            eventually(lambda: states(db) == {"delivered": 2})
            with transaction(db):
                again = webhooks.replay_between(db, subscription_id, 0, 2_000_000, dead_only=False)
                assert again == 0
                again = webhooks.replay_between(db, subscription_id, 0, 10**17, dead_only=False)
                assert again == 2
            eventually(lambda: states(db) == {"delivered": 2})
    delivery = webhooks.read_delivery(db, subscription_id, "msg_7_1_1")
    assert {a.status for a in webhooks.attempts_of(db, delivery)} == {500, 201}
    assert_lanes_are_true(db)


def test_a_receiver_that_is_gone_is_told_nothing_more(db: Connection, database_url: str):
    with receiving(lambda *_: (410, {}, b"")) as receiver:
        subscription_id, _ = subscribe(db, receiver.url)
        tell(db, [(7, 1), (7, 2)])
        webhooks.fan_out(db, 10)
        with sending(database_url):
            eventually(lambda: webhooks.read_subscription(db, subscription_id).paused == "gone")
            tell(db, [(8, 1)])
            webhooks.fan_out(db, 10)
            receiver.answer = lambda *_: OK
            assert states(db) == {"waiting": 2}
            with transaction(db):
                changed = webhooks.change_subscription(
                    db, subscription_id, Change(active=True), now_us=now_us(), settings=LOCAL
                )
            assert changed.active
            eventually(lambda: states(db) == {"delivered": 2})
    assert receiver.messages[0] == "msg_7_1_1"
    assert "msg_8_1_1" not in receiver.messages


def test_private_addresses_are_not_connected_to(db: Connection, database_url: str):
    """Neither by number nor by a name that leads there; nor are redirects followed there."""
    with receiving() as inside, receiving() as receiver:
        port = inside.url.rsplit(":", 1)[1]
        receiver.answer = lambda *_: (302, {"location": inside.url}, b"")
        subscribe(db, receiver.url)
        with transaction(db):
            db.execute(
                """insert into webhooks.subscription
                    (url, kinds, created_us, changed_us, source, key, digest)
                values (%s, '{*}', 0, 0, 's', 'k', %s)""",
                (f"https://localhost:{port}", bytes(16)),
            )
        tell(db, [(7, 1)])
        webhooks.fan_out(db, 10)
        networks = WebhookSettings.from_environment({"COTERIE_WEBHOOK_NETWORKS": "127.0.0.2/32"})
        sender = Sender(lambda: connect(database_url), settings=networks)
        thread = threading.Thread(target=sender.run)
        thread.start()
        tried = "select count(*) from webhooks.attempt"
        eventually(lambda: db.execute(tried).fetchone() == (2,))
        sender.stop()
        thread.join(30)
        assert not receiver.arrived
        errors = db.execute("select error from webhooks.attempt").fetchall()
        assert all("no public address" in error for (error,) in errors)
        hurry(db)
        with sending(database_url):
            eventually(lambda: receiver.arrived)
            eventually(lambda: db.execute(tried).fetchone() == (4,))
        assert not inside.arrived
    assert states(db) == {"waiting": 2}


def test_a_receiver_that_talks_without_end_is_cut_off(db: Connection, database_url: str):
    with receiving(lambda *_: (200, {}, b"\0x" * 2_000_000)) as receiver:
        subscribe(db, receiver.url)
        tell(db, [(7, 1)])
        webhooks.fan_out(db, 10)
        with sending(database_url):
            eventually(lambda: states(db) == {"delivered": 1})
    row = db.execute("select length(answer), latency_ms < 10000 from webhooks.attempt").fetchone()
    assert row == (1_000, True)


def test_a_receiver_that_never_answers_is_given_up(
    db: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("coterie.webhooks.sending.posting.TOTAL_S", 0.3)
    let_go = threading.Event()

    def answer(*_: Any) -> Answer:
        let_go.wait(20)
        return OK

    with receiving(answer) as receiver:
        subscribe(db, receiver.url)
        tell(db, [(7, 1)])
        webhooks.fan_out(db, 10)
        with sending(database_url):
            tried = "select error from webhooks.attempt"
            eventually(lambda: db.execute(tried).fetchone())
        let_go.set()
    assert "no answer within" in str(db.execute(tried).fetchone())
    assert states(db) == {"waiting": 1}


def test_a_lease_that_ended_writes_nothing(db: Connection):
    """Who was slower than its lease must not undo what the next one did."""
    with receiving() as receiver:
        subscription_id, _ = subscribe(db, receiver.url)
    tell(db, [(7, 1), (7, 2)])
    webhooks.fan_out(db, 10)
    at_us = now_us()
    [first] = store.lease(db, {subscription_id: 5}, now_us=at_us, until_us=at_us + 10)
    assert store.lease(db, {subscription_id: 5}, now_us=at_us + 5, until_us=at_us + 15) == []
    [second] = store.lease(db, {subscription_id: 5}, now_us=at_us + 10, until_us=at_us + 20)
    assert (first.seq, second.seq) == (1, 1)
    with transaction(db):
        loop.settle(db, first, Outcome(500, 1), at_us)
    assert db.execute("select count(*) from webhooks.attempt").fetchone() == (0,)
    with transaction(db):
        loop.settle(db, second, Outcome(200, 1), at_us)
        loop.settle(db, second, Outcome(200, 1), at_us)
    assert states(db) == {"delivered": 1, "waiting": 1}
    assert_lanes_are_true(db)


def test_the_same_wish_twice_is_one_subscription(db: Connection):
    wish = Wish("https://example.com/hook", ("*",))

    def make(wished: Wish) -> tuple[Any, bytes, bool]:
        with transaction(db):
            return webhooks.subscribe(db, wished, source="shop", key="a", now_us=1)

    first, again = make(wish), make(wish)
    assert first[:2] == again[:2]
    assert (first[2], again[2]) == (False, True)
    from coterie.events import KeyReused

    with pytest.raises(KeyReused):
        make(Wish("https://example.com/other", ("*",)))


def test_there_are_only_so_many_subscriptions(db: Connection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coterie.webhooks.actions.SUBSCRIPTIONS_MAX", 1)
    subscribe(db, "https://example.com/a", key="a")
    with pytest.raises(webhooks.SubscriptionsTooMany):
        subscribe(db, "https://example.com/b", key="b")


def test_secrets_rotate_with_an_overlap(db: Connection, database_url: str):
    with receiving() as receiver:
        subscription_id, old = subscribe(db, receiver.url)
        with transaction(db):
            new, again = webhooks.rotate_secret(db, subscription_id, key="r1", now_us=now_us())
            same, replayed = webhooks.rotate_secret(db, subscription_id, key="r1", now_us=now_us())
        assert (same, again, replayed) == (new, False, True)
        tell(db, [(7, 1)])
        webhooks.fan_out(db, 10)
        with sending(database_url):
            eventually(lambda: states(db) == {"delivered": 1})
            receiver.verify(old)
            receiver.verify(webhooks.write_secret(new))
            with transaction(db):
                webhooks.rotate_secret(db, subscription_id, key="r2", now_us=now_us())
                with pytest.raises(webhooks.SecretsTooMany):
                    webhooks.rotate_secret(db, subscription_id, key="r3", now_us=now_us())
                newest, _ = webhooks.rotate_secret(
                    db, subscription_id, key="r4", now_us=now_us(), overlap_hours=0
                )
            receiver.arrived.clear()
            with transaction(db):
                webhooks.ping(db, subscription_id, now_us=now_us())
            eventually(lambda: receiver.arrived)
    receiver.verify(webhooks.write_secret(newest))
    with suppress(Exception):
        receiver.verify(old)
        pytest.fail("the old secret still verifies")


def test_the_log_is_read_by_pages_and_forgotten_after_a_month(db: Connection, database_url: str):
    with receiving() as receiver:
        subscription_id, _ = subscribe(db, receiver.url)
        tell(db, [(member_id, 1) for member_id in range(1, 8)])
        webhooks.fan_out(db, 100)
        with sending(database_url):
            eventually(lambda: states(db) == {"delivered": 7})
    found, cursor = webhooks.list_deliveries(db, subscription_id, limit=5)
    rest, end = webhooks.list_deliveries(db, subscription_id, limit=5, cursor=cursor)
    assert end is None
    assert [each.member_id for each in found + rest] == [7, 6, 5, 4, 3, 2, 1]
    assert webhooks.list_deliveries(db, subscription_id, state="dead") == ([], None)
    with transaction(db):
        assert webhooks.forget_settled(db, now_us() + 29 * DAY_US) == 0
        assert webhooks.forget_settled(db, now_us() + 30 * DAY_US + HOUR_US) == 7
    assert db.execute("select count(*) from webhooks.attempt").fetchone() == (0,)


def test_removing_a_subscription_takes_everything_of_it(db: Connection):
    subscription_id, _ = subscribe(db, "https://example.com/hook")
    tell(db, [(7, 1)])
    webhooks.fan_out(db, 10)
    with transaction(db):
        webhooks.remove_subscription(db, subscription_id)
    for table in ("subscription", "secret", "delivery", "lane", "attempt"):
        assert db.execute(f"select count(*) from webhooks.{table}").fetchone() == (0,)
    with pytest.raises(webhooks.SubscriptionUnknown):
        webhooks.remove_subscription(db, subscription_id)


@pytest.mark.parametrize(
    "statement",
    [
        "update webhooks.subscription set active = false",
        "update webhooks.delivery set state = 'delivered'",
        "update webhooks.delivery set body = repeat('x', 65537)",
        "update webhooks.lane set waiting = -1",
        "update webhooks.secret set secret = '\\x00'",
        "update webhooks.subscription set kinds = '{}'",
    ],
)
def test_the_database_knows_the_rules_too(db: Connection, statement: str):
    subscribe(db, "https://example.com/hook")
    tell(db, [(7, 1)])
    webhooks.fan_out(db, 10)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(statement.encode())


def test_a_receiver_is_a_thing_of_the_tests_only():
    """The receiver verifies what it got: one with another secret must not believe it."""
    receiver = Receiver()
    receiver.arrived.append(("m", {"raw": "{}"}, {"webhook-id": "m"}))
    with pytest.raises(Exception, match=r"."):
        receiver.verify("whsec_" + "A" * 44)
    receiver._server.server_close()
