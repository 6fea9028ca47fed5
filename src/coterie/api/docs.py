"""The OpenAPI document, as an operation like the others; pages about it are in ``pages``."""

from __future__ import annotations

from typing import Any

from coterie.api.contract import Call, Endpoint, Operation, Reply, Returns, Words
from coterie.api.services import Services


async def get_openapi(services: Services, _call: Call) -> Reply:
    """Return the OpenAPI document."""
    return Reply(200, services.described)


ENDPOINTS = (
    Endpoint(
        Operation(
            id="getOpenapi",
            method="GET",
            path="/openapi.json",
            tag="service",
            words=Words("读取本接口的 OpenAPI 文档", "Read the OpenAPI document of this API"),
            returns=(Returns(200, dict[str, Any], Words("OpenAPI 3.1", "OpenAPI 3.1")),),
        ),
        get_openapi,
    ),
)
