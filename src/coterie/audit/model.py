"""An entry of the audit trail, and what may be wrong with one."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct


class ActorKind(StrEnum):
    """Who acts: somebody signed in, an API key, a shell on the machine, Coterie itself."""

    PERSON = "person"
    KEY = "key"
    SHELL = "shell"
    SYSTEM = "system"


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class NewEntry(Struct, frozen=True):
    """What is to be written down.

    ``at_us`` is the machine's time, ``world_us`` the world's. ``target`` is ``member:17``,
    ``account:3``, ``version:4`` or the like, and never personal; names, reasons, values before and
    after and the network come under the salt.
    """

    at_us: int
    world_us: int
    actor_kind: ActorKind
    actor: str
    act: str
    target: str
    outcome: Outcome
    actor_name: str = ""
    reason: str = ""
    network: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


class AuditEntry(Struct, frozen=True):
    """An entry as it is read; what was forgotten is empty and ``forgotten`` says so."""

    n: int
    at_us: int
    world_us: int
    actor_kind: str
    actor: str
    act: str
    target: str
    outcome: str
    digest: str
    actor_name: str = ""
    reason: str = ""
    network: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    forgotten: bool = False


class Row(NamedTuple):
    """An entry as it is stored."""

    n: int
    at_us: int
    world_us: int
    actor_kind: str
    actor: str
    act: str
    target: str
    outcome: str
    detail_sha256: bytes
    previous: bytes
    digest: bytes
    salt: bytes | None
    body: str | None


class Detail(Struct, frozen=True):
    """What stands under the salt."""

    actor_name: str
    reason: str
    network: str
    before: dict[str, Any]
    after: dict[str, Any]


class Head(NamedTuple):
    """The last entry: its number and digest. Number 0 has none before it."""

    n: int
    digest: bytes


class Flaw(NamedTuple):
    """Where the chain does not hold, and why."""

    n: int
    expected: str
    found: str
