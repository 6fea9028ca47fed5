"""Members a version could not be counted for: who they are, and to begin without them."""

from __future__ import annotations

from msgspec import Struct

from coterie.access import Scope
from coterie.api.contract import CURSOR, LIMIT, Call, Endpoint, Parameter, Reply, Returns, Words
from coterie.api.programme import Number, operation, version_of
from coterie.api.reading import ok
from coterie.api.services import Services
from coterie.kernel.errors import Kind
from coterie.kernel.time import format_instant
from coterie.programme.versions import accept_set_aside, set_aside_of
from coterie.storage import Connection, transaction


class SetAsideMember(Struct, frozen=True):
    """A member whose past could not be counted, and why."""

    member_id: int
    reason: str
    set_aside_at: str


class SetAsidePage(Struct, frozen=True, omit_defaults=True):
    """Members set aside, by id; ``cursor`` leads to the next page."""

    members: tuple[SetAsideMember, ...]
    cursor: str | None = None


class SetAsideAccepted(Struct, frozen=True):
    """How many members the version begins without."""

    members: int


async def get_aside(services: Services, call: Call) -> Reply:
    """Read a page of who was set aside."""
    version = version_of(call)
    rows, cursor = await services.reads.run(lambda db: set_aside_of(db, version, **call.query))
    shown = [
        SetAsideMember(row.member_id, row.reason, format_instant(row.set_aside_us)) for row in rows
    ]
    return ok(SetAsidePage(tuple(shown), cursor))


async def post_accept(services: Services, call: Call) -> Reply:
    """Let the version begin without them."""
    version = version_of(call)

    def run(db: Connection) -> int:
        with transaction(db):
            return accept_set_aside(db, version, call.received_us)

    return ok(SetAsideAccepted(await services.batches.run(run)))


_VERSION = Parameter("version", Number, Words("版本号", "The version's number"), example=1)

ENDPOINTS = (
    Endpoint(
        operation(
            "listSetAside",
            "GET",
            "/v1/programme/versions/{version}/aside",
            Words("列出新指标统计不了的会员", "List members a version could not be counted for"),
            more="The version waits until they are counted or somebody accepts to begin without"
            " them. `coterie programme aside VERSION --again` counts them again.",
            path_parameters=(_VERSION,),
            query=(LIMIT, CURSOR),
            returns=(Returns(200, SetAsidePage, Words("一页会员", "A page of members")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        get_aside,
    ),
    Endpoint(
        operation(
            "acceptSetAside",
            "POST",
            "/v1/programme/versions/{version}/aside:accept",
            Words("不含这些会员也让版本生效", "Let a version begin without them"),
            more="They begin its new metrics with nothing until they are counted again. The worker"
            " then lets the version begin.",
            scope=Scope.PROGRAMME_WRITE,
            path_parameters=(_VERSION,),
            returns=(Returns(200, SetAsideAccepted, Words("已接受", "Accepted")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        post_accept,
    ),
)
