"""Counting events in metrics, and taking out again what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coterie.programme.counting import backfilled, coming_metric, coming_metrics
from coterie.programme.measures import Seen
from coterie.programme.measures.kind import EVERY

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.earning import Situation
    from coterie.programme.standing import Grant, Sale, Standing, Undone

Returned = Mapping[int, tuple[int, int]]


def tally(
    cp: CompiledProgramme,
    standing: Standing,
    on: str,
    situation: Situation,
    grants: Sequence[Grant] = (),
    *,
    alone: bool = False,
) -> tuple[str, ...]:
    """Count the event in every metric whose condition holds; return their codes.

    ``alone``: not in those that look at events of every kind.
    """
    metrics = cp.metrics_on.get(on, ())
    if EVERY in cp.metrics_on:
        metrics = (*metrics, *cp.metrics_on[EVERY])
    if cp.coming_on:
        metrics = (*metrics, *coming_metrics(cp, standing, on))
    if alone:
        metrics = tuple([metric for metric in metrics if metric.on == on])
    if not metrics:
        return ()
    # Conditions are asked before any counter moves: a metric may not see its own event.
    counting = [
        metric
        for metric in metrics
        if (metric.static is None or metric.static(situation.scene))
        and (metric.dynamic is None or metric.dynamic(situation))
    ]
    if not counting:
        return ()
    seen = Seen(situation.order, situation.fields, grants, _NOTHING)
    day = situation.day
    for metric in counting:
        period = metric.period
        bucket = period.bucket(day) if period.since is None else cp.bucket(period, standing, day)
        metric.kind.enter(metric, standing.counters, bucket, seen)
    standing.counters_changed = True
    return tuple([metric.code for metric in counting])


_NOTHING: Returned = {}


def untally_sale(
    cp: CompiledProgramme,
    standing: Standing,
    sale: Sale,
    before: tuple[Returned, Sequence[int]],
    after: tuple[Returned, Sequence[int]],
) -> None:
    """Take the returned part of a sale out of the metrics that counted it, where they say so.

    ``before`` and ``after`` are what had come back by then, and what was left of each grant.
    """
    order, grants = sale.order, sale.grants
    then = Seen(order, {}, grants, *before)
    now = Seen(order, {}, grants, *after)
    counted = sale.counted
    if cp.backfilled:
        counted = (*counted, *backfilled(cp, standing, sale.seq))
    _leave(cp, standing, counted, sale.day, then, now)


def untally(cp: CompiledProgramme, standing: Standing, undone: Undone) -> None:
    """Take an activity that is reversed out of the metrics that counted it."""
    seen = Seen(None, undone.fields, undone.grants, _NOTHING)
    counted = undone.counted
    if cp.backfilled:
        counted = (*counted, *backfilled(cp, standing, undone.seq))
    _leave(cp, standing, counted, undone.day, seen, None)


def _leave(
    cp: CompiledProgramme,
    standing: Standing,
    counted: Sequence[str],
    day: int,
    before: Seen,
    after: Seen | None,
) -> None:
    for code in counted:
        metric = cp.metrics.get(code) or coming_metric(cp, standing, code)
        if metric is None or not metric.subtracts:
            continue
        bucket = cp.bucket(metric.period, standing, day)
        if metric.kind.leave(metric, standing.counters, bucket, before, after):
            standing.counters_changed = True
