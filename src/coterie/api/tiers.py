"""Where members stand on ladders, what is missing, and every change there was."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import (
    CURSOR,
    LIMIT,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.reading import MEMBER_ID, member_id_of, ok
from coterie.api.services import Services
from coterie.insight import progress_of
from coterie.kernel.time import format_day, format_instant
from coterie.programme.ladders.progress import LadderProgress, Need, NextTier, missing_words
from coterie.programme.model import Words as Said
from coterie.storage import Connection
from coterie.tiers import ChangeView, Evidence, changes_of

LADDER = Parameter(
    "ladder",
    Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:/#-]+$")],
    Words("只看一个等级体系", "Only this ladder"),
)


class _Shape(Struct, frozen=True, omit_defaults=True):
    """A body that goes out."""


class NextTierShape(_Shape, frozen=True):
    """A tier, what it takes, and what is missing in words; ``met``: nothing is."""

    tier: str
    name: Said
    met: bool
    missing: Said
    need: Need


class TierShape(_Shape, frozen=True):
    """A member on one ladder.

    ``rise`` is the next tier above, ``keep`` what keeps the tier that was earned, ``projected``
    where the present pace leads. ``earned`` is the tier of the member's own doing where another one
    holds (granted, matched, pinned or for ever).
    """

    ladder: str
    name: Said
    tier: str
    tier_name: Said
    projected: str
    since_on: str | None = None
    until_on: str | None = None
    review_on: str | None = None
    reason: str | None = None
    earned: str | None = None
    granted_until: str | None = None
    grace_until: str | None = None
    pinned: bool = False
    lifetime: str | None = None
    paused: bool = False
    rise: NextTierShape | None = None
    keep: NextTierShape | None = None
    score: int | None = None
    parts: dict[str, int] = {}
    carried: dict[str, int] = {}
    benefits: tuple[Said, ...] = ()


class Tiers(_Shape, frozen=True):
    """A member's place on every ladder, as of now."""

    member_id: int
    as_of: str
    tiers: tuple[TierShape, ...]


class TierChangeShape(_Shape, frozen=True):
    """A change on a ladder: from which tier to which (the same: its validity), why, by what.

    ``evidence`` is what was looked at; its ``day`` is ``judged_on``.
    """

    event: str
    change: int
    at: str
    ladder: str
    reason: str
    programme_version: int
    evidence: Evidence
    before: str | None = None
    tier: str | None = None
    until_on: str | None = None
    judged_on: str | None = None


class TierChangePage(_Shape, frozen=True):
    """Changes, newest first."""

    member_id: int
    as_of: str
    changes: tuple[TierChangeShape, ...]
    cursor: str | None = None


def tier_shape(place: LadderProgress) -> TierShape:
    """Write a place on a ladder for the wire."""
    return TierShape(
        ladder=place.ladder,
        name=place.name,
        tier=place.tier,
        tier_name=place.tier_name,
        projected=place.projected,
        since_on=_day(place.since_day),
        until_on=_day(place.until_day),
        review_on=_day(place.review_day),
        reason=place.reason,
        earned=place.earned,
        granted_until=_day(place.granted_until),
        grace_until=_day(place.grace_until),
        pinned=place.pinned,
        lifetime=place.lifetime,
        paused=place.paused,
        rise=_next(place.rise),
        keep=_next(place.keep),
        score=place.score,
        parts=place.parts,
        carried=place.carried,
        benefits=place.benefits,
    )


def _next(wanted: NextTier | None) -> NextTierShape | None:
    if wanted is None:
        return None
    need = wanted.need
    said = Said(zh=missing_words(need, "zh"), en=missing_words(need, "en"))
    return NextTierShape(wanted.tier, wanted.name, need.met, said, need)


def change_shape(member_id: int, view: ChangeView) -> TierChangeShape:
    """Write a change for the wire."""
    return TierChangeShape(
        event=f"{member_id}:{view.seq}",
        change=view.n,
        at=format_instant(view.at_us),
        ladder=view.ladder,
        reason=view.reason,
        programme_version=view.version,
        evidence=view.evidence,
        before=view.from_tier,
        tier=view.to_tier,
        until_on=_day(view.until_day),
        judged_on=_day(view.evidence.day or None),
    )


def _day(day: int | None) -> str | None:
    return None if day is None else format_day(day)


async def get_tiers(services: Services, call: Call) -> Reply:
    """Read a member's place on every ladder."""
    member_id, now_us = member_id_of(call), call.received_us

    def read(db: Connection) -> list[LadderProgress]:
        programmes = services.engine.surroundings(db).programmes
        return progress_of(db, programmes, member_id, now_us)

    places = await services.read(member_id, now_us, read)
    return ok(Tiers(member_id, format_instant(now_us), tuple(map(tier_shape, places))))


async def get_changes(services: Services, call: Call) -> Reply:
    """Read a page of changes."""
    member_id, now_us = member_id_of(call), call.received_us
    page = await services.read(
        member_id, now_us, lambda db: changes_of(db, member_id, **call.query)
    )
    changes = tuple(change_shape(member_id, view) for view in page.changes)
    return ok(TierChangePage(member_id, format_instant(now_us), changes, page.cursor))


_AS_OF = "What fell due up to now is decided before the answer."

ENDPOINTS = (
    Endpoint(
        Operation(
            id="getTiers",
            method="GET",
            path="/v1/members/{member_id}/tiers",
            tag="members",
            words=Words("读取会员等级与晋升进度", "Read a member's tiers and what is missing"),
            more=_AS_OF,
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            returns=(Returns(200, Tiers, Words("各等级体系中的位置", "One place a ladder")),),
        ),
        get_tiers,
    ),
    Endpoint(
        Operation(
            id="listTierChanges",
            method="GET",
            path="/v1/members/{member_id}/tiers/changes",
            tag="members",
            words=Words(
                "列出会员等级变更（新的在前）", "List a member's tier changes, newest first"
            ),
            more=_AS_OF,
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            query=(LADDER, CURSOR, LIMIT),
            returns=(Returns(200, TierChangePage, Words("一页变更", "A page of changes")),),
        ),
        get_changes,
    ),
)
