"""Who may decide about what, and what a policy may say."""

from __future__ import annotations

from coterie.approvals.errors import BadPolicy, DecidedAlready, OwnRequest, RequestLapsed
from coterie.approvals.model import Policy, Request, State

UNITS_MAX = 10**15
CURRENCIES_MAX = 100
HOURS_MAX = 24 * 90
MEMBERS_MAX = 100_000
NOTE_LENGTH_MAX = 500


def check_policy(policy: Policy) -> None:
    """Refuse what no policy may say. Raises BadPolicy."""
    if len(policy.adjust_units_max_by) > CURRENCIES_MAX:
        raise BadPolicy(f"At most {CURRENCIES_MAX} currencies.", where="adjust_units_max_by")
    for units in (policy.adjust_units_max, *policy.adjust_units_max_by.values()):
        if not 0 <= units <= UNITS_MAX:
            raise BadPolicy("A bound on units is zero or more.", where="adjust_units_max")
    if not 1 <= policy.expires_hours <= HOURS_MAX:
        raise BadPolicy(f"A request waits 1 to {HOURS_MAX} hours.", where="expires_hours")
    if not 1 <= policy.bulk_members_max <= MEMBERS_MAX:
        raise BadPolicy(f"1 to {MEMBERS_MAX} members.", where="bulk_members_max")


def check_decidable(request: Request, account_id: int, now_us: int) -> None:
    """Refuse a decision that cannot be. Raises OwnRequest, DecidedAlready and RequestLapsed."""
    if request.asked_by == account_id:
        raise OwnRequest
    check_waits(request, now_us)


def check_waits(request: Request, now_us: int) -> None:
    """Refuse what does not wait. Raises DecidedAlready and RequestLapsed."""
    if request.state is State.LAPSED or now_us >= request.expires_us:
        raise RequestLapsed
    if request.state is not State.WAITING:
        raise DecidedAlready(f"It is {request.state.value}.")
