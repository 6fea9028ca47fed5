"""Who can hold balances, and by what a member is found."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field


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


class Member(Struct, gc=False):
    """The part of a member that decisions read.

    ``seq`` is the number of the last event, ``clock_us`` the moment up to which everything due was
    decided, ``next_due_us`` the earliest moment at which something may be due (None: nothing).
    ``lot_no`` is the number of the last lot; every lot below ``lots_from`` is empty.
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
    lots_from: int = 1


IDENTITIES_MAX = 20
"""How many identities one newcomer may bring."""
BATCH_MAX = 10_000
"""How many items one call that changes or locks members takes."""
MERGES_MAX = 5
"""How many merges in a row are followed."""


class Newcomer(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who is to become a member.

    ``identities`` are (kind, value) as written by a person. ``born_on`` is ``2026-01-31``.
    ``enrolled_us`` is when they joined (None: now), ``origin`` the campaign, fair or person that
    made them known. State and attributes are where the member's
    history begins; from then on only events change them.
    """

    identities: tuple[tuple[str, str], ...] = ()
    name: str | None = None
    language: str | None = None
    born_on: str | None = None
    kind: str = "person"
    state: str = "active"
    enrolled_us: int | None = None
    channel: str | None = None
    store: str | None = None
    origin: str | None = None
    attributes: dict[str, str | int | bool] = field(default_factory=dict)


class ProfileChange(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """New personal data of a member: what is left out stays, ``None`` removes."""

    member_id: int
    name: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    born_on: str | UnsetType | None = UNSET


class Identity(Struct, frozen=True):
    """One way to find a member, and since (until) when; ``valid_to_us`` None: active."""

    kind: str
    value: str
    valid_from_us: int
    valid_to_us: int | None = None


class MemberRecord(Struct, frozen=True):
    """Everything this room knows about a member, for people to read."""

    member_id: int
    kind: str
    state: str
    merged_into: int | None
    enrolled_us: int
    enrolled_channel: str | None
    enrolled_store: str | None
    name: str | None
    language: str | None
    born_on: str | None
    attributes: dict[str, Any]
    seq: int
    clock_us: int
    identities: tuple[Identity, ...] = ()
    origin: str | None = None


class MemberLine(Struct, frozen=True):
    """A member in a list."""

    member_id: int
    kind: str
    state: str
    enrolled_us: int
    name: str | None
