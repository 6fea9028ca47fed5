"""How long somebody has been a member: nothing is kept, the enrolment says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.kernel.time import add_months, month_of
from coterie.programme.ground import Checker
from coterie.programme.measures.kind import NO_EVENT, MeasureKind
from coterie.programme.model import Metric, Programme

if TYPE_CHECKING:
    from coterie.metrics import Counters
    from coterie.programme.compile import CompiledMetric

_UNITS = {"days": ("天数", "days"), "months": ("月数", "months"), "years": ("年数", "years")}
_YEAR_MONTHS = 12


class Tenure(MeasureKind):
    """Whole ``days``, ``months`` or ``years`` (as ``of`` says) since the day of enrolment."""

    code = "tenure"
    hint = "days, months or years"
    buckets = False
    windowless = True
    usual_on = NO_EVENT

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Refuse another unit, and what would narrow it."""
        if metric.of not in _UNITS:
            checker.find(f"{path}.of", f"nobody counts membership in {metric.of!r}.", self.hint)
        if metric.on != NO_EVENT or metric.when is not None:
            checker.find(path, "no event counts here, so there is nothing to narrow.")

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``the months of membership``."""
        del programme
        zh, en = _UNITS.get(metric.of or "", ("", ""))
        return f"入会{zh}" if lang == "zh" else f"the {en} of membership"

    def read(
        self, metric: CompiledMetric, counters: Counters, bucket: int, day: int, enrolled_day: int
    ) -> int:
        """Return the whole units that have passed; 0 before the enrolment."""
        del counters, bucket
        if metric.of == "days":
            return max(day - enrolled_day, 0)
        months = month_of(day) - month_of(enrolled_day)
        months -= add_months(enrolled_day, months) > day
        return max(months // (_YEAR_MONTHS if metric.of == "years" else 1), 0)

    def term(self, metric: CompiledMetric, counters: Counters, bucket: int) -> int:
        """There is one membership."""
        del metric, counters, bucket
        return 0
