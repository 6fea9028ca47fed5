"""The time around a date of the member's that comes round every year, such as a birthday."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache
from typing import Any

from coterie.programme.model import Window
from coterie.programme.schema_parts import CODE, Schema, mapping
from coterie.programme.windows.kind import Period, WindowKind

_YEAR_DAYS = 365


class Around(WindowKind):
    """``{around: born}``: from half a year before to half a year after each return of a date.

    So what is given some days around a birthday is counted for that birthday, also where the days
    lie in two calendar years. Members without the date count by the day of their enrolment.
    """

    code = "around"
    hint = "{around: born}"

    def schema(self) -> Schema:
        """Return ``{around: attribute}``."""
        return mapping({"around": CODE}, ("around",))

    def build(self, raw: Any, path: str) -> Window:
        """Return the window."""
        del path
        return Window(self.code, attribute=raw["around"])

    def plain(self, window: Window) -> Any:
        """Return the mapping."""
        return {"around": window.attribute}

    def words(self, window: Window, lang: str) -> str:
        """Say ``around each born``."""
        return f"每逢{window.attribute}" if lang == "zh" else f"around each {window.attribute}"

    def period(self, window: Window, slack_days: int) -> Period:
        """Count one bucket: the year of the return that is nearest."""
        keep = 2 + slack_days // _YEAR_DAYS
        return Period(_unknown, 1, keep, year_of_nearest, window.attribute)


@lru_cache(maxsize=65_536)
def year_of_nearest(day: int, origin: int) -> int:
    """Return the year in which the nearest return of a date lies."""
    year = date.fromordinal(day).year
    years = range(max(year - 1, MINYEAR), min(year + 1, MAXYEAR) + 1)
    return min(years, key=lambda each: (abs(_in_year(origin, each) - day), each))


def _in_year(origin: int, year: int) -> int:
    born = date.fromordinal(origin)
    try:
        return born.replace(year=year).toordinal()
    except ValueError:
        return born.replace(year=year, day=28).toordinal()  # 29 February


def _unknown(day: int) -> int:
    raise TypeError(f"Which return of a date day {day} belongs to depends on the member.")
