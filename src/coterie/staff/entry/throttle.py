"""How often somebody may try: by person, network and till, counted in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coterie.kernel.time import SECOND_US
from coterie.staff import rules, store
from coterie.staff.errors import TooManyTries
from coterie.storage import Connection


class Counted(NamedTuple):
    """A name under which failures are counted, and how many cost nothing."""

    name: bytes
    free: int


def counted(kind: str, name: str) -> Counted:
    """Return under what name failures of a kind are counted."""
    return Counted(rules.subject(kind, name), rules.FREE_TRIES[kind])


def check(db: Connection, names: Sequence[Counted], now_us: int) -> None:
    """Refuse whoever has to wait; known and unknown people alike. Raises TooManyTries."""
    until_us = store.waits_until(db, [each.name for each in names])
    if until_us > now_us:
        seconds = -(-(until_us - now_us) // SECOND_US)
        raise TooManyTries(f"{seconds} s.", retry_after_s=seconds)


def failed(db: Connection, names: Sequence[Counted], now_us: int) -> None:
    """Count a failure under each name, in one order so that two never wait for each other."""
    forget_us = now_us - rules.FORGET_US
    for name, free in sorted(names):
        failures = store.add_attempt(db, name, now_us, forget_us)
        wait_us = rules.wait_us(failures, free)
        if wait_us:
            store.wait_until(db, name, now_us + wait_us)
    store.forget_old_attempts(db, forget_us)


def succeeded(db: Connection, name: Counted) -> None:
    """Forget a person's failures; those of a network stay, or one account would wash it clean."""
    store.forget_attempts(db, [name.name])
