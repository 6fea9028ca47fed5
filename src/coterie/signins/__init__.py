"""How members come in: one-time codes to what they are found by, and the visits that follow.

Owns the schema ``signins``. Invariants: a code is stored as a digest only, opens once, for minutes,
for five tries; what it was sent to is stored as a digest under this world's secret; asking for a
code and getting it wrong look the same whether somebody is known or not; a visit is found by the
digest of a random token and can be ended; how often codes are asked for is bounded for each contact
and each network.

Moments here are the machine's, not the world's: a world whose time stands still or races must not
keep codes alive or kill them.

Does not promise that a code arrives: whoever asks for one hands it to a sender after the commit.
"""

from coterie.signins.actions import (
    ask_code,
    check_code,
    end_visit,
    end_visits,
    forget_visits,
    open_visit,
)
from coterie.signins.errors import TooManyCodes
from coterie.signins.model import AskedCode, CodeOutcome, Visit
from coterie.signins.rules import CODE_MINUTES, TRIES_MAX
from coterie.signins.views import list_visits, visit_of

__all__ = [
    "CODE_MINUTES",
    "TRIES_MAX",
    "AskedCode",
    "CodeOutcome",
    "TooManyCodes",
    "Visit",
    "ask_code",
    "check_code",
    "end_visit",
    "end_visits",
    "forget_visits",
    "list_visits",
    "open_visit",
    "visit_of",
]
