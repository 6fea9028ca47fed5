"""Rates that are more than so much for so much: tables, bands, a rounded basis, a minimum.

Everything is exact until the one division at the end of each part that is rounded for itself: the
whole event, or every line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from msgspec.structs import replace

from coterie.kernel.numbers import divide
from coterie.programme.effects.tables import by_tender, of_event, of_line, per_line
from coterie.programme.model import Earn
from coterie.programme.rating import Rate, rate_of

if TYPE_CHECKING:
    from coterie.programme.conditions import Situation
    from coterie.programme.personal import Parameter

Lines = Sequence[tuple[int, int]]
Weigh = Callable[[Lines, "Situation"], int]
"""Lines to their units times ``per`` times the common denominator."""


def earn_rate(earn: Earn) -> Rate:
    """Return the function of a rate; the plain ones are the quick ones of :mod:`..rating`."""
    if earn.table is None and not earn.bands and earn.round_basis is None:
        plain = rate_of(
            earn.units,
            earn.per_minor,
            earn.rounding,
            each=earn.round_each,
            blocks=earn.blocks,
        )
        return plain if not earn.at_least else _at_least(plain, earn.at_least, earn)
    whole = lcm(*(units.denominator for units in earn.every_units()))
    weigh, counts = _weigh(earn, whole, _cut(earn)), _weigh(earn, whole, _uncut)
    under, rounding = (earn.per_minor or 1) * whole, earn.rounding
    least, each_line = earn.at_least, earn.round_each == "line"

    def rate(lines: Lines, _basis: int, situation: Situation) -> int:
        parts = [[pair] for pair in lines] if each_line else [lines]
        units = sum([divide(weigh(part, situation), under, rounding) for part in parts])
        return max(units, least) if least and counts(lines, situation) else units

    return rate


PERSONAL_MAX = 10_000
"""How many members' rates a rule keeps ready before it begins again."""


def personal_rate(earn: Earn, parameter: Parameter, scale: int) -> Rate:
    """Return the function of a rate that the member's own number decides."""
    ready: dict[int, Rate] = {}

    def rate(lines: Lines, basis: int, situation: Situation) -> int:
        value = parameter.of(situation)
        own = ready.get(value)
        if own is None:
            if len(ready) >= PERSONAL_MAX:
                ready.clear()
            units = Fraction(value * 10**scale, 10**parameter.decimals)
            own = ready[value] = earn_rate(replace(earn, units=units))
        return own(lines, basis, situation) if value else 0

    return rate


def _at_least(plain: Rate, least: int, earn: Earn) -> Rate:
    counts = earn.per_minor is not None

    def rate(lines: Lines, basis: int, situation: Situation) -> int:
        units = plain(lines, basis, situation)
        return max(units, least) if basis > 0 or not counts else units

    return rate


def _uncut(amount: int) -> int:
    return amount


def _weigh(earn: Earn, whole: int, cut: Callable[[int], int]) -> Weigh:
    if earn.bands:
        return _banded(earn, whole, cut)
    table = earn.table
    if table is None or (not per_line(table) and not by_tender(table)):
        return _one_rate(earn, whole, cut)
    otherwise = int(earn.units * whole)
    split = _tenders(earn, whole, otherwise) if by_tender(table) else _lines(earn, whole, otherwise)

    def weigh(lines: Lines, situation: Situation) -> int:
        # What has one rate is one amount, which is cut as one.
        amounts: dict[int, int] = {}
        for rate, amount in split(lines, situation):
            amounts[rate] = amounts.get(rate, 0) + amount
        return sum([cut(amount) * rate for rate, amount in amounts.items()])

    return weigh


def _cut(earn: Earn) -> Callable[[int], int]:
    """Return what becomes of a basis before it is multiplied: blocks, or a rounding of its own."""
    per = earn.per_minor
    if earn.blocks and per is not None:
        return lambda amount: amount // per * per
    if earn.round_basis is None:
        return _uncut
    to, rounding = earn.round_basis.to, earn.round_basis.rounding
    return lambda amount: divide(amount, to, rounding) * to


def _sum(lines: Lines) -> int:
    return sum([amount for _, amount in lines])


def _one_rate(earn: Earn, whole: int, cut: Callable[[int], int]) -> Weigh:
    otherwise = int(earn.units * whole)
    table, fixed = earn.table, earn.per_minor is None
    if table is None:
        return lambda lines, _situation: cut(_sum(lines)) * otherwise
    rate_of_event = of_event(table)

    def weigh(lines: Lines, situation: Situation) -> int:
        found = rate_of_event(situation)
        rate = otherwise if found is None else int(found * whole)
        return rate if fixed else cut(_sum(lines)) * rate

    return weigh


Split = Callable[[Lines, "Situation"], list[tuple[int, int]]]
"""Lines to pairs of a rate and the amount that has it."""


def _lines(earn: Earn, whole: int, otherwise: int) -> Split:
    assert earn.table is not None
    rate_of_line = of_line(earn.table)

    def split(lines: Lines, situation: Situation) -> list[tuple[int, int]]:
        found = []
        for index, amount in lines:
            rate = rate_of_line(situation.lines[index]) if index >= 0 else None
            found.append((otherwise if rate is None else int(rate * whole), amount))
        return found

    return split


def _tenders(earn: Earn, whole: int, otherwise: int) -> Split:
    assert earn.table is not None
    rates = earn.table.rates

    def split(lines: Lines, situation: Situation) -> list[tuple[int, int]]:
        amount = _sum(lines)
        order = situation.order
        paid = 0 if order is None else sum(tender.amount_minor for tender in order.tenders)
        if order is None or not paid:
            return [(otherwise, amount)]
        found, so_far = [], 0
        for tender in order.tenders:
            # By what was paid up to each: all parts together are all of it.
            part = amount * (so_far + tender.amount_minor) // paid - amount * so_far // paid
            so_far += tender.amount_minor
            rate = rates.get(tender.kind)
            found.append((otherwise if rate is None else int(rate * whole), part))
        return found

    return split


def _banded(earn: Earn, whole: int, cut: Callable[[int], int]) -> Weigh:
    bands = [(band.up_to, int(band.units * whole)) for band in earn.bands]
    fixed = earn.per_minor is None
    if earn.bands_apply == "marginal":

        def marginal(lines: Lines, _situation: Situation) -> int:
            amount, weight, begins = cut(_sum(lines)), 0, 0
            for up_to, rate in bands:
                ends = amount if up_to is None else min(amount, up_to)
                if ends <= begins:
                    break
                weight += (ends - begins) * rate
                begins = ends
            return weight

        return marginal
    value_of = _value_of(earn)

    def on_the_whole(lines: Lines, situation: Situation) -> int:
        value = value_of(lines, situation)
        rate = next((rate for up_to, rate in bands if up_to is None or value <= up_to), 0)
        return rate if fixed else cut(_sum(lines)) * rate

    return on_the_whole


def _value_of(earn: Earn) -> Weigh:
    """Return what decides in which band an event lies."""
    of = earn.bands_of
    if of == "quantity" and not earn.basis.quantity:
        return lambda lines, situation: sum(
            situation.lines[index].quantity_milli for index, _ in lines if index >= 0
        )
    if of in ("amount", "quantity", earn.per_field):
        return lambda lines, _situation: _sum(lines)
    return lambda _lines, situation: int(situation.fields.get(of, 0))
