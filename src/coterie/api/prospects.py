"""Prospects: who is only known yet, and what became of them."""

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
from coterie.api.reading import ok
from coterie.api.services import Services
from coterie.insight import Prospect, prospects
from coterie.kernel.time import format_instant

ORIGIN = Parameter(
    "origin",
    Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:/#-]+$")],
    Words("只看一个来源", "Of this origin alone"),
)
OPEN = Parameter("open", bool, Words("只看尚未入会的", "Only who has not joined yet"))


class ProspectShape(Struct, frozen=True, omit_defaults=True):
    """Somebody who was enrolled as a prospect or unverified, and how far they have come."""

    member_id: int
    began_as: str
    state: str
    enrolled_at: str
    name: str | None = None
    channel: str | None = None
    origin: str | None = None
    first_order_at: str | None = None
    first_order_ref: str | None = None
    joined_at: str | None = None


class ProspectPage(Struct, frozen=True, omit_defaults=True):
    """Prospects, the newest first; ``cursor`` leads to the next page."""

    prospects: tuple[ProspectShape, ...]
    cursor: str | None = None


async def get_prospects(services: Services, call: Call) -> Reply:
    """List prospects."""
    query = dict(call.query)
    only_open = query.pop("open", False)
    found, cursor = await services.reads.run(lambda db: prospects(db, open_only=only_open, **query))
    return ok(ProspectPage(tuple(_shape(each) for each in found), cursor))


def _shape(found: Prospect) -> ProspectShape:
    return ProspectShape(
        found.member_id,
        found.began_as,
        found.state,
        format_instant(found.enrolled_us),
        found.name,
        found.channel,
        found.origin,
        _instant(found.first_order_us),
        found.first_order_ref,
        _instant(found.joined_us),
    )


def _instant(us: int | None) -> str | None:
    return None if us is None else format_instant(us)


ENDPOINTS = (
    Endpoint(
        Operation(
            id="listProspects",
            method="GET",
            path="/v1/prospects",
            tag="members",
            words=Words("意向客户列表", "List prospects"),
            more="Members who were enrolled as `prospect` or `unverified`: from where, by which"
            " channel, when they first bought and when they became active.",
            scope=Scope.MEMBERS_READ,
            query=(ORIGIN, OPEN, CURSOR, LIMIT),
            returns=(Returns(200, ProspectPage, Words("意向客户", "Prospects")),),
        ),
        get_prospects,
    ),
)
