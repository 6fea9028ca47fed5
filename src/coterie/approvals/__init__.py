"""What waits for a second person: requests, decisions, and the policy that says what has to.

Owns the schema ``approvals``. Invariants: nobody decides about what they asked for; what was asked
for never changes; what was decided stays decided; requests and policies are kept.

Does not run anything and does not judge permissions: ``acts`` does, which also looks again at what
a request would do before it is approved.
"""

from coterie.approvals.actions import (
    ask,
    decide,
    lapse_old,
    look_again,
    set_policy,
    settle,
    withdraw,
)
from coterie.approvals.errors import (
    BadPolicy,
    DecidedAlready,
    OwnRequest,
    RequestLapsed,
    RequestUnknown,
)
from coterie.approvals.model import NewRequest, Policy, Request, State
from coterie.approvals.views import count_waiting, list_requests, policy, read_request

__all__ = [
    "BadPolicy",
    "DecidedAlready",
    "NewRequest",
    "OwnRequest",
    "Policy",
    "Request",
    "RequestLapsed",
    "RequestUnknown",
    "State",
    "ask",
    "count_waiting",
    "decide",
    "lapse_old",
    "list_requests",
    "look_again",
    "policy",
    "read_request",
    "set_policy",
    "settle",
    "withdraw",
]
