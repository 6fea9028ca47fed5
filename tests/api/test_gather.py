"""Group commit: many requests, few transactions, every answer to its sender, after its commit."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.errors import Busy
from coterie.intake.gather import Gather
from coterie.intake.reading import Arrival
from coterie.intake.threads import DatabaseThreads
from coterie.storage import Connection, StorageUnavailable, connect
from tests.api.serving import Place, client_of, order, served


class Recorder:
    """An engine that notes its batches and answers each arrival with its own key."""

    def __init__(self, before: Callable[[Connection, list[str]], object] | None = None) -> None:
        self.batches: list[list[str]] = []
        self._before = before

    def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
        keys = [arrival.key for arrival in arrivals]
        self.batches.append(keys)
        if self._before is not None:
            self._before(db, keys)
        return [Answer("accepted", event=key) for key in keys]


def arrival(key: str) -> Arrival:
    return Arrival(None, "order", "shop", key, 1, 0, 0, 0, b"", b"")


async def gathered(
    gather: Gather, keys: Sequence[str], *, together: bool = True
) -> list[Answer | BaseException]:
    gather.start()
    waiting = [asyncio.ensure_future(gather.submit(arrival(key))) for key in keys]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert await gather.close()
    return results


def names(results: Sequence[Answer | BaseException]) -> list[Any]:
    return [r.event if isinstance(r, Answer) else type(r).__name__ for r in results]


def test_answers_go_to_their_senders_in_batches_of_a_bounded_size(database_url: str):
    engine = Recorder(lambda *_: time.sleep(0.01))
    gather = Gather(engine, lambda: connect(database_url), batch_max=16)
    keys = [f"k{n}" for n in range(100)]
    assert names(asyncio.run(gathered(gather, keys))) == keys
    assert [key for batch in engine.batches for key in batch] == keys
    assert max(map(len, engine.batches)) == 16
    assert len(engine.batches) <= 9


def test_a_lone_event_waits_for_nobody(database_url: str):
    gather = Gather(Recorder(), lambda: connect(database_url))

    async def alone() -> float:
        gather.start()
        await gather.submit(arrival("first"))
        began = time.perf_counter()
        for number in range(20):
            await gather.submit(arrival(f"k{number}"))
        took = time.perf_counter() - began
        assert await gather.close()
        return took / 20

    assert asyncio.run(alone()) < 0.02


def test_too_many_waiting_are_told_to_come_again(database_url: str):
    begun, going = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        begun.set()
        going.wait(10)

    gather = Gather(Recorder(hold), lambda: connect(database_url), batch_max=1, waiting_max=5)

    async def crowd() -> list[Any]:
        gather.start()
        first = asyncio.ensure_future(gather.submit(arrival("first")))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.ensure_future(gather.submit(arrival(f"k{n}"))) for n in range(8)]
        await asyncio.sleep(0)
        going.set()
        return names(await asyncio.gather(first, *waiting, return_exceptions=True))

    assert asyncio.run(crowd()) == ["first", *(f"k{n}" for n in range(5)), *["Busy"] * 3]


def test_closing_finishes_what_waits_and_takes_nothing_more(database_url: str):
    engine = Recorder(lambda *_: time.sleep(0.05))
    gather = Gather(engine, lambda: connect(database_url), batch_max=2)

    async def close_early() -> list[Any]:
        gather.start()
        waiting = [asyncio.ensure_future(gather.submit(arrival(f"k{n}"))) for n in range(7)]
        await asyncio.sleep(0.01)
        closing = asyncio.ensure_future(gather.close())
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await gather.submit(arrival("late"))
        assert await closing
        return names(await asyncio.gather(*waiting))

    assert asyncio.run(close_early()) == [f"k{n}" for n in range(7)]


def test_one_that_breaks_takes_nobody_along(database_url: str):
    def break_on_five(_: Connection, keys: list[str]) -> None:
        if "k5" in keys:
            raise ZeroDivisionError

    gather = Gather(Recorder(break_on_five), lambda: connect(database_url))
    results = names(asyncio.run(gathered(gather, [f"k{n}" for n in range(10)])))
    assert results == [f"k{n}" if n != 5 else "ZeroDivisionError" for n in range(10)]


def test_a_sender_that_goes_away_does_not_disturb_the_others(database_url: str):
    gather = Gather(Recorder(lambda *_: time.sleep(0.02)), lambda: connect(database_url))

    async def cancel_one() -> list[Any]:
        gather.start()
        waiting = [asyncio.ensure_future(gather.submit(arrival(f"k{n}"))) for n in range(3)]
        await asyncio.sleep(0.005)
        waiting[1].cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert await gather.close()
        return names(results)

    assert asyncio.run(cancel_one()) == ["k0", "CancelledError", "k2"]


def test_a_broken_connection_is_opened_again_and_the_batch_sent_once_more(database_url: str):
    deaths = [1]

    def die_once(db: Connection, _: list[str]) -> None:
        if deaths and deaths.pop():
            with connect(database_url) as other:
                other.execute("select pg_terminate_backend(%s)", (db.info.backend_pid,))
        db.execute("select 1")

    engine = Recorder(die_once)
    gather = Gather(engine, lambda: connect(database_url))
    assert names(asyncio.run(gathered(gather, ["a"]))) == ["a"]
    assert engine.batches == [["a"], ["a"]]


def test_a_database_that_stays_away_is_said_and_not_waited_for(database_url: str):
    def gone(*_: Any) -> None:
        raise psycopg.OperationalError("gone")

    gather = Gather(Recorder(gone), lambda: connect(database_url))
    results = asyncio.run(gathered(gather, ["a", "b"]))
    assert [type(r) for r in results] == [StorageUnavailable] * 2
    assert "same key" in str(results[0])


def test_threads_are_few_and_waiting_is_bounded(database_url: str):
    threads = DatabaseThreads(lambda: connect(database_url), name="t", threads=2, waiting_max=3)
    going = threading.Event()
    seen: set[int] = set()

    def work(db: Connection) -> int:
        going.wait(10)
        seen.add(db.info.backend_pid)
        return 1

    async def crowd() -> list[Any]:
        waiting = [asyncio.ensure_future(threads.run(work)) for _ in range(9)]
        await asyncio.sleep(0.05)
        going.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert await threads.run(work) == 1
        await threads.close()
        return [r if isinstance(r, int) else type(r).__name__ for r in results]

    assert asyncio.run(crowd()) == [1] * 5 + ["Busy"] * 4
    assert len(seen) <= 2


def test_a_full_queue_is_503_over_http(place: Place):
    going = threading.Event()
    app = place.app(Recorder(lambda *_: going.wait(10)))
    key = place.key("shop")
    with served(app) as address, client_of(address, key) as api:
        gather = app.state.services.gather
        gather._waiting_max, gather._batch_max = 4, 1
        with ThreadPoolExecutor(12) as pool:
            sent = [pool.submit(api.post, "/v1/events", json=order(f"k{n}")) for n in range(12)]
            until = time.monotonic() + 10
            while sum(future.done() for future in sent) < 7 and time.monotonic() < until:
                time.sleep(0.01)
            going.set()
            answers = [future.result() for future in sent]
    refused = [answer for answer in answers if answer.status_code == 503]
    # The thread may take the first event before or after the fifth came.
    assert len(refused) in {7, 8}
    assert {answer.json()["code"] for answer in refused} == {"busy"}
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert {answer.status_code for answer in answers} == {201, 503}


def test_64_senders_get_what_one_sender_would(place: Place):
    """Every event once, in one sequence without gaps, whoever sent it next to whom."""
    batches: list[int] = []

    class Counting(Engine):
        def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
            batches.append(len(arrivals))
            return super().submit(db, arrivals)

    with served(place.app(Counting())) as address, client_of(address, place.key("shop")) as api:
        api.post("/v1/events", json=order("warm"))

        def send(number: int) -> httpx.Response:
            # Every event is sent twice, from different threads.
            return api.post("/v1/events", json=order(f"k{number % 320}", 100))

        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(send, range(640)))
        assert {answer.status_code for answer in answers} == {201}
        fresh = [a.json()["event"] for a in answers if "coterie-replayed" not in a.headers]
        assert len(fresh) == len(set(fresh)) == 320
        assert sorted(int(event.split(":")[1]) for event in fresh) == list(range(2, 322))
        assert {a.json()["event"] for a in answers} == set(fresh)
        told = api.get(f"/v1/members/{place.member_id}/balances").json()
        assert told["balances"][1]["available"] == 100 + 320
    assert max(batches) > 1, "nothing was gathered"
    assert sum(batches) == 641
