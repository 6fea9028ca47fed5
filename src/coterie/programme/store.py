"""One typed function a statement on the table of versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from coterie.storage import Connection, load_queries

TextRow = tuple[int, str, str, int]
"""Version, text, its SHA-256, and the instant from which it is in force."""

_queries = load_queries("coterie.programme")


class VersionRow(Struct, frozen=True):
    """A published version without its text; ``sha256`` names the text."""

    version: int
    sha256: str
    active_from_us: int
    published_us: int
    note: str | None


class BackfillRow(Struct, frozen=True):
    """A version that is being counted: which metrics, and how far.

    Members up to ``after_id`` are done, ``members_done`` of them. ``set_aside`` could not be
    counted; ``accepted_us`` is when somebody took it that the version begins without them.
    """

    version: int
    metrics: list[str]
    after_id: int
    members_done: int
    began_us: int
    finished_us: int | None
    accepted_us: int | None = None
    set_aside: int = 0


class SetAside(Struct, frozen=True):
    """A member who could not be counted for a version, and why."""

    member_id: int
    version: int
    reason: str
    set_aside_us: int


def lock_versions(db: Connection) -> None:
    """Keep other publishers away until the transaction ends."""
    db.execute(_queries.lock_versions)


def last_version_number(db: Connection) -> int:
    """Return the number of the newest version, 0 when nothing is published."""
    return last_version_number_later(db)()


def last_version_number_later(db: Connection) -> Callable[[], int]:
    """As :func:`last_version_number`, asked now and read by calling the answer: for a pipeline."""
    cursor = db.execute(_queries.last_version_number)

    def read() -> int:
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    return read


def last_version(db: Connection) -> tuple[VersionRow, str] | None:
    """Return the newest version and its text, or None before the first."""
    row = db.execute(_queries.last_version).fetchone()
    if row is None:
        return None
    version, content, sha256, active_from_us, published_us, note = row
    return VersionRow(version, sha256, active_from_us, published_us, note), content


def insert_version(db: Connection, row: VersionRow, content: str) -> None:
    """Add a version."""
    db.execute(
        _queries.insert_version,
        {
            "version": row.version,
            "content": content,
            "sha256": row.sha256,
            "active_from_us": row.active_from_us,
            "published_us": row.published_us,
            "note": row.note,
        },
    )


def list_versions(db: Connection, below: int, most: int) -> list[VersionRow]:
    """Return versions under ``below``, newest first, at most ``most``."""
    rows = db.execute(_queries.list_versions, {"below": below, "most": most}).fetchall()
    return [VersionRow(*row) for row in rows]


def text_at(db: Connection, at_us: int) -> TextRow | None:
    """Return the version in force at an instant."""
    return db.execute(_queries.text_at, {"at_us": at_us}).fetchone()


def text_numbered(db: Connection, version: int) -> TextRow | None:
    """Return a version by its number."""
    return db.execute(_queries.text_numbered, {"version": version}).fetchone()


def all_texts(db: Connection) -> list[TextRow]:
    """Return every version, oldest first."""
    return db.execute(_queries.all_texts).fetchall()


def find_publication(db: Connection, source: str, key: str) -> tuple[int, bytes] | None:
    """Return the version published under a key, and the digest of what was sent."""
    row = db.execute(_queries.find_publication, {"source": source, "key": key}).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def insert_publication(db: Connection, source: str, key: str, digest: bytes, version: int) -> None:
    """Remember under which key a version was published."""
    db.execute(
        _queries.insert_publication,
        {"source": source, "key": key, "digest": digest, "version": version},
    )


def keep_secret(db: Connection, secret: bytes, now_us: int) -> None:
    """Keep a secret to draw by, unless there is one."""
    db.execute(_queries.keep_secret, {"secret": secret, "created_us": now_us})


def secret(db: Connection) -> bytes | None:
    """Return the secret to draw by, or None before the first version."""
    row = db.execute(_queries.secret).fetchone()
    return None if row is None else bytes(row[0])


def last_ready(db: Connection) -> TextRow | None:
    """Return the newest version that waits for nothing, or None where there is none."""
    return db.execute(_queries.last_ready).fetchone()


def insert_backfill(db: Connection, version: int, metrics: Sequence[str], began_us: int) -> None:
    """Let a version wait until its metrics are counted."""
    given = {"version": version, "metrics": list(metrics), "began_us": began_us}
    db.execute(_queries.insert_backfill, given)


def open_backfills(db: Connection) -> list[BackfillRow]:
    """Return what is still to be counted, the earliest version first."""
    return [BackfillRow(*row) for row in db.execute(_queries.open_backfills).fetchall()]


def advance_backfill(db: Connection, version: int, after_id: int, members: int) -> None:
    """Note that members up to ``after_id``, so many more, are counted."""
    given = {"version": version, "after_id": after_id, "members": members}
    db.execute(_queries.advance_backfill, given)


def finish_backfill(db: Connection, version: int, finished_us: int) -> None:
    """Note that a version waits for nothing any more."""
    db.execute(_queries.finish_backfill, {"version": version, "finished_us": finished_us})


def backfill_of(db: Connection, version: int) -> BackfillRow | None:
    """Return what was counted for a version, or None where nothing had to be."""
    row = db.execute(_queries.backfill_of, {"version": version}).fetchone()
    return None if row is None else BackfillRow(*row)


def set_aside(db: Connection, version: int, member_id: int, reason: str, now_us: int) -> None:
    """Note that a member could not be counted."""
    given = {"version": version, "member_id": member_id, "reason": reason, "now_us": now_us}
    db.execute(_queries.set_aside, given)


def list_set_aside(db: Connection, version: int, after_id: int, limit: int) -> list[SetAside]:
    """Return who could not be counted, by id."""
    given = {"version": version, "after_id": after_id, "limit": limit}
    return [SetAside(*row) for row in db.execute(_queries.list_set_aside, given).fetchall()]


def clear_set_aside(db: Connection, version: int, member_ids: Sequence[int]) -> None:
    """Forget those who were counted after all."""
    db.execute(_queries.clear_set_aside, {"version": version, "member_ids": list(member_ids)})


def accept_set_aside(db: Connection, version: int, now_us: int) -> bool:
    """Note that a version may begin without them; tell whether it was waiting."""
    return (
        db.execute(_queries.accept_set_aside, {"version": version, "now_us": now_us}).rowcount > 0
    )
