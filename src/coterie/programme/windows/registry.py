"""The kinds of window: a kind is one file and one line here."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from coterie.programme.model import Window
from coterie.programme.schema_parts import Schema
from coterie.programme.windows.anniversary import Anniversary
from coterie.programme.windows.around import Around
from coterie.programme.windows.calendar import CALENDAR
from coterie.programme.windows.kind import Period, WindowKind
from coterie.programme.windows.lifetime import Lifetime
from coterie.programme.windows.months import Months
from coterie.programme.windows.rolling import ROLLING
from coterie.programme.windows.year_from import YearFrom

WINDOWS: dict[str, WindowKind] = {
    kind.code: kind
    for kind in (*CALENDAR, Lifetime(), Anniversary(), *ROLLING, Months(), YearFrom())
}
_CAPS_ONLY: dict[str, WindowKind] = {"around": Around()}
_ALL: Mapping[str, WindowKind] = ChainMap(WINDOWS, _CAPS_ONLY)
PER_EVENT = "event"
"""What a cap may be counted by besides: every event for itself."""
_PER_EVENT_WORDS = {"zh": "每次", "en": "each time"}


def window_schema(*, per_event: bool = False) -> Schema:
    """Return the schema of a window as written; that of a cap may be ``event``."""
    kinds = _ALL if per_event else WINDOWS
    schemas = {kind.code: kind.schema() for kind in kinds.values()}
    names = [PER_EVENT] * per_event + [code for code, found in schemas.items() if found is None]
    hints = [kinds[code].hint for code, found in schemas.items() if found is not None]
    return {
        "anyOf": [{"enum": names}, *[found for found in schemas.values() if found is not None]],
        "description": f"{', '.join([*names, *hints[:-1]])} or {hints[-1]}",
    }


def build_window(raw: str | dict[str, Any], path: str) -> Window:
    """Return a window as written; raises ``Malformed`` at the path that is wrong."""
    if raw == PER_EVENT:
        return Window(PER_EVENT)
    code = raw if isinstance(raw, str) else next(key for key in raw if key in _ALL)
    return _ALL[code].build(raw, path)


def plain_window(window: Window) -> Any:
    """Return a window as it is written in a programme's canonical text."""
    return window.kind if window.kind == PER_EVENT else _ALL[window.kind].plain(window)


def window_words(window: Window, lang: str) -> str:
    """Return a window as a reader says it: ``a month``, ``in any 12 months``."""
    if window.kind == PER_EVENT:
        return _PER_EVENT_WORDS[lang]
    return _ALL[window.kind].words(window, lang)


def period_of(window: Window, slack_days: int) -> Period | None:
    """Return a window made ready; None where every event counts for itself."""
    if window.kind == PER_EVENT:
        return None
    return _ALL[window.kind].period(window, slack_days)
