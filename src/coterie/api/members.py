"""Members: enrol, find, read."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from coterie.access import Scope
from coterie.api.contract import (
    IDEMPOTENCY_KEY,
    KIB,
    LOCATION,
    REPLAYED,
    Call,
    Endpoint,
    Operation,
    Reply,
    Returns,
    Words,
)
from coterie.api.reading import MEMBER_ID, decoded, member_id_of, ok
from coterie.api.services import Services
from coterie.api.shapes import FoundMember, MemberShape, NewMember, member_shape
from coterie.events import MemberRef
from coterie.intake.keyed import once
from coterie.kernel.errors import Kind, Refusal
from coterie.kernel.time import parse_instant
from coterie.members import (
    Newcomer,
    create_members,
    find_member,
    normalise_identity,
    read_member,
)
from coterie.storage import Connection

MEMBER_BYTES_MAX = 64 * KIB
REFERENCE_BYTES_MAX = 4 * KIB

_new_member = msgspec.json.Decoder(NewMember)
_reference = msgspec.json.Decoder(MemberRef)
_encoder = msgspec.json.Encoder()


async def post_member(services: Services, call: Call) -> Reply:
    """Make a member, once for each key."""
    assert call.caller is not None
    source, key, now_us = call.caller.source, call.headers["Idempotency-Key"], call.received_us
    wanted = decoded(_new_member, call.body)
    digest = blake2b(_encoder.encode(wanted), digest_size=16, person=b"POST members").digest()
    newcomer = _newcomer(wanted)

    def make(db: Connection) -> int:
        made = create_members(db, [newcomer], now_us=now_us)[0]
        if isinstance(made, Refusal):
            raise made
        return made

    def enrol(db: Connection) -> tuple[int, bool]:
        member_id, before = once(db, source=source, key=key, digest=digest, make=make)
        if not before:
            # Events that came before their member; the worker looks too, if this process dies here.
            known = [(kind, normalise_identity(kind, v)) for kind, v in newcomer.identities]
            services.engine.unpark(db, known, now_us)
        return member_id, before

    member_id, replayed = await services.reads.run(enrol)
    reply = Reply(201, _encoder.encode(FoundMember(member_id)))
    reply.headers = [(b"location", f"/v1/members/{member_id}".encode())]
    if replayed:
        reply.headers.append((b"coterie-replayed", b"true"))
    return reply


async def post_find(services: Services, call: Call) -> Reply:
    """Find a member by id, card, phone, e-mail, messenger or external id."""
    reference = decoded(_reference, call.body)
    return ok(FoundMember(await services.reads.run(lambda db: find_member(db, reference))))


async def get_member(services: Services, call: Call) -> Reply:
    """Read a member."""
    member_id = member_id_of(call)
    record = await services.read(member_id, call.received_us, lambda db: read_member(db, member_id))
    return ok(member_shape(record))


def _newcomer(wanted: NewMember) -> Newcomer:
    enrolled_us = None
    if wanted.enrolled_at is not None:
        enrolled_us = parse_instant(wanted.enrolled_at, where="enrolled_at")[0]
    return Newcomer(
        identities=tuple((str(each.kind), each.value) for each in wanted.identities),
        name=wanted.name,
        language=wanted.language,
        born_on=wanted.born_on,
        kind=str(wanted.kind),
        state=wanted.state,
        enrolled_us=enrolled_us,
        channel=wanted.channel,
        store=wanted.store,
        origin=wanted.origin,
        attributes=wanted.attributes,
    )


ENDPOINTS = (
    Endpoint(
        Operation(
            id="createMember",
            method="POST",
            path="/v1/members",
            tag="members",
            words=Words("注册会员", "Enrol a member"),
            more="The same key with the same body gets the first answer again, however often; with"
            " another body it is refused (`key_reused`). A refused enrolment leaves the key free.",
            scope=Scope.MEMBERS_WRITE,
            headers=(IDEMPOTENCY_KEY,),
            body=NewMember,
            body_example={
                "identities": [
                    {"kind": "phone", "value": "+86 138 0013 8000"},
                    {"kind": "card", "value": "8800 1234"},
                ],
                "name": "王小明",
                "language": "zh-CN",
                "channel": "store",
            },
            body_bytes_max=MEMBER_BYTES_MAX,
            returns=(
                Returns(
                    201, FoundMember, Words("已注册", "Enrolled"), headers=(LOCATION, REPLAYED)
                ),
            ),
            refuses=(Kind.CONFLICT, Kind.BUSINESS),
        ),
        post_member,
    ),
    Endpoint(
        Operation(
            id="findMember",
            method="POST",
            path="/v1/members:find",
            tag="members",
            words=Words(
                "按卡号、手机、邮箱等查找会员", "Find a member by card, phone, e-mail, ..."
            ),
            more="Exactly one way to name a member. It is a POST so that no address holds personal"
            " data; it changes nothing. A merged member leads to the one that took over.",
            scope=Scope.MEMBERS_READ,
            body=MemberRef,
            body_example={"phone": "+86 138 0013 8000"},
            body_bytes_max=REFERENCE_BYTES_MAX,
            returns=(Returns(200, FoundMember, Words("找到的会员", "Whom it means now")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        post_find,
    ),
    Endpoint(
        Operation(
            id="getMember",
            method="GET",
            path="/v1/members/{member_id}",
            tag="members",
            words=Words("读取会员", "Read a member"),
            more="A merged member is shown as such: `merged_into` names the one that took over.",
            scope=Scope.MEMBERS_READ,
            path_parameters=(MEMBER_ID,),
            returns=(Returns(200, MemberShape, Words("会员资料", "The member")),),
        ),
        get_member,
    ),
)
