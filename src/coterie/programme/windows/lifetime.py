"""Everything there ever was."""

from __future__ import annotations

from coterie.metrics import Grain, bucket_of
from coterie.programme.model import Window
from coterie.programme.windows.kind import Period, WindowKind


class Lifetime(WindowKind):
    """Everything, in one bucket."""

    code = "lifetime"
    hint = "lifetime"

    def words(self, window: Window, lang: str) -> str:
        """Say ``in all``."""
        del window
        return "累计" if lang == "zh" else "in all"

    def period(self, window: Window, slack_days: int) -> Period:
        """Count one bucket for ever."""
        del window, slack_days
        return Period(bucket_of(Grain.ALL), 1, 1)
