"""Metrics that a later version is the first to declare: counted by earlier ones, and afterwards.

A version with a new metric begins when every member's recorded events were counted in it. That is
done member by member while events go on, by an event of its own in the member's sequence
(``backfill``): it holds what was counted so far and leaves a *mark*. From the mark on, the versions
before count the metric too, for this member. So each event is counted once, whichever came first,
and all of it follows from the member's sequence alone.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.events import Happening
from coterie.programme.compile import Coming, CompiledMetric, CompiledProgramme, Programmes
from coterie.programme.errors import BackfillOutdated
from coterie.programme.measures.kind import EVERY, NO_EVENT
from coterie.programme.standing import Decision, Standing

if TYPE_CHECKING:
    from coterie.ledger import Book
    from coterie.programme.model import Programme

MARK = "backfill:"
"""A counter by version: where in the member's sequence its metric was counted up to."""
COUNTED = "backfilled:"
"""A counter by event: which of those before the mark may still come back."""


def new_metrics(before: Programme, after: Programme) -> tuple[str, ...]:
    """Return the metrics that have to be counted from the record before ``after`` can begin."""
    return tuple(
        code
        for code, metric in after.metrics.items()
        if code not in before.metrics and metric.on != NO_EVENT
    )


def look_ahead(versions: Sequence[CompiledProgramme]) -> None:
    """Tell each version which metrics are to come, and of which versions."""
    ordered = sorted(versions, key=lambda version: version.version)
    late: set[str] = set()
    for number, version in enumerate(ordered):
        runs: dict[str, list[CompiledProgramme]] = {}
        over: set[str] = set()
        for later in ordered[number + 1 :]:
            over |= {code for code in runs if code not in later.metrics}
            for code, metric in later.metrics.items():
                if code not in version.metrics and code not in over and metric.on != NO_EVENT:
                    runs.setdefault(code, []).append(later)
        for code, run in runs.items():
            coming = Coming(run[0].metrics[code], tuple(each.version for each in run))
            version.coming[code] = coming
            on = coming.metric.on
            version.coming_on[on] = (*version.coming_on.get(on, ()), coming)
        late |= runs.keys()
    for version in ordered:
        version.backfilled = tuple(sorted(late))


def is_counted(standing: Standing, code: str, versions: Sequence[int]) -> bool:
    """Tell whether a member's events so far were counted in a metric of one of these versions."""
    marks = standing.counters.get(MARK + code)
    return marks is not None and any(version in marks for version in versions)


def coming_metrics(cp: CompiledProgramme, standing: Standing, on: str) -> list[CompiledMetric]:
    """Return the metrics to come that count an event of a member already."""
    found = cp.coming_on.get(on, ())
    if EVERY in cp.coming_on:
        found = (*found, *cp.coming_on[EVERY])
    return [m for m, versions in found if is_counted(standing, m.code, versions)]


def coming_metric(cp: CompiledProgramme, standing: Standing, code: str) -> CompiledMetric | None:
    """Return a metric to come that counts a member's events already, or None."""
    found = cp.coming.get(code)
    if found is None or not is_counted(standing, code, found.versions):
        return None
    return found.metric


def backfilled(cp: CompiledProgramme, standing: Standing, seq: int) -> list[str]:
    """Return the metrics in which an event was counted after the fact."""
    return [code for code in cp.backfilled if seq in standing.counters.get(COUNTED + code, ())]


def take_backfill(
    _programmes: Programmes,
    _cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Let metrics hold what was counted, and mark that they go on from here.

    Raises :class:`~coterie.programme.errors.BackfillOutdated` when something happened to the member
    since it was counted.
    """
    event = happening.event
    if event.through_seq != standing.member.seq:
        raise BackfillOutdated(f"It counted up to {event.through_seq}.", where="through_seq")
    counters = standing.counters
    for code, buckets in event.counters.items():
        if buckets:
            counters[code] = dict(buckets)
        else:
            counters.pop(code, None)
    for code, seqs in event.counted.items():
        counters[COUNTED + code] = dict.fromkeys(seqs, 1)
    for code, versions in event.metrics.items():
        marks = counters.setdefault(MARK + code, {})
        marks.update(dict.fromkeys(versions, happening.seq))
    standing.counters_changed = True
    return Decision()


def counting_also(programmes: Programmes, newest: CompiledProgramme) -> Programmes:
    """Return the versions, each counting the metrics of ``newest`` that it does not declare.

    What they decide stays the same: no rule of theirs can read a metric they do not declare.
    """
    return Programmes([_counting(version, newest) for version in programmes.versions])


def _counting(version: CompiledProgramme, newest: CompiledProgramme) -> CompiledProgramme:
    more = {code: m for code, m in newest.metrics.items() if code not in version.metrics}
    if not more:
        return version
    counting = copy.copy(version)
    counting.metrics = {**version.metrics, **more}
    counting.metrics_on = dict(version.metrics_on)
    # Counted for everybody now: who is marked must not count twice.
    counting.coming = {c: m for c, m in version.coming.items() if c not in more}
    counting.coming_on = {
        on: tuple(each for each in found if each.metric.code not in more)
        for on, found in version.coming_on.items()
    }
    for metric in more.values():
        counting.metrics_on[metric.on] = (*counting.metrics_on.get(metric.on, ()), metric)
    return counting
