"""Kinds of event between members: links, referrals, merges."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct, field

from coterie.events.model import Code, Event, MemberRef, Order, Positive, Text

MemberId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Sequence = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class Link(Event, frozen=True, kw_only=True, tag="link"):
    """Another member stands in a ``role`` to this one (``referrer``: who brought them).

    ``null`` ends it; a later link of the same role takes its place.
    """

    role: Code
    other: MemberRef | None


class Referral(Event, frozen=True, kw_only=True, tag="referral"):
    """Somebody the member brought did what a referral asks; made by Coterie itself."""

    referral: Code
    friend_id: int
    currency: Code
    units: Positive


class ReferralBack(Event, frozen=True, kw_only=True, tag="referral_back"):
    """What the member was rewarded for came back; made by Coterie itself.

    ``undoes_seq`` is the rewarding event, null where another member had it who was merged.
    """

    referral: Code
    friend_id: int
    currency: Code
    units: Positive
    undoes_seq: int | None = None


class MergedLot(NamedTuple):
    """A lot that a merge moves; ``releases_us`` is set while it waits."""

    lot_no: int
    currency: str
    units: int
    earned_us: int
    expires_us: int | None
    expires_day: int | None
    releases_us: int | None
    priority: int
    contributor_id: int | None


class MergedTier(NamedTuple):
    """What somebody decided about a tier: granted through a day (as a match), for ever, pinned."""

    granted: str | None = None
    granted_until: int | None = None
    matched: bool = False
    lifetime: str | None = None
    pinned: str | None = None


class MergedSale(Struct, frozen=True, omit_defaults=True):
    """A recorded sale that a merge brings along, with what is needed when it comes back.

    ``seq`` is its number in the file it comes from, ``lots`` that file's lots of it, ``returned``
    what has come back: line index, quantity in thousandths, amount in minor units. ``grants`` and
    ``context`` are as they were recorded.
    """

    seq: int
    order: Order
    at_us: int
    day: int
    version: int
    grants: list[Any]
    context: dict[str, Any] | list[Any] | None = None
    counted: tuple[str, ...] = ()
    returned: tuple[tuple[int, int, int], ...] = ()
    lots: tuple[int, ...] = ()


class MergeIn(Event, frozen=True, kw_only=True, tag="merge_in"):
    """The member takes over another one's file; made by Coterie itself.

    ``state`` is the other's before, ``inactive`` when its currencies lapse for inactivity,
    ``counters`` what was counted, by bucket, ``sales`` the newest sales, ``tiers`` by ladder what
    was granted, given for ever and pinned.
    """

    merged_id: int
    state: Code
    lots: tuple[MergedLot, ...]
    debts: dict[str, int]
    inactive: dict[str, int]
    counters: dict[str, dict[int, int]]
    sales: tuple[MergedSale, ...] = ()
    tiers: dict[str, MergedTier] = field(default_factory=dict)


class Unmerge(Event, frozen=True, kw_only=True, tag="unmerge"):
    """A merge is taken back: ``merge_seq`` is this member's event that brought ``merged_id``."""

    merged_id: MemberId
    merge_seq: Sequence
    reason: Text | None = None


class UnmergeIn(Event, frozen=True, kw_only=True, tag="unmerge_in"):
    """The member is itself again; made by Coterie itself.

    ``parts`` are own lot numbers, the units that come back, and whether they can be spent (1),
    ``returned`` what came back of own sales meanwhile: the sale, and by line index quantity in
    thousandths and amount in minor units, all in all.
    """

    survivor_id: int
    state: Code
    parts: tuple[tuple[int, int, int], ...]
    debts: dict[str, int]
    returned: tuple[tuple[int, dict[int, tuple[int, int]]], ...] = ()
