"""Cheap hashes: most of these tests are about who gets in, not about how dear guessing is."""

import pytest
from argon2 import PasswordHasher

from coterie.staff.entry import hashing

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
CHEAP_NOBODY = CHEAP.hash("nobody")


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    if request.node.get_closest_marker("long") is None:
        monkeypatch.setattr(hashing, "_HASHER", CHEAP)
        monkeypatch.setattr(hashing, "_NOBODY", CHEAP_NOBODY)
