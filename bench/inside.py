"""What is measured without HTTP: the engine in process, replay, dues, the proof, a bare ledger."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import msgspec

from bench import seeding
from bench.meters import children, own_mb, peak, spending
from bench.orders import BATCH_DAYS, FIRST_ID, Orders
from bench.programmes import categories_of, programme_of
from bench.rows import Report, at_least, at_most, told
from bench.world import World
from coterie.events import Happening
from coterie.intake.engine import Engine
from coterie.intake.reading import read_event, recorded_event
from coterie.kernel.collecting import collect_seldom
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide
from coterie.programme.model import Programme
from coterie.programme.standing import Standing
from coterie.programme.tracing import Trace
from coterie.storage import bigints, connect, plan_once, texts
from coterie.storage.clock import world_clock

REPLAY_BAR = 100_000
REPLAY_MEMBERS = 2_000
REPLAY_EVENTS = 10
SWEEP_LIMIT = 1_000
SWEEP_BAR_S = 30
VERIFY_BAR_S = 120
VERIFY_BAR_MB = 1_000


def days_of(size: int) -> int:
    """Return over how many days a batch is spread: large ones are files."""
    return BATCH_DAYS if size >= 500 else 1


def engine_batches(world: World, report: Report, size: int, seconds: float) -> float:
    """Submit batches from one thread of this process; return events a second."""
    engine = Engine()
    prefix = f"in{size}x{random.randrange(10**6)}"
    collect_seldom()
    orders = Orders("", prefix, world.members, seed=random.randrange(10**9), days=days_of(size))
    count = 0
    with (
        connect(world.url) as db,
        spending(None, world.postmaster, seconds=seconds) as spent,
    ):
        plan_once(db)
        clock = world_clock(db)
        own = time.process_time()
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            batch = [
                read_event(orders.event(), source="pos", received_us=clock.now_us())
                for _ in range(size)
            ]
            answers = engine.submit(db, batch)
            assert all(answer.status == "accepted" for answer in answers)
            count += size
        took = time.monotonic() - began
        spent.server = (time.process_time() - own) / took
    assert world.acknowledged(prefix) == count
    report.add(told(f"engine_batches_of_{size}", count / took, "events/s"))
    report.say(f"    {spent}")
    return count / took


def bare_batches(world: World, seconds: float, size: int = 1_000) -> float:
    """Return entries a second of a bare ledger: the least a durable batch can cost here."""
    url = world.storage.url_for("bench_reference")
    world.storage.create_database("bench_reference")
    rng = random.Random(3)
    with connect(url) as db:
        db.execute("set statement_timeout = 0")
        for name in ("bare_account", "bare_entry"):
            db.execute(f"drop table if exists {name}")
        for name in ("bare_account", "bare_entry", "bare_index", "bare_fill"):
            db.execute(getattr(seeding.queries, name))
        db.execute("vacuum analyze bare_account")
        numbers = itertools.count()
        count = 0
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            db.execute(
                seeding.queries.bare_batch,
                {
                    "ids": bigints([rng.randrange(1, 1_000_001) for _ in range(size)]),
                    "amounts": bigints([rng.randrange(1, 500) for _ in range(size)]),
                    "keys": texts([f"bare-{next(numbers):010d}" for _ in range(size)]),
                },
            )
            count += size
        return count / (time.monotonic() - began)


# ---------------------------------------------------------------- replay


History = tuple[int, list[tuple[int, str]]]
"""A member, and their events: when each occurred, and its payload as it is recorded."""


def _replay(
    histories: list[History], programme: Programme, passes: int, *, traced: bool
) -> tuple[int, float]:
    """Decide histories in memory, member by member; return how many events, in what time."""
    programmes = Programmes([CompiledProgramme(programme, 1)])
    zone = programmes.zone
    count = 0
    began = time.perf_counter()
    for _ in range(passes):
        for member_id, events in histories:
            standing = Standing(Member(member_id, enrolled_us=0, attributes=_ATTRIBUTES))
            for seq, (at_us, payload) in enumerate(events, 1):
                day = zone.day(at_us)
                happening = Happening(
                    recorded_event(payload), "order", at_us, 480, at_us, at_us, day, day,
                    member_id, seq,
                )  # fmt: skip
                decide(programmes, standing, happening, trace=Trace() if traced else None)
            count += len(events)
    return count, time.perf_counter() - began


_ATTRIBUTES = {"level": "gold", "segment": "family"}


def _histories(seed: int, name: str) -> list[History]:
    """Return payloads with what the catalogue knows, as they are recorded."""
    orders = Orders("", f"rp{seed}", REPLAY_MEMBERS, seed=seed, days=BATCH_DAYS)
    encode = msgspec.json.Encoder().encode
    histories: list[History] = []
    for number in range(REPLAY_MEMBERS):
        events = []
        for _ in range(REPLAY_EVENTS):
            arrival = read_event(orders.event(), source="pos", received_us=seeding.NOW_US)
            told = msgspec.to_builtins(arrival.event)
            for line in told["lines"]:
                product = int(line["product"][1:])
                line["categories"] = categories_of(name, 1 + product % 20)
                line["brand"] = f"b{1 + product % 10}"
            events.append((arrival.at_us, encode(told).decode()))
        histories.append((FIRST_ID + number, events))
    return histories


def _replay_process(seed: int, name: str, passes: int, traced: bool) -> tuple[int, float]:  # noqa: FBT001 - mapped
    histories, programme = _histories(seed, name), programme_of(name)
    _replay(histories, programme, 1, traced=traced)
    collect_seldom()
    return _replay(histories, programme, passes, traced=traced)


def replay(report: Report, name: str, passes: int) -> None:
    """Decide recorded payloads again on two cores under a programme, nothing else running."""
    with ProcessPoolExecutor(2) as pool:
        rates = []
        for traced in (False, True):
            many = (max(passes // 4, 1) if traced else passes,) * 2
            done = list(pool.map(_replay_process, (1, 2), (name, name), many, (traced, traced)))
            rates.append(sum(count / seconds for count, seconds in done))
    report.add(at_least("replay_without_database", rates[0], "events/s", REPLAY_BAR))
    report.add(told("replay_with_trace", rates[1], "events/s"))


# ---------------------------------------------------------------- time and proof


def sweep(world: World, report: Report) -> None:
    """Decide everything that falls due for a fifth of the members, facts written."""
    engine = Engine()
    with (
        connect(world.url) as db,
        spending(None, world.postmaster, seconds=1) as spent,
    ):
        plan_once(db)
        db.execute("set statement_timeout = 0")
        own, began = time.process_time(), time.monotonic()
        members = 0
        while swept := engine.sweep(db, seeding.DUE_US, SWEEP_LIMIT):
            members += swept
        took = time.monotonic() - began
        own = time.process_time() - own
    assert members >= world.members // 5, f"only {members} members were due"
    spent.server, spent.postgres = own / took, spent.postgres / took
    spent.machine /= took
    name = f"dues_of_{members}_among_{world.members}"
    report.add(at_most(name, took, "s", SWEEP_BAR_S))
    report.say(f"    {spent}")


def prove(world: World, report: Report) -> None:
    """Run ``coterie verify`` and see what it takes."""
    code = "import sys; from coterie.replay import verify; r = verify(sys.argv[1]); "
    code += "print(r.clean, *[x.check.name for x in r.results if not x.clean])"
    before = set(children(world.postmaster))
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", code, world.url], stdout=subprocess.PIPE, text=True
    )

    def memory() -> float:
        backends = set(children(world.postmaster)) - before
        return own_mb(process.pid) + sum(map(own_mb, backends))

    with peak(memory) as highest:
        said = process.communicate()[0].strip()
    took = time.monotonic() - began
    assert said == "True", f"verify found damage: {said}"
    report.add(at_most("verify_seconds", took, "s", VERIFY_BAR_S))
    report.add(at_most("verify_memory", highest[0], "MB", VERIFY_BAR_MB))


def check(world: World) -> None:
    """Run the checks for their answer alone."""
    from coterie.replay import verify  # noqa: PLC0415 - only here

    found = verify(world.url)
    wrong = [result.check.name for result in found.results if not result.clean]
    assert not wrong, f"verify found damage: {wrong}"


def bare(world: World, report: Report, seconds: float) -> float:
    """Measure the bare ledger for the rows that are compared with it."""
    rate = bare_batches(world, seconds)
    report.say(f"    bare ledger batches of 1,000: {rate:,.0f} entries/s")
    return rate
