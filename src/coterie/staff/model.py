"""Accounts, roles, permissions and sign-ins of the people who run a programme."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Permission(StrEnum):
    """What somebody may do; a closed list, because what nobody checks protects nothing."""

    MEMBERS_READ = "members:read"
    MEMBERS_PERSONAL = "members:personal"
    MEMBERS_WRITE = "members:write"
    MEMBERS_ERASE = "members:erase"
    LEDGER_READ = "ledger:read"
    LEDGER_ADJUST = "ledger:adjust"
    TIERS_GRANT = "tiers:grant"
    EVENTS_WRITE = "events:write"
    PROGRAMME_READ = "programme:read"
    PROGRAMME_DRAFT = "programme:draft"
    PROGRAMME_PUBLISH = "programme:publish"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    REPORTS_READ = "reports:read"
    IMPORTS_RUN = "imports:run"
    EXPORTS_RUN = "exports:run"
    MONITORS_READ = "monitors:read"
    JOBS_RUN = "jobs:run"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    KEYS_WRITE = "keys:write"
    APPROVALS_DECIDE = "approvals:decide"
    AUDIT_READ = "audit:read"
    TILL_USE = "till:use"


class AccountState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Way(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105
    PIN = "pin"
    DEMO = "demo"


class Stage(StrEnum):
    """Whether a sign-in still waits for the second factor."""

    FACTOR = "factor"
    OPEN = "open"


class RoleGrant(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A role somebody has; ``stores`` None: everywhere, else only there."""

    role: str
    stores: tuple[str, ...] | None = None


class Role(Struct, frozen=True):
    """A role by its code; ``zh`` and ``en`` are its names."""

    role: str
    zh: str
    en: str
    permissions: frozenset[Permission]
    built_in: bool = True


class NewAccount(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who shall be able to sign in; ``staff_code`` names them in the master data."""

    login: str
    name: str
    roles: tuple[RoleGrant, ...]
    language: str = "zh"
    staff_code: str | None = None


class Account(Struct, frozen=True):
    """Somebody who may sign in, as others may see them."""

    account_id: int
    login: str
    name: str
    language: str
    state: AccountState
    staff_code: str | None
    second_factor: bool
    has_pin: bool
    roles: tuple[RoleGrant, ...]
    created_us: int


class Secrets(NamedTuple):
    """What judging somebody needs; it never leaves the room."""

    account_id: int
    state: str
    password_hash: str | None
    pin_hash: str | None
    totp_secret: str | None
    totp_since_us: int | None
    totp_step: int


class Invitation(NamedTuple):
    """A one-time code that sets a password. ``code`` is shown this once, its digest is stored."""

    account_id: int
    code: str
    expires_us: int


class Visitor(Struct, frozen=True):
    """From where somebody comes: what sort of program, and which network, both coarse."""

    client: str
    network: str


class Entered(NamedTuple):
    """A new sign-in. ``token`` goes to the browser and is stored nowhere."""

    sign_in_id: int
    token: str
    stage: Stage
    expires_us: int


class SignIn(Struct, frozen=True):
    """A sign-in in a list."""

    sign_in_id: int
    account_id: int
    way: Way
    stage: Stage
    store: str | None
    client: str
    network: str
    created_us: int
    seen_us: int
    expires_us: int
    ended_us: int | None


Reach = frozenset[str] | None
"""The stores in which something is allowed; None: everywhere."""


class Person(Struct, frozen=True):
    """Who is signed in, and what they may do where."""

    account_id: int
    login: str
    name: str
    language: str
    sign_in_id: int
    way: Way
    grants: dict[Permission, Reach]
    store: str | None = None
    """The store of the till they stand at."""


class Device(Struct, frozen=True):
    """A till that was registered."""

    device_id: int
    name: str
    store: str
    created_us: int
    revoked_us: int | None


class FactorOffer(NamedTuple):
    """A second factor to be confirmed: the secret in base 32, and the address a QR code holds."""

    secret: str
    uri: str
