"""Codes that were asked for, and visits."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class AskedCode(NamedTuple):
    """A new code: ``handle`` goes to the page, ``code`` to the contact and nowhere else."""

    handle: str
    code: str


class CodeOutcome(StrEnum):
    """What became of a code that was typed."""

    RIGHT = "right"
    WRONG = "wrong"
    """It may be tried again."""
    OVER = "over"
    """Used, too old, tried too often, or never asked for: a new one is needed."""


class Visit(Struct, frozen=True):
    """A member who is signed in somewhere. ``seen_us`` is right to the minute."""

    member_id: int
    token_digest: bytes
    device: str
    created_us: int
    seen_us: int
    expires_us: int

    @property
    def name(self) -> str:
        """Return what this visit is called in a list; it opens nothing."""
        return self.token_digest[:6].hex()
