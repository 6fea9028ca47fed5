"""A year that begins on a date of choice."""

from __future__ import annotations

from datetime import date
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.programme.model import Window
from coterie.programme.schema_parts import END, Schema, mapping
from coterie.programme.windows.kind import Period, WindowKind

_YEAR_DAYS = 365


class YearFrom(WindowKind):
    """``{year_from: 04-06}``: from 6 April to 5 April."""

    code = "year_from"
    hint = "{year_from: 04-06}"

    def schema(self) -> Schema:
        """Return ``{year_from: month and day}``."""
        day = {
            "type": "string",
            "pattern": rf"^\d{{2}}-\d{{2}}{END}",
            "description": "month and day such as 04-06",
        }
        return mapping({"year_from": day}, ("year_from",))

    def build(self, raw: Any, path: str) -> Window:
        """Return the window; its length is the month, its offset the day it begins on."""
        month, day = int(raw["year_from"][:2]), int(raw["year_from"][3:])
        try:
            date(2025, month, day)  # a day that every year has
        except ValueError:
            problem = f"not every year has the date {month:02d}-{day:02d}."
            raise Malformed(problem, where=f"{path}.year_from") from None
        return Window(self.code, month, day)

    def plain(self, window: Window) -> Any:
        """Return the mapping."""
        return {"year_from": f"{window.length:02d}-{window.offset:02d}"}

    def words(self, window: Window, lang: str) -> str:
        """Say ``a year from 04-06``."""
        month, day = window.length, window.offset
        if lang == "zh":
            return f"每年（自{month}月{day}日起算）"
        return f"a year from {month:02d}-{day:02d}"

    def period(self, window: Window, slack_days: int) -> Period:
        """Count one bucket: the year in which it began."""
        begins = (window.length, window.offset)

        def bucket(day: int) -> int:
            at = date.fromordinal(day)
            return at.year - ((at.month, at.day) < begins)

        return Period(bucket, 1, 2 + slack_days // _YEAR_DAYS)
