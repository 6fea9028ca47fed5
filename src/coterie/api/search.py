"""One box for everything: members, orders, events, names of the programme."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import KIB, Call, Endpoint, Operation, Reply, Returns, Words
from coterie.api.reading import decoded, ok
from coterie.api.services import Services
from coterie.insight import Found, FoundEvent, search
from coterie.intake.errors import NoProgramme
from coterie.kernel.time import format_instant
from coterie.members import Hit
from coterie.storage import Connection

SEARCH_BYTES_MAX = 4 * KIB


class SearchText(Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for. ``masked``: show no more of people than they would recognise."""

    text: Annotated[str, Meta(min_length=1, max_length=100)]
    limit: Annotated[int, Meta(ge=1, le=50)] = 10
    masked: bool = False


class ContactShape(Struct, frozen=True):
    """One way a member is found."""

    kind: str
    value: str


class MemberHit(Struct, frozen=True, omit_defaults=True):
    """A member that fits; ``match`` is ``exact``, ``prefix`` or ``contains``."""

    member_id: int
    state: str
    match: str
    enrolled_at: str
    name: str | None = None
    merged_into: int | None = None
    contacts: tuple[ContactShape, ...] = ()


class EventHit(Struct, frozen=True, omit_defaults=True):
    """An order or another event; ``event`` is ``member:sequence``."""

    event: str
    kind: str
    occurred_at: str
    status: str
    order_ref: str | None = None
    store: str | None = None


class PartHit(Struct, frozen=True):
    """Something the programme declares, with its names in both languages."""

    section: str
    code: str
    name_zh: str
    name_en: str


class SearchResult(Struct, frozen=True):
    """Groups of what was found, each with its best first; ``more_members``: there may be others."""

    members: tuple[MemberHit, ...]
    more_members: bool
    orders: tuple[EventHit, ...]
    events: tuple[EventHit, ...]
    programme: tuple[PartHit, ...]


_decoder = msgspec.json.Decoder(SearchText)
_MATCHES = ("exact", "prefix", "contains")


async def post_search(services: Services, call: Call) -> Reply:
    """Look for everything a text may mean."""
    asked = decoded(_decoder, call.body)

    def look(db: Connection) -> Found:
        try:
            programme = services.engine.programmes(db).at(call.received_us).programme
        except NoProgramme:
            programme = None
        return search(db, programme, asked.text, limit=asked.limit)

    found = await services.reads.run(look)
    hits = (hit.masked() if asked.masked else hit for hit in found.members)
    return ok(
        SearchResult(
            tuple(_member(hit) for hit in hits),
            found.more_members,
            tuple(_event(each) for each in found.orders),
            tuple(_event(each) for each in found.events),
            tuple(PartHit(part.section, part.code, part.zh, part.en) for part in found.parts),
        )
    )


def _member(hit: Hit) -> MemberHit:
    return MemberHit(
        hit.member_id,
        hit.state,
        _MATCHES[hit.rank],
        format_instant(hit.enrolled_us),
        hit.name,
        hit.merged_into,
        tuple(ContactShape(kind, value) for kind, value in hit.contacts),
    )


def _event(found: FoundEvent) -> EventHit:
    return EventHit(
        f"{found.member_id}:{found.seq}",
        found.kind,
        format_instant(found.occurred_us),
        found.status,
        found.order_ref,
        found.store,
    )


ENDPOINTS = (
    Endpoint(
        Operation(
            id="search",
            method="POST",
            path="/v1/search",
            tag="members",
            words=Words("一个搜索框找到一切", "Find anyone or anything from one text"),
            more="Members by name, pinyin, initials, number or its last four digits, card, e-mail,"
            " tag (`#vip`) or id; orders by the beginning of their reference; events as"
            " `member:sequence`; parts of the programme by code or name. Several words must all"
            " fit. It is a POST so that no address holds personal data; it changes nothing.",
            scope=Scope.MEMBERS_READ,
            body=SearchText,
            body_example={"text": "wang 8000"},
            body_bytes_max=SEARCH_BYTES_MAX,
            returns=(Returns(200, SearchResult, Words("搜索结果", "What was found")),),
        ),
        post_search,
    ),
)
