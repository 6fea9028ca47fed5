"""Databases for tests that compare worlds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from coterie.storage import Storage

_numbers = itertools.count(1)


@pytest.fixture
def new_database(
    postgres: Storage, template_database: str, worker_id: str
) -> Iterator[Callable[[], str]]:
    """Give as many fresh migrated databases as a test asks for."""
    made: list[str] = []

    def make() -> str:
        name = f"world_{worker_id}_{next(_numbers)}"
        postgres.create_database(name, template=template_database)
        made.append(name)
        return postgres.url_for(name)

    yield make
    for name in made:
        postgres.drop_database(name)
