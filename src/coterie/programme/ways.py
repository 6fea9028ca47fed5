"""Ways from one currency to another, and what a unit is worth at best by any of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from coterie.programme.model import MICRO

if TYPE_CHECKING:
    from coterie.programme.model import Currency, Programme

WAYS_MAX = 100
"""Ways looked at; a programme with more is told nothing about loops and worth."""


class Way(NamedTuple):
    """A conversion or an exchange: for one whole unit of ``source``, ``gives`` of ``target``."""

    section: str
    code: str
    source: str
    target: str
    gives: Fraction


def ways(programme: Programme) -> list[Way]:
    """Return every way between two currencies; of an exchange, at its best rate."""
    scales = {code: 10**currency.scale for code, currency in programme.currencies.items()}

    def found() -> Iterator[Way]:
        for c in programme.parts.get("conversions", {}).values():
            yield Way("conversions", c.code, c.source, c.target, Fraction(c.gives, c.step))
        for e in programme.parts.get("exchanges", {}).values():
            if e.source is not None and e.target is not None:
                best = max(Fraction(rate.get, rate.give) for rate in e.rates)
                yield Way("exchanges", e.code, e.source, e.target, best)

    return [
        way._replace(gives=way.gives * scales[way.source] / scales[way.target])
        for way in found()
        if way.source in scales and way.target in scales
    ]


def unit_value(programme: Programme, code: str) -> Fraction:
    """Return what one whole unit is worth at best, in minor units of the money.

    By what it costs, by what the brand says, or by what it can become.
    """
    best = {code: _own_value(currency) for code, currency in programme.currencies.items()}
    known = ways(programme)
    if known and len(known) <= WAYS_MAX:
        # No way needs more steps than there are currencies, but for loops, which are found apart.
        for _ in programme.currencies:
            for way in known:
                best[way.source] = max(best[way.source], way.gives * best[way.target])
    return best[code]


def _own_value(currency: Currency) -> Fraction:
    cost = Fraction(currency.unit_cost_micro * 10**currency.scale, MICRO)
    return max(cost, Fraction(currency.worth_minor or 0, 100))


def worth_of(currency: Currency, units: int) -> int | None:
    """Return what units are worth by the brand's word, in minor units, rounded down.

    None where the brand says nothing; a debt is worth as much below zero.
    """
    if currency.worth_minor is None:
        return None
    hundred: int = 100 * 10**currency.scale
    worth = abs(units) * currency.worth_minor // hundred
    return worth if units >= 0 else -worth
