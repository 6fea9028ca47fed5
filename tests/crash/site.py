"""A world of its own that is run like in production, for tests that kill what runs it.

``Site`` is the machine and its service manager in one: it starts ``coterie serve`` again whenever
that ended, and nothing else. Everything else has to come back by itself.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from coterie.access import issue_key
from coterie.app import open_world
from coterie.kernel.time import DAY_US, format_instant, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import server
from coterie.storage.clock import Setting, set_clock
from coterie.storage.locks import is_locked
from tests.fixtures_postgres import postgres_bin
from tests.intake.world import PROGRAMME
from tests.storage.holding import ROOT, Home

MEMBERS = 200
CARDS = [f"C{1000 + number}" for number in range(MEMBERS)]
SOURCES = ("till", "shop", "office")
ENROLLED_US = parse_instant("2026-01-01T00:00:00+08:00")[0]
BEGIN_US = parse_instant("2026-03-25T00:00:00+08:00")[0]
DAYS_A_SECOND = 1
"""So that holds lapse, pending units are released and the lots of January to March expire."""
RESTARTS_MAX = 300
LINES_SHOWN = 80
COMMAND = "from coterie.cli import main; main()"
_STARTED = re.compile(r"(server|worker)(?:-\d+)? runs as process (\d+)")


class Site:
    """One installation: its folder, its server processes, whoever else it starts."""

    def __init__(self) -> None:
        self.home = Home()
        self.log = self.home.base.with_name(f"{self.home.base.name}.log")
        self.environment = self._environment()
        self.port = _free_port()
        self.keys: dict[str, str] = {}
        self.exits: list[int] = []
        self._serving: subprocess.Popen[bytes] | None = None
        self._kept: threading.Thread | None = None
        self._stopping = threading.Event()
        self.clock = self._open()

    def _environment(self) -> dict[str, str]:
        # What a killed import leaves in its scratch folder vanishes with the folder of the test.
        scratch = self.home.base / "scratch"
        scratch.mkdir()
        given = {
            "COTERIE_HOME": str(self.home.path),
            "PYTHONPATH": str(ROOT / "src"),
            "TMPDIR": str(scratch),
        }
        if (binaries := postgres_bin()) is not None:
            given["COTERIE_POSTGRES_BIN"] = str(binaries)
        outside = {name: text for name, text in os.environ.items() if "COTERIE" not in name}
        return outside | given

    def _open(self) -> Setting:
        """Publish, enrol, issue keys, set the clock; afterwards nobody holds the server."""
        with open_world(home=self.home.path) as world, world.changing() as db:
            publish(db, PROGRAMME, 0, 0)
            create_members(
                db,
                [Newcomer((("card", card),), enrolled_us=ENROLLED_US) for card in CARDS],
                now_us=ENROLLED_US,
            )
            for source in SOURCES:
                scopes = ("events:write", "members:write", "ledger:read")
                self.keys[source] = issue_key(db, source, scopes, now_us=BEGIN_US - DAY_US).text
            return set_clock(db, BEGIN_US, DAYS_A_SECOND * 86_400 * 1000)

    def now(self) -> str:
        """Return the world's time as a sender writes it."""
        return format_instant(self.clock.now_us(time.time_ns() // 1000), 480)

    # ------------------------------------------------------------------ running

    def start(self) -> None:
        """Run the server, and see to it that it keeps running."""
        self._kept = threading.Thread(target=self._keep, name="service manager", daemon=True)
        self._kept.start()

    def _keep(self) -> None:
        for _ in range(RESTARTS_MAX):
            port = ("--port", str(self.port))
            self._serving = self.run("serve", "--processes", "2", *port)
            self.exits.append(self._serving.wait())
            if self._stopping.wait(0.2):
                return

    def stop(self) -> int:
        """Ask the server to end and return its exit code."""
        self._stopping.set()
        serving = self._serving
        assert serving is not None
        assert self._kept is not None
        serving.send_signal(signal.SIGTERM)
        self._kept.join(60)
        assert not self._kept.is_alive(), "the server does not end when it is asked to"
        return self.exits[-1]

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a coterie command; what it says goes to the log."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                cwd="/",
                start_new_session=True,
            )

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a coterie command to its end."""
        return subprocess.run(
            [sys.executable, "-c", COMMAND, *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd="/",
            timeout=120,
        )

    @contextlib.contextmanager
    def asking(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Give a connection to the running server without keeping that server alive."""
        note = self.home.folder.read_note()
        assert note is not None
        where = server.conninfo(note.sockets, "coterie")
        with psycopg.connect(where, autocommit=True) as connection:
            yield connection

    # ------------------------------------------------------------------ who runs

    def supervisor(self) -> int | None:
        serving = self._serving
        return serving.pid if serving is not None and serving.poll() is None else None

    def serving(self, kind: str) -> list[int]:
        """The processes of this kind (server, worker) that the supervisor runs now."""
        parent = self.supervisor()
        said = self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""
        named = {int(pid): found for found, pid in _STARTED.findall(said)}
        return [pid for pid in children(parent) if named.get(pid) == kind]

    def keeper(self) -> int | None:
        """The keeper that lives now."""
        note = self.home.folder.read_note()
        if note is None or not is_locked(self.home.folder.keeper_lock):
            return None
        return note.pid if b"coterie.storage.keeper" in command_line(note.pid) else None

    def left_over(self) -> dict[int, str]:
        """Every process that belongs to this world, by what it was started as."""
        wanted = os.fsencode(str(self.home.path))
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                seen = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
                here = os.fsencode((path / "cwd").readlink())
                if path.name != str(os.getpid()) and (wanted in seen or wanted in here):
                    found[int(path.name)] = command_line(int(path.name)).decode(errors="replace")
        return found

    def log_tail(self) -> str:
        """What its processes said last."""
        said = self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""
        lines = [line for line in said.splitlines() if not line.startswith(("nanobind", " - "))]
        return "\n".join(lines[-LINES_SHOWN:])

    def end(self) -> None:
        """Whatever happened: nothing stays behind."""
        self._stopping.set()
        for pid in self.left_over():
            # The keeper stops its server by itself; killed, it would leave it behind.
            if b"postgres" not in command_line(pid) and b"keeper" not in command_line(pid):
                kill(pid)
        if self._kept is not None:
            self._kept.join(10)
        self.home.end()
        shutil.rmtree(self.home.base, ignore_errors=True)
        self.log.unlink(missing_ok=True)


def children(pid: int | None) -> list[int]:
    """The living children of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat") if pid else []:
        with contextlib.suppress(OSError, IndexError):
            state, parent = path.read_text("utf-8").rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(path.parent.name))
    return found


def command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    return b""


def kill(*pids: int) -> None:
    """Send SIGKILL; who is gone already is no error."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def rows(site: Site, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the database of a running site."""
    with site.asking() as db:
        return db.execute(statement.encode(), values or None).fetchall()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
