"""Who may call: API keys and what they allow.

Owns the schema ``access``. Invariants: a key's secret is shown once and stored nowhere, only its
digest is; a key acts for one source; what a key allows never grows; an unknown id and a wrong
secret get the same answer in the same time.

Does not promise that a revoked key stops at once in a process that keeps a ring of keys: it stops
within the ring's few seconds. Does not limit how often somebody may try.
"""

from coterie.access.actions import issue_key, revoke_key
from coterie.access.errors import (
    BadKeyRequest,
    KeyExpired,
    KeyRevoked,
    KeyUnknown,
    NoSuchKey,
    ScopeMissing,
)
from coterie.access.model import Caller, IssuedKey, KeyLine, Scope
from coterie.access.rules import require
from coterie.access.views import KeyRing, authenticate, list_keys

__all__ = [
    "BadKeyRequest",
    "Caller",
    "IssuedKey",
    "KeyExpired",
    "KeyLine",
    "KeyRevoked",
    "KeyRing",
    "KeyUnknown",
    "NoSuchKey",
    "Scope",
    "ScopeMissing",
    "authenticate",
    "issue_key",
    "list_keys",
    "require",
    "revoke_key",
]
