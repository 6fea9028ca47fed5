"""What a condition may look at, from the cheapest to the dearest.

A *line* test sees one line of an order. A *scene* test sees where and when, which many events
share, so its answer can be kept. A *situation* test sees the member as before the event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from coterie.events import Order, OrderLine


class Scene(NamedTuple):
    """Where and when something happened; ``day`` is the ordinal of the business day."""

    store: str | None
    channel: str | None
    source: str
    partner: str | None
    campaign: str | None
    day: int


class Situation(Protocol):
    """One event and its member as before it.

    ``fields`` are an activity's (empty for an order), ``lines`` an order's (empty for an
    activity), ``amount_minor`` is what all lines cost together. ``metric`` gives a metric's value
    in the window of the event's day, without the event.
    """

    @property
    def scene(self) -> Scene:
        """Where and when."""
        ...

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The member's declared attributes that have a value."""
        ...

    @property
    def fields(self) -> Mapping[str, Any]:
        """The activity's fields."""
        ...

    @property
    def lines(self) -> Sequence[OrderLine]:
        """The order's lines."""
        ...

    @property
    def order(self) -> Order | None:
        """The order; None for an activity."""
        ...

    @property
    def amount_minor(self) -> int:
        """What the order's lines cost together, in minor units."""
        ...

    @property
    def day(self) -> int:
        """The business day's ordinal."""
        ...

    @property
    def minute(self) -> int:
        """Minutes since midnight, on the clock of the programme's zone."""
        ...

    @property
    def enrolled_day(self) -> int:
        """The local day on which the member enrolled."""
        ...

    def metric(self, code: str, /) -> int:
        """Return a metric's value before the event."""
        ...

    def tier(self, ladder: str, /) -> str | None:
        """Return the member's tier on a ladder before the event; None: not on it."""
        ...

    def held_out(self, campaign: str, /) -> bool:
        """Tell whether the member is in a campaign's comparison group."""
        ...

    def mark(self, code: str, bucket: int = 0, /) -> int:
        """Return a number kept about the member, such as ``optin:CODE``; 0 for none."""
        ...


LineTest = Callable[[OrderLine], bool]
SceneTest = Callable[[Scene], bool]
SituationTest = Callable[[Situation], bool]
