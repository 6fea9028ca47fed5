"""Kinds of event that bring what another system had counted."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from coterie.events.model import Code, Event, Minor

Counted = Annotated[dict[Code, Minor], Meta(min_length=1, max_length=100)]


class OpeningMetrics(Event, frozen=True, kw_only=True, tag="opening_metrics"):
    """What a member had done when Coterie took over: by metric, in its smallest unit.

    ``as_of`` (2026-01-31, the event's day if not said) is the day in whose window it counts; a
    history of several windows is several events.
    """

    metrics: Counted
    as_of: str | None = None
