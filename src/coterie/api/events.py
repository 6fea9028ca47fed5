"""Events in, one by one or in batches; recorded events out."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from coterie.access import Caller, Scope
from coterie.api.contract import (
    KIB,
    LOCATION,
    MIB,
    REPLAYED,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.edge import refused
from coterie.api.problems import internal_problem, problem_of_answer
from coterie.api.reading import id_from, ok
from coterie.api.services import Services
from coterie.events import INTERNAL_KINDS, KINDS, RecordedView, read_recorded
from coterie.intake.answers import Answer
from coterie.intake.errors import SourceMismatch
from coterie.intake.reading import Arrival, read_batch, read_event
from coterie.intake.recording import answer_from, outcome_decoder
from coterie.kernel.errors import Kind, Refusal
from coterie.kernel.time import format_day, format_instant
from coterie.ledger import Movement, load_movements
from coterie.storage import Connection
from coterie.web import wanted_language

EVENT_BYTES_MAX = 512 * KIB
BATCH_BYTES_MAX = 8 * MIB
EVENTS_MAX = 1_000

OutsideEvent: Any = reduce(or_, [KINDS[kind] for kind in KINDS if kind not in INTERNAL_KINDS])
"""An event as a sender may write it."""

_encoder = msgspec.json.Encoder()
_REPLAYED = (b"coterie-replayed", b"true")


class EventBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Events to be answered one by one; a bad one does not hold up the others."""

    events: Annotated[tuple[OutsideEvent, ...], Meta(max_length=EVENTS_MAX)]


class BatchAnswers(Struct, frozen=True):
    """An answer for each event, in the order of the events."""

    answers: tuple[Answer, ...]


async def post_event(services: Services, call: Call) -> Reply:
    """Decide one event; the answer comes after it is durable."""
    caller = call.caller
    assert caller is not None
    try:
        arrival = read_event(call.body, source=caller.source, received_us=call.received_us)
    except SourceMismatch:
        if Scope.ADMIN not in caller.scopes:
            raise
        arrival = read_event(call.body, source=None, received_us=call.received_us)
    return reply_to(await services.gather.submit(arrival), call)


async def post_batch(services: Services, call: Call) -> Reply:
    """Decide up to a thousand events; each gets an answer of its own."""
    caller = call.caller
    assert caller is not None

    def decide(db: Connection) -> bytes:
        items = _read_items(call, caller)
        arrivals = [item for item in items if isinstance(item, Arrival)]
        given = iter(services.engine.submit(db, arrivals) if arrivals else ())
        answers = tuple(_unread(i) if isinstance(i, Refusal) else next(given) for i in items)
        return _encoder.encode(BatchAnswers(answers))

    return Reply(200, await services.batches.run(decide))


def _read_items(call: Call, caller: Caller) -> list[Arrival | Refusal]:
    """Read a batch; a key that may do everything may name other sources in it."""
    items = read_batch(call.body, source=caller.source, received_us=call.received_us)
    if Scope.ADMIN not in caller.scopes or not any(isinstance(i, SourceMismatch) for i in items):
        return items
    free = read_batch(call.body, source=None, received_us=call.received_us)
    return [
        other if isinstance(item, SourceMismatch) else item
        for item, other in zip(items, free, strict=True)
    ]


def _unread(refusal: Refusal) -> Answer:
    return Answer(
        status="refused",
        code=refusal.code,
        detail=refusal.detail or refusal.title(),
        where=refusal.where or None,
        kind=str(refusal.kind),
    )


def reply_to(answer: Answer, call: Call) -> Reply:
    """Return the answer to one event as it goes out."""
    path, lang = call.path, wanted_language(call.accept_language)
    if answer.status == "refused":
        reply = refused(problem_of_answer(answer, instance=path, lang=lang))
    elif answer.status == "failed":
        # Nothing was recorded: a status of 2xx would make its sender forget it.
        reply = refused(internal_problem(instance=path, lang=lang))
    else:
        created = answer.status == "accepted"
        reply = Reply(201 if created else 202, _encoder.encode(answer))
        reply.headers = []
        if created:
            reply.headers.append((b"location", f"/v1/events/{answer.event}".encode()))
    if answer.replayed:
        reply.headers.append(_REPLAYED)
    return reply


_EXAMPLE = {
    "kind": "order",
    "key": "till-7-000123",
    "occurred_at": "2026-01-31T18:30:00+08:00",
    "member": {"card": "88001234"},
    "order_ref": "S1-000123",
    "lines": [{"line": "1", "product": "sku-1", "amount_minor": 12800}],
}


class RecordedEvent(Struct, frozen=True, omit_defaults=True):
    """A recorded event: its envelope, what was sent, and the answer it got.

    ``occurred_at`` has the offset its sender wrote; ``booked_on`` is the accounting day. ``input``
    holds what was sent, resolved against the catalogue, members named by id.
    """

    event: str
    member_id: int
    kind: str
    source: str
    key: str
    occurred_at: str
    received_at: str
    day: str
    booked_on: str
    version: int
    mode: str
    answer: Answer
    input: dict[str, Any]


async def get_event(services: Services, call: Call) -> Reply:
    """Read a recorded event with its answer."""
    member, _, number = call.path_values["event"].partition(":")
    member_id, seq = id_from(member), id_from(number)

    def read(db: Connection) -> RecordedEvent:
        recorded = read_recorded(db, member_id, seq)
        movements = [movement for _, _, movement in load_movements(db, [(member_id, seq)])]
        return _recorded(recorded, movements)

    return ok(await services.read(member_id, call.received_us, read))


def _recorded(row: RecordedView, movements: list[Movement]) -> RecordedEvent:
    outcome = outcome_decoder.decode(row.outcome)
    given = msgspec.json.decode(row.payload)
    given.pop("member", None)  # It stands beside: recorded events name members by id.
    return RecordedEvent(
        event=f"{row.member_id}:{row.seq}",
        member_id=row.member_id,
        kind=row.kind,
        source=row.source,
        key=row.key,
        occurred_at=format_instant(row.at_us, row.offset_minutes),
        received_at=format_instant(row.received_us),
        day=format_day(row.day),
        booked_on=format_day(row.booked_day),
        version=row.version,
        mode=row.mode,
        answer=answer_from(
            row.member_id, row.seq, row.status, row.code, outcome, movements, replayed=True
        ),
        input=given,
    )


_EVENT = Parameter(
    "event",
    Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,18}:[1-9][0-9]{0,18}$")],
    Words("事件名：会员编号:序号", "The event's name: member:sequence"),
    example="100001:1",
)

ENDPOINTS = (
    Endpoint(
        Operation(
            id="sendEvent",
            method="POST",
            path="/v1/events",
            tag="events",
            words=Words("发送一个事件", "Send one event"),
            more="The answer comes after the event is durable. The event's own `key`, unique within"
            " its source, makes sending safe to repeat: the same event gets its first answer again,"
            " with the header `Coterie-Replayed: true`; another event under the same key is refused"
            " (`key_reused`). The source is the key owner's, whether it is named or not.",
            scope=Scope.EVENTS_WRITE,
            body=OutsideEvent,
            body_example=_EXAMPLE,
            body_bytes_max=EVENT_BYTES_MAX,
            returns=(
                Returns(201, Answer, Words("已受理", "Accepted"), headers=(LOCATION, REPLAYED)),
                Returns(
                    202,
                    Answer,
                    Words("等待会员出现或人工决定", "It waits: for its member, or for a person"),
                    headers=(REPLAYED,),
                ),
            ),
            refuses=(Kind.NOT_FOUND, Kind.CONFLICT, Kind.BUSINESS),
        ),
        post_event,
    ),
    Endpoint(
        Operation(
            id="sendEvents",
            method="POST",
            path="/v1/events:batch",
            tag="events",
            words=Words("批量发送事件（最多 1000 个）", "Send up to 1,000 events"),
            more="Each event gets an answer of its own, in the order of the events; a refused or"
            " unreadable one does not hold up the others. At most 8 MiB; safe to repeat.",
            scope=Scope.EVENTS_WRITE,
            body=EventBatch,
            body_example={"events": [_EXAMPLE]},
            body_bytes_max=BATCH_BYTES_MAX,
            returns=(Returns(200, BatchAnswers, Words("逐个答复", "An answer for each event")),),
        ),
        post_batch,
    ),
    Endpoint(
        Operation(
            id="getEvent",
            method="GET",
            path="/v1/events/{event}",
            tag="events",
            words=Words("读取一个已记录的事件", "Read a recorded event"),
            more="A business refusal is recorded as an event too, and keeps its answer.",
            scope=Scope.LEDGER_READ,
            path_parameters=(_EVENT,),
            returns=(Returns(200, RecordedEvent, Words("事件与答复", "The event and its answer")),),
        ),
        get_event,
    ),
)
