"""Orders of three lines, as bytes: an event, a request of one, a request of a thousand."""

from __future__ import annotations

import itertools
import random

FIRST_ID = 100_001
TODAY = 15
"""The day of June 2026 on which the measured world begins, a Monday."""
BATCH_DAYS = 5
"""Batches carry what happened since Thursday."""

# Fixed widths, so that the length of a body is known before it is written.
_EVENT = (
    b'{"kind":"order","key":"%s-%010d","occurred_at":"2026-06-%02dT%02d:%02d:%02d+08:00",'
    b'"member":{"card":"88%08d"},"channel":"%s","store":"s%02d","order_ref":"%s-%010d","lines":['
    b'{"amount_minor":%04d,"line":"1","product":"p%04d"},'
    b'{"amount_minor":%04d,"line":"2","product":"p%04d"},'
    b'{"amount_minor":%04d,"line":"3","product":"p%04d","quantity_milli":2000}]}'
)
_CHANNELS = (b"pos", b"app", b"web")


class Orders:
    """Writes orders of members drawn by chance (or of one), each with a key of its own.

    What is sent as it happens is of this morning; what comes in batches is of the last ``days``.
    """

    def __init__(
        self,
        token: str,
        prefix: str,
        members: int,
        member: int = 0,
        seed: int = 1,
        days: int = 1,
    ) -> None:
        """``member`` is the number of the only one, from 1; 0 draws from ``members``."""
        self._rng = random.Random(seed)
        self._days = days
        self._prefix = prefix.encode()
        self._members = members
        self._member = member
        # Threads may share it: taking the next number of an iterator is one step.
        self._numbers = itertools.count(1)
        length = len(self.event())
        self._head = (
            b"POST /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % (token.encode(), length)
        )
        self._batch_head = (
            b"POST /v1/events:batch HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %%d\r\n\r\n" % token.encode()
        )
        self._read_tail = (
            b" HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode()
        )

    def event(self) -> bytes:
        """Write one order."""
        number = next(self._numbers)
        drawn = self._rng.getrandbits(62)
        member = self._member or 1 + drawn % self._members
        return _EVENT % (
            self._prefix, number,
            TODAY - (drawn >> 5) % self._days, 8 + (drawn >> 8) % 2,
            (drawn >> 12) % 60, (drawn >> 14) % 60,
            member, _CHANNELS[(drawn >> 18) % 3], 10 + (drawn >> 20) % 41, self._prefix, number,
            1000 + (drawn >> 13) % 8999, 1000 + (drawn >> 22) % 1000,
            1000 + (drawn >> 27) % 8999, 1000 + (drawn >> 33) % 1000,
            1000 + (drawn >> 38) % 8999, 1000 + (drawn >> 44) % 1000,
        )  # fmt: skip

    def single(self) -> bytes:
        """Write a request of one event."""
        return self._head + self.event()

    def batch(self, size: int) -> bytes:
        """Write a request of ``size`` events."""
        body = b'{"events":[' + b",".join([self.event() for _ in range(size)]) + b"]}"
        return self._batch_head % len(body) + body

    def read(self) -> bytes:
        """Write a request for balances or lots, in turn."""
        what = b"lots" if next(self._numbers) % 2 else b"balances"
        member = FIRST_ID - 1 + (self._member or 1 + self._rng.getrandbits(40) % self._members)
        return b"GET /v1/members/%d/%s" % (member, what) + self._read_tail
