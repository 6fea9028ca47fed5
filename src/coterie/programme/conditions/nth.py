"""The event is the n-th of those a metric counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.programme.conditions.kind import Kind, Level, Problem, label, unknown
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme

_COUNT = {"type": "integer", "minimum": 1, "maximum": 1_000_000}

_SAID = {
    "is": ("这是{name}中的第{number}次", "this is number {number} of {name}"),
    "every": ("{name}中每满{number}次", "this makes a multiple of {number} of {name}"),
    "at_least": ("这是{name}中的第{number}次或之后", "this is number {number} or later of {name}"),
}


class Nth(Kind):
    """The number of this event, one more than the metric counted before it, ``is`` some number.

    Or it is a multiple (``every``), or ``at_least`` some number. The metric counts the same kind
    of event; where it has a condition of its own, the number is the one this event would have.
    """

    code = "nth"
    level = Level.SITUATION
    hint = "nth"

    def schema(self) -> dict[str, Any]:
        """Return ``{metric, is | every | at_least}``."""
        return {
            "type": "object",
            "properties": {
                "metric": {"type": "string"},
                "is": _COUNT,
                "every": _COUNT,
                "at_least": _COUNT,
            },
            "required": ["metric"],
            "minProperties": 2,
            "maxProperties": 2,
            "additionalProperties": False,
            "description": "{metric: orders_month, every: 5}, with one of is, every, at_least",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the arguments as they are."""
        return dict(raw)

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the arguments as they are."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse a metric that does not count this kind of event."""
        code = args["metric"]
        metric = programme.metrics.get(code)
        if metric is None:
            yield unknown("metric", code, programme.metrics, below=".metric")
        elif metric.measure != "count" or metric.on != on:
            fitting = [
                m.code for m in programme.metrics.values() if m.measure == "count" and m.on == on
            ]
            yield Problem(
                ".metric",
                f"{code!r} does not count {on!r}, so this event has no number in it.",
                f"a metric with measure count on {on}: {', '.join(sorted(fitting)) or 'none yet'}",
            )

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        code = args["metric"]
        if "is" in args:
            before = args["is"] - 1
            return lambda situation: situation.metric(code) == before
        if "every" in args:
            every = args["every"]
            return lambda situation: (situation.metric(code) + 1) % every == 0
        least = args["at_least"] - 1
        return lambda situation: situation.metric(code) >= least

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which number."""
        declared = programme.metrics.get(args["metric"]) if programme else None
        name = label(declared, args["metric"], lang)
        key = next(key for key in ("is", "every", "at_least") if key in args)
        zh, en = _SAID[key]
        return (zh if lang == "zh" else en).format(number=args[key], name=name)
