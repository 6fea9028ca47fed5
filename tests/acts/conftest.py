"""The house of these tests."""

import pytest

from coterie.storage import Connection
from tests.acts.house import House


@pytest.fixture
def house(db: Connection) -> House:
    """A world with a programme and two members."""
    return House(db)
