"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coterie.drafts.model import Draft, DraftLine
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.drafts")


def lock_drafts(db: Connection) -> None:
    """Keep others from beginning one until the transaction ends."""
    db.execute(_queries.lock_drafts)


def count_drafts(db: Connection) -> int:
    """Return how many there are."""
    row = db.execute(_queries.count_drafts).fetchone()
    assert row is not None
    return int(row[0])


def insert_draft(
    db: Connection, name: str, text: str, base_version: int | None, by: int, now_us: int
) -> int:
    """Keep a new draft and return its number."""
    given = {"name": name, "text": text, "base_version": base_version, "by": by, "now_us": now_us}
    row = db.execute(_queries.insert_draft, given).fetchone()
    assert row is not None
    return int(row[0])


def lock_draft(db: Connection, draft_id: int) -> Draft | None:
    """Return a draft and hold it until the transaction ends."""
    row = db.execute(_queries.lock_draft, {"draft_id": draft_id}).fetchone()
    return None if row is None else _draft(row)


def read_draft(db: Connection, draft_id: int) -> Draft | None:
    """Return a draft."""
    row = db.execute(_queries.read_draft, {"draft_id": draft_id}).fetchone()
    return None if row is None else _draft(row)


def list_drafts(db: Connection) -> list[DraftLine]:
    """Return all drafts, what was changed last first."""
    return [DraftLine(*row) for row in db.execute(_queries.list_drafts)]


def save_draft(db: Connection, draft_id: int, name: str, text: str, by: int, now_us: int) -> None:
    """Save the next revision."""
    given = {"draft_id": draft_id, "name": name, "text": text, "by": by, "now_us": now_us}
    db.execute(_queries.save_draft, given)


def note_plan(db: Connection, draft_id: int, job_id: int) -> None:
    """Note the plan of this revision."""
    db.execute(_queries.note_plan, {"draft_id": draft_id, "job_id": job_id})


def delete_draft(db: Connection, draft_id: int) -> bool:
    """Delete a draft; tell whether there was one."""
    return db.execute(_queries.delete_draft, {"draft_id": draft_id}).rowcount == 1


def _draft(row: Sequence[Any]) -> Draft:
    return Draft(*row[:8], text=row[8], plan_job=row[9], plan_revision=row[10])
