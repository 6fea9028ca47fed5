"""The kinds of measure a metric may have: one file each, one registry line.

A metric's number is read through ``CompiledProgramme.metric_value`` alone: some measures keep a
number a bucket, some keep what they have seen, and some keep nothing.
"""

from __future__ import annotations

from coterie.programme.measures.kind import MeasureKind, Seen
from coterie.programme.measures.registry import (
    MEASURES,
    measure_of,
    metric_scale,
    metric_words,
    told_number,
    written_scale,
)

__all__ = [
    "MEASURES",
    "MeasureKind",
    "Seen",
    "measure_of",
    "metric_scale",
    "metric_words",
    "told_number",
    "written_scale",
]
