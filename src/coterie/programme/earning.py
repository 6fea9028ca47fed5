"""What an order or an activity earns: grants, before any unit moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coterie.events import Order, OrderLine
from coterie.kernel.time import DAY_US, MINUTE_US
from coterie.programme.capping import CapRoom, cap_grant
from coterie.programme.compile import CompiledProgramme, CompiledRule
from coterie.programme.conditions import Scene
from coterie.programme.rating import FEES, SHIPPING, BasisLines, basis_lines
from coterie.programme.standing import HELD_OUT, CapTaken, Context, Grant, Standing

__all__ = ["FEES", "SHIPPING", "CapRoom", "Situation", "activity_grants", "order_grants"]


class Situation:
    """What the conditions of an event may read besides its scene: the member as before it."""

    __slots__ = (
        "_context",
        "_cp",
        "_standing",
        "amount_minor",
        "at_us",
        "attributes",
        "day",
        "fields",
        "lines",
        "order",
        "scene",
    )

    def __init__(
        self,
        cp: CompiledProgramme,
        scene: Scene,
        standing: Standing,
        at_us: int,
        lines: Sequence[OrderLine] = (),
        fields: Mapping[str, Any] | None = None,
        context: Context | None = None,
        order: Order | None = None,
    ) -> None:
        """Put together; ``context`` replaces the member's present by a recorded past."""
        self._cp = cp
        self._standing = standing
        self._context = context
        self.scene = scene
        self.day = scene.day
        self.at_us = at_us
        self.attributes = standing.member.attributes if context is None else context.attributes
        self.lines = lines if order is None else order.lines
        self.order = order
        self.fields: Mapping[str, Any] = fields or {}
        self.amount_minor = sum([line.amount_minor for line in self.lines])

    @property
    def minute(self) -> int:
        """Return the minutes since midnight, on the clock of the programme's zone."""
        return (self.at_us + self._cp.zone.offset_us(self.at_us)) % DAY_US // MINUTE_US

    @property
    def enrolled_day(self) -> int:
        """Return the local day on which the member enrolled."""
        if self._context is not None:
            return self._context.enrolled_day
        return self._cp.zone.day(self._standing.member.enrolled_us)

    def metric(self, code: str) -> int:
        """Return a metric's value before the event."""
        if self._context is not None:
            return self._context.metrics.get(code, 0)
        return self._cp.metric_value(self._standing, code, self.day)

    def tier(self, ladder: str) -> str | None:
        """Return the member's tier on a ladder before the event; None: not on it."""
        if self._context is not None:
            return self._context.tiers.get(ladder)
        return self._cp.tier_of(self._standing, ladder)

    def held_out(self, campaign: str) -> bool:
        """Tell whether the member is, or was then, in a campaign's comparison group."""
        if self._context is not None:
            return HELD_OUT + campaign in self._context.marks
        return self._cp.held_out(campaign, self._standing.member.member_id)

    def mark(self, code: str, bucket: int = 0) -> int:
        """Return a number that is kept about the member, such as ``optin:CODE``; 0 for none."""
        if self._context is not None:
            return self._context.marks.get(code, 0)
        return self._standing.counters.get(code, {}).get(bucket, 0)


def _basis(lines: Iterable[tuple[int, int]]) -> int:
    return sum([amount for _, amount in lines])


def order_grants(
    cp: CompiledProgramme, order: Order, situation: Situation, caps: CapRoom
) -> list[Grant]:
    """Return what an order earns, rule by rule, in the order of the rules."""
    masks = cp.line_masks(order.lines)
    # Most of many rules count none of these lines: one look tells it for each.
    counted = 0
    for mask in masks:
        counted |= mask
    wholes: list[tuple[BasisLines, int] | None] = [None] * len(cp.bases)
    given: dict[int, Grant] = {}
    opened = caps.rooms
    for rule in cp.candidates("order", situation.scene):
        dynamic = rule.dynamic
        if dynamic is not None and not dynamic(situation):
            continue
        act = rule.act
        if act is not None:
            units, lines = act(given, masks, situation)
        else:
            line, bit = rule.line, rule.bit
            if line is not None and not counted & bit:
                continue
            whole = wholes[rule.basis]
            if whole is None:
                lines = basis_lines(cp.bases[rule.basis], order)
                whole = wholes[rule.basis] = (lines, _basis(lines))
            lines, basis = whole
            if line is not None:
                lines = [pair for pair in lines if pair[0] >= 0 and masks[pair[0]] & bit]
                basis = 0
                for _, amount in lines:
                    basis += amount
            if not lines:
                continue
            units = rule.rate(lines, basis, situation)
        if units <= 0:
            continue
        if rule.caps_units:
            # As cap_grant() would, spelt out: most caps count units, and an order meets many.
            rooms = []
            for cap in rule.caps:
                room = opened[cap.index] or caps.of(cap)
                rooms.append(room)
                if room.left < units:  # noqa: PLR1730 - min() would be a call
                    units = room.left
            if not units:
                continue
            taken = []
            for room in rooms:
                room.left -= units
                taken.append(CapTaken(room.code, room.bucket, units))
            given[rule.index] = Grant(rule.code, rule.currency, units, lines, tuple(taken))
            continue
        grant = Grant(rule.code, rule.currency, units, lines)
        if rule.caps:
            cap_grant(rule, grant, caps, situation)
            if grant.units == 0:
                continue
        given[rule.index] = grant
    return list(given.values())


def uncapped(
    cp: CompiledProgramme,
    rule: CompiledRule,
    situation: Situation,
    given: Mapping[str, Grant],
    order: Order | None,
) -> tuple[bool, int]:
    """Return whether a rule whose conditions hold counts anything, and its units without caps.

    ``given`` are the grants by rule, as a bonus reads those of the rules before it.
    """
    masks = [] if order is None else cp.line_masks(order.lines)
    if rule.act is not None:
        by_index = {cp.by_code[code].index: grant for code, grant in given.items()}
        units, lines = rule.act(by_index, masks, situation)
    elif order is None:
        amount = int(situation.fields.get(rule.field, 0)) if rule.field else 0
        lines = [(0, amount)]
        units = rule.rate(lines, amount, situation)
    else:
        lines = basis_lines(cp.bases[rule.basis], order)
        if rule.line is not None:
            lines = [pair for pair in lines if pair[0] >= 0 and masks[pair[0]] & rule.bit]
        units = rule.rate(lines, _basis(lines), situation) if lines else 0
    return bool(lines), max(units, 0)


def activity_grants(
    cp: CompiledProgramme, activity: str, situation: Situation, caps: CapRoom
) -> list[Grant]:
    """Return what an activity earns; rates count the value of a declared field."""
    given: dict[int, Grant] = {}
    for rule in cp.candidates(f"activity:{activity}", situation.scene):
        if rule.dynamic is not None and not rule.dynamic(situation):
            continue
        if rule.act is not None:
            units, _ = rule.act(given, (), situation)
            amount = 0
        else:
            amount = int(situation.fields.get(rule.field, 0)) if rule.field else 0
            units = rule.rate([(0, amount)], amount, situation)
        if units <= 0:
            continue
        grant = Grant(rule.code, rule.currency, units, [(0, amount)])
        if rule.caps:
            cap_grant(rule, grant, caps, situation)
            if grant.units == 0:
                continue
        given[rule.index] = grant
    return list(given.values())
