"""Merging members: what it would move, doing it, taking it back."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import (
    IDEMPOTENCY_KEY,
    KIB,
    LOCATION,
    REPLAYED,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.events import reply_to
from coterie.api.reading import MEMBER_ID, decoded, member_id_of, ok
from coterie.api.services import Services
from coterie.api.shapes import BalanceShape, balance_shape
from coterie.intake.answers import Answer
from coterie.intake.joining import MergePreview, erasing, merging, preview_merge, unmerging
from coterie.intake.reading import Arrival
from coterie.kernel.errors import Kind
from coterie.kernel.numbers import INT64_MAX
from coterie.storage import Connection

BODY_BYTES_MAX = 4 * KIB
Reason = Annotated[str, Meta(min_length=1, max_length=200)]
MemberId = Annotated[int, Meta(ge=1, le=INT64_MAX)]
INTO = Parameter(
    "into",
    MemberId,
    Words("并入的会员编号", "The member that would take over"),
    required=True,
    example=100002,
)


class Merge(Struct, frozen=True, forbid_unknown_fields=True):
    """Which member takes over, and why."""

    into: MemberId
    reason: Reason | None = None


class Separation(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a merge is taken back."""

    reason: Reason | None = None


class Erasure(Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody is erased; never who it was."""

    reason: Reason | None = None


class MergePlan(Struct, frozen=True, omit_defaults=True):
    """What a merge would move; ``blocked`` says why it would be refused."""

    member_id: int
    into: int
    balances: tuple[BalanceShape, ...]
    identities: int
    events: int
    blocked: str | None = None


_merge = msgspec.json.Decoder(Merge)
_erasure = msgspec.json.Decoder(Erasure)
_separation = msgspec.json.Decoder(Separation)
_encoder = msgspec.json.Encoder()


async def get_plan(services: Services, call: Call) -> Reply:
    """Preview a merge; nothing changes."""
    member_id, into = member_id_of(call), call.query["into"]

    def read(db: Connection) -> MergePreview:
        return preview_merge(db, member_id, into)

    found = await services.read(member_id, call.received_us, read)
    balances = tuple(map(balance_shape, found.balances))
    return ok(
        MergePlan(member_id, found.into, balances, found.identities, found.events, found.blocked)
    )


async def post_merge(services: Services, call: Call) -> Reply:
    """Merge a member into another, once for each key."""
    assert call.caller is not None
    member_id, wanted = member_id_of(call), decoded(_merge, call.body)
    arrival = merging(
        member_id,
        wanted.into,
        source=call.caller.source,
        key=call.headers["Idempotency-Key"],
        now_us=call.received_us,
        reason=wanted.reason,
    )
    arrival.digest = _digest(member_id, wanted)
    return reply_to(await services.gather.submit(arrival), call)


async def post_unmerge(services: Services, call: Call) -> Reply:
    """Take a merge back, once for each key."""
    caller = call.caller
    assert caller is not None
    member_id, wanted = member_id_of(call), decoded(_separation, call.body)

    def find(db: Connection) -> Arrival:
        return unmerging(
            db,
            member_id,
            source=caller.source,
            key=call.headers["Idempotency-Key"],
            now_us=call.received_us,
            reason=wanted.reason,
        )

    arrival = await services.reads.run(find)
    arrival.digest = _digest(member_id, wanted)
    return reply_to(await services.gather.submit(arrival), call)


async def post_erase(services: Services, call: Call) -> Reply:
    """Erase a member, once for each key."""
    assert call.caller is not None
    member_id, wanted = member_id_of(call), decoded(_erasure, call.body)
    arrival = erasing(
        member_id,
        source=call.caller.source,
        key=call.headers["Idempotency-Key"],
        now_us=call.received_us,
        reason=wanted.reason,
    )
    arrival.digest = _digest(member_id, wanted)
    return reply_to(await services.gather.submit(arrival), call)


def _digest(member_id: int, wanted: Struct) -> bytes:
    """Return what makes two requests the same, whenever they are sent."""
    told = _encoder.encode([type(wanted).__name__, member_id, wanted])
    return blake2b(told, digest_size=16).digest()


_ACCEPTED = Returns(201, Answer, Words("已受理", "Accepted"), headers=(LOCATION, REPLAYED))
_REFUSES = (Kind.NOT_FOUND, Kind.CONFLICT, Kind.BUSINESS)

ENDPOINTS = (
    Endpoint(
        Operation(
            id="previewMerge",
            method="GET",
            path="/v1/members/{member_id}/merge",
            tag="members",
            words=Words("预览合并会员", "Preview a merge of members"),
            more="What would go over to `into`: balances, active identities. Nothing changes.",
            scope=Scope.MEMBERS_READ,
            path_parameters=(MEMBER_ID,),
            query=(INTO,),
            returns=(Returns(200, MergePlan, Words("将要转移的内容", "What would move")),),
        ),
        get_plan,
    ),
    Endpoint(
        Operation(
            id="mergeMember",
            method="POST",
            path="/v1/members/{member_id}/merge",
            tag="members",
            words=Words("将会员并入另一会员", "Merge a member into another"),
            more="Open and pending lots keep their dates; debts, what was counted and identities go"
            " along. Events of the merged member reach the other from now on. Refused while units"
            " are on hold (`merge_blocked`).",
            scope=Scope.MEMBERS_WRITE,
            path_parameters=(MEMBER_ID,),
            headers=(IDEMPOTENCY_KEY,),
            body=Merge,
            body_example={"into": 100002, "reason": "同一人"},
            body_bytes_max=BODY_BYTES_MAX,
            returns=(_ACCEPTED,),
            refuses=_REFUSES,
        ),
        post_merge,
    ),
    Endpoint(
        Operation(
            id="unmergeMember",
            method="POST",
            path="/v1/members/{member_id}/unmerge",
            tag="members",
            words=Words("撤销合并", "Take a merge back"),
            more="What is left of what went over comes back to the lots it came from; what was"
            " spent, lapsed or is on hold stays. Of several merges in a row the last is taken back"
            " first.",
            scope=Scope.MEMBERS_WRITE,
            path_parameters=(MEMBER_ID,),
            headers=(IDEMPOTENCY_KEY,),
            body=Separation,
            body_example={"reason": "合并有误"},
            body_bytes_max=BODY_BYTES_MAX,
            returns=(_ACCEPTED,),
            refuses=_REFUSES,
        ),
        post_unmerge,
    ),
    Endpoint(
        Operation(
            id="eraseMember",
            method="POST",
            path="/v1/members/{member_id}/erase",
            tag="members",
            words=Words("抹除会员的个人信息", "Erase a member's personal data"),
            more="Names and identities are removed, also those of members merged into this one, and"
            " nobody is found by them any more. Holds are released, units lapse, debts are written"
            " off. What happened stays under the number. This cannot be taken back.",
            scope=Scope.MEMBERS_WRITE,
            path_parameters=(MEMBER_ID,),
            headers=(IDEMPOTENCY_KEY,),
            body=Erasure,
            body_example={"reason": "本人申请"},
            body_bytes_max=BODY_BYTES_MAX,
            returns=(_ACCEPTED,),
            refuses=_REFUSES,
        ),
        post_erase,
    ),
)
