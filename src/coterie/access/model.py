"""API keys, what they allow, and who is calling."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Scope(StrEnum):
    """What a key allows; a closed list, because a scope nobody checks protects nothing."""

    EVENTS_WRITE = "events:write"
    """Send events: orders, returns, spending, holds."""
    MEMBERS_READ = "members:read"
    """See members with their personal data."""
    MEMBERS_WRITE = "members:write"
    """Enrol members, change their identities and profiles."""
    LEDGER_READ = "ledger:read"
    """See balances, lots and movements."""
    CATALOGUE_READ = "catalogue:read"
    """See products, categories, brands, places and staff."""
    CATALOGUE_WRITE = "catalogue:write"
    """Save products, categories, brands, places and staff."""
    PROGRAMME_READ = "programme:read"
    """See what the programme promises."""
    PROGRAMME_WRITE = "programme:write"
    """Publish versions of the programme."""
    WEBHOOKS_READ = "webhooks:read"
    """See webhooks and what was sent to them."""
    WEBHOOKS_WRITE = "webhooks:write"
    """Say who is told what, and send again."""
    METRICS_READ = "metrics:read"
    """See how the service does, as numbers."""
    JOBS_READ = "jobs:read"
    """See long jobs: how far they are, what came of them."""
    JOBS_WRITE = "jobs:write"
    """Start and end long jobs; each kind asks for a right of its own besides."""
    ADMIN = "admin"
    """Everything."""


class IssuedKey(NamedTuple):
    """A new key. ``text`` is shown this once and stored nowhere."""

    key_id: str
    text: str


class Caller(Struct, frozen=True):
    """Who is calling: the source whose events it sends, by which key, and what that allows."""

    source: str
    key_id: str
    scopes: frozenset[Scope]
    expires_us: int | None = None


class StoredKey(Struct, frozen=True):
    """A key as it is kept: enough to judge one that is shown, never enough to make one."""

    key_id: str
    secret_sha256: bytes
    source: str
    scopes: tuple[str, ...]
    expires_us: int | None
    revoked_us: int | None


class KeyLine(Struct, frozen=True):
    """A key in a list. ``last_used_us`` is right to the minute."""

    key_id: str
    source: str
    scopes: tuple[str, ...]
    note: str | None
    created_us: int
    expires_us: int | None
    revoked_us: int | None
    last_used_us: int | None
