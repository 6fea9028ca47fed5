"""What staff write into a member's file; every function runs in the caller's transaction."""

from __future__ import annotations

import re

from msgspec import UnsetType

from coterie.events import MemberUnknown
from coterie.members import actions
from coterie.members import store as members_store
from coterie.members.errors import BadEntry, IdentityUnknown, MemberGone, NoteUnknown
from coterie.members.filing import store
from coterie.members.filing.model import (
    BASES,
    CATEGORIES,
    NOTE_LENGTH_MAX,
    NOTES_MAX,
    TRAITS_MAX,
    ContactEdit,
    File,
)
from coterie.members.lookup import keeping as lookup
from coterie.members.model import ProfileChange
from coterie.members.rules import DEFAULT_REGION, GONE_STATES, normalise_identity
from coterie.storage import Connection

CHANGES_SHOWN_MAX = 200
MARKS_SHOWN_MAX = 100
REACHING = ("phone", "email", "messenger")
_WORD = re.compile(r"[^\s=#][^\n\r\t=]{0,63}")
_ACTOR_MAX = 100


def add_note(
    db: Connection,
    member_id: int,
    category: str,
    body: str,
    *,
    author: str,
    now_us: int,
    pinned: bool = False,
) -> int:
    """Note something and return its number. Raises BadEntry, MemberUnknown and MemberGone."""
    text = body.strip()
    if category not in CATEGORIES:
        raise BadEntry(f"{category!r} is not one of {', '.join(CATEGORIES)}.", where="category")
    if not text or len(text) > NOTE_LENGTH_MAX or "\0" in text:
        raise BadEntry(f"A note has 1 to {NOTE_LENGTH_MAX} characters.", where="body")
    _open(db, member_id)
    if store.count_notes(db, member_id) >= NOTES_MAX:
        raise BadEntry(f"A file holds {NOTES_MAX} notes.", where="body")
    return store.insert_note(
        db, member_id, category, text, author[:_ACTOR_MAX], now_us, pinned=pinned
    )


def settle_note(db: Connection, member_id: int, note_no: int, *, actor: str, now_us: int) -> None:
    """Say that a note asks for nothing any more. Raises NoteUnknown."""
    if not store.settle_note(db, member_id, note_no, actor[:_ACTOR_MAX], now_us):
        raise NoteUnknown(f"Member {member_id} has no open note {note_no}.")


def pin_note(db: Connection, member_id: int, note_no: int, *, pinned: bool) -> None:
    """Let everybody who opens the file see a note first, or no longer. Raises NoteUnknown."""
    if not store.pin_note(db, member_id, note_no, pinned=pinned):
        raise NoteUnknown(f"Member {member_id} has no open note {note_no}.")


def put_trait(
    db: Connection, member_id: int, trait: str, value: str, *, basis: str, actor: str, now_us: int
) -> None:
    """Note a trait such as ``interest`` ``wine``; members are found by it.

    Whoever infers one has made sure of the member's consent. Raises BadEntry, MemberUnknown and
    MemberGone.
    """
    for where, text in (("trait", trait), ("value", value)):
        if not _WORD.fullmatch(text) or not text.isprintable() or text != text.strip():
            raise BadEntry("It is 1 to 64 printable characters without =.", where=where)
    if basis not in BASES:
        raise BadEntry(f"{basis!r} is not one of {', '.join(BASES)}.", where="basis")
    _open(db, member_id)
    if len(store.traits_of(db, member_id, TRAITS_MAX)) >= TRAITS_MAX:
        raise BadEntry(f"A file holds {TRAITS_MAX} traits.", where="trait")
    store.put_trait(db, member_id, trait, value, basis, actor[:_ACTOR_MAX], now_us)
    lookup.keep_up(db, [member_id])


def drop_trait(db: Connection, member_id: int, trait: str, value: str) -> None:
    """Remove a trait. Raises BadEntry where there is none."""
    _open(db, member_id)
    if not store.drop_trait(db, member_id, trait, value):
        raise BadEntry(f"Member {member_id} has no such trait.", where="trait")
    lookup.keep_up(db, [member_id])


def edit_contact(
    db: Connection,
    member_id: int,
    edit: ContactEdit,
    *,
    actor: str,
    now_us: int,
    region: str = DEFAULT_REGION,
) -> tuple[tuple[str, str | None, str | None], ...]:
    """Change contact data and keep who changed what; return (field, before, after) of each change.

    Raises MemberUnknown, MemberGone, BadNewcomer, BadIdentity, IdentityTaken and IdentityUnknown;
    then nothing must be committed.
    """
    _open(db, member_id)
    before = members_store.read_member(db, member_id)
    assert before is not None, "the row is locked"
    changes: list[tuple[str, str | None, str | None]] = []
    change = ProfileChange(member_id, edit.name, edit.language, edit.born_on)
    if not all(
        isinstance(said, UnsetType) for said in (change.name, change.language, change.born_on)
    ):
        [refusal] = actions.change_profiles(db, [change], now_us=now_us)
        if refusal is not None:
            raise refusal
        after = members_store.read_member(db, member_id)
        assert after is not None, "the row is locked"
        for field in ("name", "language", "born_on"):
            old, new = getattr(before, field), getattr(after, field)
            if old != new:
                changes.append((field, old, new))
    for kind, value in edit.end:
        written = normalise_identity(kind, value, region=region)
        actions.end_identity(db, member_id, kind, written, now_us=now_us, region=region)
        changes.append((kind, written, None))
    for kind, value in edit.add:
        written = normalise_identity(kind, value, region=region)
        known = members_store.active_identity(db, kind, written)
        actions.add_identity(db, member_id, kind, written, now_us=now_us, region=region)
        if known is None:
            changes.append((kind, None, written))
    if changes:
        store.insert_changes(db, member_id, changes, actor[:_ACTOR_MAX], now_us)
    return tuple(changes)


def mark_contact(
    db: Connection,
    member_id: int,
    kind: str,
    value: str,
    *,
    now_us: int,
    bounce: str | None = None,
    region: str = DEFAULT_REGION,
) -> None:
    """Note that a contact was confirmed, or (``bounce``: why) that it reaches nobody.

    Raises BadEntry, BadIdentity and IdentityUnknown.
    """
    if kind not in REACHING:
        raise BadEntry(f"Nobody is reached by a {kind}.", where="kind")
    written = normalise_identity(kind, value, region=region)
    found = members_store.active_identity(db, kind, written)
    if found is None or found[1] != member_id:
        raise IdentityUnknown(f"Member {member_id} is not found by that {kind}.")
    if bounce is None:
        store.verify_contact(db, member_id, kind, written, now_us)
        return
    why = bounce.strip()
    if not 1 <= len(why) <= 200 or not why.isprintable():
        raise BadEntry("Why it came back has 1 to 200 printable characters.", where="bounce")
    store.bounce_contact(db, member_id, kind, written, why, now_us)


def file_of(db: Connection, member_id: int) -> File:
    """Return a member's file; who is not there has an empty one."""
    return File(
        store.notes_of(db, member_id, NOTES_MAX),
        store.changes_of(db, member_id, CHANGES_SHOWN_MAX),
        store.marks_of(db, member_id, MARKS_SHOWN_MAX),
        store.traits_of(db, member_id, TRAITS_MAX),
    )


def _open(db: Connection, member_id: int) -> None:
    """Lock a member whose file may be written into."""
    state = store.lock(db, member_id)
    if state is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if state in GONE_STATES:
        raise MemberGone(f"Member {member_id} is {state}.")
