"""Whether this process is alive, and whether it can do its work."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from coterie.access import Scope
from coterie.api.contract import Call, Endpoint, Operation, Reply, Returns, Words
from coterie.api.errors import NotReady
from coterie.api.measuring import metrics_text
from coterie.api.reading import ok
from coterie.api.services import Services
from coterie.api.shapes import Health
from coterie.intake.errors import NoProgramme
from coterie.kernel.errors import Kind, Refusal
from coterie.storage import Connection, DatabaseNewer, MigrationChanged, pending

ANSWER_SECONDS_MAX = 2.0
METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


async def get_health(_services: Services, _call: Call) -> Reply:
    """Say that the process answers; a database that is away is no reason to end it."""
    return ok(Health("ok"))


async def get_ready(services: Services, _call: Call) -> Reply:
    """Ask the database for an answer; refuse while it has none, or while shutting down."""
    if services.closing:
        raise NotReady("It is shutting down.")
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await services.reads.run(lambda db: _ask(services, db))
    except NotReady:
        raise
    except (Refusal, TimeoutError) as trouble:
        raise NotReady("The database does not answer.") from trouble
    return ok(Health("ok"))


def _ask(services: Services, db: Connection) -> None:
    """Refuse unless the tables are those of this version and the programme can be read."""
    try:
        missing = pending(db, services.migrations)
    except DatabaseNewer:
        # A newer version runs beside this one, which works on until it is replaced.
        missing = ()
    except MigrationChanged as trouble:
        raise NotReady(trouble.message) from trouble
    if missing:
        raise NotReady(f"The database lacks {len(missing)} migrations.")
    # Without a programme there is nothing to read yet, and somebody must be able to publish one.
    with suppress(NoProgramme):
        services.engine.programmes(db)


async def get_metrics(services: Services, _call: Call) -> Reply:
    """Give the numbers of all processes and of the database."""
    return Reply(200, await services.reads.run(metrics_text), METRICS_TYPE)


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
    Endpoint(
        Operation(
            id="getMetrics",
            method="GET",
            path="/metrics",
            tag="service",
            words=Words("Prometheus 指标", "Numbers for Prometheus"),
            scope=Scope.METRICS_READ,
            returns=(Returns(200, str, Words("指标", "Numbers"), media="text/plain"),),
        ),
        get_metrics,
    ),
)
