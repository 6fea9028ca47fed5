"""Who acts, what an act would do, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from coterie.audit import ActorKind
from coterie.intake.engine import Engine
from coterie.staff import Permission, PermissionMissing, Person, Reach, stores_of

REASON_LENGTH_MAX = 200


class Actor(Struct, frozen=True):
    """Who acts: somebody signed in, or a shell on the machine, which may everything.

    ``network`` is where from, coarse.
    """

    kind: ActorKind
    actor: str
    name: str
    network: str = ""
    person: Person | None = None

    @property
    def ref(self) -> str:
        """Return the actor in one word, such as ``person:3``."""
        return f"{self.kind.value}:{self.actor}"

    def reach(self, permission: Permission) -> Reach:
        """Return where the actor may do something; None: everywhere. Raises PermissionMissing."""
        if self.kind is ActorKind.SHELL:
            return None
        if self.person is None:
            raise PermissionMissing
        return stores_of(self.person, permission)


def signed_in(person: Person, network: str = "") -> Actor:
    """Return the actor that somebody signed in is."""
    return Actor(ActorKind.PERSON, str(person.account_id), person.name, network, person)


def shell(user: str) -> Actor:
    """Return the actor that a user of the machine is."""
    return Actor(ActorKind.SHELL, user[:64] or "?", user)


@dataclass(frozen=True, slots=True)
class Context:
    """What an act is told when it previews or runs.

    ``now_us`` is the world's time, ``machine_us`` the machine's; ``key`` names what it sends, so
    that running it again changes nothing.
    """

    engine: Engine
    actor: Actor
    now_us: int
    machine_us: int
    key: str
    reason: str


class Change(Struct, frozen=True):
    """One thing that would be different: what, before and after, in the words of data."""

    what: str
    before: Any
    after: Any


class Preview(Struct, frozen=True):
    """What an act would do, to how many; ``blocked`` says why it would be refused.

    ``material`` is what must still be so when an approved act runs; the rest may move on.
    """

    target: str
    changes: tuple[Change, ...] = ()
    count: int = 1
    material: dict[str, Any] = {}
    blocked: str | None = None
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    """What it would do in sentences, in both languages."""


class Undo(NamedTuple):
    """The act that takes one back."""

    act: str
    args: Struct


class Done(NamedTuple):
    """What an act did.

    ``before`` and ``after`` go into the audit trail, ``facts`` into the result; ``secret`` (a key,
    a code) is told to whoever ran it, this once, and kept nowhere.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    facts: dict[str, Any]
    undo: Undo | None = None
    secret: str | None = None


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of it: done, or waiting for a second person as ``request_id``.

    ``undo`` is an act's code and its arguments. ``alone`` tells that it should have waited, and
    that nobody else is there to decide. ``replayed``: it had been done before, under this key.
    """

    status: Literal["done", "waiting"]
    act: str
    target: str
    request_id: int | None = None
    why: str | None = None
    facts: dict[str, Any] = {}
    undo: tuple[str, dict[str, Any]] | None = None
    alone: bool = False
    secret: str | None = None
    replayed: bool = False
