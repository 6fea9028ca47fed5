"""What a sender gets to know about an event."""

from __future__ import annotations

from msgspec import Struct


class Effect(Struct, frozen=True, omit_defaults=True, gc=False):
    """Units that moved: how many of which currency, why, by which rule, from where to where."""

    currency: str
    units: int
    reason: str
    debit: str
    credit: str
    rule: str | None = None


class BalanceAfter(Struct, frozen=True, gc=False):
    """A holder's balances right after an event; ``available`` is open lots less what is owed."""

    currency: str
    available: int
    pending: int
    held: int
    owed: int


class Excess(Struct, frozen=True, gc=False):
    """What a line of a return asked for beyond what was bought: 0 when only its amount exceeds."""

    line: int
    quantity_milli: int


class TierAfter(Struct, frozen=True, omit_defaults=True, gc=False):
    """A change on a ladder: the tier now, why, the tier before, the last day it is valid.

    ``tier`` is null on a ladder that was left; without ``until`` it has no end.
    """

    ladder: str
    tier: str | None
    reason: str
    before: str | None = None
    until: str | None = None


class Answer(Struct, frozen=True, omit_defaults=True, gc=False):
    """The answer to one event, the same whenever it is asked again.

    ``status``: ``accepted``, ``refused`` (with ``code`` and ``detail``), ``waiting`` (``code`` says
    for what) or ``failed`` (Coterie's own fault). ``event`` is ``member:sequence``; it is absent
    where nothing was recorded. ``excess`` is what of a return was refused, by its line (from 0),
    ``tiers`` what changed on ladders.
    ``replayed`` is true when the event had been answered before.
    """

    status: str
    event: str | None = None
    member_id: int | None = None
    code: str | None = None
    detail: str | None = None
    where: str | None = None
    kind: str | None = None
    effects: tuple[Effect, ...] = ()
    balances: tuple[BalanceAfter, ...] = ()
    excess: tuple[Excess, ...] = ()
    replayed: bool = False
    tiers: tuple[TierAfter, ...] = ()
