"""What time brings: the loop that decides what falls due and delivers consequences.

Its punctuality never shows: events and readers decide what is due themselves. It is there so that
sums, statements and messages are right also for members nobody looks at.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from coterie.intake.held import HeldConnection
from coterie.kernel.errors import Refusal
from coterie.storage import Connection
from coterie.storage.clock import WorldClock

log = logging.getLogger(__name__)

SWEEP_LIMIT = 500
"""Members a transaction decides dues for: locks are held for some tens of milliseconds."""
DELIVER_LIMIT = 500
ROUNDS_MAX = 1_000
"""Batches in a row before the clock and the signs of an end are looked at again."""
PAUSE_S = 1.0
PAUSE_S_MAX = 30.0
UNPARK_EVERY = 60
"""Rounds of the loop between two looks at events that wait for a member."""


class Decides(Protocol):
    """The part of the engine that time drives."""

    def sweep(self, db: Connection, now_us: int, limit: int, /) -> int:
        """Decide dues for up to ``limit`` members and tell for how many."""
        ...

    def deliver(self, db: Connection, now_us: int, limit: int, /) -> int:
        """Deliver up to ``limit`` consequences and tell how many."""
        ...

    def unpark_any(self, db: Connection, now_us: int, /) -> int:
        """Submit events whose member has appeared and tell how many."""
        ...


class Worker:
    """The loop. :meth:`stop` may be called from a signal handler or another thread."""

    def __init__(
        self, engine: Decides, clock: WorldClock, connect: Callable[[], Connection]
    ) -> None:
        """Keep what is handed down; nothing is opened before :meth:`run`."""
        self._engine = engine
        self._clock = clock
        self._held = HeldConnection(connect)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the loop after the transaction it is in."""
        self._stopped.set()

    def run(self) -> None:
        """Work until stopped. Trouble is logged and tried again after a growing pause."""
        pause_s, rounds = PAUSE_S, 0
        while not self._stopped.is_set():
            try:
                done = self._held.run(partial(self.once, unpark=rounds % UNPARK_EVERY == 0))
                pause_s = 0.0 if done else PAUSE_S
            except Refusal as refusal:
                # No database, no programme yet: nothing to do but to look again.
                log.warning("%s", refusal.message)
                # What others had begun in that moment is looked for first.
                rounds = -1
                pause_s = min(PAUSE_S_MAX, max(PAUSE_S, pause_s * 2))
            except Exception:
                log.exception("the worker stumbled and goes on")
                pause_s = min(PAUSE_S_MAX, max(PAUSE_S, pause_s * 2))
            rounds += 1
            self._stopped.wait(pause_s)
        self._held.close()

    def once(self, db: Connection, *, unpark: bool = True) -> bool:
        """Do what is to be done now, in bounded batches; tell whether more may be left."""
        self._clock.refresh(db)
        now_us = self._clock.now_us()
        more = False
        for _ in range(ROUNDS_MAX):
            if self._stopped.is_set():
                return False
            swept = self._engine.sweep(db, now_us, SWEEP_LIMIT)
            delivered = self._engine.deliver(db, now_us, DELIVER_LIMIT)
            more = swept >= SWEEP_LIMIT or delivered >= DELIVER_LIMIT
            if not more:
                break
        if unpark:
            self._engine.unpark_any(db, now_us)
        return more
