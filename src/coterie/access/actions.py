"""What changes keys. Every function runs in the caller's transaction and never commits."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from coterie.access import rules, store
from coterie.access.errors import NoSuchKey
from coterie.access.model import IssuedKey
from coterie.storage import Connection

TRIES_MAX = 5


def issue_key(
    db: Connection,
    source: str,
    scopes: Collection[str],
    *,
    now_us: int,
    expires_us: int | None = None,
    note: str | None = None,
) -> IssuedKey:
    """Issue a key; its text is returned this once, only a digest is stored.

    ``expires_us`` is the first instant at which it is no longer good. Raises
    :class:`BadKeyRequest`.
    """
    allowed = rules.check_request(source, scopes, expires_us=expires_us, note=note, now_us=now_us)
    secret = secrets.token_urlsafe(rules.SECRET_BYTES)
    for _ in range(TRIES_MAX):
        key_id = secrets.token_hex(rules.KEY_ID_BYTES)
        hashed = rules.digest(secret)
        if store.insert_key(db, key_id, hashed, source, allowed, note, now_us, expires_us):
            return IssuedKey(key_id, rules.write_key(key_id, secret))
    message = "five random ids in a row were taken: the random source is broken"
    raise RuntimeError(message)


def revoke_key(db: Connection, key_id: str, *, now_us: int) -> int:
    """Revoke a key; return since when it is revoked (revoking again changes nothing).

    Processes that keep a :class:`KeyRing` heed it within its few seconds. Raises
    :class:`NoSuchKey`.
    """
    since_us = store.revoke_key(db, key_id, now_us)
    if since_us is None:
        raise NoSuchKey(f"{key_id!r} is none.")
    return since_us
