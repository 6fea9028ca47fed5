"""A file import that is started again, with the same words, until it says that it is finished."""

import csv
import random
import subprocess
import threading
from pathlib import Path

from coterie.kernel.time import DAY_US, HOUR_US, format_instant, parse_instant
from tests.crash.site import CARDS, Site, children, command_line, kill

RUNS_MAX = 80
FINISHED = (0, 3)
FIRST_US = parse_instant("2026-01-02T09:00:00+08:00")[0]
DAYS = 80
HEAD = [
    "kind",
    "key",
    "occurred_at",
    "member.card",
    "order_ref",
    "line.product",
    "line.amount_minor",
    "currency",
    "units",
    "reason",
    "activity",
    "fields.city",
]


def write_file(path: Path, seed: int, number: int, events: int) -> list[str]:
    """Write a history of January to March and return the keys in it."""
    pick = random.Random(f"{seed}/file/{number}")
    keys = []
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, HEAD)
        rows.writeheader()
        for event in range(events):
            keys.append(f"f{number}-{event}")
            at_us = FIRST_US + pick.randrange(DAYS) * DAY_US + pick.randrange(10 * HOUR_US)
            common = {
                "key": keys[-1],
                "occurred_at": format_instant(at_us, 480),
                "member.card": pick.choice(CARDS),
            }
            kind = pick.choice(("order", "order", "order", "adjustment", "activity"))
            for _ in range(pick.randrange(1, 4) if kind == "order" else 1):
                rows.writerow({"kind": kind, **common, **_fields(pick, kind, keys[-1])})
    return keys


def _fields(pick: random.Random, kind: str, key: str) -> dict[str, object]:
    if kind == "order":
        amount = pick.randrange(0, 9_000)
        return {
            "order_ref": f"R{key}",
            "line.product": pick.choice("pq"),
            "line.amount_minor": amount,
        }
    if kind == "adjustment":
        return {"currency": "points", "units": pick.choice((10, 25)), "reason": "a gift"}
    return {"activity": "check_in", "fields.city": "上海"}


class Importer(threading.Thread):
    """Imports one file after the other; every one that was begun is brought to its end."""

    def __init__(self, site: Site, seed: int, stop: threading.Event, *, events: int) -> None:
        super().__init__(name="importer", daemon=True)
        self.site = site
        self.seed = seed
        self.stop = stop
        self.events = events
        self.keys: list[str] = []
        self.paths: list[Path] = []
        self.runs = 0
        self.broken: list[str] = []
        self._running: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while not self.stop.is_set() and not self.broken:
            path = self.site.home.base / f"events-{len(self.paths) + 1}.csv"
            self.paths.append(path)
            keys = write_file(path, self.seed, len(self.paths), self.events)
            if self._finish(path):
                self.keys += keys

    def _finish(self, path: Path) -> bool:
        for _ in range(RUNS_MAX):
            self.runs += 1
            self._running = self.site.run("import", "events", str(path), "--jobs", "2")
            if self._running.wait() in FINISHED:
                return True
        self.broken.append(f"{path.name} is not imported after {RUNS_MAX} runs")
        return False

    def pids(self) -> list[int]:
        """The import under way: its first process, then those that it started."""
        running = self._running
        if running is None or running.poll() is not None:
            return []
        started = [pid for pid in children(running.pid) if b"spawn_main" in command_line(pid)]
        return [running.pid, *started]

    def end(self) -> None:
        """For a test that failed: do not go on."""
        self.broken.append("ended")
        kill(*self.pids())
