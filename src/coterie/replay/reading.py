"""Connections that look at one moment and may take their time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

from psycopg import sql

from coterie.storage import Connection, connect

WORK_MEMORY_MB = 128

# For these connections alone: long statements are meant here, and memory is bounded per job.
# Parallel workers would multiply that memory, so the checks run beside each other instead.
_SETTINGS: tuple[LiteralString, ...] = (
    "set statement_timeout = 0",
    "set idle_in_transaction_session_timeout = 0",
    f"set work_mem = '{WORK_MEMORY_MB}MB'",
    "set hash_mem_multiplier = 1",
    "set max_parallel_workers_per_gather = 0",
    "set jit = off",
)


@contextmanager
def reading(url: str, snapshot: str | None = None) -> Iterator[Connection]:
    """Give a connection inside a read-only transaction that sees one moment.

    ``snapshot`` is a moment that somebody else holds open (:func:`pg_export_snapshot`).
    """
    with connect(url) as connection:
        for setting in _SETTINGS:
            connection.execute(setting)
        begin_reading(connection, snapshot)
        yield connection
        connection.execute("rollback")


def begin_reading(connection: Connection, snapshot: str | None) -> None:
    """Begin the transaction."""
    connection.execute("begin isolation level repeatable read read only")
    if snapshot is not None:
        connection.execute(sql.SQL("set transaction snapshot {}").format(snapshot))
