"""The kinds of window over which metrics count and caps bound: one file each, one registry line."""

from __future__ import annotations

from coterie.programme.windows.kind import Period, WindowKind
from coterie.programme.windows.registry import (
    WINDOWS,
    build_window,
    period_of,
    plain_window,
    window_schema,
    window_words,
)

__all__ = [
    "WINDOWS",
    "Period",
    "WindowKind",
    "build_window",
    "period_of",
    "plain_window",
    "window_schema",
    "window_words",
]
