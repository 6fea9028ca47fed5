"""What is being written."""

from __future__ import annotations

from coterie.drafts import store
from coterie.drafts.errors import DraftUnknown
from coterie.drafts.model import Draft, DraftLine
from coterie.storage import Connection


def read_draft(db: Connection, draft_id: int) -> Draft:
    """Return a draft. Raises :class:`DraftUnknown`."""
    found = store.read_draft(db, draft_id)
    if found is None:
        raise DraftUnknown(f"Number {draft_id}.")
    return found


def list_drafts(db: Connection) -> list[DraftLine]:
    """Return all drafts, what was changed last first; there are fifty at most."""
    return store.list_drafts(db)
