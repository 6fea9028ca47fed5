"""What an order counts for, and how many units that is: chosen once a rule, asked once an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from coterie.events import Order
from coterie.kernel.numbers import Rounding, divide
from coterie.programme.model import Basis

if TYPE_CHECKING:
    from coterie.programme.conditions import Situation

SHIPPING = -1
FEES = -2

BasisLines = list[tuple[int, int]]
"""Line index and what the line counts for, in minor units."""
Rate = Callable[[Sequence[tuple[int, int]], int, "Situation"], int]
"""Units of matched lines; their basis together comes beside them, because most rates need no more.
"""


def basis_lines(basis: Basis, order: Order) -> BasisLines:
    """Return what each line counts for, in minor units, by line index."""
    if basis.quantity:
        return [(i, line.quantity_milli) for i, line in enumerate(order.lines)]
    if basis.tax:
        amounts = [(i, line.amount_minor) for i, line in enumerate(order.lines)]
    else:
        amounts = [
            (i, max(line.amount_minor - line.tax_minor, 0)) for i, line in enumerate(order.lines)
        ]
    if basis.shipping and order.shipping_minor:
        amounts.append((SHIPPING, order.shipping_minor))
    if basis.fees and order.fees_minor:
        amounts.append((FEES, order.fees_minor))
    if basis.only_tenders:
        amounts = _paid_by(amounts, order, basis.only_tenders)
    if basis.without_tenders:
        excluded = sum(t.amount_minor for t in order.tenders if t.kind in basis.without_tenders)
        if excluded:
            return _without(amounts, excluded)
    return amounts


def _paid_by(amounts: BasisLines, order: Order, kinds: Sequence[str]) -> BasisLines:
    """Keep what some tenders paid, in proportion to all of them; nothing where none is told."""
    paid = sum(tender.amount_minor for tender in order.tenders)
    by_these = sum(t.amount_minor for t in order.tenders if t.kind in kinds)
    whole = sum(amount for _, amount in amounts)
    return _without(amounts, whole - whole * by_these // paid if paid else whole)


def _without(amounts: BasisLines, excluded: int) -> BasisLines:
    """Take a tender off all lines in proportion, to the last minor unit."""
    whole = sum(amount for _, amount in amounts)
    excluded = min(excluded, whole)
    if whole == 0:
        return amounts
    left = [amount - amount * excluded // whole for _, amount in amounts]
    rest = sum(left) - (whole - excluded)
    for i in range(len(left) - 1, -1, -1):
        part = min(left[i], rest)
        left[i] -= part
        rest -= part
    return [(index, part) for (index, _), part in zip(amounts, left, strict=True)]


def cut_basis(lines: Sequence[tuple[int, int]], room: int) -> BasisLines:
    """Keep the first lines up to ``room`` minor units in all."""
    kept = []
    for index, amount in lines:
        part = min(amount, room)
        if part:
            kept.append((index, part))
        room -= part
    return kept


def rate_of(
    units: Fraction, per: int | None, rounding: Rounding, *, each: str, blocks: bool
) -> Rate:
    """Return the function of a rate: ``units`` for every ``per`` minor units of basis.

    Without ``per`` it is a fixed number of units. ``each`` says what is rounded (``order``,
    ``line`` or ``unit``: a single piece), ``blocks`` that only whole ``per`` count.
    """
    num, den = units.numerator, units.denominator
    if per is None:
        fixed = divide(num, den, rounding)
        return lambda _lines, _basis, _situation: fixed
    if each == "order":
        return _per_order(num, den, per, rounding, blocks=blocks)
    per_line = _per_line(num, den, per, rounding, blocks=blocks)
    if each == "unit":
        return _per_piece(num, den, per, rounding, blocks=blocks, otherwise=per_line)
    return per_line


def _per_order(num: int, den: int, per: int, rounding: Rounding, *, blocks: bool) -> Rate:
    whole = per * den
    if blocks:
        return lambda _lines, basis, _situation: divide(basis // per * num, den, rounding)
    if rounding is Rounding.DOWN:
        return lambda _lines, basis, _situation: basis * num // whole
    if rounding is Rounding.HALF_UP:
        return lambda _lines, basis, _situation: (2 * basis * num + whole) // (2 * whole)
    return lambda _lines, basis, _situation: divide(basis * num, whole, rounding)


def _per_line(num: int, den: int, per: int, rounding: Rounding, *, blocks: bool) -> Rate:
    whole = per * den

    def in_blocks(lines: Sequence[tuple[int, int]], _basis: int, _situation: Situation) -> int:
        return sum([divide(amount // per * num, den, rounding) for _, amount in lines])

    def in_parts(lines: Sequence[tuple[int, int]], _basis: int, _situation: Situation) -> int:
        return sum([divide(amount * num, whole, rounding) for _, amount in lines])

    def half_up(lines: Sequence[tuple[int, int]], _basis: int, _situation: Situation) -> int:
        # divide() without a call a line: this is what most programmes round by.
        return sum([(2 * amount * num + whole) // (2 * whole) for _, amount in lines])

    if blocks:
        return in_blocks
    return half_up if rounding is Rounding.HALF_UP else in_parts


def _per_piece(
    num: int, den: int, per: int, rounding: Rounding, *, blocks: bool, otherwise: Rate
) -> Rate:
    """Round once a piece: a line of three pieces is three roundings of a third."""

    def part(amount: int, milli: int, of_milli: int) -> int:
        if blocks:
            return divide(amount * of_milli // (milli * per) * num, den, rounding)
        return divide(amount * of_milli * num, milli * per * den, rounding)

    def rate(lines: Sequence[tuple[int, int]], basis: int, situation: Situation) -> int:
        bought = situation.lines
        if not bought:
            return otherwise(lines, basis, situation)
        units = 0
        for index, amount in lines:
            milli = bought[index].quantity_milli if index >= 0 else 1000
            pieces, rest_milli = divmod(milli, 1000)
            if pieces:
                units += pieces * part(amount, milli, 1000)
            if rest_milli:
                units += part(amount, milli, rest_milli)
        return units

    return rate
