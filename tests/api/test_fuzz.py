"""The document is attacked by what it says itself: no breakdown, nothing it did not promise."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from coterie.api.endpoints import documented
from tests.api.serving import Place

load_all_checks()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
]
NAMES = [operation.id for operation in documented()]
WITHOUT_INPUT = {"getHealth", "getReadiness", "getOpenapi"}


def wrong_is_refused(ctx: Any, response: Any, case: Any) -> bool | None:
    """Hold what breaks the document to a refusal, if it was sent.

    An unknown parameter whose value is an empty list leaves the query before it is sent.
    """
    try:
        return negative_data_rejection(ctx, response, case)
    except AcceptedNegativeData as failure:
        sent = {name for name, _ in parse_qsl(urlsplit(response.request.url).query)}
        declared = {parameter.name for parameter in case.operation.query}
        if "violates `additionalProperties`" in str(failure) and sent <= declared:
            return None
        raise


def attack(place: Place, address: str, name: str, examples: int) -> None:
    headers = {"Authorization": f"Bearer {place.key('shop')}"}
    schema: Any = schemathesis.openapi.from_url(f"{address}/openapi.json", wait_for_schema=5)
    operation = schema.find_operation_by_id(name)
    # A batch answers each of its events: a wrong one is no wrong request.
    checks = [
        each for each in CHECKS if each is not negative_data_rejection or name != "sendEvents"
    ]
    modes = [GenerationMode.POSITIVE]
    if name not in WITHOUT_INPUT:
        modes.append(GenerationMode.NEGATIVE)
    for mode in modes:
        strategy = operation.as_strategy(generation_mode=mode)

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        )
        @hypothesis.given(case=strategy)
        def run(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=checks, timeout=20)

        run()


def test_a_few_attacks(place: Place, address: str):
    for name in NAMES:
        attack(place, address, name, examples=6)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NAMES)
def test_many_attacks(place: Place, address: str, name: str):
    attack(place, address, name, examples=300)
