"""A database connection that one thread holds for long, and opens again when it broke."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from coterie.storage import Connection, StorageUnavailable, plan_once

Result = TypeVar("Result")
log = logging.getLogger(__name__)

UNKNOWN = "Whether the work was done is not known; send the same again, with the same key."


class HeldConnection:
    """One thread's own connection to submit events by. Not for use by several threads."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        """Keep how to connect; nothing is opened before it is needed."""
        self._connect = connect
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do ``work``, and once more when the connection broke or the server was at its limits.

        A broken connection leaves open whether a commit happened, so ``work`` must be safe to
        repeat: a question, or events under their keys. Raises :class:`StorageUnavailable` when
        the second try fails as well, and whatever else ``work`` raises.
        """
        try:
            return self._once(work)
        except (psycopg.OperationalError, psycopg.InterfaceError) as trouble:
            log.warning("the database failed us, trying once more: %s", trouble)
        try:
            return self._once(work)
        except (psycopg.OperationalError, psycopg.InterfaceError, StorageUnavailable) as trouble:
            raise StorageUnavailable(UNKNOWN) from trouble

    def _once(self, work: Callable[[Connection], Result]) -> Result:
        if self._connection is None:
            self._connection = self._connect()
            plan_once(self._connection)
        try:
            return work(self._connection)
        finally:
            self._tidy(self._connection)

    def close(self) -> None:
        """Give the connection up; closing twice is fine."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _tidy(self, held: Connection) -> None:
        """Drop a connection nobody should use again: a broken one, or one inside a transaction."""
        if held.closed or held.info.transaction_status is not TransactionStatus.IDLE:
            self.close()
