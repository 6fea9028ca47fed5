"""Whether this process is alive, and whether it can do its work."""

from __future__ import annotations

import asyncio

from coterie.api.contract import Call, Endpoint, Operation, Reply, Returns, Words
from coterie.api.errors import NotReady
from coterie.api.reading import ok
from coterie.api.services import Services
from coterie.api.shapes import Health
from coterie.kernel.errors import Kind, Refusal
from coterie.storage import Connection

ANSWER_SECONDS_MAX = 2.0


async def get_health(_services: Services, _call: Call) -> Reply:
    """Say that the process answers; a database that is away is no reason to end it."""
    return ok(Health("ok"))


async def get_ready(services: Services, _call: Call) -> Reply:
    """Ask the database for an answer; refuse while it has none, or while shutting down."""
    if services.closing:
        raise NotReady("It is shutting down.")
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await services.reads.run(_ask)
    except (Refusal, TimeoutError) as trouble:
        raise NotReady("The database does not answer.") from trouble
    return ok(Health("ok"))


def _ask(db: Connection) -> None:
    db.execute("select 1")


ENDPOINTS = (
    Endpoint(
        Operation(
            id="getHealth",
            method="GET",
            path="/healthz",
            tag="service",
            words=Words("进程是否存活", "Whether the process is alive"),
            returns=(Returns(200, Health, Words("存活", "It is")),),
        ),
        get_health,
    ),
    Endpoint(
        Operation(
            id="getReadiness",
            method="GET",
            path="/readyz",
            tag="service",
            words=Words("是否可以接收请求", "Whether it can take requests"),
            returns=(Returns(200, Health, Words("可以", "It can")),),
            refuses=(Kind.BUSY,),
        ),
        get_ready,
    ),
)
