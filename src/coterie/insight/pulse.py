"""The pulse of a programme: how many, how much, what waits."""

from __future__ import annotations

from msgspec import Struct

from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.insight")
MONTHS = 24


class CurrencyPulse(Struct, frozen=True):
    """One currency over all members, in units of its scale.

    ``issued``, ``redeemed`` and ``lapsed`` are net of what was taken back; the others stand now.
    """

    currency: str
    issued: int
    redeemed: int
    lapsed: int
    outstanding: int
    pending: int
    held: int
    owed: int


class MonthPulse(Struct, frozen=True):
    """One month of one currency: ``2026-01``, units issued, redeemed and lapsed."""

    month: str
    issued: int
    redeemed: int
    lapsed: int


class Pulse(Struct, frozen=True):
    """All of it: members by state and by ladder and tier, events, what waits, currencies.

    Whom no ladder moved yet is missing from ``tiers``: they stand on the lowest.
    """

    members: dict[str, int]
    tiers: dict[str, dict[str, int]]
    events: int
    waiting: dict[str, int]
    currencies: tuple[CurrencyPulse, ...]


def pulse(db: Connection) -> Pulse:
    """Return the pulse as it stands."""
    events = db.execute(_queries.events_recorded).fetchone()
    return Pulse(
        dict(db.execute(_queries.members_by_state).fetchall()),
        _tiers(db),
        int(events[0]) if events else 0,
        waiting_by_reason(db),
        tuple(
            CurrencyPulse(row[0], *(int(value) for value in row[1:]))
            for row in db.execute(_queries.flows)
        ),
    )


def waiting_by_reason(db: Connection) -> dict[str, int]:
    """Return how many events wait for a person or their member, by reason."""
    return dict(db.execute(_queries.waiting_by_reason).fetchall())


def _tiers(db: Connection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for ladder, tier, count in db.execute(_queries.members_by_tier):
        found.setdefault(ladder, {})[tier] = int(count)
    return found


def months(db: Connection, currency: str, limit: int = MONTHS) -> tuple[MonthPulse, ...]:
    """Return the last months of a currency, oldest first."""
    rows = db.execute(_queries.months, {"currency": currency, "limit": limit}).fetchall()
    return tuple(MonthPulse(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows[::-1])


def lively_members(db: Connection, limit: int) -> list[int]:
    """Return active people to whom most happened; for demos, it looks at everybody."""
    return [row[0] for row in db.execute(_queries.lively_members, {"limit": limit})]
