"""Thresholds: how they are written, read, written again, checked and turned into tests.

Written, a criterion is a mapping: metrics with the least they must count, ``at_most`` with the most
others may, ``score`` with the least score; several in one mapping mean all of them. ``all`` and
``any`` hold lists of such mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor, parse_minor
from coterie.programme.ground import Checker, Ground
from coterie.programme.ladders.model import Criterion
from coterie.programme.measures import metric_scale
from coterie.programme.model import Programme
from coterie.programme.schema_parts import CODE, DECIMAL, Schema

DEPTH_MAX = 3
PARTS_MAX = 20
_LISTS = ("all", "any")


class Look(Protocol):
    """What a test asks for: metrics and the score, of one member on one day."""

    def value(self, metric: str) -> int:
        """Return a metric."""
        ...

    def score(self) -> int:
        """Return the score."""
        ...


Test = Callable[[Look], bool]


def criterion_schema(depth: int = DEPTH_MAX) -> Schema:
    """Return the schema of a criterion that nests ``depth`` deep."""
    number = {**DECIMAL, "description": "a number of the metric: a count, or an amount"}
    bounds = {"type": "object", "propertyNames": CODE, "additionalProperties": number}
    properties: Schema = {
        "score": {"type": "integer", "minimum": 1, "maximum": 10**9},
        "at_most": {**bounds, "minProperties": 1, "maxProperties": PARTS_MAX},
    }
    if depth:
        inner = criterion_schema(depth - 1)
        many = {"type": "array", "items": inner, "minItems": 1, "maxItems": PARTS_MAX}
        properties |= dict.fromkeys(_LISTS, many)
    return {
        **bounds,
        "properties": properties,
        "minProperties": 1,
        "maxProperties": PARTS_MAX,
        "description": "thresholds by metric, such as {nights: 10}; all and any nest, "
        "at_most bounds from above, score asks for the score",
    }


def parse_criterion(raw: dict[str, Any], path: str, ground: Ground) -> Criterion:
    """Read what fits the schema. Raises ``Malformed`` at the path that is wrong."""
    parts = list(_parse(raw, path, ground))
    return parts[0] if len(parts) == 1 else Criterion("all", tuple(parts), where=path)


def _parse(raw: dict[str, Any], path: str, ground: Ground) -> Iterator[Criterion]:
    for key, inner in raw.items():
        at = f"{path}.{key}"
        if key in _LISTS:
            if not isinstance(inner, list):
                raise Malformed(f"{key!r} holds a list here.", where=at)
            of = tuple(parse_criterion(c, f"{at}[{n}]", ground) for n, c in enumerate(inner))
            yield Criterion(key, of, where=at)
        elif key == "score":
            yield Criterion("score", value=parse_minor(inner, 0, where=at), where=at)
        elif key == "at_most":
            for metric, value in inner.items():
                number = ground.measured(value, metric, f"{at}.{metric}")
                yield Criterion(
                    "metric", metric=metric, value=number, most=True, where=f"{at}.{metric}"
                )
        else:
            number = ground.measured(inner, key, at)
            if number <= 0:
                raise Malformed("everybody has reached zero.", where=at)
            yield Criterion("metric", metric=key, value=number, where=at)


def plain_criterion(criterion: Criterion, programme: Programme) -> dict[str, Any]:
    """Return a criterion as it is written in a programme's canonical text."""
    if criterion.kind == "score":
        return {"score": criterion.value}
    if criterion.metric is not None:
        number = number_text(programme, criterion.metric, criterion.value)
        bound = {criterion.metric: number}
        return {"at_most": bound} if criterion.most else bound
    return {criterion.kind: [plain_criterion(part, programme) for part in criterion.of]}


def number_text(programme: Programme, metric: str, value: int) -> str:
    """Return a number of a metric as it is written: an amount with its decimals."""
    return format_minor(value, metric_scale(programme, metric))


def leaves(criterion: Criterion | None) -> Iterator[Criterion]:
    """Yield the thresholds of a criterion."""
    if criterion is None:
        return
    if criterion.kind in _LISTS:
        for part in criterion.of:
            yield from leaves(part)
    else:
        yield criterion


def check_criterion(criterion: Criterion | None, checker: Checker, *, scored: bool) -> None:
    """Note metrics nobody declares, and a score that the ladder does not have."""
    for leaf in leaves(criterion):
        if leaf.metric is not None:
            metrics = checker.programme.metrics
            checker.named("metric", leaf.metric, "metrics", metrics, leaf.where)
        elif not scored:
            checker.find(leaf.where, "the ladder has no `score`.")


def compile_criterion(criterion: Criterion) -> Test:
    """Return the test of a criterion."""
    value = criterion.value
    if criterion.kind == "score":
        return lambda look: look.score() >= value
    if criterion.metric is not None:
        metric = criterion.metric
        if criterion.most:
            return lambda look: look.value(metric) <= value
        return lambda look: look.value(metric) >= value
    tests = tuple(compile_criterion(part) for part in criterion.of)
    if criterion.kind == "all":
        return lambda look: all(test(look) for test in tests)
    return lambda look: any(test(look) for test in tests)


def implies(stronger: Criterion, weaker: Criterion) -> bool:
    """Tell whether whoever meets ``stronger`` surely meets ``weaker``; False where unsure."""
    if weaker.kind == "all":
        return all(implies(stronger, part) for part in weaker.of)
    if stronger.kind == "any":
        return all(implies(part, weaker) for part in stronger.of)
    if weaker.kind == "any":
        return any(implies(stronger, part) for part in weaker.of)
    if stronger.kind == "all":
        return any(implies(part, weaker) for part in stronger.of)
    same = (stronger.kind, stronger.metric, stronger.most) == (
        weaker.kind,
        weaker.metric,
        weaker.most,
    )
    if stronger.most:
        return same and stronger.value <= weaker.value
    return same and stronger.value >= weaker.value
