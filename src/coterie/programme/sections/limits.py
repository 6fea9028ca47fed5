"""How much of something a member may have in a window: units, or a number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.numbers import INT64_MAX, format_minor
from coterie.metrics import add, peak
from coterie.programme.model import Window
from coterie.programme.schema_parts import DECIMAL, WINDOW, Schema, mapping, whole
from coterie.programme.windows import build_window, plain_window, window_words

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing

TIMES_MAX = 1_000_000


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
    return Limit(most, build_window(raw["window"], "window"))


def plain_limit(limit: Limit, scale: int | None = None) -> dict[str, Any]:
    """Return a limit as it is written: units where there is a ``scale``, else times."""
    window = limit.window
    number = {"times": limit.most} if scale is None else {"units": format_minor(limit.most, scale)}
    return {**number, "window": plain_window(window)}


def limit_words(limit: Limit, lang: str, scale: int | None = None) -> str:
    """Return a limit as a clause: ``at most 3 times a month``."""
    period = window_words(limit.window, lang)
    number = str(limit.most) if scale is None else format_minor(limit.most, scale)
    if lang == "zh":
        many = f"{number}次" if scale is None else number
        return f"{period}最多{many}"
    times = "" if scale is not None else " time" + "s" * (limit.most != 1)
    return f"at most {number}{times} {period}"


def counts_otherwise(old: Limit | None, new: Limit | None) -> bool:
    """Tell whether what was counted for a limit means something else by the new one."""
    return old is not None and new is not None and old.window != new.window


def room_left(
    cp: CompiledProgramme, limit: Limit | None, counter: str, standing: Standing, day: int
) -> int:
    """Return how much a limit leaves on a day; a very large number where there is none."""
    if limit is None:
        return INT64_MAX
    period = cp.period(limit.window)
    used = peak(standing.counters, counter, cp.bucket(period, standing, day), period.length)
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
    add(standing.counters, counter, cp.bucket(period, standing, day), units, period.keep)
    standing.counters_changed = True
