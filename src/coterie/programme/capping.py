"""How caps bound what one event gives: what is left of each, and cutting grants to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from coterie.metrics import Counters, peak
from coterie.programme.rating import BasisLines, cut_basis
from coterie.programme.standing import CapTaken, Grant

if TYPE_CHECKING:
    from coterie.programme.bounds import CompiledCap
    from coterie.programme.compile import CompiledProgramme, CompiledRule
    from coterie.programme.earning import Situation

VALUES_MAX = 100
"""For how many values one cap keeps a bound of its own; those after share one."""
OTHERS = "*"


class Room:
    """What is left of a cap while one event is decided, and what its grants took.

    ``key`` is the value it is about, where a cap has a bound for each; ``over`` what was taken
    beyond what was left, where several values share one room.
    """

    __slots__ = ("begun", "bucket", "cap", "code", "counter", "key", "left", "over")

    def __init__(
        self, cap: CompiledCap, bucket: int, used: int, key: str = "", limit: int | None = None
    ) -> None:
        """Begin with what was ``used`` before the event; ``limit`` is the member's own."""
        self.cap = cap
        self.code = cap.code
        self.key = key
        self.counter = cap.prefix + key if key else cap.counter
        self.bucket = bucket
        most = cap.limit if limit is None else limit
        self.begun = self.left = most - used if used < most else 0
        self.over = 0

    @property
    def taken(self) -> int:
        """Return what was taken so far."""
        return self.begun - self.left + self.over

    def take(self, value: int) -> None:
        """Take from what is left."""
        left = self.left - value
        if left < 0:
            self.over -= left
            left = 0
        self.left = left


class CapRoom:
    """How much of each cap is used, as grants take from it one after the other."""

    __slots__ = ("_before", "_counters", "_situation", "_valued", "rooms")

    def __init__(
        self,
        cp: CompiledProgramme,
        counters: Counters,
        situation: Situation,
        before: Mapping[str, int] | None = None,
    ) -> None:
        """Read from counters, or from the recorded ``before`` of a past event.

        ``rooms`` holds by index of a cap its room, once it was asked for.
        """
        self._counters = counters
        self._situation = situation
        self._before = before
        self._valued: dict[tuple[int, str], Room] = {}
        self.rooms: list[Room | None] = [None] * len(cp.caps)

    def of(self, cap: CompiledCap) -> Room:
        """Return the room of a cap; rules that share it take from the same room."""
        room = self.rooms[cap.index]
        if room is None:
            room = self.rooms[cap.index] = self._open(cap)
        return room

    def of_value(self, cap: CompiledCap, value: str) -> Room:
        """Return the room of one value of a cap that has a bound for each."""
        key = value
        if value and self._before is None and cap.counter_of(value) not in self._counters:
            others = sum(code.startswith(cap.prefix) for code in self._counters)
            key = OTHERS if others >= VALUES_MAX else value
        room = self._valued.get((cap.index, key))
        if room is None:
            room = self._valued[cap.index, key] = self._open(cap, key)
        return room

    def _open(self, cap: CompiledCap, key: str = "") -> Room:
        situation = self._situation
        limit = None if cap.parameter is None else cap.parameter(situation)
        if cap.period is None:
            return Room(cap, 0, 0, key, limit)
        if cap.period.since is None:
            bucket = cap.period.bucket(situation.day)
        else:
            origin = cap.period.origin(situation.attributes, situation.enrolled_day)
            bucket = cap.period.since(situation.day, origin)
        if self._before is not None:
            return Room(cap, bucket, self._before.get(cap.named(key), 0), key, limit)
        used = peak(self._counters, cap.counter_of(key), bucket, cap.period.length)
        return Room(cap, bucket, used, key, limit)

    def taken(self) -> list[Room]:
        """Return the rooms that grants took from, of caps that count over a period."""
        rooms = [r for r in self.rooms if r and r.left != r.begun and r.cap.period is not None]
        if self._valued:
            rooms += [r for r in self._valued.values() if r.taken and r.cap.period is not None]
        return rooms

    def full(self, caps: Iterable[CompiledCap]) -> str | None:
        """Return the first of some caps that has no room left; caps only ever fill."""
        opened = [room for room in self.rooms if room is not None]
        codes = {room.code for room in (*opened, *self._valued.values()) if room.left == 0}
        return next((cap.code for cap in caps if cap.code in codes), None)


def cap_grant(rule: CompiledRule, grant: Grant, caps: CapRoom, situation: Situation) -> None:
    """Cut a grant to what every one of its rule's caps has room for, then take that room."""
    if rule.caps_by_value:
        _cap_by_value(rule, grant, caps, situation)
    else:
        _cap_each(rule, grant, [caps.of(cap) for cap in rule.caps], situation)


def _sum(lines: Iterable[tuple[int, int]]) -> int:
    return sum([amount for _, amount in lines])


def _count_again(rule: CompiledRule, grant: Grant, lines: BasisLines, situation: Situation) -> None:
    """Let a grant stand on fewer lines, or parts of them."""
    before, now = _sum(grant.lines), _sum(lines)
    grant.lines = lines
    if rule.act is not None or rule.per is None:
        grant.units = grant.units * now // before if before else 0
    else:
        grant.units = min(grant.units, rule.rate(lines, now, situation)) if lines else 0


def _cap_each(
    rule: CompiledRule, grant: Grant, rooms: Sequence[Room], situation: Situation
) -> None:
    for room in rooms:
        measure = room.cap.measure
        if measure == "units":
            grant.units = min(grant.units, room.left)
        elif measure == "applications":
            if room.left < 1:
                grant.units = 0
        elif _sum(grant.lines) > room.left:
            _count_again(rule, grant, cut_basis(grant.lines, room.left), situation)
        if grant.units == 0:
            return
    taken = []
    for room in rooms:
        measure = room.cap.measure
        if measure == "units":
            value = grant.units
        elif measure == "applications":
            value = 1
        else:
            value = _sum(grant.lines)
        room.take(value)
        taken.append(CapTaken(room.code, room.bucket, value))
    grant.caps = tuple(taken)


# ---------------------------------------------------------------------- a bound for each value


def shares(whole: int, weights: Sequence[int]) -> list[int]:
    """Return ``whole`` in parts by weight, to the last unit; by number where nothing weighs."""
    sums = list(accumulate(weights))
    if not sums or not sums[-1]:
        weights = [1] * len(weights)
        sums = list(accumulate(weights))
    ends = [whole * upto // sums[-1] for upto in sums]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def by_value(cap: CompiledCap, lines: BasisLines, situation: Situation) -> dict[str, BasisLines]:
    """Return the lines of a grant by the value that the cap tells apart, in their order."""
    if cap.value_of_line is None:
        return {cap.value_of_event(situation): lines}
    found: dict[str, BasisLines] = {}
    for index, amount in lines:
        value = cap.value_of_line(situation.lines[index]) if index >= 0 else ""
        found.setdefault(value, []).append((index, amount))
    return found


def _cap_by_value(rule: CompiledRule, grant: Grant, caps: CapRoom, situation: Situation) -> None:
    """As above, where a cap has a bound for each brand, category, store or the like."""
    plans: list[tuple[CompiledCap, dict[str, int]]] = []
    for cap in rule.caps:
        parts = by_value(cap, grant.lines, situation)
        rooms = {value: caps.of_value(cap, value) for value in parts}
        units: dict[str, int] = {}
        if cap.measure == "units":
            wanted = shares(grant.units, [_sum(lines) for lines in parts.values()])
            units = {
                value: min(part, rooms[value].left)
                for value, part in zip(parts, wanted, strict=True)
            }
            grant.units = sum(units.values())
        else:
            kept = [
                pair for value, lines in parts.items() for pair in _fitting(rooms[value], lines)
            ]
            kept.sort()
            if kept != sorted(grant.lines):
                _count_again(rule, grant, kept, situation)
        plans.append((cap, units))
        if grant.units == 0:
            return
    grant.caps = tuple(
        [taken for cap, units in plans for taken in _take(cap, units, grant, caps, situation)]
    )


def _fitting(room: Room, lines: BasisLines) -> BasisLines:
    if room.cap.measure == "amount":
        return cut_basis(lines, room.left)
    return lines if room.left >= 1 else []


def _take(
    cap: CompiledCap, units: Mapping[str, int], grant: Grant, caps: CapRoom, situation: Situation
) -> list[CapTaken]:
    parts = by_value(cap, grant.lines, situation)
    values = {
        "units": lambda: dict(zip(units, shares(grant.units, list(units.values())), strict=True)),
        "amount": lambda: {value: _sum(lines) for value, lines in parts.items()},
        "applications": lambda: dict.fromkeys(parts, 1),
    }[cap.measure]()
    found = []
    for value, taken in values.items():
        if taken:
            room = caps.of_value(cap, value)
            room.take(taken)
            found.append(CapTaken(cap.code, room.bucket, taken, room.key))
    return found
