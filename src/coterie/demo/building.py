"""Filling a world: master data, people, two years of events, by two processes with progress."""

from __future__ import annotations

import heapq
import multiprocessing
import queue
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from typing import Any, NamedTuple

import msgspec

from coterie.catalogue import (
    save_brands,
    save_categories,
    save_places,
    save_products,
    save_staff,
)
from coterie.demo.errors import WorldInUse
from coterie.demo.house import furnish
from coterie.demo.people import Person, invent
from coterie.demo.shop import BRANDS, CATEGORIES, PLACES, PRODUCTS, STAFF
from coterie.demo.story import Story
from coterie.events import Event, MemberRef, Order, OrderLine
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.errors import Refusal
from coterie.kernel.time import DAY_US, HOUR_US, Zone, format_instant
from coterie.members import create_members, list_newest, resolve
from coterie.programme.reading import read_programme
from coterie.programme.versions import publish_programme, versions
from coterie.storage import Connection, connect, find_keys, plan_once, transaction

DAYS = 730
PEOPLE = 2_000
CHUNK = 1_000
WORKERS = 2
ZONE = "Asia/Shanghai"
_NOTE = "demo"
_FINISHED = "demo:finished"


class DemoProgress(NamedTuple):
    """How far the building is: what it does, how much of how much is done."""

    stage: str
    done: int
    total: int


class Plan(msgspec.Struct, frozen=True):
    """Which demo this world holds; kept as the note of its first version, so a rerun continues."""

    seed: int
    last_day: int
    people: int
    days: int


Report = Callable[[DemoProgress], None]


def build_demo(
    url: str, *, now_us: int, report: Report, seed: int = 1, people: int = PEOPLE
) -> bool:
    """Fill the world at ``url`` up to the day before ``now_us``; False when it was filled before.

    An interrupted building goes on where it was: the same keys mean the same events. Raises
    :class:`WorldInUse` for a world that is not the demo's.
    """
    zone = Zone(ZONE)
    with connect(url) as db:
        plan, finished = _plan(db, Plan(seed, zone.day(now_us) - 1, people, DAYS))
        if finished:
            return False
        first_day = plan.last_day - plan.days + 1
        if not _planned(db):
            _prepare(db, plan, zone.day_start_us(first_day), now_us)
        report(DemoProgress("people", 0, plan.people))
        everybody = [invent(n, plan.days, plan.seed) for n in range(plan.people)]
        ids = _enrol(db, everybody, zone, first_day, report)
    _play(url, plan, ids, report)
    with connect(url) as db:
        engine = Engine()
        report(DemoProgress("due", 0, 1))
        while engine.sweep(db, now_us):
            pass
        while engine.deliver(db, now_us):
            pass
        _finish(db, engine, ids[0], now_us)
    return True


def _plan(db: Connection, wanted: Plan) -> tuple[Plan, bool]:
    found = versions(db, limit=1)
    if not found:
        if list_newest(db, limit=1)[0]:
            raise WorldInUse
        return wanted, False
    note = found[0].note or ""
    if not note.startswith(f"{_NOTE} "):
        raise WorldInUse("Choose another data folder: coterie --home FOLDER demo")
    plan = msgspec.json.decode(note.removeprefix(f"{_NOTE} "), type=Plan)
    return plan, _is_finished(db)


def _planned(db: Connection) -> bool:
    return bool(versions(db, limit=1))


def _prepare(db: Connection, plan: Plan, first_us: int, now_us: int) -> None:
    path = resources.files("coterie.programme") / "library" / "demo.yaml"
    programme = read_programme("demo.yaml", path.read_text(encoding="utf-8"))
    with transaction(db):
        save_categories(db, CATEGORIES)
        save_brands(db, BRANDS)
        save_products(db, PRODUCTS)
        save_places(db, PLACES)
        save_staff(db, STAFF)
        furnish(db, now_us)
        note = f"{_NOTE} {msgspec.json.encode(plan).decode()}"
        publish_programme(db, programme, 0, first_us, note)


def _enrol(
    db: Connection, everybody: Sequence[Person], zone: Zone, first_day: int, report: Report
) -> list[int]:
    """Make the people members, in the order they joined, and return their ids by number."""
    cards = {("card", f"MT{700000 + p.number}"): p.number for p in everybody}
    known = resolve(db, list(cards))
    ids = {cards[card]: member_id for card, member_id in known.items()}
    missing = sorted((p for p in everybody if p.number not in ids), key=lambda p: p.join_day)
    for start in range(0, len(missing), CHUNK):
        chunk = missing[start : start + CHUNK]
        newcomers = [
            msgspec.structs.replace(
                p.newcomer,
                enrolled_us=zone.day_start_us(first_day + p.join_day) + 8 * HOUR_US,
            )
            for p in chunk
        ]
        with transaction(db):
            now_us = zone.day_start_us(first_day + DAYS)
            made = create_members(db, newcomers, now_us=now_us)
        for person, member_id in zip(chunk, made, strict=True):
            if isinstance(member_id, Refusal):
                raise member_id
            ids[person.number] = member_id
        report(DemoProgress("people", len(ids), len(everybody)))
    return [ids[p.number] for p in everybody]


# ---------------------------------------------------------------------- events


def _arrivals(plan: Plan, numbers: Sequence[int], ids: Sequence[int]) -> Iterator[Arrival]:
    """Yield everything that happens to some people, in the order of time."""
    zone = Zone(ZONE)
    first_day = plan.last_day - plan.days + 1
    streams: list[Iterator[tuple[int, Event]]] = []
    for number in numbers:
        story = Story(invent(number, plan.days, plan.seed), first_day, plan.days, plan.seed, zone)
        # Gifts stay among the people of one process, so that each half is the same every time.
        friends = [ids[n] for n in numbers[number % 7 : number % 7 + 3] if n != number]
        streams.append(story.events(ids[number], friends))
    for at_us, event in heapq.merge(*streams, key=lambda pair: pair[0]):
        yield arrival_of(event, received_us=at_us)


def _work(url: str, plan: Plan, ids: Sequence[int], part: int, told: Any) -> None:
    try:
        numbers = range(part, plan.people, WORKERS)
        engine = Engine()
        with connect(url) as db:
            plan_once(db)
            chunk: list[Arrival] = []
            for arrival in _arrivals(plan, numbers, ids):
                chunk.append(arrival)
                if len(chunk) == CHUNK:
                    engine.submit(db, chunk)
                    told.put(len(chunk))
                    chunk = []
            engine.submit(db, chunk)
            told.put(len(chunk))
        told.put(None)
    except KeyboardInterrupt:
        told.put("interrupted")
    except BaseException as error:
        told.put(f"{type(error).__name__}: {error}")
        raise


def _play(url: str, plan: Plan, ids: Sequence[int], report: Report) -> None:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    workers = [
        context.Process(target=_work, args=(url, plan, ids, part, told), daemon=True)
        for part in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    try:
        _listen(told, workers, report)
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
            worker.join()


def _listen(told: Any, workers: Sequence[Any], report: Report) -> None:
    done, running = 0, len(workers)
    expected = 42 * PEOPLE
    while running:
        try:
            said = told.get(timeout=1)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers):
                raise RuntimeError("a worker of the demo died without a word") from None
            continue
        if said is None:
            running -= 1
        elif isinstance(said, str):
            raise RuntimeError(said)
        else:
            done += said
            report(DemoProgress("events", done, max(expected, done)))


def _finish(db: Connection, engine: Engine, first: int, now_us: int) -> None:
    """Leave what a person of today finds: events that wait, and the mark of completion."""
    line = OrderLine(amount_minor=5_600, product="brewed-tea-01", quantity_milli=2000)

    def order(key: str, member: MemberRef, ago_us: int) -> Arrival:
        at = format_instant(now_us - ago_us, 480)
        event = Order(
            source="pos",
            key=key,
            occurred_at=at,
            member=member,
            channel="pos",
            store="hz-01",
            order_ref=key,
            lines=(line,),
        )
        return arrival_of(event, received_us=now_us)

    waiting = [
        order("demo:stranger", MemberRef(card="MT999999"), HOUR_US),
        order("demo:forgotten-till", MemberRef(id=first), 75 * DAY_US),
    ]
    engine.submit(db, [*waiting, order(_FINISHED, MemberRef(id=first), HOUR_US)])


def _is_finished(db: Connection) -> bool:
    return bool(find_keys(db, [("pos", _FINISHED)]))
