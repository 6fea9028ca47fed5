"""The business day lies near the day on which a date in the member's life comes round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache
from typing import Any

from coterie.kernel.errors import nearest
from coterie.programme.conditions.kind import Kind, Level, Problem, label, unknown
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import FieldType, Programme

DAYS_MAX = 180


class Birthday(Kind):
    """The business day is the day of a date attribute in any year, or ``within_days`` of it.

    A 29 February comes round on the 28th in years without one, as months are counted everywhere.
    Who has no date meets nothing.
    """

    code = "birthday"
    level = Level.SITUATION
    hint = "birthday"

    def schema(self) -> dict[str, Any]:
        """Return the attribute, or ``{attribute, within_days}``."""
        return {
            "type": ["string", "object"],
            "minLength": 1,
            "properties": {
                "attribute": {"type": "string"},
                "within_days": {"type": "integer", "minimum": 0, "maximum": DAYS_MAX},
            },
            "required": ["attribute"],
            "additionalProperties": False,
            "description": "an attribute of type date, or {attribute: born, within_days: 3}",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{attribute, within_days}``."""
        given = {"attribute": raw} if isinstance(raw, str) else raw
        return {"within_days": 0, **given}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return both."""
        return {"attribute": args["attribute"], "within_days": args["within_days"]}

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse what is no date of a member."""
        del on
        yield from date_problems(args["attribute"], programme, ".attribute")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        code, within = args["attribute"], args["within_days"]

        def test(situation: Any) -> bool:
            born = situation.attributes.get(code)
            return born is not None and days_off(born, situation.day) <= within

        return test

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which day, and how far around it."""
        noun, days = date_noun(args["attribute"], lang, programme), args["within_days"]
        if lang == "zh":
            return f"当天在{noun}前后{days}天内" if days else f"当天为{noun}"
        if not days:
            return f"it is {noun}"
        return f"it is at most {days} day{'s' * (days != 1)} before or after {noun}"


@lru_cache(maxsize=65_536)
def days_off(born: str, day: int) -> int:
    """Return how many days lie between a day and the nearest return of a date (``1990-02-28``)."""
    year = date.fromordinal(day).year
    years = range(max(year - 1, MINYEAR), min(year + 1, MAXYEAR) + 1)
    return min(abs(_in_year(born, each) - day) for each in years)


def _in_year(born: str, year: int) -> int:
    month, day = int(born[5:7]), int(born[8:10])
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return date(year, month, day - 1).toordinal()  # only 29 February is not in every year


def date_problems(code: str, programme: Programme, below: str) -> Iterator[Problem]:
    """Yield what is wrong with an attribute that should be a date."""
    declared = programme.attributes.get(code)
    dates = [a.code for a in programme.attributes.values() if a.type is FieldType.DATE]
    if declared is None:
        yield unknown("attribute", code, programme.attributes, below=below)
    elif declared.type is not FieldType.DATE:
        allowed = nearest(code, dates).strip() or "an attribute with `type: date`"
        yield Problem(below, f"{code!r} is {declared.type.value}, and not a date.", allowed)


def date_noun(code: str, lang: str, programme: Programme | None) -> str:
    """Return what a date of the member is called."""
    declared = programme.attributes.get(code) if programme else None
    name = label(declared, code, lang)
    return f"会员的{name}" if lang == "zh" else f"the member's {name}"
