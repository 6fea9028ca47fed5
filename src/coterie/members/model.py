"""Who can hold balances, and by what a member is found."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class MemberKind(StrEnum):
    """What sort of holder a member is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    HOUSEHOLD = "household"
    POOL = "pool"


class MemberState(StrEnum):
    """Where a member stands; the programme says what each state may earn, spend and receive."""

    PROSPECT = "prospect"
    UNVERIFIED = "unverified"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"
    MERGED = "merged"
    ERASED = "erased"


class IdentityKind(StrEnum):
    """What kind of name an identity is."""

    CARD = "card"
    PHONE = "phone"
    EMAIL = "email"
    MESSENGER = "messenger"
    EXTERNAL = "external"


class Member(Struct):
    """The part of a member that decisions read.

    ``seq`` is the number of the last event, ``clock_us`` the moment up to which everything due was
    decided, ``next_due_us`` the earliest moment at which something may be due (None: nothing).
    """

    member_id: int
    state: str = "active"
    kind: str = "person"
    merged_into: int | None = None
    seq: int = 0
    lot_no: int = 0
    clock_us: int = 0
    next_due_us: int | None = None
    enrolled_us: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)
