"""Who may know what time it is. Everything else is told."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment of a world."""

    def now_us(self) -> int:
        """Return microseconds since 1970-01-01T00:00Z."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_us(self) -> int:
        """Return microseconds since 1970-01-01T00:00Z."""
        return time.time_ns() // 1000


class FixedClock:
    """A clock that stands where it was put, for tests and for questions about a moment."""

    def __init__(self, at_us: int) -> None:
        """Stand at ``at_us``."""
        self.at_us = at_us

    def now_us(self) -> int:
        """Return microseconds since 1970-01-01T00:00Z."""
        return self.at_us

    def step(self, by_us: int) -> None:
        """Go forward by ``by_us`` microseconds."""
        self.at_us += by_us
