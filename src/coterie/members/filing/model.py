"""What a file holds."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

NOTE_LENGTH_MAX = 2_000
NOTES_MAX = 500
TRAITS_MAX = 100
CATEGORIES = ("note", "need", "preference", "complaint")
BASES = ("declared", "inferred")
Category = Literal["note", "need", "preference", "complaint"]
Basis = Literal["declared", "inferred"]


class Note(Struct, frozen=True):
    """Something staff noted; ``settled_us``: it asks for nothing any more.

    ``member_id`` is the file it was written into, which may be one that was merged since.
    """

    member_id: int
    note_no: int
    category: str
    body: str
    pinned: bool
    author: str
    noted_us: int
    settled_us: int | None
    settled_by: str | None


class ContactChange(Struct, frozen=True):
    """One change of contact data: what, from what to what, by whom, when."""

    change_no: int
    field: str
    before: str | None
    after: str | None
    actor: str
    changed_us: int


class ContactMark(Struct, frozen=True):
    """Whether an identity was confirmed (``verified_us``), or came back (``bounced_us``, why)."""

    kind: str
    value: str
    verified_us: int | None
    bounced_us: int | None
    bounce: str | None


class Trait(Struct, frozen=True):
    """Something about a person: ``declared`` by the member or ``inferred`` from what it does."""

    trait: str
    value: str
    basis: str
    noted_us: int
    actor: str


class ContactEdit(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """New contact data; what is UNSET stays, None removes. Identities are (kind, value)."""

    name: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    born_on: str | UnsetType | None = UNSET
    add: tuple[tuple[str, str], ...] = ()
    end: tuple[tuple[str, str], ...] = ()


class File(Struct, frozen=True):
    """All of it, each list bounded, the newest first."""

    notes: tuple[Note, ...]
    changes: tuple[ContactChange, ...]
    marks: tuple[ContactMark, ...]
    traits: tuple[Trait, ...]
