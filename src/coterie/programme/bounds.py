"""Caps made ready: what they bound, over which time, and what they tell apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coterie.events import OrderLine
from coterie.programme.model import Cap
from coterie.programme.windows import period_of

if TYPE_CHECKING:
    from coterie.programme.conditions import Situation
    from coterie.programme.personal import Parameter

SCENE_FIELDS = ("store", "channel", "source", "partner", "campaign")


class CompiledCap:
    """A cap made ready; ``period`` is None for a cap per event."""

    __slots__ = (
        "by",
        "code",
        "counter",
        "index",
        "limit",
        "measure",
        "on_return",
        "parameter",
        "period",
        "prefix",
        "value_of_line",
    )

    def __init__(
        self,
        index: int,
        cap: Cap,
        slack_days: int,
        parameter: Parameter | None = None,
        digits: int = 0,
    ) -> None:
        """Prepare a cap, the ``index``-th of its programme; its bound has ``digits`` digits."""
        self.parameter = (
            None
            if parameter is None
            else lambda situation: parameter.scaled(parameter.of(situation), digits)
        )
        """The member's own bound; None where it is the same for all."""
        self.index = index
        self.code = cap.code
        self.counter = f"cap:{cap.code}"
        self.limit = cap.limit
        self.measure = cap.measure
        self.on_return = cap.on_return
        self.period = period_of(cap.window, slack_days)
        self.by = cap.by
        self.prefix = f"{self.counter}/"
        self.value_of_line = _VALUE_OF_LINE.get(cap.by or "")

    def value_of_event(self, situation: Situation) -> str:
        """Return the value of an event that the cap tells apart; nothing where it has none."""
        if self.by is None:
            return ""
        if self.by in SCENE_FIELDS:
            return str(getattr(situation.scene, self.by) or "")
        return str(situation.fields.get(self.by, ""))

    def named(self, key: str) -> str:
        """Return the cap's code, with the value it is about."""
        return f"{self.code}/{key}" if key else self.code

    def counter_of(self, key: str) -> str:
        """Return the counter in which a value is counted."""
        return self.prefix + key if key else self.counter


_VALUE_OF_LINE: dict[str, Callable[[OrderLine], str]] = {
    "brand": lambda line: line.brand or "",
    "category": lambda line: line.categories[0] if line.categories else "",
    "product": lambda line: line.product or "",
}
