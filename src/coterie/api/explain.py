"""Why, and what if: the chain from event to rule and version to values to lots, for a member."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import Call, Endpoint, Operation, Parameter, Reply, Returns, Words
from coterie.api.events import EVENT_BYTES_MAX, OutsideEvent
from coterie.api.programme import TEXT_BYTES_MAX, ProgrammeText, read_text
from coterie.api.reading import MEMBER_ID, decoded, member_id_of, ok
from coterie.api.services import Services
from coterie.intake.reading import read_event
from coterie.kernel.errors import Kind
from coterie.replay import ExplainedEvent, Explanation, Question, explain, try_event
from coterie.storage import Connection

_Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:/#-]+$")]
_EVENT = Parameter(
    "event",
    Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,18}:[1-9][0-9]{0,18}$")],
    Words("解释一个事件：会员编号:序号", "Explain an event: member:sequence"),
    example="100001:1",
)
_CURRENCY = Parameter(
    "currency",
    _Code,
    Words("解释一种积分的余额从何而来", "Explain where the balance of this currency comes from"),
)
_MISSING = Parameter(
    "missing",
    _Code,
    Words("解释某条规则为何没有给予", "Explain why this rule gave nothing, or less"),
)


_TIER = Parameter(
    "tier",
    _Code,
    Words("解释会员在某个等级体系中的等级", "Explain where the member stands on this ladder"),
)


async def get_explanation(services: Services, call: Call) -> Reply:
    """Explain one thing about a member."""
    member_id, now_us = member_id_of(call), call.received_us
    asked = Question(**call.query)

    def read(db: Connection) -> Explanation:
        programmes = services.engine.surroundings(db).programmes
        return explain(db, programmes, member_id, asked, now_us)

    return ok(await services.read(member_id, now_us, read))


class EventTrial(Struct, frozen=True, forbid_unknown_fields=True):
    """An event, and the text of a programme to decide by instead of what is in force."""

    event: OutsideEvent
    draft: ProgrammeText | None = None


class _Trial(Struct, frozen=True, forbid_unknown_fields=True):
    """The same with the event unread: what is wrong with it is said as for events that are sent."""

    event: msgspec.Raw
    draft: ProgrammeText | None = None


_trial = msgspec.json.Decoder(_Trial)


async def post_trial(services: Services, call: Call) -> Reply:
    """Say what an event would bring; nothing is written."""
    caller = call.caller
    assert caller is not None
    asked = decoded(_trial, call.body)
    source = None if Scope.ADMIN in caller.scopes else caller.source
    arrival = read_event(bytes(asked.event), source=source, received_us=call.received_us)

    def read(db: Connection) -> ExplainedEvent:
        draft = None if asked.draft is None else read_text(asked.draft).programme
        around, member_id = services.engine.prepare(db, arrival)
        return try_event(db, around, member_id, arrival, draft)

    return ok(await services.reads.run(read))


_TRIED = {
    "event": {
        "kind": "order",
        "key": "cart",
        "occurred_at": "2026-01-31T18:30:00+08:00",
        "member": {"card": "88001234"},
        "order_ref": "cart-1",
        "lines": [{"product": "sku-1", "amount_minor": 12800}],
    }
}

ENDPOINTS = (
    Endpoint(
        Operation(
            id="tryEvent",
            method="POST",
            path="/v1/events:dry-run",
            tag="events",
            words=Words("试算一个事件", "Try an event: what would it bring, and why"),
            more="Decided as if it came now, by what is in force or by a draft; for every rule why"
            " it would apply or not. Nothing is written; a refusal of the programme is an answer.",
            scope=Scope.LEDGER_READ,
            body=EventTrial,
            body_example=_TRIED,
            body_bytes_max=TEXT_BYTES_MAX + EVENT_BYTES_MAX,
            returns=(Returns(200, ExplainedEvent, Words("试算结果", "What it would bring")),),
            refuses=(Kind.NOT_FOUND, Kind.CONFLICT, Kind.BUSINESS),
        ),
        post_trial,
    ),
    Endpoint(
        Operation(
            id="explainMember",
            method="GET",
            path="/v1/members/{member_id}/explanation",
            tag="members",
            words=Words("解释会员的事件、余额或未得奖励", "Explain an event, a balance, a reward"),
            more="Exactly one of the parameters. Recorded history is decided again: values for"
            " programs, and sentences in Chinese and English.",
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            query=(_EVENT, _CURRENCY, _MISSING, _TIER),
            returns=(Returns(200, Explanation, Words("解释", "The explanation")),),
            refuses=(Kind.CONFLICT,),
        ),
        get_explanation,
    ),
)
