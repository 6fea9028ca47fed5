"""A worked case, read and resolved: who is there, what happens, what should come of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from coterie.events import Event, OpeningLot
from coterie.programme.document import Document, Place

FIRST = "member"
"""The name of a case's first member, where none is said."""


class Given(Struct, frozen=True):
    """A member as a case begins.

    ``lots`` are opening lots by currency, ``metrics`` values in the metric's own unit (minor units
    for an amount), ``tiers`` by ladder what is said of the standing (``tier``, ``until``,
    ``since``).
    """

    name: str
    member_id: int
    enrolled_us: int
    kind: str = "person"
    state: str = "active"
    attributes: dict[str, Any] = field(default_factory=dict)
    lots: dict[str, tuple[OpeningLot, ...]] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)
    tiers: dict[str, dict[str, Any]] = field(default_factory=dict)
    held_out: frozenset[str] = frozenset()
    """Campaigns in whose comparison group the member is."""


class Verdict(Struct, frozen=True):
    """How an event is to be answered: ``status`` and, where it is no, the code."""

    status: str = "accepted"
    code: str | None = None


class Expected(Struct, frozen=True):
    """What is looked at; what a case does not mention is None and may be anything.

    Units are in their currency's own scale. ``change`` (of what a member can spend), ``gives`` (by
    rule) and ``effects`` are about one event with its repetitions, at the end of a case about all
    of it; the rest is about the moment.
    """

    path: str
    verdict: Verdict | None = None
    accounts: dict[str, dict[str, int]] = field(default_factory=dict)
    """``balances``, ``pending``, ``held``, ``owed``: by currency."""
    lots: dict[str, list[tuple[int, str | None]]] = field(default_factory=dict)
    """By currency units left and last valid day, in the order they will be spent."""
    tiers: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)
    state: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    change: dict[str, int] = field(default_factory=dict)
    gives: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By rule or promise: units, and the scale they have."""
    effects: list[dict[str, Any]] | None = None
    members: dict[str, Expected] = field(default_factory=dict)


class Step(Struct, frozen=True):
    """Something that happens, or (no event) a moment to look at.

    ``labels`` are fields of the event that name an earlier step, whose sequence number is known
    only when it has happened.
    """

    path: str
    name: str
    at_us: int
    member: str
    kind: str | None = None
    event: Event | None = None
    received_us: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    label: str | None = None
    expected: Expected | None = None


class Case(Struct, frozen=True):
    """One worked case of a file."""

    code: str
    document: Document
    path: str
    about: str | None
    given: tuple[Given, ...]
    begins_us: int
    steps: tuple[Step, ...]
    expected: Expected | None

    def place(self, path: str) -> Place:
        """Return where a path of the case was written."""
        return self.document.place(path)


class Difference(Struct, frozen=True):
    """What a case expects at ``path`` and what was there instead."""

    file: str
    line: int
    path: str
    expected: str
    found: str

    def __str__(self) -> str:
        """Return ``file:line: path: expected ..., found ...``."""
        return (
            f"{self.file}:{self.line}: {self.path}: expected {self.expected}, found {self.found}."
        )


class Told(Struct, frozen=True):
    """One thing that happened in a case, and what came of it, in words."""

    at: str
    member: str
    what: str
    lines: tuple[str, ...]


class Result(Struct, frozen=True):
    """What became of a case: passed when nothing differs."""

    case: str
    file: str
    line: int
    differences: tuple[Difference, ...]
    story: tuple[Told, ...]

    @property
    def passed(self) -> bool:
        """Tell whether everything was as expected."""
        return not self.differences
