"""From the event loop to blocking work on the database, and never more of it than is allowed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from coterie.intake.errors import Busy
from coterie.intake.held import HeldConnection
from coterie.storage import Connection

Result = TypeVar("Result")


class DatabaseThreads:
    """A few threads, each with a database connection of its own, opened when first needed.

    ``threads`` work at a time, ``waiting_max`` calls may wait for one of them, every further one is
    refused at once: a queue without end helps nobody.
    """

    def __init__(
        self, connect: Callable[[], Connection], *, name: str, threads: int, waiting_max: int
    ) -> None:
        """Keep how to connect; threads start when they are needed."""
        self._connect = connect
        self._admitted_max = threads + waiting_max
        self._admitted = 0
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._mine = threading.local()
        self._held: list[HeldConnection] = []

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do ``work`` with a connection in autocommit mode and return what it returns.

        ``work`` must be safe to repeat (see :meth:`HeldConnection.run`). Raises :class:`Busy` when
        too many wait, :class:`~coterie.storage.StorageUnavailable` without a database.
        """
        if self._admitted >= self._admitted_max:
            raise Busy
        self._admitted += 1
        work_done = asyncio.get_running_loop().run_in_executor(self._executor, self._do, work)
        # Not in a finally: a caller that is cancelled leaves its work behind in the thread.
        work_done.add_done_callback(self._leave)
        return await asyncio.shield(work_done)

    @property
    def admitted(self) -> int:
        """Return how many calls are worked on or wait."""
        return self._admitted

    async def close(self) -> None:
        """Finish what was begun and give the connections up."""
        await asyncio.to_thread(self._executor.shutdown)
        for held in self._held:
            held.close()

    def _leave(self, done: asyncio.Future[Result]) -> None:
        self._admitted -= 1
        if not done.cancelled():
            done.exception()  # Looked at, or an abandoned one would be complained about.

    def _do(self, work: Callable[[Connection], Result]) -> Result:
        held: HeldConnection | None = getattr(self._mine, "held", None)
        if held is None:
            held = self._mine.held = HeldConnection(self._connect)
            self._held.append(held)
        return held.run(work)
