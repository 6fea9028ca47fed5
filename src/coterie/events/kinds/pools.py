"""Kinds of event about pools: who joins and leaves, and what goes to and fro."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from coterie.events.kinds.others import MemberId, MergedLot
from coterie.events.model import Code, Event, MemberRef, Positive

PoolRole = Literal["owner", "member", "saver"]


class PoolJoin(Event, frozen=True, kw_only=True, tag="pool_join"):
    """The member's units go to a pool from now on; ``scheme`` is a pool of the programme.

    ``invited_by`` is who of the pool asked them in, where the programme lets not everybody do so.
    """

    scheme: Code
    pool: MemberRef
    invited_by: MemberRef | None = None


class PoolLeave(Event, frozen=True, kw_only=True, tag="pool_leave"):
    """The member leaves the pool and gets what is left of their own contribution."""

    scheme: Code


class PoolChange(Event, frozen=True, kw_only=True, tag="pool_change"):
    """The pool lets a contributor do more or less, or lets them go (``remove``).

    ``limit_units`` is what they may spend in the time the programme says, in the smallest unit.
    ``by`` is the contributor who decides, an owner; without it the pool's keeper does.
    """

    scheme: Code
    contributor: MemberRef
    role: PoolRole | None = None
    limit_units: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    remove: bool = False
    by: MemberRef | None = None


class PoolIn(Event, frozen=True, kw_only=True, tag="pool_in"):
    """A contributor's units arrive at a pool, with the first of them (``joins``) the contributor.

    Made by Coterie itself.
    """

    scheme: Code
    contributor_id: MemberId
    joins: bool
    lots: tuple[MergedLot, ...]
    invited_by_id: MemberId | None = None


class PoolOut(Event, frozen=True, kw_only=True, tag="pool_out"):
    """A contributor has left a pool; made by Coterie itself."""

    scheme: Code
    contributor_id: MemberId


class PoolShare(Event, frozen=True, kw_only=True, tag="pool_share"):
    """What was left of a contribution comes back; made by Coterie itself.

    With ``pool_id`` that pool has let the member go.
    """

    scheme: Code
    lots: tuple[MergedLot, ...]
    pool_id: MemberId | None = None


class PoolBack(Event, frozen=True, kw_only=True, tag="pool_back"):
    """What a pool did not take comes back; made by Coterie itself."""

    scheme: Code
    joins: bool
    lots: tuple[MergedLot, ...]


class PoolTake(Event, frozen=True, kw_only=True, tag="pool_take"):
    """A contributor has to give back units that went to the pool; made by Coterie itself."""

    scheme: Code
    contributor_id: MemberId
    currency: Code
    units: Positive


class PoolRepay(Event, frozen=True, kw_only=True, tag="pool_repay"):
    """The pool gives what a contributor had to give back; made by Coterie itself."""

    currency: Code
    units: Positive
