"""The path of events: any partition, any worker, the same answers and the same state."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival
from coterie.kernel.time import DAY_US
from coterie.storage import Connection, connect
from tests.intake.world import Stream, dump, open_world, submit

EVENTS = 260
NewDatabase = Callable[[], str]


def _cut(arrivals: Sequence[Arrival], seed: int) -> list[list[Arrival]]:
    pick = random.Random(seed)
    batches, rest = [], list(arrivals)
    while rest:
        size = pick.choice((1, 2, 7, 40, 100))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


def _finish(db: Connection, engine: Engine, members: Sequence[int]) -> None:
    engine.settle(db, members, Stream(0).at_us + 500 * DAY_US)


def _run(
    url: str, seed: int, cut: Callable[[list[Arrival]], list[list[Arrival]]]
) -> tuple[list[Answer], dict[str, list[object]]]:
    with connect(url) as db:
        members = open_world(db)
        engine = Engine()
        answers = submit(db, engine, cut(Stream(seed).take(EVENTS)))
        _finish(db, engine, members)
        return answers, dump(db)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_partition_gives_the_same_answers_and_state(
    new_database: NewDatabase, seed: int
) -> None:
    one_by_one = _run(new_database(), seed, lambda all_: [[a] for a in all_])
    assert {a.status for a in one_by_one[0]} == {"accepted", "refused", "waiting"} - {"waiting"}
    for other in (3, 4):
        cut = _run(new_database(), seed, partial(_cut, seed=other))
        assert cut[0] == one_by_one[0]
        assert cut[1] == one_by_one[1]


@pytest.mark.parametrize("every", [1, 13])
def test_a_worker_that_is_eager_late_or_absent_leaves_no_mark(
    new_database: NewDatabase, every: int
) -> None:
    absent = _run(new_database(), 5, lambda all_: [[a] for a in all_])
    with connect(new_database()) as db:
        members = open_world(db)
        engine = Engine()
        answers = []
        for number, one in enumerate(Stream(5).take(EVENTS)):
            if number % every == 0:
                while engine.sweep(db, one.received_us - 1, limit=3):
                    pass
            answers += engine.submit(db, [one])
        _finish(db, engine, members)
        assert answers == absent[0]
        assert dump(db) == absent[1]


def test_two_threads_with_halves_of_the_members_leave_the_same_state(
    new_database: NewDatabase,
) -> None:
    alone = _run(new_database(), 6, lambda all_: [[a] for a in all_ if a.kind != "transfer"])
    url = new_database()
    with connect(url) as db:
        members = open_world(db)
    arrivals = [a for a in Stream(6).take(EVENTS) if a.kind != "transfer"]
    halves = [[a for a in arrivals if hash(a.reference) % 2 == half] for half in (0, 1)]
    errors: list[Exception] = []

    def work(half: list[Arrival]) -> None:
        try:
            with connect(url) as db:
                submit(db, Engine(), _cut(half, 9))
        except Exception as error:  # noqa: BLE001 - reported by the test itself
            errors.append(error)

    threads = [threading.Thread(target=work, args=(half,)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with connect(url) as db:
        _finish(db, Engine(), members)
        assert dump(db) == alone[1]


def test_the_same_events_sent_at_once_from_many_threads_count_once(
    new_database: NewDatabase,
) -> None:
    url = new_database()
    with connect(url) as db:
        members = open_world(db)
    arrivals = [a for a in Stream(8).take(60) if a.kind in ("order", "activity", "adjustment")]
    seen: list[list[Answer]] = []
    errors: list[Exception] = []

    def work(seed: int) -> None:
        try:
            mine = list(arrivals)
            random.Random(seed).shuffle(mine)
            with connect(url) as db:
                found = dict(
                    zip([a.key for a in mine], submit(db, Engine(), _cut(mine, seed)), strict=True)
                )
            seen.append([found[a.key] for a in arrivals])
        except Exception as error:  # noqa: BLE001 - reported by the test itself
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    first_answers = [sum(not answers[i].replayed for answers in seen) for i in range(len(arrivals))]
    assert first_answers == [1] * len(arrivals)
    with connect(url) as db:
        counted = db.execute(
            "select count(*) from events.event where kind <> 'due' and member_id = any(%s)",
            (members,),
        ).fetchone()
        assert counted == (len(arrivals),)
