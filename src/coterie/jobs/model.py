"""A job as it is kept."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class JobState(StrEnum):
    """How far a job has come; the last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRow(Struct, frozen=True):
    """A job. ``cancel``: somebody wants it to end. ``runs``: how often it was begun.

    ``done`` of ``total`` (None: nobody knows) is what the kind counts in this ``phase``.
    ``arguments`` and ``result`` are JSON; both are None in lists.
    """

    job_id: int
    kind: str
    state: str
    cancel: bool
    source: str
    runs: int
    phase: str | None
    done: int
    total: int | None
    created_us: int
    started_us: int | None
    finished_us: int | None
    error_code: str | None
    error_detail: str | None
    arguments: str | None
    result: str | None
