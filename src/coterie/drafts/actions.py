"""Beginning, saving and deleting drafts. To be called in a transaction."""

from __future__ import annotations

from coterie.drafts import store
from coterie.drafts.errors import DraftChanged, DraftsFull, DraftUnknown
from coterie.drafts.model import Draft
from coterie.drafts.rules import DRAFTS_MAX, check_draft
from coterie.storage import Connection


def begin_draft(
    db: Connection, name: str, text: str, *, by: int, now_us: int, base_version: int | None = None
) -> int:
    """Keep a new draft of account ``by`` and return its number.

    Raises :class:`~coterie.drafts.errors.BadDraft` and :class:`DraftsFull`.
    """
    check_draft(name, text)
    store.lock_drafts(db)
    if store.count_drafts(db) >= DRAFTS_MAX:
        raise DraftsFull(f"{DRAFTS_MAX} at most.")
    return store.insert_draft(db, name, text, base_version, by, now_us)


def save_draft(
    db: Connection, draft_id: int, revision: int, name: str, text: str, *, by: int, now_us: int
) -> int:
    """Save a draft that was read as ``revision``, and return the new one (the same: no change).

    Raises :class:`DraftUnknown`, :class:`DraftChanged` and
    :class:`~coterie.drafts.errors.BadDraft`.
    """
    check_draft(name, text)
    found = _locked(db, draft_id)
    if (found.name, found.text) == (name, text):
        return found.revision
    if found.revision != revision:
        raise DraftChanged(
            f"You opened revision {revision}; it is {found.revision} now.",
            changed_by=found.changed_by,
            changed_us=found.changed_us,
        )
    store.save_draft(db, draft_id, name, text, by, now_us)
    return found.revision + 1


def note_plan(db: Connection, draft_id: int, job_id: int) -> None:
    """Note which job plans the draft as it is now. Raises :class:`DraftUnknown`."""
    _locked(db, draft_id)
    store.note_plan(db, draft_id, job_id)


def delete_draft(db: Connection, draft_id: int) -> None:
    """Delete a draft. Raises :class:`DraftUnknown`."""
    if not store.delete_draft(db, draft_id):
        raise DraftUnknown(f"Number {draft_id}.")


def _locked(db: Connection, draft_id: int) -> Draft:
    found = store.lock_draft(db, draft_id)
    if found is None:
        raise DraftUnknown(f"Number {draft_id}.")
    return found
