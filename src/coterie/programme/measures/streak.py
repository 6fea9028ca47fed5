"""How many periods in a row: days, weeks or months with the event, the current run of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.programme.ground import Checker
from coterie.programme.measures.kind import MeasureKind, Seen
from coterie.programme.measures.simple import occasion
from coterie.programme.model import Metric, Programme, Window

if TYPE_CHECKING:
    from coterie.metrics import Counters
    from coterie.programme.compile import CompiledMetric

RUNS_MAX = 50
"""How many runs are remembered, so that a late event can still join two of them."""
EVERY = {"day": ("天", "days"), "week": ("周", "weeks"), "month": ("个月", "months")}


class Streak(MeasureKind):
    """The length of the run of periods, each with the event, that has not been broken.

    ``of`` says which periods. The current period breaks nothing before it is over. What is kept is,
    by the first period of a run, its last one. What happened stays: returns break no run.
    """

    code = "streak"
    hint = "day, week or month"
    buckets = False
    windowless = True
    usual_returns = "keep"

    def window(self, metric: Metric) -> Window:
        """Count by the periods of the run."""
        return Window(metric.of if metric.of in EVERY else "day")

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Refuse other periods, and returns that would break a run."""
        if metric.of not in EVERY:
            checker.find(f"{path}.of", f"a run has no periods of a {metric.of!r}.", self.hint)
        if metric.returns != "keep":
            checker.find(f"{path}.returns", "what comes back breaks no run.", "keep")
        if metric.window.kind != "lifetime":
            checker.find(f"{path}.window", "a run has the length it has, in no window.")

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``days in a row with Check-in``."""
        zh, en = EVERY.get(metric.of or "", ("", ""))
        what = occasion(metric, programme, lang)
        return f"连续有{what}的{zh}数" if lang == "zh" else f"{en} in a row with {what}"

    def enter(self, metric: CompiledMetric, counters: Counters, bucket: int, seen: Seen) -> None:
        """Begin, lengthen or join runs."""
        del seen
        runs = counters.setdefault(metric.code, {})
        for first, last in runs.items():
            if first <= bucket <= last:
                return
        last = runs.pop(bucket + 1, bucket)
        before = next((first for first, end in runs.items() if end == bucket - 1), bucket)
        runs[before] = last
        while len(runs) > RUNS_MAX:
            del runs[min(runs)]

    def leave(
        self,
        metric: CompiledMetric,
        counters: Counters,
        bucket: int,
        before: Seen,
        after: Seen | None,
    ) -> bool:
        """Change nothing."""
        del metric, counters, bucket, before, after
        return False

    def read(
        self, metric: CompiledMetric, counters: Counters, bucket: int, day: int, enrolled_day: int
    ) -> int:
        """Return the length of the run that reaches the current period or the one before it."""
        del day, enrolled_day
        for first, last in counters.get(metric.code, {}).items():
            if first <= bucket and last >= bucket - 1:
                return min(last, bucket) - first + 1
        return 0

    def term(self, metric: CompiledMetric, counters: Counters, bucket: int) -> int:
        """A new run is a new chance."""
        for first, last in counters.get(metric.code, {}).items():
            if first <= bucket and last >= bucket - 1:
                return first
        return 0
