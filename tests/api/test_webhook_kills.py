"""Goal: a worker that is killed while it sends loses nothing and lets nothing overtake.

Method: two `coterie worker` processes, one of which is killed again and again while messages are on
their way to a slow receiver, until everything arrived.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from coterie.intake.engine import Engine
from coterie.intake.reading import read_event
from coterie.kernel.clock import SystemClock
from coterie.members import Newcomer, create_members
from coterie.storage import connect, transaction
from coterie.webhooks import WebhookSettings, Wish, subscribe, write_secret
from tests.api.serving import NOW_US, Place, order
from tests.api.test_processes import COMMAND, SOURCE
from tests.rooms.webhooks.receiver import OK, Answer, eventually, receiving

MEMBERS, ORDERS, KILLS = 8, 6, 5
LOCAL = "127.0.0.0/8"
pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


def worker(url: str) -> subprocess.Popen[bytes]:
    outside = {name: text for name, text in os.environ.items() if "COTERIE" not in name}
    given = {
        "COTERIE_DATABASE_URL": url,
        "COTERIE_WEBHOOK_NETWORKS": LOCAL,
        "PYTHONPATH": str(SOURCE),
    }
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "worker"],
        env=outside | given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def working(url: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [worker(url), worker(url)]
    try:
        yield workers
    finally:
        for each in workers:
            each.kill()
            each.wait(30)


def happen(place: Place) -> None:
    """Members buy in turns."""
    with place.storage.connect() as db:
        with transaction(db):
            cards = [f"K100{number}" for number in range(MEMBERS)]
            create_members(
                db, [Newcomer((("card", c),), enrolled_us=NOW_US - 1) for c in cards], now_us=NOW_US
            )
        engine = Engine()
        for number, card in itertools.product(range(ORDERS), cards):
            event = order(f"{card}-{number}", member={"card": card}, source="shop")
            raw = json.dumps(event).encode()
            [answer] = engine.submit(db, [read_event(raw, source="shop", received_us=NOW_US)])
            assert answer.status == "accepted"


def test_killed_workers_lose_no_message_and_keep_the_order(place: Place):
    chance = random.Random(11)

    def answer(_message: str, _body: dict[str, Any]) -> Answer:
        time.sleep(chance.random() * 0.2)
        return OK

    settings = WebhookSettings.from_environment({"COTERIE_WEBHOOK_NETWORKS": LOCAL})
    with receiving(answer) as receiver, working(place.url) as workers:
        with place.storage.connect() as db, transaction(db):
            now_us = SystemClock().now_us()
            wish = Wish(receiver.url, ("units.earn",))
            _, secret, _ = subscribe(
                db, wish, source="shop", key="w", now_us=now_us, settings=settings
            )
        happen(place)
        with connect(place.url) as db:
            for kill in range(KILLS):
                before = len(receiver.messages)
                eventually(lambda: len(receiver.messages) > before + 4, 60)  # noqa: B023
                workers[kill % 2].send_signal(signal.SIGKILL)
                workers[kill % 2].wait(30)
                workers[kill % 2] = worker(place.url)
                # What the killed one had leased is free at once, instead of in 45 seconds.
                db.execute("update webhooks.lane set leased_until_us = 1 where leased_until_us > 1")
            left = "select count(*) from webhooks.delivery where state <> 'delivered'"
            told = "select count(*) from storage.outbox where not follow_up"
            eventually(
                lambda: db.execute(left).fetchone() == db.execute(told).fetchone() == (0,), 120
            )
            expected = "select member_id, seq, n from webhooks.delivery"
            rows = db.execute(expected).fetchall()
    receiver.verify(write_secret(secret))
    assert len(rows) == MEMBERS * ORDERS * 2
    arrived = list(dict.fromkeys(receiver.messages))
    assert {f"msg_{m}_{s}_{n}" for m, s, n in rows} == set(arrived)
    by_member: dict[str, list[tuple[int, int]]] = {}
    for name in arrived:
        _, member, seq, n = name.split("_")
        by_member.setdefault(member, []).append((int(seq), int(n)))
    assert len(by_member) == MEMBERS
    for places in by_member.values():
        assert places == sorted(places), "a later message arrived first"
