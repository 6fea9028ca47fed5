"""Requests that wait for a second person, and the policy."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class State(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    RUN = "run"
    FAILED = "failed"


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """What waits for a second person.

    ``adjust_units_max``: adjustments of more units (in the currency's own scale) wait; a currency
    in ``adjust_units_max_by`` has a bound of its own. ``tier_grants``, ``programme``, ``roles``,
    ``erasing``, ``merging`` and ``keys``: whether these wait. ``bulk_members_max``: what touches
    more members at once waits. ``expires_hours``: how long a request waits. ``waits_alone``:
    whether it waits also where nobody else could decide; otherwise whoever is alone goes on, and
    the audit trail says so.
    """

    adjust_units_max: int = 1_000
    adjust_units_max_by: dict[str, int] = {}
    bulk_members_max: int = 1
    tier_grants: bool = True
    programme: bool = True
    roles: bool = True
    erasing: bool = True
    merging: bool = False
    keys: bool = False
    expires_hours: int = 72
    waits_alone: bool = False


class NewRequest(NamedTuple):
    """What somebody asks for; ``args`` and ``preview`` are JSON."""

    act: str
    args: str
    target: str
    reason: str
    why: str
    asked_by: int
    preview: str
    preview_sha256: bytes


class Request(Struct, frozen=True):
    """A request."""

    request_id: int
    act: str
    args: str
    target: str
    reason: str
    why: str
    asked_by: int
    asked_us: int
    expires_us: int
    preview: str
    preview_sha256: bytes
    state: State
    decided_by: int | None
    decided_us: int | None
    note: str | None
    settled_us: int | None
    result: str | None
