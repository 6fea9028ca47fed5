"""Balances, lots, holds and the statement of a member, as of now."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

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
from coterie.api.shapes import (
    Balances,
    BalanceShape,
    HoldPage,
    LotPage,
    StatementPage,
    balance_shape,
    hold_shape,
    line_shape,
    lot_shape,
)
from coterie.kernel.time import format_instant
from coterie.ledger import balances_of, holds_of, lots_of, statement_of
from coterie.programme.ways import worth_of
from coterie.storage import Connection

CURRENCY = Parameter(
    "currency",
    Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:/#-]+$")],
    Words("只看一种积分币种", "Only this currency"),
)
FINISHED = Parameter(
    "finished",
    bool,
    Words("也列出已用完或已结束的", "Also what is used up or has ended"),
)


async def get_balances(services: Services, call: Call) -> Reply:
    """Read the balances."""
    member_id, now_us = member_id_of(call), call.received_us

    def ask(db: Connection) -> tuple[BalanceShape, ...]:
        views = balances_of(db, member_id)
        if not views:
            return ()
        currencies = services.engine.programmes(db).at(now_us).currencies
        return tuple(
            balance_shape(v, worth_of(currencies[v.currency], v.available))
            if v.currency in currencies
            else balance_shape(v)
            for v in views
        )

    balances = await services.read(member_id, now_us, ask)
    return ok(Balances(member_id, format_instant(now_us), balances))


async def get_lots(services: Services, call: Call) -> Reply:
    """Read a page of lots."""
    member_id, now_us = member_id_of(call), call.received_us
    page = await services.read(member_id, now_us, lambda db: lots_of(db, member_id, **call.query))
    lots = tuple(lot_shape(member_id, view) for view in page.lots)
    return ok(LotPage(member_id, format_instant(now_us), lots, page.cursor))


async def get_holds(services: Services, call: Call) -> Reply:
    """Read a page of holds."""
    member_id, now_us = member_id_of(call), call.received_us
    page = await services.read(member_id, now_us, lambda db: holds_of(db, member_id, **call.query))
    holds = tuple(hold_shape(member_id, view) for view in page.holds)
    return ok(HoldPage(member_id, format_instant(now_us), holds, page.cursor))


async def get_statement(services: Services, call: Call) -> Reply:
    """Read a page of movements."""
    member_id, now_us = member_id_of(call), call.received_us
    page = await services.read(
        member_id, now_us, lambda db: statement_of(db, member_id, **call.query)
    )
    lines = tuple(line_shape(member_id, line) for line in page.lines)
    return ok(StatementPage(member_id, format_instant(now_us), lines, page.cursor))


_AS_OF = "What fell due up to now is decided before the answer."

ENDPOINTS = (
    Endpoint(
        Operation(
            id="getBalances",
            method="GET",
            path="/v1/members/{member_id}/balances",
            tag="ledger",
            words=Words("读取会员余额", "Read a member's balances"),
            more=_AS_OF,
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            returns=(Returns(200, Balances, Words("各币种余额", "One balance a currency")),),
        ),
        get_balances,
    ),
    Endpoint(
        Operation(
            id="listLots",
            method="GET",
            path="/v1/members/{member_id}/lots",
            tag="ledger",
            words=Words("列出会员批次（按消耗顺序）", "List a member's lots in burn order"),
            more=_AS_OF,
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            query=(CURRENCY, FINISHED, CURSOR, LIMIT),
            returns=(Returns(200, LotPage, Words("一页批次", "A page of lots")),),
        ),
        get_lots,
    ),
    Endpoint(
        Operation(
            id="listHolds",
            method="GET",
            path="/v1/members/{member_id}/holds",
            tag="ledger",
            words=Words("列出会员冻结（新的在前）", "List a member's holds, newest first"),
            more=_AS_OF,
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            query=(FINISHED, CURSOR, LIMIT),
            returns=(Returns(200, HoldPage, Words("一页冻结", "A page of holds")),),
        ),
        get_holds,
    ),
    Endpoint(
        Operation(
            id="readStatement",
            method="GET",
            path="/v1/members/{member_id}/statement",
            tag="ledger",
            words=Words("读取会员流水（新的在前）", "Read a member's statement, newest first"),
            more=_AS_OF + " A cursor keeps its place and its running units while new movements"
            " arrive: they stand before the first page.",
            scope=Scope.LEDGER_READ,
            path_parameters=(MEMBER_ID,),
            query=(CURRENCY, CURSOR, LIMIT),
            returns=(Returns(200, StatementPage, Words("一页流水", "A page of movements")),),
        ),
        get_statement,
    ),
)
