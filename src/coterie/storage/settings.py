"""What storage is told: where the database is and how long anything may take there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATABASE = "coterie"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """Every choice about the database; the defaults serve a command on one machine."""

    home: Path
    """The data folder of the embedded server; unused with ``database_url``."""
    database_url: str | None = None
    """A server of one's own, as a libpq URL or conninfo; then no embedded server is started."""
    database: str = DATABASE
    """The database's name on the embedded server; a sandbox is another name."""
    postgres_bin: Path | None = None
    """The bin folder of another PostgreSQL than the wheel's, for the embedded server."""
    application_name: str = "coterie"
    """How our connections are called in ``pg_stat_activity``."""
    pool_size_max: int = 10
    """How many connections the pool may open."""
    pool_wait_s: float = 30.0
    """How long in seconds a caller waits for a free connection."""
    statement_timeout_ms: int = 60_000
    """A statement that runs longer is cancelled; 0 means never."""
    lock_timeout_ms: int = 10_000
    """A statement that waits longer for a lock is cancelled; 0 means never."""
    idle_in_transaction_timeout_ms: int = 60_000
    """A connection that sleeps inside a transaction this long is closed; 0 means never."""
    start_timeout_s: float = 120.0
    """How long in seconds to wait for a server to answer, recovery after a crash included."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> StorageSettings:
        """Read ``COTERIE_HOME``, ``COTERIE_DATABASE_URL`` and ``COTERIE_POSTGRES_BIN``."""
        given = os.environ if environment is None else environment
        binaries = given.get("COTERIE_POSTGRES_BIN")
        return cls(
            home=Path(given["COTERIE_HOME"]) if given.get("COTERIE_HOME") else default_home(given),
            database_url=given.get("COTERIE_DATABASE_URL") or None,
            postgres_bin=Path(binaries) if binaries else None,
        )


def default_home(environment: Mapping[str, str]) -> Path:
    """Return ``$XDG_DATA_HOME/coterie``, by default ``~/.local/share/coterie``."""
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "coterie"
