"""Questions over all rooms, read only: what a programme does, in numbers.

Owns no tables and changes nothing. Every number comes from sums that are kept with the movements
(``ledger.rollup``) or from counts with an index, so that a page costs the same with a million
members.
"""

from coterie.insight.counter import CounterSale, counter_sales, orders_of_reference
from coterie.insight.exporting import Export, Left, exports
from coterie.insight.ladders import progress_of
from coterie.insight.listing import (
    BouncingContact,
    ListedMember,
    MemberFilter,
    MemberPage,
    ReviewedMember,
    bouncing,
    list_members,
    to_review,
    walk_members,
)
from coterie.insight.prospects import Prospect, prospects
from coterie.insight.pulse import (
    CurrencyPulse,
    MonthPulse,
    Pulse,
    lively_members,
    months,
    pulse,
    waiting_by_reason,
)
from coterie.insight.search import Found, FoundEvent, FoundPart, search
from coterie.insight.timeline import Effect, Timeline, TimelineEntry, timeline

__all__ = [
    "BouncingContact",
    "CounterSale",
    "CurrencyPulse",
    "Effect",
    "Export",
    "Found",
    "FoundEvent",
    "FoundPart",
    "Left",
    "ListedMember",
    "MemberFilter",
    "MemberPage",
    "MonthPulse",
    "Prospect",
    "Pulse",
    "ReviewedMember",
    "Timeline",
    "TimelineEntry",
    "bouncing",
    "counter_sales",
    "exports",
    "list_members",
    "lively_members",
    "months",
    "orders_of_reference",
    "progress_of",
    "prospects",
    "pulse",
    "search",
    "timeline",
    "to_review",
    "waiting_by_reason",
    "walk_members",
]
