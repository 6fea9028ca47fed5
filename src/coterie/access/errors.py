"""What is refused at the door.

Refusal
 ├─ KeyUnknown, KeyExpired, KeyRevoked   unauthenticated
 ├─ ScopeMissing                         forbidden
 ├─ NoSuchKey                            not found
 └─ BadKeyRequest                        malformed
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class KeyUnknown(Refusal):
    """This API key is not known."""

    code = "key_unknown"
    kind = Kind.UNAUTHENTICATED


class KeyExpired(Refusal):
    """This API key has expired."""

    code = "key_expired"
    kind = Kind.UNAUTHENTICATED


class KeyRevoked(Refusal):
    """This API key was revoked."""

    code = "key_revoked"
    kind = Kind.UNAUTHENTICATED


class ScopeMissing(Refusal):
    """This API key does not allow that."""

    code = "scope_missing"
    kind = Kind.FORBIDDEN


class NoSuchKey(Refusal):
    """No API key has this id."""

    code = "key_not_found"
    kind = Kind.NOT_FOUND


class BadKeyRequest(Malformed):
    """Such a key cannot be issued."""

    code = "bad_key_request"
