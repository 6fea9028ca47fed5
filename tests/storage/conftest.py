"""A data folder per test that needs one to itself."""

import shutil
from collections.abc import Iterator

import pytest

from tests.storage.holding import Home


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    made.end()
    shutil.rmtree(made.base, ignore_errors=True)
