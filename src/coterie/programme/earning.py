"""What an order or an activity earns: grants, before any unit moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coterie.events import Order, OrderLine
from coterie.kernel.numbers import Rounding, divide
from coterie.metrics import Counters, peak, total
from coterie.programme.compile import CompiledCap, CompiledProgramme, CompiledRule
from coterie.programme.conditions import Scene
from coterie.programme.model import Basis
from coterie.programme.standing import CapTaken, Context, Grant

SHIPPING = -1
FEES = -2
_ORDER_WHOLE = "order"


class Situation:
    """What the conditions of an event may read besides its scene."""

    __slots__ = (
        "_counters",
        "_cp",
        "_metrics",
        "amount_minor",
        "attributes",
        "day",
        "enrolled_day",
        "fields",
        "lines",
        "scene",
    )

    def __init__(
        self,
        cp: CompiledProgramme,
        scene: Scene,
        attributes: Mapping[str, Any],
        counters: Counters,
        enrolled_day: int,
        lines: Sequence[OrderLine] = (),
        fields: Mapping[str, Any] | None = None,
        context: Context | None = None,
    ) -> None:
        """Put together; ``context`` replaces the member's present by a recorded past."""
        self._cp = cp
        self._counters = counters
        self._metrics = None if context is None else context.metrics
        self.scene = scene
        self.day = scene.day
        self.attributes = attributes if context is None else context.attributes
        self.enrolled_day = enrolled_day if context is None else context.enrolled_day
        self.lines = lines
        self.fields: Mapping[str, Any] = fields or {}
        self.amount_minor = sum([line.amount_minor for line in lines])

    def metric(self, code: str) -> int:
        """Return a metric's value before the event."""
        if self._metrics is not None:
            return self._metrics.get(code, 0)
        period = self._cp.metrics[code].period
        return total(self._counters, code, period.bucket(self.day), period.length)


class CapRoom:
    """How much of each cap is used, as grants take from it one after the other."""

    __slots__ = ("_before", "_counters", "_day", "_taken")

    def __init__(
        self, counters: Counters, day: int, before: Mapping[str, int] | None = None
    ) -> None:
        """Read from counters, or from the recorded ``before`` of a past event."""
        self._counters = counters
        self._day = day
        self._before = before
        self._taken: dict[str, int] = {}

    def room(self, cap: CompiledCap) -> int:
        """Return what is left of a cap."""
        if cap.period is None:
            used = 0
        elif self._before is not None:
            used = self._before.get(cap.code, 0)
        else:
            bucket = cap.period.bucket(self._day)
            used = peak(self._counters, cap.counter, bucket, cap.period.length)
        return max(cap.limit - used - self._taken.get(cap.code, 0), 0)

    def take(self, cap: CompiledCap, value: int) -> CapTaken:
        """Take room and say of which bucket."""
        self._taken[cap.code] = self._taken.get(cap.code, 0) + value
        bucket = 0 if cap.period is None else cap.period.bucket(self._day)
        return CapTaken(cap.code, bucket, value)


def basis_lines(basis: Basis, order: Order) -> list[tuple[int, int]]:
    """Return what each line counts for, in minor units, by line index."""
    amounts = [
        (i, line.amount_minor if basis.tax else max(line.amount_minor - line.tax_minor, 0))
        for i, line in enumerate(order.lines)
    ]
    if basis.shipping and order.shipping_minor:
        amounts.append((SHIPPING, order.shipping_minor))
    if basis.fees and order.fees_minor:
        amounts.append((FEES, order.fees_minor))
    if basis.without_tenders:
        excluded = sum(t.amount_minor for t in order.tenders if t.kind in basis.without_tenders)
        if excluded:
            return _without(amounts, excluded)
    return amounts


def _without(amounts: list[tuple[int, int]], excluded: int) -> list[tuple[int, int]]:
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


def _rate(rule: CompiledRule, lines: Sequence[tuple[int, int]], order: Order | None) -> int:
    """Return the units of a rate on matched lines, rounded as the rule says."""
    per = rule.per
    if per is None:
        return divide(rule.units_num, rule.units_den, rule.rounding)
    if rule.each == _ORDER_WHOLE:
        basis = 0
        for _, amount in lines:
            basis += amount
        if rule.blocks:
            return divide(basis // per * rule.units_num, rule.units_den, rule.rounding)
        if rule.rounding is Rounding.DOWN:
            return basis * rule.units_num // (per * rule.units_den)
        return divide(basis * rule.units_num, per * rule.units_den, rule.rounding)
    if rule.each == "unit" and order is not None:
        return sum(_per_piece(rule, per, index, amount, order) for index, amount in lines)
    if rule.blocks:
        return sum(
            divide(amount // per * rule.units_num, rule.units_den, rule.rounding)
            for _, amount in lines
        )
    return sum(
        divide(amount * rule.units_num, per * rule.units_den, rule.rounding) for _, amount in lines
    )


def _per_piece(rule: CompiledRule, per: int, index: int, amount: int, order: Order) -> int:
    """Round once a piece: a line of three pieces is three roundings of a third."""
    milli = order.lines[index].quantity_milli if index >= 0 else 1000
    pieces, part_milli = divmod(milli, 1000)

    def of(quantity_milli: int) -> int:
        if rule.blocks:
            blocks = amount * quantity_milli // (milli * per)
            return divide(blocks * rule.units_num, rule.units_den, rule.rounding)
        return divide(
            amount * quantity_milli * rule.units_num,
            milli * per * rule.units_den,
            rule.rounding,
        )

    units = pieces * of(1000) if pieces else 0
    return units + (of(part_milli) if part_milli else 0)


def _cut_basis(lines: Sequence[tuple[int, int]], room: int) -> list[tuple[int, int]]:
    """Keep the first lines up to ``room`` minor units in all."""
    kept = []
    for index, amount in lines:
        part = min(amount, room)
        if part:
            kept.append((index, part))
        room -= part
    return kept


def _factor(rule: CompiledRule, situation: Situation) -> tuple[int, int]:
    if rule.attribute is None:
        return rule.factor
    return rule.factors.get(situation.attributes.get(rule.attribute), (0, 1))


def _multiplied(
    rule: CompiledRule,
    given: Mapping[int, Grant],
    masks: Sequence[int],
    situation: Situation,
    order: Order | None,
) -> tuple[int, list[tuple[int, int]]]:
    """Return the bonus units and the lines they stand on."""
    num, den = _factor(rule, situation)
    if num <= 0:
        return 0, []
    units = 0
    stands: dict[int, int] = {}
    for base in rule.multiplies:
        grant = given.get(base.index)
        if grant is None:
            continue
        if rule.line is None:
            units += grant.units
            stands.update(grant.lines)
            continue
        lines = [(i, a) for i, a in grant.lines if i >= 0 and masks[i] & rule.bit]
        if lines:
            units += min(_rate(base, lines, order), grant.units)
            stands.update(lines)
    return divide(units * num, den, rule.rounding), list(stands.items())


def order_grants(
    cp: CompiledProgramme, order: Order, situation: Situation, caps: CapRoom
) -> list[Grant]:
    """Return what an order earns, rule by rule, in the order of the rules."""
    masks = [cp.line_mask(line) for line in order.lines]
    bases: list[list[tuple[int, int]] | None] = [None] * len(cp.bases)
    given: dict[int, Grant] = {}
    for rule in cp.candidates("order", situation.scene):
        if rule.dynamic is not None and not rule.dynamic(situation):
            continue
        if rule.multiplies:
            units, lines = _multiplied(rule, given, masks, situation, order)
        else:
            whole = bases[rule.basis]
            if whole is None:
                whole = bases[rule.basis] = basis_lines(cp.bases[rule.basis], order)
            if rule.line is None:
                lines = whole
            else:
                bit = rule.bit
                lines = [pair for pair in whole if pair[0] >= 0 and masks[pair[0]] & bit]
            if not lines:
                continue
            units = _rate(rule, lines, order)
        if units <= 0:
            continue
        grant = Grant(rule.code, rule.currency, units, lines)
        if rule.caps:
            _cap(rule, grant, caps, order)
            if grant.units == 0:
                continue
        given[rule.index] = grant
    return list(given.values())


def _cap(rule: CompiledRule, grant: Grant, caps: CapRoom, order: Order | None) -> None:
    """Cut a grant to what every one of its caps has room for, then take that room."""
    for cap in rule.caps:
        room = caps.room(cap)
        if cap.measure == "units":
            grant.units = min(grant.units, room)
        elif cap.measure == "applications":
            if room < 1:
                grant.units = 0
        else:
            basis = sum(amount for _, amount in grant.lines)
            if basis > room:
                grant.lines = _cut_basis(grant.lines, room)
                if rule.multiplies or rule.per is None:
                    grant.units = grant.units * room // basis
                else:
                    grant.units = min(grant.units, _rate(rule, grant.lines, order))
        if grant.units == 0:
            return
    taken = []
    for cap in rule.caps:
        if cap.measure == "units":
            value = grant.units
        elif cap.measure == "applications":
            value = 1
        else:
            value = sum(amount for _, amount in grant.lines)
        taken.append(caps.take(cap, value))
    grant.caps = tuple(taken)


def activity_grants(
    cp: CompiledProgramme, activity: str, situation: Situation, caps: CapRoom
) -> list[Grant]:
    """Return what an activity earns; rates count the value of a declared field."""
    given: dict[int, Grant] = {}
    for rule in cp.candidates(f"activity:{activity}", situation.scene):
        if rule.dynamic is not None and not rule.dynamic(situation):
            continue
        if rule.multiplies:
            units, _ = _multiplied(rule, given, (), situation, None)
            amount = 0
        else:
            amount = int(situation.fields.get(rule.field, 0)) if rule.field else 0
            units = _rate(rule, [(0, amount)], None)
        if units <= 0:
            continue
        grant = Grant(rule.code, rule.currency, units, [(0, amount)])
        if rule.caps:
            _cap(rule, grant, caps, None)
            if grant.units == 0:
                continue
        given[rule.index] = grant
    return list(given.values())
