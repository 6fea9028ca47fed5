"""The composition root: a world is opened here, and handed down to whoever presents it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from coterie.intake.engine import Engine
from coterie.storage import Connection, Storage, StorageSettings, migrate, open_storage, transaction
from coterie.storage.clock import WorldClock, world_clock


@dataclass(frozen=True, slots=True)
class World:
    """One database, its time, and the way events go in: what a face is handed."""

    storage: Storage
    clock: WorldClock
    engine: Engine = field(default_factory=Engine)

    @property
    def files(self) -> Path:
        """Return the folder of files that jobs read and write, and no others."""
        return self.storage.settings.home / "files"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for questions, in autocommit mode; it is closed at the end."""
        with self.storage.connect() as db:
            yield db

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give a connection in a transaction, committed at the end unless something is raised."""
        with self.storage.connect() as db, transaction(db):
            yield db


def storage_settings(
    *, home: Path | None = None, database_url: str | None = None
) -> StorageSettings:
    """Return the settings of the environment, with what is given here in their place."""
    settings = StorageSettings.from_environment()
    if home is not None:
        settings = replace(settings, home=home, database_url=None)
    if database_url is not None:
        settings = replace(settings, database_url=database_url)
    return settings


@contextmanager
def open_world(*, home: Path | None = None, database_url: str | None = None) -> Iterator[World]:
    """Open a world, brought up to this version; what is not given comes from the environment.

    Raises the refusals of :func:`~coterie.storage.open_storage` and
    :func:`~coterie.storage.migrate`.
    """
    with open_storage(storage_settings(home=home, database_url=database_url)) as storage:
        migrate(storage.url)
        with storage.connect() as db:
            clock = world_clock(db)
        yield World(storage, clock)
