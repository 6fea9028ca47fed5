"""Measures that sum a number an event: how many, how much money, how many pieces, a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coterie.kernel.errors import nearest
from coterie.programme.conditions.kind import label
from coterie.programme.ground import Checker
from coterie.programme.measures.kind import REFERRAL, MeasureKind, Seen
from coterie.programme.model import FieldType, Metric, Programme

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledMetric

MILLI_DIGITS = 3


def occasion(metric: Metric, programme: Programme, lang: str) -> str:
    """Return the name of what a metric is about."""
    if metric.on == "order":
        return "订单" if lang == "zh" else "orders"
    code = metric.on.partition(":")[2]
    if metric.on.startswith(REFERRAL):
        name = label(programme.parts.get("referrals", {}).get(code), code, lang)
        return f"“{name}”成功推荐" if lang == "zh" else f"friends brought (“{name}”)"
    declared = programme.activities.get(code)
    return label(declared, code, lang)


class Count(MeasureKind):
    """How many events; a sale no longer counts when all of it came back."""

    code = "count"

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``the number of orders``."""
        what = occasion(metric, programme, lang)
        return f"{what}次数" if lang == "zh" else f"the number of {what}"

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        """Count one while any line is left."""
        del metric
        if not seen.returned or seen.order is None:
            return 1
        lines = enumerate(seen.order.lines)
        return int(any(seen.line_left(index, line) for index, line in lines))


class _OfLines(MeasureKind):
    """Of an order, with all lines or those that ``lines`` chooses."""

    of_lines = True

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Refuse what has no lines."""
        if metric.on != "order":
            problem = f"{metric.on!r} has no {self.code}, and no lines."
            checker.find(f"{path}.measure", problem, "count, or a whole-number field")


class Amount(_OfLines):
    """What the lines cost."""

    code = "amount"
    of_money = True

    def scale(self, metric: Metric, exponent: int, scales: Mapping[str, int]) -> int:
        """Return the digits of money."""
        del metric, scales
        return exponent

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``what was spent``."""
        del metric, programme
        return "消费金额" if lang == "zh" else "the amount spent"

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        """Sum what is left of the lines' amounts."""
        assert seen.order is not None
        lines = seen.order.lines
        if metric.line is None and not seen.returned:
            return sum([line.amount_minor for line in lines])
        return sum(
            seen.amount_left(index, line)
            for index, line in enumerate(lines)
            if metric.line is None or metric.line(line)
        )


class Quantity(_OfLines):
    """How many pieces (or litres, or metres) the lines hold, in thousandths."""

    code = "quantity"

    def scale(self, metric: Metric, exponent: int, scales: Mapping[str, int]) -> int:
        """Return the digits of a quantity."""
        del metric, exponent, scales
        return MILLI_DIGITS

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``the quantity bought``."""
        del metric, programme
        return "购买数量" if lang == "zh" else "the quantity bought"

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        """Sum what is left of the lines' quantities."""
        assert seen.order is not None
        return sum(
            seen.quantity_left(index, line)
            for index, line in enumerate(seen.order.lines)
            if metric.line is None or metric.line(line)
        )


class FieldSum(MeasureKind):
    """The sum of a whole-number field of an activity; written as the name of the field."""

    code = "a field of the activity"

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Refuse a field that the activity does not declare, or that holds no number."""
        if metric.on == "order":
            problem = f"an order has no {metric.measure!r}."
            checker.find(f"{path}.measure", problem, "count, amount, quantity, distinct")
            return
        activity = checker.programme.activities.get(metric.on.partition(":")[2])
        if activity is None:
            return
        numbers = [f.code for f in activity.fields.values() if f.type is FieldType.INTEGER]
        if metric.measure not in numbers:
            what = f"{metric.on!r} has no whole-number field {metric.measure!r}."
            near = nearest(metric.measure, ["count", *numbers]).strip()
            checker.find(f"{path}.measure", what, near)

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``nights of Stay``."""
        activity = programme.activities.get(metric.on.partition(":")[2])
        field = activity.fields.get(metric.measure) if activity else None
        name = label(field, metric.measure, lang)
        what = occasion(metric, programme, lang)
        return f"{what}的{name}合计" if lang == "zh" else f"the sum of {name} of {what}"

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        """Return the field's value, 0 where the event does not carry it."""
        return int(seen.fields.get(metric.measure, 0))
