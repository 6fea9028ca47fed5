"""Accounts, lots, holds and movements of one member, as plain integers.

These structs are the working state that :func:`coterie.programme.decide.decide` advances, the rows
that stores write, and what a replay compares. ``*_us`` are instants, ``*_day`` local days.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class AccountName(StrEnum):
    """Where units can be. The first four belong to a holder, the others to the house."""

    AVAILABLE = "available"
    """Open lots. What a person reads as available is this less what is owed."""
    PENDING = "pending"
    HELD = "held"
    OWED = "owed"
    """A debt, kept as a positive number; it is worth its negative."""
    ISSUED = "issued"
    REDEEMED = "redeemed"
    BREAKAGE = "breakage"
    ADJUSTED = "adjusted"
    WRITTEN_OFF = "written_off"
    IN_TRANSIT = "in_transit"
    PARTNER = "partner"


HOLDER_ACCOUNTS = frozenset({"available", "pending", "held", "owed"})


class LotState(StrEnum):
    """Pending until released, open while it may be spent, closed when nothing can happen to it."""

    PENDING = "pending"
    OPEN = "open"
    CANCELLED = "cancelled"


class Lot(Struct, gc=False):
    """Units of one earning.

    ``units`` were granted; ``remaining`` can be spent (or, while pending, will be), ``held`` are
    set aside, ``lapsed`` went to breakage. ``lot_no`` counts a member's lots from 1 over all
    currencies. ``earned_seq`` is the event that granted it. ``expires_us`` is the first instant at
    which it is no longer valid, ``expires_day`` its last valid day.
    """

    lot_no: int
    currency: str
    earned_seq: int
    units: int
    remaining: int
    earned_us: int
    state: LotState = LotState.OPEN
    held: int = 0
    lapsed: int = 0
    expires_us: int | None = None
    expires_day: int | None = None
    releases_us: int | None = None
    priority: int = 0
    contributor_id: int | None = None

    def burn_key(self) -> tuple[int, int, int, int]:
        """Return the place in the burn order: priority, then earliest expiry, then earliest."""
        expires = self.expires_us
        return (
            self.priority,
            2**63 if expires is None else expires,
            self.earned_us,
            self.lot_no,
        )


class Account(Struct, gc=False):
    """A holder's balances in one currency; ``inactive_us`` is when it lapses for inactivity."""

    currency: str
    available: int = 0
    pending: int = 0
    held: int = 0
    owed: int = 0
    inactive_us: int | None = None


class HoldState(StrEnum):
    """A hold ends exactly once."""

    OPEN = "open"
    CAPTURED = "captured"
    RELEASED = "released"
    LAPSED = "lapsed"


class HoldRecord(Struct, gc=False):
    """Units set aside; ``parts`` says how many of which lot, in burn order."""

    hold_ref: str
    currency: str
    units: int
    placed_seq: int
    expires_us: int
    parts: list[tuple[int, int]]
    state: HoldState = HoldState.OPEN
    captured: int = 0


class Movement(Struct, gc=False):
    """Units from one account to another; ``n`` counts within its event from 1."""

    n: int
    currency: str
    debit: str
    credit: str
    units: int
    reason: str
    rule: str | None = None
    unit_cost_micro: int = 0
    funder: str | None = None
    campaign: str | None = None


class LotUse(Struct, gc=False):
    """How a movement changed a lot: by how much its ``remaining`` moved (below zero: taken)."""

    n: int
    lot_no: int
    units: int
