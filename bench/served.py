"""What is measured over HTTP, against ``coterie serve`` as anybody would run it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median

from msgspec import Struct

from bench.load import Result
from bench.meters import peak, resident_mb, spending
from bench.rows import Report, at_least, at_most, compared, told
from bench.world import Address, Running, Server, World

CLIENTS = 32
CONNECTIONS = 64
ROUNDS = 3
SINGLE_SHARE = 0.8
OPEN_SHARE = 0.7
OPEN_P99_MS = 50
SATURATED_P99_MS = 120
BATCH_SIZE = 1_000
BATCH_CONNECTIONS = 4
BATCH_BAR = 12_000
BATCH_SHARE = 0.25
HOT_BAR = 2_000
HOT_STEADY = 0.9
HOT_EDGE_S = 10
READS_PER_S = 500
READ_P99_MS = 30
REST_MB, LOADED_MB = 150, 400
PROCESSES = (1, 2)


class Pace(Struct, frozen=True):
    """How long and how often is measured, in seconds; ``quick`` is for development."""

    run_s: float = 30.0
    try_s: float = 8.0
    hot_s: float = 60.0
    rounds: int = ROUNDS
    warm_up_s: float = 5.0


QUICK = Pace(run_s=6.0, try_s=4.0, hot_s=15.0, rounds=1, warm_up_s=2.0)


class Served:
    """The rows over HTTP, in their order."""

    def __init__(self, world: World, report: Report, pace: Pace) -> None:
        """Keep what is measured, where it is told, and how long."""
        self.world = world
        self.report = report
        self.pace = pace
        self.processes = 1
        self.single = 0.0
        self.reference = 0.0
        self.bare = 0.0
        self.acknowledged: dict[str, int] = {}

    # ------------------------------------------------------------------ one load, looked at

    def send(self, server: Server, name: str, **choices: object) -> Result:
        """Run one load; tell what each side took; remember what was acknowledged."""
        prefix = f"{name}{random.randrange(10**8):08d}"
        seconds = float(str(choices.get("seconds", self.pace.run_s)))
        wanted = {
            "seconds": seconds,
            "warm_up_s": self.pace.warm_up_s,
            "seed": random.randrange(2**32),
        }
        whole = seconds + float(str({**wanted, **choices}["warm_up_s"]))
        with spending(server.pid, self.world.postmaster, seconds=whole) as spent:
            result = self.world.load(server, prefix=prefix, **{**wanted, **choices})
        spent.generator = result.cpu_s / whole
        if not choices.get("reads"):
            self.acknowledged[prefix] = result.acknowledged
        self.report.say(
            f"    {name}: {result.rate:,.0f}/s, p50 {result.p50_ms} ms, p99 {result.p99_ms} ms, "
            f"max {result.max_ms} ms, {result.statuses}; {spent}"
        )
        return result

    def count(self) -> None:
        """Look for every acknowledged event."""
        for prefix, acknowledged in self.acknowledged.items():
            there = self.world.acknowledged(prefix)
            # Of the last requests of a run that was cut off the answer may not have come.
            assert there >= acknowledged, f"{prefix}: {acknowledged} acknowledged, {there} there"
        total = sum(self.acknowledged.values())
        self.report.say(f"    {total:,} acknowledged events, all there")
        self.acknowledged.clear()

    # ------------------------------------------------------------------ rows

    def generator(self) -> None:
        """Measure what the generator itself costs, against a server that does nothing."""
        from bench.trivial import serving  # noqa: PLC0415 - forks; nothing else should be open

        with serving() as port:
            result = self.world.start_load(
                Address(port), prefix="x", seconds=3.0, warm_up_s=0.5, connections=CONNECTIONS
            )()
        cost_us = result.cpu_s / (result.answers / 3.0 * 3.5) * 1e6
        self.report.add(told("generator_cost", cost_us, "us CPU/request"))

    def rest(self) -> None:
        """Measure a server nobody calls."""
        with self.world.serving(1) as server:
            time.sleep(1.0)
            mb = max(map(resident_mb, server.pids()))
        self.report.add(at_most("server_process_at_rest", mb, "MB", REST_MB))

    def singles(self) -> None:
        """Send single events: find the best number of processes, then alternate with pgbench."""
        rates = {}
        for processes in PROCESSES:
            with self.world.serving(processes) as server:
                rates[processes] = self.send(
                    server, f"try{processes}", seconds=self.pace.try_s
                ).rate
        self.processes = max(rates, key=lambda n: rates[n])
        self.report.say(f"    {self.processes} process(es) serve best")
        references, results = [], []
        with self.world.serving(self.processes) as server, peak(self._largest(server)) as highest:
            for _ in range(self.pace.rounds):
                references.append(self.world.pgbench(CLIENTS, self.pace.run_s))
                results.append(self.send(server, "single", connections=CONNECTIONS))
            self.reference = median(references)
            self.single = median(result.rate for result in results)
            self.report.say(f"    pgbench: {', '.join(f'{r:,.0f}' for r in references)} tx/s")
            self.report.add(
                compared("single_events", self.single, "events/s", self.reference, SINGLE_SHARE)
            )
            saturated = median(result.p99_ms for result in results)
            self.report.add(at_most("single_p99_saturated", saturated, "ms", SATURATED_P99_MS))
            opened = self.send(server, "open", rate=self.single * OPEN_SHARE)
            self.report.add(at_most("single_p99_at_0.7", opened.p99_ms, "ms", OPEN_P99_MS))
        self.report.add(at_most("server_process_loaded", highest[0], "MB", LOADED_MB))

    @staticmethod
    def _largest(server: Server) -> Callable[[], float]:
        return lambda: max(map(resident_mb, server.pids()), default=0.0)

    def batches(self, bare: Callable[[], float]) -> None:
        """Send batches, alternating with the bare ledger."""
        rates, references = [], []
        with self.world.serving(self.processes) as server, peak(self._largest(server)) as highest:
            for _ in range(self.pace.rounds):
                references.append(bare())
                result = self.send(server, "batch", batch=BATCH_SIZE, connections=BATCH_CONNECTIONS)
                rates.append(result.rate)
        rate = median(rates)
        self.bare = median(references)
        self.report.add(at_least("batches_over_http", rate, "events/s", BATCH_BAR))
        self.report.add(compared("batches_to_bare", rate, "events/s", self.bare, BATCH_SHARE))
        self.report.add(at_most("server_process_batches", highest[0], "MB", LOADED_MB))

    def hot(self) -> None:
        """Let everybody write to one member."""
        with self.world.serving(self.processes) as server:
            result = self.send(server, "hot", seconds=self.pace.hot_s, member=4711)
        self.report.add(at_least("hot_member", result.rate, "events/s", HOT_BAR))
        seconds = [n for n in result.per_second if n]
        edge = min(HOT_EDGE_S, max(len(seconds) // 3, 1))
        whole = seconds[: int(self.pace.hot_s)]
        first, last = sum(whole[:edge]) / edge, sum(whole[-edge:]) / edge
        self.report.add(
            compared("hot_member_last_to_first", last, "events/s", max(first, 1), HOT_STEADY)
        )

    def reads(self) -> None:
        """Read balances and lots beside half of the single-event load."""
        with self.world.serving(self.processes) as server:
            half = max(self.single * 0.5, 100.0)
            writing: Running = self.world.start_load(
                server,
                prefix="beside",
                rate=half,
                seconds=self.pace.run_s + 2,
                warm_up_s=self.pace.warm_up_s,
            )
            result = self.send(server, "reads", reads=True, rate=float(READS_PER_S))
            beside = writing()
        self.report.say(f"    beside {beside.rate:,.0f} events/s, their p99 {beside.p99_ms} ms")
        self.report.add(at_most("reads_p99", result.p99_ms, "ms", READ_P99_MS))
        with suppress(KeyError):
            assert result.statuses["200"] > 0
