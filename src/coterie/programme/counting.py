"""Earlier versions that count what a later one is the first to declare."""

from __future__ import annotations

import copy

from coterie.programme.compile import CompiledProgramme, Programmes


def counting_also(programmes: Programmes, newest: CompiledProgramme) -> Programmes:
    """Return the versions, each counting the metrics of ``newest`` that it does not declare.

    What they decide stays the same: no rule of theirs can read a metric they do not declare.
    """
    return Programmes([_counting(version, newest) for version in programmes.versions])


def new_metrics(programmes: Programmes, newest: CompiledProgramme) -> tuple[str, ...]:
    """Return the metrics of ``newest`` that no version so far has counted all along.

    A metric that any version in force does not declare has gaps, so it is counted anew.
    """
    return tuple(
        code
        for code in newest.metrics
        if any(code not in version.metrics for version in programmes.versions)
    )


def _counting(version: CompiledProgramme, newest: CompiledProgramme) -> CompiledProgramme:
    more = {code: m for code, m in newest.metrics.items() if code not in version.metrics}
    if not more:
        return version
    counting = copy.copy(version)
    counting.metrics = {**version.metrics, **more}
    counting.metrics_on = dict(version.metrics_on)
    for metric in more.values():
        counting.metrics_on[metric.on] = (*counting.metrics_on.get(metric.on, ()), metric)
    return counting
