"""One server a test over a fresh world: everything is asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.api.serving import Place, client_of, served


@pytest.fixture
def place(database_url: str) -> Place:
    return Place(database_url)


@pytest.fixture
def address(place: Place) -> Iterator[str]:
    with served(place.app()) as where:
        yield where


@pytest.fixture
def api(place: Place, address: str) -> Iterator[httpx.Client]:
    """A client whose key may do everything as source `shop`."""
    with client_of(address, place.key("shop")) as client:
        yield client


@pytest.fixture
def anyone(address: str) -> Iterator[httpx.Client]:
    """A client without a key."""
    with client_of(address) as client:
        yield client
