"""The event occurred between some times of the day, on the clock of the programme's zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.programme.conditions.kind import Kind, Level, Problem, enumeration
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme

_TIME = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$(?!\n)"}
_UNTIL = {"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$(?!\n)"}
_SPAN = {
    "type": "object",
    "properties": {"from": _TIME, "to": _UNTIL},
    "required": ["from", "to"],
    "additionalProperties": False,
}
SPANS_MAX = 24


class TimeOfDay(Kind):
    """The local time lies in one of some spans, each from its first minute to before its last.

    A span that ends before it begins goes past midnight.
    """

    code = "time_of_day"
    level = Level.SITUATION
    hint = "times"

    def schema(self) -> dict[str, Any]:
        """Return one or a list of spans."""
        many = {"type": "array", "items": _SPAN, "minItems": 1, "maxItems": SPANS_MAX}
        return {
            "anyOf": [_SPAN, many],
            "description": '{from: "17:00", to: "20:00"}, or a list of these',
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{in: [spans]}``."""
        return {"in": list(raw) if isinstance(raw, list) else [raw]}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the list."""
        return [dict(span) for span in args["in"]]

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse spans without a minute: whether a whole day is meant cannot be told."""
        del programme, on
        for n, span in enumerate(args["in"]):
            if span["from"] == span["to"]:
                whole = 'the whole day is {from: "00:00", to: "24:00"}'
                yield Problem(f"[{n}]", "the span ends as it begins.", whole)

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        spans = tuple((_minute(span["from"]), _minute(span["to"])) for span in args["in"])

        def test(situation: Any) -> bool:
            now = situation.minute
            return any(
                first <= now < last if first < last else now >= first or now < last
                for first, last in spans
            )

        return test

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say between which times."""
        del programme
        zh = lang == "zh"
        listed = enumeration([_say(span, zh=zh) for span in args["in"]], lang)
        return f"时间在{listed}之间" if zh else f"the time is {listed}"


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _say(span: dict[str, str], *, zh: bool) -> str:
    first, last = span["from"], span["to"]
    if not zh:
        return f"from {first} to {last}"
    return f"{first}至{'次日' if _minute(last) < _minute(first) else ''}{last}"
