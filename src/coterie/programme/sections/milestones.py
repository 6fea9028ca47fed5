"""Milestones: units for reaching a number in a metric, once or again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor
from coterie.programme.conditions.kind import label
from coterie.programme.model import Programme, Words
from coterie.programme.schema_parts import CODE, DECIMAL, WORDS, Schema, mapping, whole
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    measured_text,
    plain_words_of,
    words_of,
)
from coterie.programme.turn import Step, Turn

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme

TIMES_MAX = 1_000


class Milestone(Struct, frozen=True):
    """Give ``units`` of ``currency`` when ``metric`` reaches ``at``, or at every multiple of it.

    ``repeats``: again at every multiple, ``times`` in one window of the metric at most. ``at`` is
    in the metric's own unit (minor units for an amount).
    """

    code: str
    name: Words
    metric: str
    at: int
    repeats: bool
    times: int
    currency: str
    units: int


class Milestones(Section):
    """``milestones:`` by code."""

    code = "milestones"
    noun = "milestone"

    def schema(self) -> Schema:
        """Return ``{name, metric, at | every, times, currency, units}``."""
        number = {**DECIMAL, "description": "a number of the metric: a count, or an amount"}
        return mapping(
            {
                "name": WORDS,
                "metric": CODE,
                "at": number,
                "every": number,
                "times": whole(1, TIMES_MAX),
                "currency": CODE,
                "units": DECIMAL,
            },
            ("name", "metric", "currency", "units"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Milestone:
        """Return the milestone."""
        if ("at" in raw) == ("every" in raw):
            raise Malformed("give either `at` or `every`.", where=path)
        repeats = "every" in raw
        key = "every" if repeats else "at"
        at = ground.measured(raw[key], raw["metric"], f"{path}.{key}")
        if at == 0:
            raise Malformed("everybody has reached zero.", where=f"{path}.{key}")
        return Milestone(
            code,
            words_of(raw["name"]),
            raw["metric"],
            at,
            repeats,
            raw.get("times", TIMES_MAX if repeats else 1),
            raw["currency"],
            ground.units(raw["units"], raw["currency"], f"{path}.units"),
        )

    def plain(self, entry: Milestone, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        scale = programme.currencies[entry.currency].scale
        return {
            "name": plain_words_of(entry.name),
            "metric": entry.metric,
            "every" if entry.repeats else "at": measured_text(programme, entry.metric, entry.at),
            "times": entry.times,
            "currency": entry.currency,
            "units": format_minor(entry.units, scale),
        }

    def check(self, entry: Milestone, path: str, checker: Checker) -> None:
        """Refuse names nobody declares, and nothing to give."""
        programme = checker.programme
        checker.named("metric", entry.metric, "metrics", programme.metrics, f"{path}.metric")
        currencies = programme.currencies
        checker.named("currency", entry.currency, "currencies", currencies, f"{path}.currency")
        if entry.units == 0:
            checker.find(f"{path}.units", "a milestone gives more than nothing.")
        if not entry.repeats and entry.times > 1:
            checker.find(
                f"{path}.times", "`at` is reached once; only `every` is met several times."
            )

    def words(self, entry: Milestone, programme: Programme, lang: str) -> str:
        """Say when what is given."""
        metric = label(programme.metrics.get(entry.metric), entry.metric, lang)
        at = measured_text(programme, entry.metric, entry.at)
        currency = programme.currencies[entry.currency]
        units = format_minor(entry.units, currency.scale)
        if lang == "zh":
            when = f"每达到{at}" if entry.repeats else f"达到{at}"
            most = f"，最多{entry.times}次" if entry.repeats and entry.times < TIMES_MAX else ""
            return f"{entry.name.zh}：{metric}{when}，奖励{units}{currency.name.zh}{most}。"
        when = f"for every {at} of {metric}" if entry.repeats else f"when {metric} reaches {at}"
        most = f", {entry.times} times at most" if entry.repeats and entry.times < TIMES_MAX else ""
        return f"{entry.name.en}: {units} {currency.name.en} {when}{most}."

    def breaks(self, old: Milestone, new: Milestone) -> Iterator[str]:
        """What was reached is on record by metric and number."""
        if (old.metric, old.at, old.repeats) != (new.metric, new.at, new.repeats):
            yield "is reached by something else now; a new milestone needs a new code."

    def step(self, entries: Mapping[str, Milestone], cp: CompiledProgramme) -> Step | None:
        """Return the step that looks at metrics after every event."""
        return _Step(tuple(entries.values()), cp) if entries else None


class _Step(Step):
    def __init__(self, milestones: tuple[Milestone, ...], cp: CompiledProgramme) -> None:
        self._milestones = [(m, f"milestone:{m.code}", cp.metrics[m.metric]) for m in milestones]

    def after(self, turn: Turn) -> bool:
        """Give what was reached since; what a return takes out of the metric stays given."""
        changed = False
        for milestone, mark, metric in self._milestones:
            bucket = metric.period.bucket(turn.day) if metric.period.length == 1 else 0
            reached = turn.metric(milestone.metric) // milestone.at
            times = min(reached, milestone.times) - turn.mark(mark, bucket)
            if times > 0:
                turn.issue(milestone.currency, milestone.units * times, "milestone", milestone.code)
                turn.set_mark(mark, min(reached, milestone.times), bucket)
                changed = True
        return changed
