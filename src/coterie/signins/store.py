"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

import secrets

from coterie.signins.model import Visit
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.signins")


def secret_of(db: Connection) -> bytes:
    """Return the secret of this world, made when it is first asked for."""
    row = db.execute(_queries.read_secret).fetchone()
    if row is None:
        db.execute(_queries.make_secret, {"secret": secrets.token_bytes(32)})
        row = db.execute(_queries.read_secret).fetchone()
        assert row is not None, "it was just made, here or by somebody faster"
    return bytes(row[0])


def lock_contact(db: Connection, contact: bytes) -> None:
    """Let nobody else ask for a code of this contact until the transaction ends."""
    db.execute(_queries.lock_contact, {"key": int.from_bytes(contact[:8], "big", signed=True)})


def count_codes(
    db: Connection, contact: bytes, network: bytes, since_us: int
) -> tuple[int, int | None, int]:
    """Return codes of a contact, when the last was made, and codes of a network."""
    row = db.execute(
        _queries.count_codes, {"contact": contact, "network": network, "since_us": since_us}
    ).fetchone()
    assert row is not None, "an aggregate has a row"
    return row[0], row[1], row[2]


def insert_code(
    db: Connection,
    handle: bytes,
    contact: bytes,
    network: bytes,
    code: bytes,
    created_us: int,
    expires_us: int,
) -> None:
    """Store a code, and end the ones before it."""
    db.execute(_queries.close_codes, {"contact": contact, "now_us": created_us})
    db.execute(
        _queries.insert_code,
        {
            "handle": handle,
            "contact": contact,
            "network": network,
            "code": code,
            "created_us": created_us,
            "expires_us": expires_us,
        },
    )


def try_code(
    db: Connection, handle: bytes, contact: bytes, tries_max: int, now_us: int
) -> tuple[bytes, int] | None:
    """Count a try; return the digest of the code and the tries so far, None: it is over."""
    row = db.execute(
        _queries.try_code,
        {"handle": handle, "contact": contact, "tries_max": tries_max, "now_us": now_us},
    ).fetchone()
    return (bytes(row[0]), row[1]) if row else None


def use_code(db: Connection, handle: bytes, now_us: int) -> bool:
    """Use a code up; tell whether it was not used before."""
    return db.execute(_queries.use_code, {"handle": handle, "now_us": now_us}).rowcount == 1


def sweep_codes(db: Connection, before_us: int, limit: int) -> None:
    """Forget codes that were over before a moment."""
    db.execute(_queries.sweep_codes, {"before_us": before_us, "limit": limit})


def insert_visit(
    db: Connection, member_id: int, digest: bytes, device: str, now_us: int, expires_us: int
) -> None:
    """Store a visit."""
    db.execute(
        _queries.insert_visit,
        {
            "member_id": member_id,
            "token_digest": digest,
            "device": device,
            "now_us": now_us,
            "expires_us": expires_us,
        },
    )


def trim_visits(db: Connection, member_id: int, keep: int, now_us: int) -> None:
    """Keep the latest visits of a member."""
    db.execute(_queries.trim_visits, {"member_id": member_id, "keep": keep, "now_us": now_us})


def find_visit(
    db: Connection, member_id: int, digest: bytes, now_us: int, idle_us: int
) -> Visit | None:
    """Return a visit that is not over and was seen after ``idle_us``."""
    row = db.execute(
        _queries.find_visit,
        {"member_id": member_id, "token_digest": digest, "now_us": now_us, "idle_us": idle_us},
    ).fetchone()
    return Visit(row[0], bytes(row[1]), *row[2:]) if row else None


def touch_visit(db: Connection, member_id: int, digest: bytes, now_us: int) -> None:
    """Note that a visit was seen, at most once a minute."""
    db.execute(
        _queries.touch_visit, {"member_id": member_id, "token_digest": digest, "now_us": now_us}
    )


def list_visits(db: Connection, member_id: int, now_us: int, limit: int) -> list[Visit]:
    """Return the visits of a member, the latest first."""
    rows = db.execute(
        _queries.list_visits, {"member_id": member_id, "now_us": now_us, "limit": limit}
    )
    return [Visit(row[0], bytes(row[1]), *row[2:]) for row in rows]


def end_visit(db: Connection, member_id: int, beginning: bytes) -> bool:
    """End the visit whose digest begins so; tell whether there was one."""
    parameters = {"member_id": member_id, "beginning": beginning}
    return db.execute(_queries.end_visit, parameters).rowcount > 0


def end_visits(db: Connection, member_id: int, keep: bytes | None) -> int:
    """End all visits of a member but one; return how many."""
    return db.execute(_queries.end_visits, {"member_id": member_id, "keep": keep}).rowcount
