"""The loop that sends: leases what is due, sends side by side, writes down what became of it.

Several processes may run it. Each leases lanes for a while; one that dies leaves its leases to end,
and another one sends again what it had begun. A parcel whose lease ended meanwhile writes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from coterie.kernel.clock import SystemClock
from coterie.kernel.errors import Refusal
from coterie.kernel.time import SECOND_US
from coterie.storage import Connection, transaction
from coterie.webhooks import rules, store
from coterie.webhooks.actions import forget_settled
from coterie.webhooks.model import Outcome, Parcel, WebhookSettings
from coterie.webhooks.sending.posting import TOTAL_S, new_client, post

if TYPE_CHECKING:
    import httpx

    from coterie.kernel.clock import Clock

Result = TypeVar("Result")
log = logging.getLogger(__name__)

LEASE_US = int(3 * TOTAL_S) * SECOND_US
"""Longer than a parcel may take and its outcome may wait to be written."""
AT_ONCE_MAX = 64
EACH_MAX = 8
"""Parcels on their way to one subscriber: a slow one must not hold all."""
PAUSE_S = 0.5
PAUSE_S_MAX = 30.0
FORGET_EVERY_S = 60.0
GONE = 410
FINISH_S = TOTAL_S + 5


class Sender:
    """Sends until stopped. :meth:`stop` may be called from another thread."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        settings: WebhookSettings | None = None,
        clock: Clock | None = None,
        lease_us: int = LEASE_US,
    ) -> None:
        """Keep what is handed down; nothing is opened before :meth:`run`.

        ``clock`` is the machine's: receivers compare its time with theirs.
        """
        self._connect = connect
        self._settings = settings or WebhookSettings.from_environment()
        self._clock = clock or SystemClock()
        self._lease_us = lease_us
        self._stopped = threading.Event()
        self._connection: Connection | None = None
        self._running: dict[asyncio.Task[Outcome], Parcel] = {}

    def stop(self) -> None:
        """Begin nothing more, and end when what was begun is written down."""
        self._stopped.set()

    def run(self) -> None:
        """Work until stopped. Trouble is logged and tried again after a growing pause."""
        try:
            asyncio.run(self._work())
        finally:
            if self._connection is not None:
                self._connection.close()

    async def _work(self) -> None:
        client = new_client()
        pause_s, forget_s = PAUSE_S, 0.0
        loop = asyncio.get_running_loop()
        async with client:
            while not self._stopped.is_set():
                try:
                    busy = await self._round(client)
                    if loop.time() >= forget_s:
                        more = await asyncio.to_thread(self._in_database, self._forget)
                        forget_s = loop.time() + (0 if more else FORGET_EVERY_S)
                    pause_s = PAUSE_S
                except Refusal as trouble:
                    log.warning("webhooks wait: %s", trouble)
                    busy, pause_s = False, min(PAUSE_S_MAX, pause_s * 2)
                except Exception:
                    log.exception("sending webhooks stumbled and goes on")
                    busy, pause_s = False, min(PAUSE_S_MAX, pause_s * 2)
                if not busy:
                    await self._wait(pause_s)
            await self._finish()

    async def _round(self, client: httpx.AsyncClient) -> bool:
        """Write down what is done and begin what is due; tell whether either was there."""
        done = [task for task in self._running if task.done()]
        results = [(self._running[task], task.result()) for task in done]
        room = AT_ONCE_MAX - len(self._running) + len(done)
        begun = Counter(p.subscription_id for t, p in self._running.items() if not t.done())
        parcels = await asyncio.to_thread(
            self._in_database, lambda db: self._settle_and_lease(db, results, room, begun)
        )
        for task in done:
            del self._running[task]
        for parcel in parcels:
            now_us = self._clock.now_us()
            sent = post(client, parcel, now_us=now_us, networks=self._settings.networks)
            self._running[asyncio.create_task(sent)] = parcel
        return bool(done or parcels)

    async def _wait(self, pause_s: float) -> None:
        """Wait until something on its way comes back, or for a while."""
        if self._running:
            await asyncio.wait(self._running, timeout=pause_s, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(pause_s)

    async def _finish(self) -> None:
        """Wait for what is on its way and write it down."""
        if self._running:
            await asyncio.wait(self._running, timeout=FINISH_S)
        results = [(p, task.result()) for task, p in self._running.items() if task.done()]
        if results:
            await asyncio.to_thread(
                self._in_database, lambda db: self._settle_and_lease(db, results, 0, Counter())
            )

    # ------------------------------------------------------------------ in the database's thread

    def _in_database(self, work: Callable[[Connection], Result]) -> Result:
        """Do something with the one connection, opened when needed and dropped when it broke."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        try:
            return work(self._connection)
        except Exception:
            # Broken or in doubt: the next look opens another one.
            self._connection.close()
            raise

    def _settle_and_lease(
        self,
        db: Connection,
        results: list[tuple[Parcel, Outcome]],
        room: int,
        begun: Counter[int],
    ) -> list[Parcel]:
        now_us = self._clock.now_us()
        with transaction(db):
            for parcel, outcome in sorted(results, key=_by_lane):
                settle(db, parcel, outcome, now_us)
        if room <= 0:
            return []
        with transaction(db):
            free = {
                subscription_id: EACH_MAX - begun[subscription_id]
                for subscription_id, _ in store.active_subscriptions(db)
                if begun[subscription_id] < EACH_MAX
            }
            # Fair shares of what room there is; what is not used now is used in a moment.
            share = max(1, room // max(1, len(free)))
            wanted = {each: min(share, most) for each, most in list(free.items())[:room]}
            if not wanted:
                return []
            return store.lease(db, wanted, now_us=now_us, until_us=now_us + self._lease_us)

    def _forget(self, db: Connection) -> int:
        with transaction(db):
            return forget_settled(db, self._clock.now_us())


def _by_lane(result: tuple[Parcel, Outcome]) -> tuple[int, int]:
    return result[0].member_id, result[0].subscription_id


def settle(db: Connection, parcel: Parcel, outcome: Outcome, now_us: int) -> None:
    """Write down what became of a parcel, unless its lease has gone to somebody else."""
    arrived = outcome.status is not None and 200 <= outcome.status < 300
    tries = parcel.tries + 1
    retry_at_us = 0
    state = "delivered" if arrived else "waiting"
    if not arrived:
        pause_us = rules.pause_us(tries, random.random(), outcome.retry_after_s)  # noqa: S311
        if pause_us is None:
            state = "dead"
        else:
            retry_at_us = now_us + pause_us
    settled = state != "waiting"
    waiting = store.return_lane(db, parcel, done=int(settled), retry_at_us=retry_at_us)
    if waiting is None:
        return
    if waiting == 0:
        store.delete_lane(db, parcel.member_id, parcel.subscription_id)
    store.settle_delivery(db, parcel, state, tries, now_us if settled else None)
    store.insert_attempt(db, parcel, outcome, now_us)
    if outcome.status == GONE:
        store.pause_gone(db, parcel.subscription_id, now_us)
