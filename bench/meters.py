"""What processes took: CPU time and memory, read from ``/proc``."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MB = 1_000_000
WATCH_S = 0.2


def children(pid: int) -> list[int]:
    """Return a process and everything it started that still runs."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """Return the CPU seconds of processes, with those of their children that have ended."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS_PER_S


def busy_s() -> float:
    """Return the CPU seconds of everything on the machine since it started, idling left out."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    ticks = [int(field) for field in fields]
    return (sum(ticks[:8]) - ticks[3] - ticks[4]) / TICKS_PER_S


def resident_mb(pid: int) -> float:
    """Return what a process has in memory, shared libraries included."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / MB
    return 0.0


def own_mb(pid: int) -> float:
    """Return what a process has in memory for itself alone: without shared buffers or code."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024 / MB
    return 0.0


class Spent(Struct):
    """CPU seconds per second of wall time: 1.0 is one core.

    ``machine`` is what everybody took: where it is much more than the sum, others were measured.
    """

    server: float = 0.0
    postgres: float = 0.0
    generator: float = 0.0
    machine: float = 0.0

    def __str__(self) -> str:
        """Return it as one line."""
        return (
            f"cores used: server {self.server:.2f}, PostgreSQL {self.postgres:.2f}, "
            f"generator {self.generator:.2f}, all of the machine {self.machine:.2f}"
        )


@contextlib.contextmanager
def spending(server: int | None, postmaster: int, *, seconds: float) -> Iterator[Spent]:
    """Fill in what server and PostgreSQL took inside; the generator tells of itself."""
    spent = Spent()

    def read() -> tuple[float, float, float]:
        own = cpu_s(children(server)) if server else 0.0
        return own, cpu_s(children(postmaster)), busy_s()

    before = read()
    yield spent
    after = read()
    if server:
        spent.server = (after[0] - before[0]) / seconds
    spent.postgres = (after[1] - before[1]) / seconds
    spent.machine = (after[2] - before[2]) / seconds


@contextlib.contextmanager
def peak(measure: Callable[[], float]) -> Iterator[list[float]]:
    """Keep the largest value of ``measure``, asked every fifth of a second, in the list."""
    highest = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            highest[0] = max(highest[0], measure())
            time.sleep(WATCH_S)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield highest
    finally:
        done.set()
        thread.join()
