"""One typed function a statement on the table of versions."""

from __future__ import annotations

from msgspec import Struct

from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.programme")


class VersionRow(Struct, frozen=True):
    """A published version without its text; ``sha256`` names the text."""

    version: int
    sha256: str
    active_from_us: int
    published_us: int
    note: str | None


def lock_versions(db: Connection) -> None:
    """Keep other publishers away until the transaction ends."""
    db.execute(_queries.lock_versions)


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


def all_texts(db: Connection) -> list[tuple[int, str, str, int]]:
    """Return (version, text, sha256, active_from_us) of every version, oldest first."""
    return db.execute(_queries.all_texts).fetchall()
