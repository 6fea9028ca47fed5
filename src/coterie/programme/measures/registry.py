"""The kinds of measure: a kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from coterie.kernel.numbers import format_minor, money_exponent
from coterie.programme.conditions import sentence
from coterie.programme.conditions.kind import label
from coterie.programme.measures.distinct import Distinct
from coterie.programme.measures.earned import Earned
from coterie.programme.measures.kind import MeasureKind
from coterie.programme.measures.simple import Amount, Count, FieldSum, Quantity
from coterie.programme.measures.streak import Streak
from coterie.programme.measures.tenure import Tenure
from coterie.programme.model import Metric, Programme
from coterie.programme.saying import short_number
from coterie.programme.windows import WINDOWS

MEASURES: dict[str, MeasureKind] = {
    kind.code: kind
    for kind in (Count(), Amount(), Quantity(), Earned(), Distinct(), Tenure(), Streak())
}
_FIELD = FieldSum()


def measure_of(written: str) -> MeasureKind:
    """Return the kind of a measure; what is none of them is a field of the activity."""
    return MEASURES.get(written, _FIELD)


def written_scale(metric: Metric, exponent: int, scales: Mapping[str, int]) -> int:
    """Return the digits after the point in which a metric's numbers are written."""
    return measure_of(metric.measure).scale(metric, exponent, scales)


def metric_scale(programme: Programme, code: str) -> int:
    """Return the digits after the point of a metric's numbers; 0 for one nobody declares."""
    metric = programme.metrics.get(code)
    if metric is None:
        return 0
    scales = {currency: declared.scale for currency, declared in programme.currencies.items()}
    return written_scale(metric, money_exponent(programme.money), scales)


def told_number(programme: Programme, code: str, value: int) -> str:
    """Return a number of a metric as a reader says it: 3 nights, not 3.000; money as money."""
    scale = metric_scale(programme, code)
    metric = programme.metrics.get(code)
    if metric is not None and measure_of(metric.measure).of_money:
        return format_minor(value, scale)
    return short_number(value, scale)


def metric_words(metric: Metric, programme: Programme, lang: str) -> str:
    """Return what a metric counts, as a sentence."""
    kind = measure_of(metric.measure)
    noun = kind.words(metric, programme, lang)
    zh = lang == "zh"
    if not kind.windowless:
        window = WINDOWS[metric.window.kind].counted_words(metric.window, lang)
        noun = f"{window}{noun}" if zh else f"{noun} {window}"
    say = partial(sentence, lang=lang, programme=programme)
    if metric.lines is not None:
        lines = say(metric.lines)
        noun += f"，仅计{lines}的商品" if zh else f", on lines where {lines}"
    if metric.when is not None:
        noun += f"，若{say(metric.when)}" if zh else f", when {say(metric.when)}"
    name = label(metric, metric.code, lang)
    return f"{name}：{noun}。" if zh else f"{name}: {noun}."
