"""Bring a database to this version of Coterie: numbered SQL files, forward only, each once."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import psycopg

from coterie.storage.connection import Connection, connect
from coterie.storage.errors import (
    DatabaseNewer,
    MigrationBlocked,
    MigrationChanged,
    MigrationMisnamed,
)
from coterie.storage.transactions import transaction

PACKAGE = "coterie.storage"
FOLDER = "migrations"
ADVISORY_KEY = 0x636F746572696501
"""Nobody else on the server uses this number; two migrations at once would meet here."""
OTHERS_WAIT_S = 120.0
LOCK_TIMEOUT_MS = 5_000
_FILE = re.compile(r"(\d{4})_([a-z0-9]+(?:_[a-z0-9]+)*)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name, its text."""

    version: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Return the digest by which a changed file is noticed; line ends do not count."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()


def known_migrations() -> tuple[Migration, ...]:
    """Return the migrations of this version in order. Raises :class:`MigrationMisnamed`."""
    found: list[Migration] = []
    for file in (resources.files(PACKAGE) / FOLDER).iterdir():
        if not file.name.endswith(".sql"):
            continue
        parts = _FILE.fullmatch(file.name)
        if parts is None:
            raise MigrationMisnamed(f"{file.name!r} is not.")
        found.append(Migration(int(parts[1]), parts[2], file.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.version)
    for expected, migration in enumerate(found, start=1):
        if migration.version != expected:
            raise MigrationMisnamed(f"{expected:04d} is missing or there twice.")
    return tuple(found)


def migrate(
    url: str,
    migrations: Sequence[Migration] | None = None,
    *,
    others_wait_s: float = OTHERS_WAIT_S,
) -> tuple[Migration, ...]:
    """Apply what this database has not seen yet; return what was applied.

    Each migration is one transaction that waits at most five seconds for a lock, so that a long
    query cannot make everybody queue behind the migration. ``others_wait_s`` is how long in
    seconds to wait for another process that migrates the same database.

    Raises :class:`MigrationBlocked` (try again later; nothing is half done),
    :class:`MigrationChanged`, :class:`DatabaseNewer`, or the error of the failing statement.
    """
    wanted = known_migrations() if migrations is None else tuple(migrations)
    with connect(url) as connection:
        if not pending(connection, wanted):
            return ()
        _wait_for_others(connection, others_wait_s)
        try:
            # Asked again under the lock: another process may have done it while we waited.
            missing = pending(connection, wanted)
            connection.execute("set statement_timeout = 0")
            connection.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
            for migration in missing:
                _apply(connection, migration)
        finally:
            if not connection.closed:
                connection.execute("select pg_advisory_unlock(%s)", (ADVISORY_KEY,))
    return missing


def pending(connection: Connection, wanted: Sequence[Migration]) -> tuple[Migration, ...]:
    """Return the migrations this database lacks, after checking those it has.

    Raises :class:`DatabaseNewer` for a version we do not know and :class:`MigrationChanged`.
    """
    there = connection.execute("select to_regclass('storage.migration') is not null").fetchone()
    applied: dict[int, tuple[str, str]] = {}
    if there and there[0]:
        rows = connection.execute("select version, name, sha256 from storage.migration")
        applied = {version: (name, sha256) for version, name, sha256 in rows}
    known = {migration.version: migration for migration in wanted}
    for version, (name, sha256) in sorted(applied.items()):
        if version not in known:
            raise DatabaseNewer(f"It has migration {version:04d}_{name}; update the program.")
        if known[version].sha256 != sha256:
            told = f"{version:04d}_{name}: write a new migration instead of changing this one."
            raise MigrationChanged(told)
    return tuple(migration for migration in wanted if migration.version not in applied)


def _wait_for_others(connection: Connection, seconds: float) -> None:
    until = time.monotonic() + seconds
    while True:
        row = connection.execute("select pg_try_advisory_lock(%s)", (ADVISORY_KEY,)).fetchone()
        if row and row[0]:
            return
        if time.monotonic() > until:
            raise MigrationBlocked(f"Another process has been migrating for {seconds:.0f} s.")
        time.sleep(0.05)


def _apply(connection: Connection, migration: Migration) -> None:
    called = f"{migration.version:04d}_{migration.name}"
    try:
        with transaction(connection):
            # Source code of ours, like a query; without arguments it may hold many statements.
            connection.execute(migration.text)
            connection.execute(
                "insert into storage.migration (version, name, sha256) values (%s, %s, %s)",
                (migration.version, migration.name, migration.sha256),
            )
    except psycopg.errors.LockNotAvailable as trouble:
        told = str(trouble).replace("\n", " ").strip()
        raise MigrationBlocked(f"{called}: {told}") from trouble
