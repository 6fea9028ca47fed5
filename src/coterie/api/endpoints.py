"""Every address there is."""

from __future__ import annotations

from functools import cache

import msgspec

from coterie.api import (
    aside,
    catalogue,
    deliveries,
    docs,
    events,
    explain,
    jobs,
    joining,
    ledger,
    members,
    programme,
    prospects,
    publishing,
    search,
    service,
    tiers,
    webhooks,
)
from coterie.api.contract import Endpoint, Operation
from coterie.api.openapi import document

ENDPOINTS: tuple[Endpoint, ...] = (
    *events.ENDPOINTS,
    *members.ENDPOINTS,
    *joining.ENDPOINTS,
    *prospects.ENDPOINTS,
    *search.ENDPOINTS,
    *ledger.ENDPOINTS,
    *tiers.ENDPOINTS,
    *explain.ENDPOINTS,
    *catalogue.ENDPOINTS,
    *programme.ENDPOINTS,
    *publishing.ENDPOINTS,
    *aside.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *jobs.ENDPOINTS,
    *service.ENDPOINTS,
    *docs.ENDPOINTS,
)


def documented() -> tuple[Operation, ...]:
    """Return the operations the OpenAPI document describes: all but the pages for people."""
    return tuple(
        each.operation
        for each in ENDPOINTS
        if all(returns.media == "application/json" for returns in each.operation.returns)
    )


@cache
def openapi_bytes() -> bytes:
    """Return the OpenAPI document as JSON, the same bytes every time."""
    return msgspec.json.encode(document(documented()))
