"""A metric, before the event, lies within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import parse_minor
from coterie.programme.conditions.comparing import bounds_sentence
from coterie.programme.conditions.kind import Kind, Level, Problem, label, unknown
from coterie.programme.conditions.order_amount import MONEY
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme


class MetricBounds(Kind):
    """A metric, before the event, lies within bounds, both included; money where it sums money."""

    code = "metric"
    level = Level.SITUATION
    hint = "metric_bounds"

    def schema(self) -> dict[str, Any]:
        """Return ``{code, min, max}``."""
        return {
            "type": "object",
            "properties": {"code": {"type": "string"}, "min": MONEY, "max": MONEY},
            "required": ["code"],
            "minProperties": 2,
            "additionalProperties": False,
            "description": "{code: orders_month, min: 3, max: 5}, one bound or both",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the bounds as text."""
        return {key: str(value) for key, value in raw.items()}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the bounds as text."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse a metric that is not declared and bounds that nothing lies between."""
        del on
        if args["code"] not in programme.metrics:
            yield unknown("metric", args["code"], programme.metrics, below=".code")
            return
        try:
            least, most = _bounds(args, programme)
        except Malformed as error:
            yield Problem("", error.detail)
            return
        if least is not None and most is not None and least > most:
            yield Problem("", "no number lies between these bounds.")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        code = args["code"]
        least, most = _bounds(args, programme)
        if most is None:
            assert least is not None
            return lambda situation: situation.metric(code) >= least
        if least is None:
            return lambda situation: situation.metric(code) <= most
        return lambda situation: least <= situation.metric(code) <= most

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say the metric and its bounds."""
        declared = programme.metrics.get(args["code"]) if programme else None
        name = label(declared, args["code"], lang)
        noun = f"此前的{name}" if lang == "zh" else f"{name} before this"
        return bounds_sentence(noun, args.get("min"), args.get("max"), lang)


def _bounds(args: dict[str, Any], programme: Programme) -> tuple[int | None, int | None]:
    # Measures say their conditions by the labels of this package.
    from coterie.programme.measures import metric_scale  # noqa: PLC0415

    scale = metric_scale(programme, args["code"])
    least, most = (parse_minor(args[k], scale) if k in args else None for k in ("min", "max"))
    return least, most
