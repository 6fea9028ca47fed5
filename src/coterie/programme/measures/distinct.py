"""How many different things: brands, categories, stores, products, values of a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

from coterie.programme.conditions.kind import label
from coterie.programme.ground import Checker
from coterie.programme.measures.kind import MeasureKind, Seen
from coterie.programme.model import Metric, Programme

if TYPE_CHECKING:
    from coterie.metrics import Counters
    from coterie.programme.compile import CompiledMetric

VALUES_MAX = 300
"""How many values are remembered; one more is not counted until an old one is out of reach."""
_TIDY_FROM = 30
_HASH_BYTES = 5
_HASH_BITS = 8 * _HASH_BYTES
OF_LINES = {
    "brand": ("品牌", "brands"),
    "category": ("品类", "categories"),
    "product": ("商品", "products"),
    "tag": ("标签", "tags"),
}
STORE = "store"


def _hashed(value: object) -> int:
    return int.from_bytes(blake2b(str(value).encode(), digest_size=_HASH_BYTES).digest())


class Distinct(MeasureKind):
    """How many different values of ``of`` there were in the window.

    What is kept is, by bucket and hash of the value together, how often it came: a return takes out
    what it brings back, and a value that nothing of is left no longer counts.
    """

    code = "distinct"
    hint = "brand, category, product, tag or store, or a field of the activity"
    buckets = False
    of_lines = True

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Refuse what the event does not have."""
        if metric.on == "order":
            allowed = [*OF_LINES, STORE]
            if metric.of not in allowed:
                problem = f"an order has no {metric.of!r} to tell apart."
                checker.find(f"{path}.of", problem, ", ".join(allowed))
            return
        activity = checker.programme.activities.get(metric.on.partition(":")[2])
        if activity is not None and metric.of not in activity.fields:
            problem = f"{metric.on!r} has no field {metric.of!r}."
            checker.find(f"{path}.of", problem, ", ".join(activity.fields))

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``how many different brands``."""
        zh, en = OF_LINES.get(metric.of or "", ("门店", "stores"))
        if metric.on != "order":
            activity = programme.activities.get(metric.on.partition(":")[2])
            field = activity.fields.get(metric.of or "") if activity else None
            zh = en = label(field, metric.of or "", lang)
        return f"不同{zh}数" if lang == "zh" else f"how many different {en}"

    def enter(self, metric: CompiledMetric, counters: Counters, bucket: int, seen: Seen) -> None:
        """Remember the values of an event."""
        kept = counters.setdefault(metric.code, {})
        for value, times in self._values(metric, seen).items():
            key = (bucket << _HASH_BITS) + value
            if key in kept:
                kept[key] += times
            else:
                if len(kept) >= _TIDY_FROM:
                    _forget(kept, bucket, metric.period.keep)
                if len(kept) < VALUES_MAX:
                    kept[key] = times

    def leave(
        self,
        metric: CompiledMetric,
        counters: Counters,
        bucket: int,
        before: Seen,
        after: Seen | None,
    ) -> bool:
        """Forget what nothing is left of."""
        kept = counters.get(metric.code, {})
        left = Counter[int]() if after is None else self._values(metric, after)
        gone = self._values(metric, before) - left
        for value, times in gone.items():
            key = (bucket << _HASH_BITS) + value
            if key in kept:
                kept[key] -= times
                if kept[key] <= 0:
                    del kept[key]
        return bool(gone)

    def read(
        self, metric: CompiledMetric, counters: Counters, bucket: int, day: int, enrolled_day: int
    ) -> int:
        """Count the values of the window, each once."""
        del day, enrolled_day
        first, mask = bucket - metric.period.length, (1 << _HASH_BITS) - 1
        kept = counters.get(metric.code, {})
        return len({key & mask for key in kept if first < key >> _HASH_BITS <= bucket})

    def _values(self, metric: CompiledMetric, seen: Seen) -> Counter[int]:
        return Counter(_hashed(value) for value in _told(metric, seen))


def _told(metric: CompiledMetric, seen: Seen) -> Iterator[object]:
    of = metric.of or ""
    if seen.order is None:
        if of in seen.fields:
            yield seen.fields[of]
        return
    for index, line in enumerate(seen.order.lines):
        if not seen.line_left(index, line) or (metric.line and not metric.line(line)):
            continue
        if of == STORE:
            if seen.order.store is not None:
                yield seen.order.store
        elif of == "category":
            yield from line.categories[:1]
        elif of == "tag":
            yield from line.tags
        elif (value := line.brand if of == "brand" else line.product) is not None:
            yield value


def _forget(kept: dict[int, int], bucket: int, keep: int) -> None:
    """Drop what no window can reach any more."""
    newest = max(max(kept) >> _HASH_BITS, bucket)
    for key in [key for key in kept if key >> _HASH_BITS <= newest - keep]:
        del kept[key]
