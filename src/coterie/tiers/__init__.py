"""Ladders: where members stand, how they rise, stay, fall, and why.

Owns the schema ``tiers``: a standing per member and ladder, and every change of it (never changed,
never deleted). Invariants: a standing is what its last change left; a change names its event. The
room does not know what thresholds count: programmes say that, as a :class:`Judge`.
"""

from coterie.tiers.actions import insert_changes, load_standings_later, write_standings
from coterie.tiers.errors import BadStatusChange, LadderUnknown, StatusUnchanged, TierUnknown
from coterie.tiers.model import (
    Course,
    Evidence,
    Given,
    Policy,
    Reason,
    Review,
    TierChange,
    TierStanding,
    Validity,
)
from coterie.tiers.rules import (
    Judge,
    begin,
    due_day,
    next_review,
    period_start,
    reviewed,
    valid_through,
)
from coterie.tiers.views import Changes, ChangeView, changes_of, standing_of, standings_of
from coterie.tiers.walking import Walk, command, let_pass

__all__ = [
    "BadStatusChange",
    "ChangeView",
    "Changes",
    "Course",
    "Evidence",
    "Given",
    "Judge",
    "LadderUnknown",
    "Policy",
    "Reason",
    "Review",
    "StatusUnchanged",
    "TierChange",
    "TierStanding",
    "TierUnknown",
    "Validity",
    "Walk",
    "begin",
    "changes_of",
    "command",
    "due_day",
    "insert_changes",
    "let_pass",
    "load_standings_later",
    "next_review",
    "period_start",
    "reviewed",
    "standing_of",
    "standings_of",
    "valid_through",
    "write_standings",
]
