"""Conversions: units become another currency at a threshold, at a period's end, or on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor
from coterie.programme.model import Programme, Words
from coterie.programme.schema_parts import CODE, DECIMAL, WORDS, Schema, choice, mapping
from coterie.programme.sections.limits import (
    Limit,
    counts_otherwise,
    limit_of,
    limit_words,
    plain_limit,
    room_left,
    take_room,
    units_limit_schema,
)
from coterie.programme.sections.loops import note_loops
from coterie.programme.sections.periods import PERIODS, over_us, period_of
from coterie.programme.sections.periods import WORDS as PERIOD_WORDS
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)
from coterie.programme.trading import spendable_units, trade
from coterie.programme.turn import Step, Turn

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing

MOMENTS = ("request", "threshold", *(f"{period}_end" for period in PERIODS))


class Conversion(Struct, frozen=True):
    """Every ``step`` units of ``source`` become ``gives`` units of ``target``; the rest stays.

    ``at``: ``request`` (a ``convert`` event), ``threshold`` (as soon as ``minimum`` is there), or
    ``month_end``, ``quarter_end``, ``year_end``. Under ``minimum`` nothing is converted. ``limit``
    counts units of ``source``.
    """

    code: str
    name: Words
    source: str
    target: str
    step: int
    gives: int
    at: str
    minimum: int
    limit: Limit | None = None

    @property
    def counter(self) -> str:
        """The counter that ``limit`` looks at."""
        return f"convert:{self.code}"


class Conversions(Section):
    """``conversions:`` by code."""

    code = "conversions"
    noun = "conversion"

    def schema(self) -> Schema:
        """Return ``{name, from, to, step, gives, at, minimum, limit}``."""
        return mapping(
            {
                "name": WORDS,
                "from": CODE,
                "to": CODE,
                "step": DECIMAL,
                "gives": DECIMAL,
                "at": choice(*MOMENTS),
                "minimum": DECIMAL,
                "limit": units_limit_schema(),
            },
            ("name", "from", "to", "step", "gives"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Conversion:
        """Return the conversion."""
        source, target = raw["from"], raw["to"]
        step = ground.units(raw["step"], source, f"{path}.step")
        gives = ground.units(raw["gives"], target, f"{path}.gives")
        for key, units in (("step", step), ("gives", gives)):
            if units == 0:
                raise Malformed("a conversion is of more than nothing.", where=f"{path}.{key}")
        minimum = step
        if "minimum" in raw:
            minimum = ground.units(raw["minimum"], source, f"{path}.minimum")
        limit = None
        if "limit" in raw:
            most = ground.units(raw["limit"]["units"], source, f"{path}.limit.units")
            limit = limit_of(raw["limit"], most)
        at = raw.get("at", "request")
        return Conversion(
            code, words_of(raw["name"]), source, target, step, gives, at, max(minimum, step), limit
        )

    def plain(self, entry: Conversion, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        scale = programme.currencies[entry.source].scale
        found: dict[str, Any] = {
            "name": plain_words_of(entry.name),
            "from": entry.source,
            "to": entry.target,
            "step": format_minor(entry.step, scale),
            "gives": format_minor(entry.gives, programme.currencies[entry.target].scale),
            "at": entry.at,
            "minimum": format_minor(entry.minimum, scale),
        }
        if entry.limit is not None:
            found["limit"] = plain_limit(entry.limit, scale)
        return found

    def check(self, entry: Conversion, path: str, checker: Checker) -> None:
        """Refuse unknown currencies, one into itself, limits below a step, and automatic rings."""
        currencies = checker.programme.currencies
        known = [
            checker.named("currency", code, "currencies", currencies, f"{path}.{key}")
            for key, code in (("from", entry.source), ("to", entry.target))
        ]
        if entry.source == entry.target:
            checker.find(f"{path}.to", "a currency is not converted into itself.")
        elif all(known):
            self._chains(entry, path, checker)
        if entry.limit is not None and entry.limit.most < entry.minimum:
            checker.find(f"{path}.limit.units", "this is less than one conversion takes.")
        note_loops(self.code, entry.code, path, checker)

    def _chains(self, entry: Conversion, path: str, checker: Checker) -> None:
        """Refuse what would turn units round and round by itself."""
        if entry.at == "request":
            return
        by_itself: dict[str, set[str]] = {}
        for other in checker.programme.parts.get(self.code, {}).values():
            if other.at != "request":
                by_itself.setdefault(other.source, set()).add(other.target)
        reached, ahead = {entry.target}, [entry.target]
        while ahead:
            fresh = by_itself.get(ahead.pop(), set()) - reached
            reached |= fresh
            ahead += fresh
        if entry.source in reached:
            checker.find(f"{path}.to", f"what becomes of {entry.source} becomes {entry.source}.")

    def words(self, entry: Conversion, programme: Programme, lang: str) -> str:
        """Say what becomes of what, when, and within which bounds."""
        source = programme.currencies[entry.source]
        target = programme.currencies[entry.target]
        step = format_minor(entry.step, source.scale)
        gives = format_minor(entry.gives, target.scale)
        minimum = format_minor(entry.minimum, source.scale)
        limit = entry.limit and limit_words(entry.limit, lang, source.scale)
        if lang == "zh":
            parts = [_when(entry, f"{minimum}{source.name.zh}", lang)]
            if entry.at != "threshold" and entry.minimum > entry.step:
                parts.append(f"{minimum}{source.name.zh}起")
            parts += [f"{limit}{source.name.zh}"] if limit else []
            told = "，".join(parts)
            return (
                f"{entry.name.zh}：{told}，每{step}{source.name.zh}换{gives}{target.name.zh}，"
                "不足部分保留。"
            )
        parts = [_when(entry, f"{minimum} {source.name.en}", lang)]
        if entry.at != "threshold" and entry.minimum > entry.step:
            parts.append(f"from {minimum} {source.name.en} up")
        parts += [f"{limit} of them"] if limit else []
        told = ", ".join(parts)
        return (
            f"{entry.name.en}: every {step} {source.name.en} become {gives} {target.name.en} "
            f"{told}; the rest stays."
        )

    def breaks(self, old: Conversion, new: Conversion) -> Iterator[str]:
        """What waits for the end of a period, and what was taken, is on record by these."""
        if (old.source, old.target) != (new.source, new.target):
            yield "is between other currencies now; a new conversion needs a new code."
        if old.at != new.at and (old.at.endswith("_end") or new.at.endswith("_end")):
            yield "happens at another time now; a new conversion needs a new code."
        if counts_otherwise(old.limit, new.limit):
            yield "counts over another window now; a new conversion needs a new code."

    def step(self, entries: Mapping[str, Conversion], cp: CompiledProgramme) -> Step | None:
        """Return the step of those that happen by themselves."""
        del cp
        automatic = [entry for entry in entries.values() if entry.at != "request"]
        return _Step(automatic) if automatic else None


def _when(entry: Conversion, minimum: str, lang: str) -> str:
    zh = lang == "zh"
    if entry.at == "request":
        return "会员申请时" if zh else "when the member asks"
    if entry.at == "threshold":
        return f"满{minimum}时自动" if zh else f"as soon as there are {minimum}"
    return PERIOD_WORDS[entry.at.removesuffix("_end")][0 if zh else 1]


def convertible(cp: CompiledProgramme, entry: Conversion, standing: Standing, day: int) -> int:
    """Return how many units would be converted on a day: whole steps, or nothing."""
    room = room_left(cp, entry.limit, entry.counter, standing, day)
    most = min(spendable_units(standing, entry.source), room)
    units = most - most % entry.step
    return units if units >= entry.minimum else 0


class _Step(Step):
    """What is converted without being asked for."""

    def __init__(self, conversions: list[Conversion]) -> None:
        self._at_once = [c for c in conversions if c.at == "threshold"]
        self._at_end = [(c, c.at.removesuffix("_end")) for c in conversions if c.at != "threshold"]
        self.needs_complete = bool(self._at_once)

    def after(self, turn: Turn) -> bool:
        """Convert what reached its threshold; remember who has something at a period's end."""
        if not turn.cp.states[turn.standing.member.state].spend:
            return False
        changed = False
        for entry in self._at_once:
            if spendable_units(turn.standing, entry.source) >= entry.minimum:
                changed |= _convert(entry, turn)
        for entry, period in self._at_end:
            if spendable_units(turn.standing, entry.source) >= entry.minimum:
                _await_end(entry, period, turn)
        return changed

    def due(self, turn: Turn) -> None:
        """Convert what the end of a period found."""
        may = turn.cp.states[turn.standing.member.state].spend
        for entry, _ in self._at_end:
            if not 0 < turn.mark(_waits(entry)) <= turn.at_us:
                continue
            turn.clear_marks(_waits(entry))
            turn.decision.noted = True
            if may:
                _convert(entry, turn)

    def next_due(self, standing: Standing) -> int | None:
        """Return the earliest end of a period that a member waits for."""
        moments = [
            at_us
            for entry, _ in self._at_end
            for at_us in standing.counters.get(_waits(entry), {}).values()
        ]
        return min(moments, default=None)


def _waits(entry: Conversion) -> str:
    return f"conversion_due:{entry.code}"


def _await_end(entry: Conversion, period: str, turn: Turn) -> None:
    if turn.mark(_waits(entry)):
        return
    at_us = over_us(turn.cp.zone, period, period_of(period, turn.today, 0), 0, 0)
    turn.set_mark(_waits(entry), at_us)
    turn.due_at(at_us)


def _convert(entry: Conversion, turn: Turn) -> bool:
    units = convertible(turn.cp, entry, turn.standing, turn.day)
    if not units:
        return False
    take_room(turn.cp, entry.limit, entry.counter, turn.standing, turn.day, units)
    given = (entry.source, units)
    gotten = (entry.target, units // entry.step * entry.gives)
    place = (turn.seq, turn.day)
    trade(turn.book, turn.cp, turn.standing, place, "convert", entry.code, given, gotten)
    return True
