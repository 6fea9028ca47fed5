"""How a key is written, when it is good, and what it allows."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection

from coterie.access.errors import (
    BadKeyRequest,
    KeyExpired,
    KeyRevoked,
    KeyUnknown,
    ScopeMissing,
)
from coterie.access.model import Caller, Scope, StoredKey
from coterie.kernel.errors import nearest

KEY_ID_BYTES = 6
SECRET_BYTES = 32
NOTE_LENGTH_MAX = 200
_SOURCE = re.compile(r"[A-Za-z0-9_.:/#-]{1,64}")
_TEXT = re.compile(r"ctr_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = bytes(32)


def write_key(key_id: str, secret: str) -> str:
    """Return the text a caller shows: a prefix secret scanners know, the id, the secret."""
    return f"ctr_{key_id}_{secret}"


def read_key(text: str) -> tuple[str, str]:
    """Return id and secret of a text. Raises KeyUnknown: nothing is told about why."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise KeyUnknown
    return found[1], found[2]


def digest(secret: str) -> bytes:
    """Return what is stored. A secret of 256 random bits needs no slow hash: nobody guesses it."""
    return hashlib.sha256(secret.encode()).digest()


def judge(stored: StoredKey | None, secret: str, *, now_us: int) -> Caller:
    """Return who calls with this secret.

    Raises KeyUnknown for an unknown id and a wrong secret alike and in the same time, and only to
    who has the secret KeyRevoked or KeyExpired.
    """
    kept = stored.secret_sha256 if stored is not None else _NOBODY
    if not hmac.compare_digest(kept, digest(secret)) or stored is None:
        raise KeyUnknown
    if stored.revoked_us is not None:
        raise KeyRevoked
    # Scopes that a newer version knew are ignored: an unknown one allows nothing.
    known = frozenset(scope for scope in Scope if scope.value in stored.scopes)
    caller = Caller(stored.source, stored.key_id, known, stored.expires_us)
    check_unexpired(caller, now_us=now_us)
    return caller


def check_unexpired(caller: Caller, *, now_us: int) -> None:
    """Refuse a caller whose key is over. Raises KeyExpired."""
    if caller.expires_us is not None and now_us >= caller.expires_us:
        raise KeyExpired


def require(caller: Caller, scope: Scope) -> None:
    """Refuse a caller whose key does not allow something. Raises ScopeMissing."""
    if scope not in caller.scopes and Scope.ADMIN not in caller.scopes:
        raise ScopeMissing(f"It needs the scope {scope.value}.", scope=scope.value)


def check_request(
    source: str, scopes: Collection[str], *, expires_us: int | None, note: str | None, now_us: int
) -> frozenset[Scope]:
    """Return the scopes of a key to be issued. Raises BadKeyRequest."""
    if not _SOURCE.fullmatch(source):
        told = f"{source!r} is not a source: up to 64 letters, digits and _.:/#-"
        raise BadKeyRequest(told, where="source")
    known = [scope.value for scope in Scope]
    for scope in scopes:
        if scope not in known:
            raise BadKeyRequest(
                f"There is no scope {scope!r}.{nearest(scope, known)}", where="scopes"
            )
    if not scopes:
        raise BadKeyRequest("It would allow nothing; name a scope.", where="scopes")
    if expires_us is not None and expires_us <= now_us:
        raise BadKeyRequest("It would have expired already.", where="expires_us")
    if note is not None and not (1 <= len(note) <= NOTE_LENGTH_MAX and note.isprintable()):
        told = f"A note has 1 to {NOTE_LENGTH_MAX} printable characters."
        raise BadKeyRequest(told, where="note")
    return frozenset(Scope(scope) for scope in scopes)
