"""How much of something a member may have in a window: units, or a number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.numbers import INT64_MAX, format_minor
from coterie.metrics import add, peak
from coterie.programme.model import Window
from coterie.programme.schema_parts import DECIMAL, WINDOW, Schema, mapping, whole

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing

TIMES_MAX = 1_000_000

_PERIODS = {
    "day": ("每天", "a day"),
    "week": ("每周", "a week"),
    "month": ("每月", "a month"),
    "quarter": ("每季度", "a quarter"),
    "year": ("每年", "a year"),
    "lifetime": ("累计", "in all"),
    "rolling_days": ("任意连续{}天", "in any {} days"),
    "rolling_months": ("任意连续{}个月", "in any {} months"),
}


class Limit(Struct, frozen=True):
    """At most ``most`` (units of a currency, or times) in a window."""

    most: int
    window: Window


def units_limit_schema() -> Schema:
    """Return ``{units, window}``."""
    return mapping({"units": DECIMAL, "window": WINDOW}, ("units", "window"))


def times_limit_schema() -> Schema:
    """Return ``{times, window}``."""
    return mapping({"times": whole(1, TIMES_MAX), "window": WINDOW}, ("times", "window"))


def limit_of(raw: dict[str, Any], most: int) -> Limit:
    """Return the limit whose number was read as ``most``."""
    window = raw["window"]
    if isinstance(window, str):
        return Limit(most, Window(window))
    ((kind, length),) = window.items()
    return Limit(most, Window(kind, length))


def plain_limit(limit: Limit, scale: int | None = None) -> dict[str, Any]:
    """Return a limit as it is written: units where there is a ``scale``, else times."""
    window = limit.window
    number = {"times": limit.most} if scale is None else {"units": format_minor(limit.most, scale)}
    rolling = window.kind.startswith("rolling")
    return {**number, "window": {window.kind: window.length} if rolling else window.kind}


def limit_words(limit: Limit, lang: str, scale: int | None = None) -> str:
    """Return a limit as a clause: ``at most 3 times a month``."""
    zh, en = _PERIODS[limit.window.kind]
    number = str(limit.most) if scale is None else format_minor(limit.most, scale)
    if lang == "zh":
        many = f"{number}次" if scale is None else number
        return f"{zh.format(limit.window.length)}最多{many}"
    times = "" if scale is not None else " time" + "s" * (limit.most != 1)
    return f"at most {number}{times} {en.format(limit.window.length)}"


def room_left(
    cp: CompiledProgramme, limit: Limit | None, counter: str, standing: Standing, day: int
) -> int:
    """Return how much a limit leaves on a day; a very large number where there is none."""
    if limit is None:
        return INT64_MAX
    period = cp.period(limit.window)
    used = peak(standing.counters, counter, period.bucket(day), period.length)
    return max(limit.most - used, 0)


def take_room(
    cp: CompiledProgramme,
    limit: Limit | None,
    counter: str,
    standing: Standing,
    day: int,
    units: int,
) -> None:
    """Count what was taken on a day; below zero it is given back."""
    if limit is None:
        return
    period = cp.period(limit.window)
    add(standing.counters, counter, period.bucket(day), units, period.keep)
    standing.counters_changed = True
