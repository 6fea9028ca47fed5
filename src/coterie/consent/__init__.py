"""What people agreed to: the words they were shown, and every yes and no.

Owns the schema ``consent``. Invariants: a wording never changes, a new one is a new version; a
record never changes, what holds now is the last one of its kind; records name a member by number
alone, so they stay as proof when the person is erased. Nobody agreed to what they were not asked.

Does not promise that a version of today was agreed to: who agreed to an older one is told so.
"""

from coterie.consent.actions import publish_wording, record_consent
from coterie.consent.errors import BadWording, WordingUnknown
from coterie.consent.model import ConsentRecord, ConsentState, Wording
from coterie.consent.rules import INFERRING, holds
from coterie.consent.views import consents_of, history_of, latest_wordings

__all__ = [
    "INFERRING",
    "BadWording",
    "ConsentRecord",
    "ConsentState",
    "Wording",
    "WordingUnknown",
    "consents_of",
    "history_of",
    "holds",
    "latest_wordings",
    "publish_wording",
    "record_consent",
]
