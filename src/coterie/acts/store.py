"""One typed function a statement; nobody outside this package calls them."""

from __future__ import annotations

from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.acts")


def begin_act(db: Connection, actor: str, key: str, digest: bytes, begun_us: int) -> bool:
    """Note that an act begins; tell whether its key was free."""
    given = {"actor": actor, "key": key, "digest": digest, "begun_us": begun_us}
    return db.execute(_queries.begin_act, given).rowcount == 1


def find_act(db: Connection, actor: str, key: str) -> tuple[bytes, str | None] | None:
    """Return what was done under a key: its digest and result."""
    row = db.execute(_queries.find_act, {"actor": actor, "key": key}).fetchone()
    return (bytes(row[0]), row[1]) if row else None


def finish_act(db: Connection, actor: str, key: str, result: str) -> bool:
    """Keep the result; tell whether nobody had."""
    given = {"actor": actor, "key": key, "result": result}
    return db.execute(_queries.finish_act, given).rowcount == 1


def drop_act(db: Connection, actor: str, key: str) -> None:
    """Free the key of an act that was refused."""
    db.execute(_queries.drop_act, {"actor": actor, "key": key})
