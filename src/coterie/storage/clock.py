"""A world's own time: the machine's, or one that was set and runs at a rate of its own."""

from __future__ import annotations

from typing import NamedTuple

from coterie.kernel.clock import Clock, SystemClock
from coterie.kernel.errors import Malformed
from coterie.kernel.time import DAY_US, format_instant
from coterie.storage.connection import Connection
from coterie.storage.errors import ClockNotSet
from coterie.storage.queries import load_queries

_queries = load_queries("coterie.storage")

RATE_MILLI_MAX = 1_000_000_000
"""A million times as fast as the machine: a year in half a minute."""
AT_US_MAX = 253_402_300_799_000_000 - 400 * DAY_US
"""The end of 9998: what falls due a year later must still have a date."""


class Setting(NamedTuple):
    """How the time was set.

    It is ``base_us`` plus what the machine's clock went on since ``set_at_us``, times
    ``rate_milli`` thousandths (0: it stands still).
    """

    base_us: int
    set_at_us: int
    rate_milli: int

    def now_us(self, machine_us: int) -> int:
        """Return the world's time at a moment of the machine's."""
        gone_us = max(0, machine_us - self.set_at_us)
        return min(AT_US_MAX, self.base_us + gone_us * self.rate_milli // 1000)


class WorldClock:
    """The clock of one database, read once; :meth:`refresh` hears of a change.

    It never goes back by itself: only setting it to an earlier moment does that.
    """

    def __init__(self, setting: Setting | None, machine: Clock | None = None) -> None:
        """Take what was read; ``machine`` is the clock underneath."""
        self.setting = setting
        self._machine = machine or SystemClock()

    def now_us(self) -> int:
        """Return microseconds since 1970-01-01T00:00Z, of the world."""
        machine_us = self._machine.now_us()
        return machine_us if self.setting is None else self.setting.now_us(machine_us)

    def refresh(self, db: Connection) -> None:
        """Read the setting again."""
        self.setting = read_setting(db)


def read_setting(db: Connection) -> Setting | None:
    """Return how this world's clock was set; None: it is the machine's."""
    row = db.execute(_queries.read_clock).fetchone()
    return Setting(*row) if row else None


def world_clock(db: Connection, machine: Clock | None = None) -> WorldClock:
    """Return the clock of this database."""
    return WorldClock(read_setting(db), machine)


def set_clock(
    db: Connection, at_us: int, rate_milli: int = 0, *, machine: Clock | None = None
) -> Setting:
    """Set the world's time and how fast it runs. Raises Malformed."""
    if not 0 <= at_us <= AT_US_MAX:
        raise Malformed("A world's time lies between 1970 and 9998.", where="at")
    if not 0 <= rate_milli <= RATE_MILLI_MAX:
        raise Malformed("Time runs 0 to 1,000,000 times as fast as the machine's.", where="rate")
    setting = Setting(at_us, (machine or SystemClock()).now_us(), rate_milli)
    db.execute(_queries.write_clock, setting._asdict())
    return setting


def step_clock(db: Connection, by_us: int, *, machine: Clock | None = None) -> Setting:
    """Move a set clock forward, in the caller's transaction.

    Raises Malformed for a step back and :class:`ClockNotSet` for the machine's time.
    """
    if by_us <= 0:
        raise Malformed("Time steps forward.", where="by")
    machine_us = (machine or SystemClock()).now_us()
    row = db.execute(_queries.lock_clock).fetchone()
    if row is None:
        raise ClockNotSet(f"Set it first, for instance to {format_instant(machine_us)}.")
    setting = Setting(*row)
    return set_clock(db, setting.now_us(machine_us) + by_us, setting.rate_milli, machine=machine)


def clear_clock(db: Connection) -> None:
    """Let the world's time be the machine's again."""
    db.execute(_queries.clear_clock)
