"""The business day lies in the month of a date in the member's life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from coterie.programme.conditions.birthday import date_noun, date_problems
from coterie.programme.conditions.kind import Kind, Level, Problem
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme


class BirthdayMonth(Kind):
    """The business day lies in the month of a date attribute, in any year.

    Who has no date meets nothing.
    """

    code = "birthday_month"
    level = Level.SITUATION
    hint = "birthday"

    def schema(self) -> dict[str, Any]:
        """Return the attribute."""
        return {"type": "string", "minLength": 1, "description": "an attribute of type date"}

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{attribute}``."""
        return {"attribute": raw}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the attribute."""
        return args["attribute"]

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse what is no date of a member."""
        del on
        yield from date_problems(args["attribute"], programme, "")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        code = args["attribute"]

        def test(situation: Any) -> bool:
            born = situation.attributes.get(code)
            return born is not None and int(born[5:7]) == date.fromordinal(situation.day).month

        return test

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which month."""
        noun = date_noun(args["attribute"], lang, programme)
        return f"当月为{noun}所在月份" if lang == "zh" else f"it is the month of {noun}"
