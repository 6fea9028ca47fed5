"""Windows that look back a number of days or whole months, the current one included."""

from __future__ import annotations

from typing import Any

from coterie.metrics import Grain, bucket_of
from coterie.programme.calendar import buckets_kept
from coterie.programme.model import Window
from coterie.programme.schema_parts import Schema, mapping, whole
from coterie.programme.windows.kind import Period, WindowKind


class Rolling(WindowKind):
    """The last ``length`` buckets of one grain."""

    def __init__(self, code: str, grain: Grain, most: int, zh: str, en: str) -> None:
        """Name the key, the grain, how long it may be and the unit as it is said."""
        self.code = code
        self.hint = f"{{{code}: 1 to {most}}}"
        self._grain = grain
        self._most = most
        self._said = {"zh": zh, "en": en}

    def schema(self) -> Schema:
        """Return ``{code: length}``."""
        return mapping({self.code: whole(1, self._most)}, (self.code,))

    def build(self, raw: Any, path: str) -> Window:
        """Return the window."""
        del path
        return Window(self.code, raw[self.code])

    def plain(self, window: Window) -> Any:
        """Return the mapping."""
        return {self.code: window.length}

    def words(self, window: Window, lang: str) -> str:
        """Say ``in any 12 months``."""
        length, unit = window.length, self._said[lang]
        return f"任意连续{length}{unit}" if lang == "zh" else f"in any {length} {unit}"

    def counted_words(self, window: Window, lang: str) -> str:
        """Say ``in the last 12 months``."""
        length, unit = window.length, self._said[lang]
        return f"最近{length}{unit}" if lang == "zh" else f"in the last {length} {unit}"

    def period(self, window: Window, slack_days: int) -> Period:
        """Count ``length`` buckets."""
        keep = buckets_kept(self._grain, window.length, slack_days)
        return Period(bucket_of(self._grain), window.length, keep)


ROLLING = (
    Rolling("rolling_days", Grain.DAY, 400, "天", "days"),
    Rolling("rolling_months", Grain.MONTH, 120, "个月", "months"),
)
