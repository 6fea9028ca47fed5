"""Questions over all rooms, read only: what a programme does, in numbers.

Owns no tables and changes nothing. Every number comes from sums that are kept with the movements
(``ledger.rollup``) or from counts with an index, so that a page costs the same with a million
members.
"""

from coterie.insight.exporting import Export, Left, exports
from coterie.insight.ladders import progress_of
from coterie.insight.prospects import Prospect, prospects
from coterie.insight.pulse import (
    CurrencyPulse,
    MonthPulse,
    Pulse,
    months,
    pulse,
)
from coterie.insight.search import Found, FoundEvent, FoundPart, search

__all__ = [
    "CurrencyPulse",
    "Export",
    "Found",
    "FoundEvent",
    "FoundPart",
    "Left",
    "MonthPulse",
    "Prospect",
    "Pulse",
    "exports",
    "months",
    "progress_of",
    "prospects",
    "pulse",
    "search",
]
