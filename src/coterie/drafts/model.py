"""A draft as it is kept."""

from __future__ import annotations

from msgspec import Struct


class DraftLine(Struct, frozen=True):
    """A draft without its text; times are the world's, in microseconds.

    ``base_version`` None: it began from a template or a file.
    """

    draft_id: int
    name: str
    base_version: int | None
    revision: int
    owner_id: int
    changed_by: int
    created_us: int
    changed_us: int


class Draft(DraftLine, frozen=True, kw_only=True):
    """A draft. ``plan_job`` is the last plan asked for, of the text ``plan_revision``."""

    text: str
    plan_job: int | None
    plan_revision: int | None
