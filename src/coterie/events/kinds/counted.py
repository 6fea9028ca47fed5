"""Counting what happened before a metric was declared."""

from __future__ import annotations

from msgspec import field

from coterie.events.model import Event


class Backfill(Event, frozen=True, kw_only=True, tag="backfill"):
    """Metrics of versions that have not begun are counted from here on; made by Coterie itself.

    ``metrics`` says which, and for which versions; ``counters`` what they hold of everything up to
    the member's event ``through_seq``, by counter and bucket; ``counted`` the events in that which
    may still come back.
    """

    through_seq: int
    metrics: dict[str, tuple[int, ...]]
    counters: dict[str, dict[int, int]] = field(default_factory=dict)
    counted: dict[str, tuple[int, ...]] = field(default_factory=dict)
