"""`coterie serve` as a person starts it: processes that die, are killed, are asked to end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from coterie.cli.supervising import Supervisor, Task
from coterie.kernel.time import DAY_US
from coterie.storage import connect
from tests.api.serving import NOW_US, Place, client_of, order

COMMAND = "from coterie.cli import main; main()"
SOURCE = Path(__file__).resolve().parents[2] / "src"
_ADDRESS = re.compile(r"Coterie at (http://\S+)")
_STARTED = re.compile(r"(server|worker)(?:-\d+)? runs as process (\d+)")


class Served:
    """A running `coterie serve`, its address, and what it wrote."""

    def __init__(self, url: str, *arguments: str) -> None:
        self.lines: list[str] = []
        outside = {name: text for name, text in os.environ.items() if "COTERIE" not in name}
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "serve", "--port", "0", *arguments],
            env=outside | {"COTERIE_DATABASE_URL": url, "PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        eventually(lambda: self.process.poll() is not None or self.find(_ADDRESS))
        found = self.find(_ADDRESS)
        assert found, "\n".join(self.lines)
        self.address = found[1]
        with client_of(self.address) as client:
            eventually(lambda: ready(client))

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return next((m for line in list(self.lines) if (m := pattern.search(line))), None)

    def pids(self, what: str) -> list[int]:
        """Return the processes of a kind that were started, the newest last."""
        told = [m for line in list(self.lines) if (m := _STARTED.search(line))]
        return [int(m[2]) for m in told if m[1] == what]


def ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def eventually(holds: Callable[[], Any], within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def serving(place: Place, *arguments: str) -> Iterator[Served]:
    served = Served(place.url, *arguments)
    try:
        yield served
    finally:
        served.process.terminate()
        try:
            served.process.wait(60)
        finally:
            served.process.kill()
            print("\n".join(served.lines))


def test_it_serves_and_ends_when_asked(place: Place):
    with serving(place, "--processes", "2") as served:
        with client_of(served.address, place.key("shop")) as api:
            assert api.post("/v1/events", json=order("k1")).status_code == 201
        eventually(lambda: len(served.pids("server")) == 2)
        children = served.pids("server") + served.pids("worker")
        assert len(children) == 3
        served.process.terminate()
        assert served.process.wait(30) == 0
        assert not [pid for pid in children if alive(pid)]


def test_the_worker_beside_decides_what_falls_due(place: Place):
    with serving(place) as served:
        with client_of(served.address, place.key("shop")) as api:
            api.post("/v1/events", json=order("k1"))
        # Set by somebody else: the running processes hear of it.
        place.move_clock(NOW_US + 20 * DAY_US)
        with connect(place.url) as db:
            due = "select count(*) from events.event where kind = 'due'"
            eventually(lambda: db.execute(due).fetchone() == (2,))
        with client_of(served.address, place.key("shop")) as api:
            path = f"/v1/members/{place.member_id}/balances"
            eventually(lambda: api.get(path).json()["as_of"].startswith("2026-03-21"))


def test_a_port_that_is_taken_is_said(place: Place):
    with serving(place, "--no-worker") as served:
        assert not served.pids("worker")
        port = served.address.rsplit(":", 1)[1]
        second = subprocess.run(
            [sys.executable, "-c", COMMAND, "serve", "--port", port],
            env=os.environ | {"COTERIE_DATABASE_URL": place.url, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert second.returncode == 2
        assert "Cannot listen" in second.stderr


def test_children_end_when_their_supervisor_is_killed(place: Place):
    with serving(place) as served:
        children = served.pids("server") + served.pids("worker")
        assert len(children) == 2
        served.process.kill()
        eventually(lambda: not [pid for pid in children if alive(pid)])


class Sender(threading.Thread):
    """Sends one event after the other and each until it is acknowledged."""

    def __init__(self, address: str, key: str, name: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.acknowledged: dict[str, str] = {}
        self.tries = 0
        self._client = client_of(address, key)
        self._stop_asked = stop
        self._prefix = name

    def run(self) -> None:
        number = 0
        while not self._stop_asked.is_set():
            number += 1
            self._send(order(f"{self._prefix}-{number}", 100))

    def _send(self, event: dict[str, Any]) -> None:
        for _ in range(2_000):
            self.tries += 1
            try:
                answer = self._client.post("/v1/events", json=event)
            except httpx.HTTPError:
                time.sleep(0.01)
                continue
            if answer.status_code == 201:
                self.acknowledged[event["key"]] = answer.json()["event"]
                return
            assert answer.status_code == 503, answer.text
            time.sleep(0.02)


def test_killed_while_sending_loses_nothing_and_doubles_nothing(place: Place):
    """Every acknowledged event is there, none is there twice, and the units are exact."""
    stop = threading.Event()
    with serving(place, "--processes", "2", "--no-worker") as served:
        key = place.key("shop")
        senders = [Sender(served.address, key, f"s{n}", stop) for n in range(8)]
        for sender in senders:
            sender.start()
        for kills in range(1, 4):
            before = sum(len(sender.acknowledged) for sender in senders)
            eventually(lambda: sum(len(s.acknowledged) for s in senders) > before + 40)  # noqa: B023
            # The oldest: all senders may have met one process, and a new one meets none of them.
            os.kill(served.pids("server")[kills - 1], signal.SIGKILL)
            eventually(lambda: len(served.pids("server")) == 2 + kills)  # noqa: B023
        before = sum(len(sender.acknowledged) for sender in senders)
        eventually(lambda: sum(len(s.acknowledged) for s in senders) > before + 40)
        stop.set()
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
    acknowledged = {k: event for s in senders for k, event in s.acknowledged.items()}
    with connect(place.url) as db:
        rows = db.execute("select key, member_id || ':' || seq from events.event").fetchall()
        balance = "select available from ledger.balance where currency = 'points'"
        points = db.execute(balance).fetchone()
    recorded: dict[str, str] = dict(rows)
    assert len(rows) == len(recorded), "an event is there twice"
    assert recorded == acknowledged
    assert points == (len(recorded),)
    assert sum(sender.tries for sender in senders) > len(acknowledged), "no kill was noticed"


def fail_at_once() -> None:
    sys.exit(3)


def test_what_cannot_be_kept_alive_ends_everything(caplog: pytest.LogCaptureFixture):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        healthy = Supervisor([Task("failing", fail_at_once)], deaths_max=3).run()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert not healthy
    deaths = [r for r in caplog.records if "ended with exit code 3" in r.getMessage()]
    assert len(deaths) == 3
