"""What the handlers of one process work with; built when it starts, closed when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from coterie.access import Caller, KeyRing
from coterie.api.measuring import WAITING, note_batch
from coterie.events import MemberUnknown
from coterie.intake.answers import Answer
from coterie.intake.batch import Surroundings
from coterie.intake.gather import Gather
from coterie.intake.reading import Arrival
from coterie.intake.threads import DatabaseThreads
from coterie.kernel.errors import Refusal
from coterie.members import load_members
from coterie.programme.compile import Programmes
from coterie.storage import Connection, known_migrations
from coterie.storage.clock import WorldClock

Result = TypeVar("Result")
log = logging.getLogger(__name__)

CLOCK_SECONDS = 2.0
KEYS_WAITING_MAX = 100
READ_THREADS = 4
READS_WAITING_MAX = 200
BATCH_THREADS = 2
BATCHES_WAITING_MAX = 8
"""Each may be eight megabytes of events: few may wait, or they would fill the memory."""


class Engine(Protocol):
    """The part of the engine a face needs."""

    def submit(self, db: Connection, arrivals: Sequence[Arrival], /) -> list[Answer]:
        """Decide and record arrivals, one answer each in order."""
        ...

    def surroundings(self, db: Connection, /) -> Surroundings:
        """Return what is known of the world now: versions, closed books."""
        ...

    def programmes(self, db: Connection, /) -> Programmes:
        """Return all versions, compiled."""
        ...

    def prepare(self, db: Connection, arrival: Arrival, /) -> tuple[Surroundings, int]:
        """Return what an arrival would be decided in, and its member; nothing is recorded."""
        ...

    def settle(self, db: Connection, member_ids: Sequence[int], now_us: int, /) -> None:
        """Decide what fell due for these members up to ``now_us``."""
        ...

    def unpark(
        self, db: Connection, identities: Sequence[tuple[str, str]], now_us: int, /
    ) -> list[Answer]:
        """Submit the events that waited for members now found by these identities."""
        ...


class Services:
    """The clock, the keys, the gatherer of single events, and threads for everything longer."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: WorldClock,
        keys: KeyRing,
        connect: Callable[[], Connection],
        described: bytes,
    ) -> None:
        """Keep what is handed down; :meth:`start` opens, :meth:`close` closes.

        ``described`` is the OpenAPI document.
        """
        self.described = described
        self.engine = engine
        self.clock = clock
        self.keys = keys
        self._asking: dict[str, asyncio.Future[Caller]] = {}
        self._doors = DatabaseThreads(connect, name="door", threads=1, waiting_max=KEYS_WAITING_MAX)
        self.gather = Gather(engine, connect, note=note_batch)
        self.reads = DatabaseThreads(
            connect, name="read", threads=READ_THREADS, waiting_max=READS_WAITING_MAX
        )
        self.batches = DatabaseThreads(
            connect, name="batch", threads=BATCH_THREADS, waiting_max=BATCHES_WAITING_MAX
        )
        self.migrations = known_migrations()
        self.closing = False
        self._watching: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        self.gather.start()
        self._watching = asyncio.ensure_future(self._watch_clock())

    async def close(self) -> None:
        """Finish what was begun: every event that waits gets its answer."""
        self.closing = True
        if self._watching is not None:
            self._watching.cancel()
        await self.gather.close()
        await self.batches.close()
        await self.reads.close()
        await self._doors.close()

    async def authenticate(self, text: str, now_us: int) -> Caller:
        """Return who calls with a key that the ring does not remember.

        A key that many requests show at once is asked for once. Raises what
        :meth:`coterie.access.KeyRing.authenticate` raises, and
        :class:`~coterie.intake.errors.Busy`.
        """
        asked = self._asking.get(text)
        if asked is None:
            asked = asyncio.ensure_future(
                self._doors.run(lambda db: self.keys.authenticate(db, text, now_us=now_us))
            )
            self._asking[text] = asked
            asked.add_done_callback(lambda _: self._asking.pop(text, None))
        # Shielded: one sender that goes away must not take the answer from the others.
        return await asyncio.shield(asked)

    async def _watch_clock(self) -> None:
        """Hear within seconds when somebody sets the world's time."""
        while True:
            await asyncio.sleep(CLOCK_SECONDS)
            for pool, threads in (("read", self.reads), ("batch", self.batches)):
                WAITING.labels(pool).set(threads.admitted)
            try:
                await self._doors.run(self.clock.refresh)
            except Refusal as refusal:
                log.warning("the time of the world could not be read: %s", refusal.message)

    async def read(
        self, member_id: int, now_us: int, question: Callable[[Connection], Result]
    ) -> Result:
        """Ask about a member as of now: what fell due by then is decided first.

        Raises :class:`~coterie.events.MemberUnknown`, and what ``question`` raises.
        """

        def ask(db: Connection) -> Result:
            member = load_members(db, [member_id]).get(member_id)
            if member is None:
                raise MemberUnknown(f"There is no member {member_id}.")
            if member.next_due_us is not None and member.next_due_us <= now_us:
                self.engine.settle(db, [member_id], now_us)
            return question(db)

        return await self.reads.run(ask)
