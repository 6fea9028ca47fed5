"""Periods of whole months that begin in a month of choice: financial years, half years, terms."""

from __future__ import annotations

from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.time import month_of
from coterie.programme.model import Window
from coterie.programme.schema_parts import Schema, mapping, whole
from coterie.programme.windows.kind import Period, WindowKind

_MONTHS_MAX = 120
_MONTH_DAYS = 28


class Months(WindowKind):
    """``{months: 12, offset: 3}``: twelve whole months, from April to March.

    Without an offset a period begins in January of the year 0, so with 2, 3, 4, 6 or 12 months one
    begins every January; an offset moves the beginning that many months on.
    """

    code = "months"
    hint = "{months: 1 to 120, offset: 0 or more}"

    def schema(self) -> Schema:
        """Return ``{months, offset}``."""
        return mapping(
            {"months": whole(1, _MONTHS_MAX), "offset": whole(0, _MONTHS_MAX - 1)}, ("months",)
        )

    def build(self, raw: Any, path: str) -> Window:
        """Return the window; an offset of a whole period or more would say nothing."""
        months, offset = raw["months"], raw.get("offset", 0)
        if offset >= months:
            problem = f"an offset of {offset} months in periods of {months} is another offset."
            raise Malformed(problem, where=f"{path}.offset")
        return Window(self.code, months, offset)

    def plain(self, window: Window) -> Any:
        """Return the mapping."""
        return {"months": window.length, "offset": window.offset}

    def words(self, window: Window, lang: str) -> str:
        """Say ``in periods of 12 months from April``."""
        first = window.offset % 12 + 1
        if lang == "zh":
            return f"每{window.length}个月（自{first}月起算）"
        return f"in periods of {window.length} months from month {first}"

    def period(self, window: Window, slack_days: int) -> Period:
        """Count one bucket of so many months."""
        months, offset = window.length, window.offset
        keep = 2 + slack_days // (_MONTH_DAYS * months)
        return Period(lambda day: (month_of(day) - offset) // months, 1, keep)
