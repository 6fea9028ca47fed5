"""What every kind of measure says about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from coterie.metrics import add, total
from coterie.programme.ground import Checker
from coterie.programme.model import Metric, Programme, Window

if TYPE_CHECKING:
    from coterie.events import Order, OrderLine
    from coterie.metrics import Counters
    from coterie.programme.compile import CompiledMetric
    from coterie.programme.standing import Grant

EVERY = "every"
"""What a metric is about that looks at events of every kind."""
REFERRAL = "referral:"
"""How it begins with what a metric is about that counts friends for whom a referral rewarded."""
NO_EVENT = "none"
"""What a metric is about that no event counts in."""


class Seen:
    """One event as a metric counts it: whole, or as what is left of it after returns.

    ``returned`` is what came back of an order by line index (quantity milli, amount minor),
    ``units`` what is left of each of the ``grants``.
    """

    __slots__ = ("_units", "fields", "grants", "order", "returned")

    def __init__(
        self,
        order: Order | None,
        fields: Mapping[str, Any],
        grants: Sequence[Grant],
        returned: Mapping[int, tuple[int, int]],
        units: Sequence[int] | None = None,
    ) -> None:
        """Put together; without ``units`` all of every grant is left."""
        self.order = order
        self.fields = fields
        self.grants = grants
        self.returned = returned
        self._units = units

    @property
    def units(self) -> Sequence[int]:
        """Return what is left of each grant."""
        if self._units is None:
            self._units = [grant.units for grant in self.grants]
        return self._units

    def amount_left(self, index: int, line: OrderLine) -> int:
        """Return what is left of a line's amount, in minor units."""
        back = self.returned.get(index)
        return line.amount_minor if back is None else line.amount_minor - back[1]

    def quantity_left(self, index: int, line: OrderLine) -> int:
        """Return what is left of a line's quantity, in thousandths."""
        back = self.returned.get(index)
        return line.quantity_milli if back is None else line.quantity_milli - back[0]

    def line_left(self, index: int, line: OrderLine) -> bool:
        """Tell whether a line is still bought: by amount, or by quantity where it was free."""
        if index not in self.returned:
            return True
        if line.amount_minor:
            return self.amount_left(index, line) > 0
        return self.quantity_left(index, line) > 0


class MeasureKind(ABC):
    """One kind of measure; ``code`` is how it is written, ``hint`` what ``of`` names.

    Most keep a number a bucket, and say it in ``value``. ``buckets`` is False for those that keep
    something else; they say how it is counted, taken out again and read. ``windowless`` ones need
    no window, ``of_lines`` look at the lines that are chosen, ``of_money`` sum money; ``usual_on``
    and ``usual_returns`` hold where the text does not say it.
    """

    code: ClassVar[str]
    hint: ClassVar[str] = ""
    buckets: ClassVar[bool] = True
    windowless: ClassVar[bool] = False
    of_lines: ClassVar[bool] = False
    of_money: ClassVar[bool] = False
    usual_on: ClassVar[str] = "order"
    usual_returns: ClassVar[str] = "subtract"

    def window(self, metric: Metric) -> Window:
        """Return the window it counts by."""
        return metric.window

    def scale(self, metric: Metric, exponent: int, scales: Mapping[str, int]) -> int:
        """Return the digits after the point of its numbers; money has ``exponent``."""
        del metric, exponent, scales
        return 0

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Note what makes no sense."""
        del metric, path, checker

    @abstractmethod
    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Return what it counts as a noun in ``zh`` or ``en``."""

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        """Return what an event counts for."""
        del metric, seen
        return 0

    def enter(self, metric: CompiledMetric, counters: Counters, bucket: int, seen: Seen) -> None:
        """Count an event."""
        add(counters, metric.code, bucket, self.value(metric, seen), metric.period.keep)

    def leave(
        self,
        metric: CompiledMetric,
        counters: Counters,
        bucket: int,
        before: Seen,
        after: Seen | None,
    ) -> bool:
        """Take out what an event counts for less than ``before``; ``after`` None: all of it.

        Returns whether anything changed.
        """
        left = 0 if after is None else self.value(metric, after)
        less = self.value(metric, before) - left
        if less:
            add(counters, metric.code, bucket, -less, metric.period.keep)
        return bool(less)

    def read(
        self, metric: CompiledMetric, counters: Counters, bucket: int, day: int, enrolled_day: int
    ) -> int:
        """Return the number in the window that ends with ``bucket``."""
        del day, enrolled_day
        return total(counters, metric.code, bucket, metric.period.length)

    def term(self, metric: CompiledMetric, counters: Counters, bucket: int) -> int:
        """Return what names the window: a promise made once a window is marked with it."""
        del counters
        return bucket if metric.period.length == 1 else 0
