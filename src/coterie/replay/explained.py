"""What an explanation consists of: values for programs, each with its sentence in zh and en."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from coterie.programme.model import Words
from coterie.tiers import Evidence


class Lines(Struct, frozen=True):
    """Sentences in both languages, one line each."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


class ExplainedRule(Struct, frozen=True, omit_defaults=True):
    """One rule's part in an event.

    ``units`` is what it gave, ``uncapped`` what it would have given without caps, ``basis_minor``
    the amount it stands on (of an activity: the number of its field). ``condition`` is the part
    that does not hold.
    """

    rule: str
    verdict: str
    currency: str
    words: Words
    units: int = 0
    uncapped: int = 0
    basis_minor: int | None = None
    cap: str | None = None
    condition: Any = None


class LotPart(Struct, frozen=True):
    """What of a lot moved: below zero it was taken; ``event`` is the one that gave the lot."""

    lot: int
    event: str
    units: int


class ExplainedMovement(Struct, frozen=True, omit_defaults=True):
    """Units that moved, why, by which rule, and which lots that changed."""

    currency: str
    units: int
    debit: str
    credit: str
    reason: str
    words: Words
    rule: str | None = None
    lots: tuple[LotPart, ...] = ()


class ExplainedLot(Struct, frozen=True, omit_defaults=True):
    """A lot, and the event that gave it."""

    lot: int
    currency: str
    event: str
    units: int
    remaining: int
    words: Words
    held: int = 0
    expires_on: str | None = None
    releases_at: str | None = None


class ExplainedTier(Struct, frozen=True, omit_defaults=True):
    """A change on a ladder: from which tier to which (the same: its validity), why, by what."""

    event: str
    occurred_at: str
    version: int
    ladder: str
    reason: str
    evidence: Evidence
    words: Words
    before: str | None = None
    tier: str | None = None
    until_on: str | None = None


class ExplainedLadder(Struct, frozen=True):
    """Where a member stands on a ladder (None: not on it) and the changes, newest first."""

    member_id: int
    ladder: str
    tier: str | None
    changes: tuple[ExplainedTier, ...]
    words: Lines


class ExplainedEvent(Struct, frozen=True, omit_defaults=True):
    """The chain of one event: what happened, the version, what was read, each rule, what moved.

    ``metrics`` and ``attributes`` are as before the event. ``words`` are all sentences in order.
    ``event`` is empty for one that was only tried, ``status`` then also ``waiting``.
    """

    event: str
    kind: str
    occurred_at: str
    version: int
    status: str
    words: Lines
    code: str | None = None
    detail: str | None = None
    state: str = ""
    metrics: dict[str, int] = {}
    attributes: dict[str, Any] = {}
    rules: tuple[ExplainedRule, ...] = ()
    movements: tuple[ExplainedMovement, ...] = ()
    opened: tuple[ExplainedLot, ...] = ()
    tiers: tuple[ExplainedTier, ...] = ()


class ReasonSum(Struct, frozen=True, omit_defaults=True):
    """What one reason (and rule) has brought a member over time; below zero: cost."""

    reason: str
    change: int
    events: int
    words: Words
    rule: str | None = None


class ExplainedCurrency(Struct, frozen=True):
    """Where a balance comes from: ``sums`` add up to ``units``, ``lots`` are what is left of it.

    ``units`` is what the member has in all: to be spent, waiting and set aside, less what is owed.
    ``events`` explain the events that gave the lots.
    """

    member_id: int
    currency: str
    units: int
    available: int
    pending: int
    held: int
    owed: int
    sums: tuple[ReasonSum, ...]
    lots: tuple[ExplainedLot, ...]
    events: tuple[ExplainedEvent, ...]
    words: Lines


class Missed(Struct, frozen=True):
    """An event in which a rule did not give all it could, or nothing."""

    event: str
    occurred_at: str
    version: int
    rule: ExplainedRule
    words: Words


class ExplainedMissing(Struct, frozen=True):
    """Why a rule gave nothing: how often which verdict fell, and the last events about it.

    ``words_now`` says the rule as it is in force now, None where it went away.
    """

    member_id: int
    rule: str
    given: int
    verdicts: dict[str, int]
    last: tuple[Missed, ...]
    words: Lines
    words_now: Words | None = None


class Question(Struct, frozen=True):
    """What shall be explained: exactly one of an event (``member:seq``), a currency, a rule.

    ``missing`` names the rule, ``tier`` a ladder.
    """

    event: str | None = None
    currency: str | None = None
    missing: str | None = None
    tier: str | None = None


class Explanation(Struct, frozen=True, omit_defaults=True):
    """The answer to a question about a member, as of an instant."""

    member_id: int
    as_of: str
    event: ExplainedEvent | None = None
    currency: ExplainedCurrency | None = None
    missing: ExplainedMissing | None = None
    tier: ExplainedLadder | None = None
