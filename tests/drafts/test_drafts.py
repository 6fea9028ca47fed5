"""Drafts as they are kept: bounds, revisions, and the same said by the database."""

from __future__ import annotations

import psycopg
import pytest

from coterie import drafts
from coterie.storage import Connection, transaction


def begin(db: Connection, name: str = "Spring") -> int:
    with transaction(db):
        return drafts.begin_draft(db, name, "programme: x\n", by=1, now_us=10)


def save(db: Connection, revision: int, text: str, by: int = 2) -> int:
    with transaction(db):
        return drafts.save_draft(db, 1, revision, "Spring", text, by=by, now_us=20)


def test_a_draft_is_saved_revision_by_revision(db: Connection) -> None:
    begin(db)
    assert save(db, 1, "programme: y\n") == 2
    # The same again is no change, whoever sends it.
    assert save(db, 1, "programme: y\n") == 2
    with pytest.raises(drafts.DraftChanged) as refused:
        save(db, 1, "programme: z\n")
    assert refused.value.facts["changed_by"] == 2
    found = drafts.read_draft(db, 1)
    assert (found.text, found.revision, found.owner_id, found.changed_by) == (
        "programme: y\n",
        2,
        1,
        2,
    )


@pytest.mark.parametrize(
    ("name", "text"), [("", "x"), (" x", "x"), ("x" * 101, "x"), ("x", ""), ("x", "x" * 500_001)]
)
def test_what_cannot_be_kept_is_refused(db: Connection, name: str, text: str) -> None:
    with pytest.raises(drafts.BadDraft), transaction(db):
        drafts.begin_draft(db, name, text, by=1, now_us=10)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(
            "insert into drafts.draft (name, text, owner_id, changed_by, created_us, changed_us)"
            " values (%s, %s, 1, 1, 1, 1)",
            (name, text),
        )
    assert not drafts.list_drafts(db)


def test_there_are_fifty_at_most(db: Connection) -> None:
    for number in range(drafts.DRAFTS_MAX):
        begin(db, f"Draft {number}")
    with pytest.raises(drafts.DraftsFull):
        begin(db)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(
            "insert into drafts.draft (name, text, owner_id, changed_by, created_us, changed_us)"
            " values ('x', 'x', 1, 1, 1, 1)"
        )
    assert len(drafts.list_drafts(db)) == drafts.DRAFTS_MAX


def test_a_revision_never_changes_under_its_number(db: Connection) -> None:
    begin(db)
    for change in ("text = 'other'", "revision = 5", "owner_id = 9", "text = 'o', revision = 3"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            db.execute(f"update drafts.draft set {change}")


def test_a_plan_belongs_to_a_revision(db: Connection) -> None:
    begin(db)
    with transaction(db):
        drafts.note_plan(db, 1, 7)
    save(db, 1, "programme: y\n")
    found = drafts.read_draft(db, 1)
    assert (found.plan_job, found.plan_revision, found.revision) == (7, 1, 2)
    with pytest.raises(drafts.DraftUnknown), transaction(db):
        drafts.note_plan(db, 2, 7)
    with transaction(db):
        drafts.delete_draft(db, 1)
    with pytest.raises(drafts.DraftUnknown), transaction(db):
        drafts.delete_draft(db, 1)
