"""Why: the chain from event to rule and version to values to lots, for one member."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from coterie.access import Scope
from coterie.api.contract import Call, Endpoint, Operation, Parameter, Reply, Returns, Words
from coterie.api.reading import MEMBER_ID, member_id_of, ok
from coterie.api.services import Services
from coterie.kernel.errors import Kind
from coterie.replay import Explanation, Question, explain
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


async def get_explanation(services: Services, call: Call) -> Reply:
    """Explain one thing about a member."""
    member_id, now_us = member_id_of(call), call.received_us
    asked = Question(**call.query)

    def read(db: Connection) -> Explanation:
        programmes = services.engine.surroundings(db).programmes
        return explain(db, programmes, member_id, asked, now_us)

    return ok(await services.read(member_id, now_us, read))


ENDPOINTS = (
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
            query=(_EVENT, _CURRENCY, _MISSING),
            returns=(Returns(200, Explanation, Words("解释", "The explanation")),),
            refuses=(Kind.CONFLICT,),
        ),
        get_explanation,
    ),
)
