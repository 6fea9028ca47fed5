"""The business day is one of some dates, or lies in one of some spans of dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.time import parse_day
from coterie.programme.conditions.kind import Kind, Level, Problem, enumeration
from coterie.programme.conditions.scene import SceneTest
from coterie.programme.model import Programme

_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$(?!\n)"}
_SPAN = {
    "type": "object",
    "properties": {"from": _DAY, "to": _DAY},
    "minProperties": 1,
    "additionalProperties": False,
}


class DateIs(Kind):
    """The business day is one of some dates, or lies in one of some spans; both ends included."""

    code = "date"
    level = Level.SCENE
    hint = "dates"

    def schema(self) -> dict[str, Any]:
        """Return one or a list of dates and spans."""
        one = [_DAY, _SPAN]
        many = {"type": "array", "items": {"anyOf": one}, "minItems": 1, "maxItems": 400}
        return {
            "anyOf": [*one, many],
            "description": "2026-11-11, {from: 2026-11-01, to: 2026-11-11}, or a list of these",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{in: [dates and spans]}``."""
        return {"in": [raw] if not isinstance(raw, list) else list(raw)}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the list."""
        return list(args["in"])

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse dates that no calendar has, and spans that end before they begin."""
        del programme, on
        for n, item in enumerate(args["in"]):
            try:
                first, last = _ends(item)
            except Malformed as error:
                yield Problem(f"[{n}]", error.detail)
            else:
                if first > last:
                    yield Problem(f"[{n}]", "the span ends before it begins.")

    def compile(self, args: dict[str, Any], programme: Programme) -> SceneTest:
        """Return the test."""
        del programme
        spans = tuple(_ends(item) for item in args["in"])
        if len(spans) == 1:
            first, last = spans[0]
            return lambda scene: first <= scene.day <= last
        if all(a == b for a, b in spans):
            days = frozenset(a for a, _ in spans)
            return lambda scene: scene.day in days
        return lambda scene: any(a <= scene.day <= b for a, b in spans)

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which dates."""
        del programme
        items = enumeration((_say(item, lang) for item in args["in"]), lang)
        return f"日期为{items}" if lang == "zh" else f"the date is {items}"


def _ends(item: Any) -> tuple[int, int]:
    if isinstance(item, str):
        day = parse_day(item)
        return day, day
    first = parse_day(item["from"]) if "from" in item else 1
    last = parse_day(item["to"]) if "to" in item else 3_652_059
    return first, last


def _say(item: Any, lang: str) -> str:
    if isinstance(item, str):
        return item
    first, last = item.get("from"), item.get("to")
    if lang == "zh":
        return f"{first or ''}至{last}" if last else f"{first}起"
    if first and last:
        return f"from {first} to {last}"
    return f"from {first} on" if first else f"up to {last}"
