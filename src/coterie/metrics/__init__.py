"""Counters in buckets: what was counted or summed per day, month or year of a member.

Owns the schema ``metrics``: one row a member holds all counters. Invariants: a bucket has the
coarsest grain its window allows; buckets no window can reach any more are dropped when a newer one
opens, so a member's row stays small. The room does not know what is counted.
"""

from coterie.metrics.rules import Counters, Grain, add, bucket_of, peak, total
from coterie.metrics.store import load_counters, load_counters_later, write_counters

__all__ = [
    "Counters",
    "Grain",
    "add",
    "bucket_of",
    "load_counters",
    "load_counters_later",
    "peak",
    "total",
    "write_counters",
]
