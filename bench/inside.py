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
from bench.rows import Report, at_least, at_most, told
from bench.world import World
from coterie.intake.engine import Engine
from coterie.intake.placing import place
from coterie.intake.reading import arrival_of, read_event, recorded_event
from coterie.kernel.time import SECOND_US
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide
from coterie.programme.standing import Standing
from coterie.storage import bigints, connect, texts
from coterie.storage.clock import world_clock

REPLAY_BAR = 100_000
REPLAY_MEMBERS = 2_000
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
    orders = Orders("", prefix, world.members, seed=random.randrange(10**9), days=days_of(size))
    count = 0
    with (
        connect(world.url) as db,
        spending(None, world.postmaster, seconds=seconds) as spent,
    ):
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


def _replay(texts_of_events: list[tuple[int, bytes]], passes: int) -> tuple[int, float]:
    """Decide histories in memory; return how many events and the seconds it took."""
    programmes = Programmes([CompiledProgramme(seeding.bench_programme(), 1)])
    count = 0
    began = time.perf_counter()
    for _ in range(passes):
        standings: dict[int, Standing] = {}
        for member_id, payload in texts_of_events:
            standing = standings.get(member_id)
            if standing is None:
                standing = standings[member_id] = Standing(
                    Member(member_id, enrolled_us=0, attributes={"level": "gold"})
                )
            arrival = arrival_of(recorded_event(payload), received_us=seeding.NOW_US)
            decide(programmes, standing, place(arrival, standing.member, programmes, {}, 0))
            count += 1
    return count, time.perf_counter() - began


def _histories(seed: int) -> list[tuple[int, bytes]]:
    """Return payloads as they are recorded, for members with ten orders each."""
    orders = Orders("", f"rp{seed}", REPLAY_MEMBERS, seed=seed)
    encode = msgspec.json.Encoder().encode
    histories = []
    for number in range(REPLAY_MEMBERS * 10):
        arrival = read_event(orders.event(), source="pos", received_us=seeding.NOW_US + SECOND_US)
        lines = [
            {**msgspec.to_builtins(line), "categories": ["c3"], "brand": "b2"}
            for line in arrival.event.lines
        ]
        event = {**msgspec.to_builtins(arrival.event), "lines": lines}
        histories.append((FIRST_ID + number % REPLAY_MEMBERS, encode(event)))
    return histories


def _replay_process(seed: int, passes: int) -> tuple[int, float]:
    histories = _histories(seed)
    _replay(histories, 1)
    return _replay(histories, passes)


def replay(report: Report, passes: int) -> None:
    """Decide recorded payloads again on two cores, nothing else running."""
    with ProcessPoolExecutor(2) as pool:
        done = list(pool.map(_replay_process, (1, 2), (passes, passes)))
    rate = sum(count / seconds for count, seconds in done)
    report.add(at_least("replay_without_database", rate, "events/s", REPLAY_BAR))


# ---------------------------------------------------------------- time and proof


def sweep(world: World, report: Report) -> None:
    """Decide everything that falls due for a fifth of the members, facts written."""
    engine = Engine()
    with (
        connect(world.url) as db,
        spending(None, world.postmaster, seconds=1) as spent,
    ):
        db.execute("set statement_timeout = 0")
        own, began = time.process_time(), time.monotonic()
        members = 0
        while swept := engine.sweep(db, seeding.DUE_US, SWEEP_LIMIT):
            members += swept
        took = time.monotonic() - began
        own = time.process_time() - own
    assert members >= world.members // 5, f"only {members} members were due"
    spent.server, spent.postgres = own / took, spent.postgres / took
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
