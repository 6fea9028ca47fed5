"""The business day falls on some days of the week."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf, enumeration
from coterie.programme.conditions.scene import SceneTest
from coterie.programme.model import Programme

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


class Weekday(OneOf):
    """The business day falls on some days of the week."""

    code = "weekday"
    level = Level.SCENE
    hint = "weekdays"
    noun = ("日期", "the day")

    def schema(self) -> dict[str, Any]:
        """Return one day or a list of days."""
        return {
            "anyOf": [
                {"enum": list(DAYS)},
                {"type": "array", "items": {"enum": list(DAYS)}, "minItems": 1, "maxItems": 7},
            ],
            "description": "one or a list of mon, tue, wed, thu, fri, sat, sun",
        }

    def compile(self, args: dict[str, Any], programme: Programme) -> SceneTest:
        """Return the test; ordinal 1 was a Monday."""
        del programme
        wanted = frozenset((DAYS.index(name) + 1) % 7 for name in args["in"])
        return lambda scene: scene.day % 7 in wanted

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which days."""
        del programme
        return f"日期为{_days(args, lang)}" if lang == "zh" else f"the day is a {_days(args, lang)}"

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Say which days not."""
        del programme
        days = _days(args, lang)
        return f"日期不为{days}" if lang == "zh" else f"the day is not a {days}"


def _days(args: dict[str, Any], lang: str) -> str:
    return enumeration((NAMES[lang][DAYS.index(name)] for name in args["in"]), lang)
