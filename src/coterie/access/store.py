"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Collection

from coterie.access.model import KeyLine, StoredKey
from coterie.storage import Connection, load_queries, texts

_queries = load_queries("coterie.access")


def insert_key(
    db: Connection,
    key_id: str,
    secret_sha256: bytes,
    source: str,
    scopes: Collection[str],
    note: str | None,
    created_us: int,
    expires_us: int | None,
) -> bool:
    """Store a key; tell whether its id was free."""
    parameters = {
        "key_id": key_id,
        "secret_sha256": secret_sha256,
        "source": source,
        "scopes": texts(sorted(scopes)),
        "note": note,
        "created_us": created_us,
        "expires_us": expires_us,
    }
    return db.execute(_queries.insert_key, parameters).rowcount == 1


def find_key(db: Connection, key_id: str) -> StoredKey | None:
    """Return a key by its id."""
    row = db.execute(_queries.find_key, {"key_id": key_id}).fetchone()
    return StoredKey(row[0], bytes(row[1]), row[2], tuple(row[3]), row[4], row[5]) if row else None


def touch_key(db: Connection, key_id: str, now_us: int) -> None:
    """Note that a key was used, at most once a minute."""
    db.execute(_queries.touch_key, {"key_id": key_id, "now_us": now_us})


def revoke_key(db: Connection, key_id: str, now_us: int) -> int | None:
    """Revoke a key; return since when it is revoked, None when there is none."""
    row = db.execute(_queries.revoke_key, {"key_id": key_id, "now_us": now_us}).fetchone()
    return row[0] if row else None


def list_keys(db: Connection, after: str, limit: int) -> list[KeyLine]:
    """Return keys after an id."""
    rows = db.execute(_queries.list_keys, {"after": after, "limit": limit})
    return [KeyLine(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]
