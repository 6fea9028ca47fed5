"""A version that begins among many members lets nobody who buys meanwhile wait."""

from __future__ import annotations

import threading
import time

import pytest

from coterie.intake.engine import Engine
from coterie.jobs import run_backfills
from coterie.kernel.time import SECOND_US
from coterie.members import Newcomer, create_members
from coterie.programme.versions import open_backfills, publish
from coterie.replay import verify
from coterie.storage import Connection, connect, transaction
from tests.programme.test_backfilling import COUNTS_MORE, LIVE_US, order
from tests.replay.worlds import LATER_PROGRAMME, START_US

MEMBERS = 3_000
WAIT_MAX_S = 3.0
"""Far below what counting everybody takes, far above a pause of a busy machine."""


@pytest.mark.long
@pytest.mark.timeout(900)
def test_earning_never_waits_for_a_publication(db: Connection, database_url: str):
    with transaction(db):
        publish(db, LATER_PROGRAMME, 0, 0)
    newcomers = [Newcomer((("card", f"card{n}"),), enrolled_us=START_US) for n in range(MEMBERS)]
    with transaction(db):
        ids = [i for i in create_members(db, newcomers, now_us=START_US) if isinstance(i, int)]
    engine = Engine()
    for turn in range(3):
        at_us = START_US + (turn + 1) * SECOND_US
        for first in range(0, MEMBERS, 250):
            some = ids[first : first + 250]
            engine.submit(db, [order(i, f"past{turn}-{i}", at_us) for i in some])
    waits: list[float] = []
    refused: list[str] = []
    ended = threading.Event()

    def till() -> None:
        with connect(database_url) as other:
            mine = Engine()
            number = 0
            while not ended.is_set():
                number += 1
                bought = order(ids[number * 7 % MEMBERS], f"live{number}", LIVE_US + number)
                began = time.monotonic()
                (answer,) = mine.submit(other, [bought])
                waits.append(time.monotonic() - began)
                if answer.status != "accepted":
                    refused.append(f"{answer.status} {answer.code}")

    thread = threading.Thread(target=till)
    thread.start()
    began = time.monotonic()
    try:
        with transaction(db):
            version = publish(db, COUNTS_MORE, LIVE_US, LIVE_US)
        assert [row.version for row in open_backfills(db)] == [version]
        assert run_backfills(db, engine, LIVE_US + SECOND_US) == [version]
    finally:
        took = time.monotonic() - began
        ended.set()
        thread.join()
    print(f"{len(waits)} purchases in {took:.1f} s; the longest took {max(waits):.3f} s")
    assert not refused
    assert len(waits) > took, "several a second went on"
    assert max(waits) < WAIT_MAX_S
    assert verify(database_url, jobs=1).clean
