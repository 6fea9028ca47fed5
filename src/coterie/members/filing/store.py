"""One typed function a statement of files."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.members.filing.model import ContactChange, ContactMark, Note, Trait
from coterie.storage import Connection, load_queries, texts

_queries = load_queries("coterie.members.filing")


def lock(db: Connection, member_id: int) -> str | None:
    """Lock a member until the transaction ends; return its state, None: there is none."""
    row = db.execute(_queries.lock, {"member_id": member_id}).fetchone()
    return row[0] if row else None


def count_notes(db: Connection, member_id: int) -> int:
    """Return how many notes a file has."""
    row = db.execute(_queries.count_notes, {"member_id": member_id}).fetchone()
    assert row is not None, "count always answers"
    return int(row[0])


def insert_note(
    db: Connection,
    member_id: int,
    category: str,
    body: str,
    author: str,
    now_us: int,
    *,
    pinned: bool,
) -> int:
    """Write a note and return its number."""
    parameters = {
        "member_id": member_id,
        "category": category,
        "body": body,
        "pinned": pinned,
        "author": author,
        "noted_us": now_us,
    }
    row = db.execute(_queries.insert_note, parameters).fetchone()
    assert row is not None, "an insert without a condition"
    return int(row[0])


def settle_note(db: Connection, member_id: int, note_no: int, actor: str, now_us: int) -> bool:
    """Settle an open note; tell whether there was one."""
    parameters = {"member_id": member_id, "note_no": note_no, "actor": actor, "now_us": now_us}
    return db.execute(_queries.settle_note, parameters).rowcount == 1


def pin_note(db: Connection, member_id: int, note_no: int, *, pinned: bool) -> bool:
    """Pin an open note or not; tell whether there was one."""
    parameters = {"member_id": member_id, "note_no": note_no, "pinned": pinned}
    return db.execute(_queries.pin_note, parameters).rowcount == 1


def notes_of(db: Connection, member_id: int, limit: int) -> tuple[Note, ...]:
    """Return the notes of a person's file."""
    parameters = {"member_id": member_id, "limit": limit}
    return tuple(Note(*row) for row in db.execute(_queries.notes_of, parameters))


def insert_changes(
    db: Connection,
    member_id: int,
    changes: Sequence[tuple[str, str | None, str | None]],
    actor: str,
    now_us: int,
) -> None:
    """Record (field, before, after)."""
    parameters = {
        "member_id": member_id,
        "fields": texts([field for field, _, _ in changes]),
        "befores": texts([before for _, before, _ in changes]),
        "afters": texts([after for _, _, after in changes]),
        "actor": actor,
        "now_us": now_us,
    }
    db.execute(_queries.insert_changes, parameters)


def changes_of(db: Connection, member_id: int, limit: int) -> tuple[ContactChange, ...]:
    """Return the newest changes of contact data."""
    parameters = {"member_id": member_id, "limit": limit}
    return tuple(ContactChange(*row) for row in db.execute(_queries.changes_of, parameters))


def verify_contact(db: Connection, member_id: int, kind: str, value: str, now_us: int) -> None:
    """Note that a contact was confirmed."""
    parameters = {"member_id": member_id, "kind": kind, "value": value, "now_us": now_us}
    db.execute(_queries.verify_contact, parameters)


def bounce_contact(
    db: Connection, member_id: int, kind: str, value: str, bounce: str, now_us: int
) -> None:
    """Note that a contact reaches nobody."""
    parameters = {
        "member_id": member_id,
        "kind": kind,
        "value": value,
        "bounce": bounce,
        "now_us": now_us,
    }
    db.execute(_queries.bounce_contact, parameters)


def marks_of(db: Connection, member_id: int, limit: int) -> tuple[ContactMark, ...]:
    """Return what is known of a member's contacts."""
    parameters = {"member_id": member_id, "limit": limit}
    return tuple(ContactMark(*row) for row in db.execute(_queries.marks_of, parameters))


def put_trait(
    db: Connection, member_id: int, trait: str, value: str, basis: str, actor: str, now_us: int
) -> None:
    """Write a trait."""
    parameters = {
        "member_id": member_id,
        "trait": trait,
        "value": value,
        "basis": basis,
        "actor": actor,
        "now_us": now_us,
    }
    db.execute(_queries.put_trait, parameters)


def drop_trait(db: Connection, member_id: int, trait: str, value: str) -> bool:
    """Remove a trait; tell whether there was one."""
    parameters = {"member_id": member_id, "trait": trait, "value": value}
    return db.execute(_queries.drop_trait, parameters).rowcount == 1


def traits_of(db: Connection, member_id: int, limit: int) -> tuple[Trait, ...]:
    """Return a member's traits."""
    parameters = {"member_id": member_id, "limit": limit}
    return tuple(Trait(*row) for row in db.execute(_queries.traits_of, parameters))
