"""What passwords and PINs become: Argon2id, with its parameters beside the hash."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
# Each takes 64 MiB and a core: a crowd of guesses must not take the machine.
_TURNS = BoundedSemaphore(2)
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBzYWx0IGhlcmUh$"
    "Q0FhYnNlbnQgb3duZXIgb2YgYSBwYXNzd29yZCBoYXM"
)
"""A hash no password has, as dear to judge as a real one."""


def hash_secret(secret: str) -> str:
    """Return what is stored of a password or PIN."""
    with _TURNS:
        return _HASHER.hash(secret)


def is_secret(hashed: str | None, secret: str) -> bool:
    """Tell whether a secret is the one; where there is none, after the same time: no."""
    try:
        with _TURNS:
            _HASHER.verify(hashed or _NOBODY, secret)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Tell whether a hash was made by parameters of another time."""
    return _HASHER.check_needs_rehash(hashed)
