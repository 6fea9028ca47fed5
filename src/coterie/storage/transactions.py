"""Transactions: one way to open one, one way to try one again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from coterie.storage.connection import Connection
from coterie.storage.errors import TransactionNested

Result = TypeVar("Result")

TRIES_MAX = 5
PAUSE_S = 0.01
PAUSE_S_MAX = 0.5


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """Open a READ COMMITTED transaction; commit at the end, roll back on any exception.

    Raises :class:`TransactionNested` inside another one: the caller would believe its work
    durable when it is only part of somebody else's. Use :func:`savepoint` there.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE or not connection.autocommit:
        raise TransactionNested
    with connection.transaction():
        yield connection


@contextmanager
def savepoint(connection: Connection) -> Iterator[Connection]:
    """Do a part of the open transaction that may fail alone; its exception undoes that part."""
    with connection.transaction():
        yield connection


def tried_again(action: Callable[[], Result], *, tries_max: int = TRIES_MAX) -> Result:
    """Run ``action`` (a whole transaction) again when PostgreSQL asks for it.

    Only a deadlock or a serialization failure is tried again, at most ``tries_max`` times with
    a growing random pause; PostgreSQL has undone everything then. The last failure is raised as
    it is.
    """
    pause_s = PAUSE_S
    for _ in range(tries_max - 1):
        try:
            return action()
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            # Random, or the same two would meet again at the same moment.
            time.sleep(pause_s * (0.5 + random.random()))  # noqa: S311
            pause_s = min(PAUSE_S_MAX, pause_s * 2)
    return action()
