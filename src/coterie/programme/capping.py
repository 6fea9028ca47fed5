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
    from coterie.programme.compile import CompiledRule
    from coterie.programme.earning import Situation

VALUES_MAX = 100
"""For how many values one cap keeps a bound of its own; those after share one."""
OTHERS = "*"


class Room:
    """What is left of a cap while one event is decided, and what its grants took.

    ``key`` is the value it is about, where a cap has a bound for each.
    """

    __slots__ = ("bucket", "cap", "code", "counter", "key", "left", "taken")

    def __init__(self, cap: CompiledCap, bucket: int, used: int, key: str = "") -> None:
        """Begin with what was ``used`` before the event."""
        self.cap = cap
        self.code = cap.code
        self.key = key
        self.counter = cap.counter_of(key)
        self.bucket = bucket
        self.left = max(cap.limit - used, 0)
        self.taken = 0


class CapRoom:
    """How much of each cap is used, as grants take from it one after the other."""

    __slots__ = ("_before", "_counters", "_rooms", "_situation")

    def __init__(
        self, counters: Counters, situation: Situation, before: Mapping[str, int] | None = None
    ) -> None:
        """Read from counters, or from the recorded ``before`` of a past event."""
        self._counters = counters
        self._situation = situation
        self._before = before
        self._rooms: dict[int | tuple[int, str], Room] = {}

    def of(self, caps: Iterable[CompiledCap]) -> list[Room]:
        """Return the rooms of caps; rules that share a cap take from the same room."""
        rooms = self._rooms
        found = []
        for cap in caps:
            room = rooms.get(cap.index)
            if room is None:
                room = rooms[cap.index] = self._open(cap)
            found.append(room)
        return found

    def of_value(self, cap: CompiledCap, value: str) -> Room:
        """Return the room of one value of a cap that has a bound for each."""
        key = value
        if value and self._before is None and cap.counter_of(value) not in self._counters:
            others = sum(code.startswith(cap.prefix) for code in self._counters)
            key = OTHERS if others >= VALUES_MAX else value
        room = self._rooms.get((cap.index, key))
        if room is None:
            room = self._rooms[cap.index, key] = self._open(cap, key)
        return room

    def _open(self, cap: CompiledCap, key: str = "") -> Room:
        if cap.period is None:
            return Room(cap, 0, 0, key)
        situation = self._situation
        if cap.period.since is None:
            bucket = cap.period.bucket(situation.day)
        else:
            bucket = cap.period.since(situation.day, situation.enrolled_day)
        if self._before is not None:
            return Room(cap, bucket, self._before.get(cap.named(key), 0), key)
        used = peak(self._counters, cap.counter_of(key), bucket, cap.period.length)
        return Room(cap, bucket, used, key)

    def taken(self) -> Iterable[Room]:
        """Return the rooms that grants took from, of caps that count over a period."""
        return [r for r in self._rooms.values() if r.taken and r.cap.period is not None]

    def full(self, caps: Iterable[CompiledCap]) -> str | None:
        """Return the first of some caps that has no room left; caps only ever fill."""
        codes = {room.code for room in self._rooms.values() if room.left == 0}
        return next((cap.code for cap in caps if cap.code in codes), None)


def cap_grant(rule: CompiledRule, grant: Grant, caps: CapRoom, situation: Situation) -> None:
    """Cut a grant to what every one of its rule's caps has room for, then take that room."""
    if rule.caps_by_value:
        _cap_by_value(rule, grant, caps, situation)
        return
    rooms = caps.of(rule.caps)
    if not rule.caps_units:
        _cap_mixed(rule, grant, rooms, situation)
        return
    units = grant.units
    for room in rooms:
        if room.left < units:  # noqa: PLR1730 - min() is a call, and this runs for every rule
            units = room.left
    grant.units = units
    if units == 0:
        return
    for room in rooms:
        room.left -= units
        room.taken += units
    grant.caps = tuple([CapTaken(room.code, room.bucket, units) for room in rooms])


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


def _cap_mixed(
    rule: CompiledRule, grant: Grant, rooms: Sequence[Room], situation: Situation
) -> None:
    """As above, where a cap counts basis or applications."""
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
        room.left = max(room.left - value, 0)
        room.taken += value
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
            room.left = max(room.left - taken, 0)
            room.taken += taken
            found.append(CapTaken(cap.code, room.bucket, taken, room.key))
    return found
