"""The number a member gets who brought none.

It has a check digit (Luhn, ISO/IEC 7812-1), so that a wrongly typed one finds nobody.
"""

from __future__ import annotations

from coterie.kernel.errors import Refusal
from coterie.members.actions import add_identity
from coterie.members.errors import IdentityTaken
from coterie.storage import Connection

PREFIX = "88"
DIGITS = 10
TRIES_MAX = 20


def luhn(digits: str) -> str:
    """Return the check digit of a row of digits."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = int(char) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def number_for(member_id: int) -> str:
    """Return the card number that a member gets who brought none."""
    digits = f"{PREFIX}{member_id:0{DIGITS}d}"
    return digits + luhn(digits)


def give_card(db: Connection, member_id: int, *, now_us: int) -> str:
    """Let a member be found by a card of our own, and return its number.

    A number that somebody brought from elsewhere is passed over. Raises what
    :func:`~coterie.members.add_identity` raises.
    """
    refusal: Refusal | None = None
    for offset in range(TRIES_MAX):
        try:
            return add_identity(
                db, member_id, "card", number_for(member_id + offset * 10**9), now_us=now_us
            )[1]
        except IdentityTaken as taken:
            refusal = taken
    assert refusal is not None, "there was at least one try"
    raise refusal
