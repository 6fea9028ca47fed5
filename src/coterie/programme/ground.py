"""What entries are built on and checked with: sections, effects, measures and windows share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from coterie.kernel.numbers import parse_minor

if TYPE_CHECKING:
    from coterie.programme.model import Condition, Metric, Programme


class Ground(Struct, frozen=True):
    """What an entry is built on: ``exponent`` of the money, ``scales`` of the currencies."""

    exponent: int
    scales: Mapping[str, int]
    metrics: Mapping[str, Metric]

    def units(self, raw: str | int, currency: str, where: str) -> int:
        """Return units as written, in the scale of their currency; raises ``Malformed``."""
        return parse_minor(raw, self.scales.get(currency, 0), where=where)

    def money(self, raw: str | int, where: str) -> int:
        """Return an amount as written, in minor units; raises ``Malformed``."""
        return parse_minor(raw, self.exponent, where=where)

    def measured(self, raw: str | int, metric: str, where: str) -> int:
        """Return a number of a metric as written: minor units where it sums money."""
        # Measures note their findings with what is declared here.
        from coterie.programme.measures import written_scale  # noqa: PLC0415

        found = self.metrics.get(metric)
        scale = 0 if found is None else written_scale(found, self.exponent, self.scales)
        return parse_minor(raw, scale, where=where)


class Checker(Protocol):
    """What a check notes its findings with."""

    programme: Programme

    def find(self, path: str, problem: str, allowed: str = "", *, warning: bool = False) -> None:
        """Note something found at a path."""
        ...

    def named(self, what: str, name: str, section: str, known: Iterable[str], path: str) -> bool:
        """Note a name that ``section`` does not declare; True when it does."""
        ...

    def condition(self, condition: Condition | None, on: str, *, lines: bool = False) -> None:
        """Note what is wrong with a condition on an event ``on``."""
        ...
