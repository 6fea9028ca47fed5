"""The business day is some day of every month, or some date of every year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from coterie.programme.conditions.kind import Kind, Level, Problem, enumeration
from coterie.programme.conditions.scene import SceneTest
from coterie.programme.model import Programme

_YEARLY = re.compile(r"(\d{2})-(\d{2})")
_EXAMPLE = "a day of the month (1 to 31, or last) or a date of the year such as 11-11"


class MonthDay(Kind):
    """The business day is some day of every month (``8``, ``last``) or of every year (``11-11``).

    29 February comes in leap years only, the 31st in months that have one.
    """

    code = "month_day"
    level = Level.SCENE
    hint = "month_days"

    def schema(self) -> dict[str, Any]:
        """Return one or a list of days."""
        one = {
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": 31,
            "pattern": r"^(last|\d{2}-\d{2})$(?!\n)",
        }
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": 366}
        return {"anyOf": [one, many], "description": f"{_EXAMPLE}, or a list of these"}

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{in: [days]}``."""
        return {"in": list(raw) if isinstance(raw, list) else [raw]}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the list."""
        return list(args["in"])

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse dates that no year has."""
        del programme, on
        for n, item in enumerate(args["in"]):
            if isinstance(item, str) and item != "last":
                month, day = _month_and_day(item)
                try:
                    date(2024, month, day)  # a leap year has every date that any year has
                except ValueError:
                    yield Problem(f"[{n}]", f"{item!r} is not a date of any year.", _EXAMPLE)

    def compile(self, args: dict[str, Any], programme: Programme) -> SceneTest:
        """Return the test."""
        del programme
        monthly = frozenset(item for item in args["in"] if isinstance(item, int))
        yearly = frozenset(
            _month_and_day(item) for item in args["in"] if isinstance(item, str) and item != "last"
        )
        last = "last" in args["in"]

        def test(scene: Any) -> bool:
            today = date.fromordinal(scene.day)
            if today.day in monthly or (today.month, today.day) in yearly:
                return True
            return last and date.fromordinal(scene.day + 1).day == 1

        return test

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which days."""
        del programme
        items = enumeration((_say(item, lang) for item in args["in"]), lang)
        return f"日期为{items}" if lang == "zh" else f"the date is {items}"


def _month_and_day(text: str) -> tuple[int, int]:
    match = _YEARLY.fullmatch(text)
    assert match is not None
    return int(match[1]), int(match[2])


def _say(item: int | str, lang: str) -> str:
    if item == "last":
        return "每月最后一天" if lang == "zh" else "the last of every month"
    if isinstance(item, int):
        return f"每月{item}日" if lang == "zh" else f"day {item} of every month"
    month, day = _month_and_day(item)
    return f"每年{month}月{day}日" if lang == "zh" else f"{month:02d}-{day:02d} of every year"
