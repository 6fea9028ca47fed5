"""Who is calling, and which keys there are."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from coterie.access import rules, store
from coterie.access.model import Caller, KeyLine
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection

RING_TTL_S = 5.0
RING_KEYS_MAX = 1_024


def authenticate(db: Connection, text: str, *, now_us: int) -> Caller:
    """Return who calls with this key, and note (at most once a minute) that it was used.

    Raises :class:`KeyUnknown`, :class:`KeyRevoked` and :class:`KeyExpired`.
    """
    key_id, secret = rules.read_key(text)
    caller = rules.judge(store.find_key(db, key_id), secret, now_us=now_us)
    store.touch_key(db, key_id, now_us)
    return caller


class KeyRing:
    """Callers seen within the last seconds, so that a busy key costs no statement a call.

    A revoked key is good for at most ``ttl_s`` longer. What is kept is found by a digest of the
    text, so no secret stays in memory. Refusals are not kept. Safe to be shared by threads.
    """

    def __init__(
        self,
        *,
        ttl_s: float = RING_TTL_S,
        keys_max: int = RING_KEYS_MAX,
        elapsed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl_s = ttl_s
        self._keys_max = keys_max
        # Of the machine, not of the world: a world whose time stands still still revokes keys.
        self._elapsed_s = elapsed_s
        self._lock = Lock()
        self._callers: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    def known(self, text: str, *, now_us: int) -> Caller | None:
        """Return a caller seen lately, without a database; None: ask :meth:`authenticate`.

        Raises :class:`KeyExpired`.
        """
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            kept = self._callers.get(name)
            if kept is None:
                return None
            caller, until_s = kept
            if self._elapsed_s() >= until_s:
                del self._callers[name]
                return None
        rules.check_unexpired(caller, now_us=now_us)
        return caller

    def authenticate(self, db: Connection, text: str, *, now_us: int) -> Caller:
        """Return what :func:`authenticate` returns or raises, from memory where it is fresh."""
        caller = self.known(text, now_us=now_us)
        if caller is not None:
            return caller
        until_s = self._elapsed_s() + self._ttl_s
        caller = authenticate(db, text, now_us=now_us)
        name = hashlib.sha256(text.encode()).digest()
        with self._lock:
            self._callers[name] = (caller, until_s)
            self._callers.move_to_end(name)
            while len(self._callers) > self._keys_max:
                self._callers.popitem(last=False)
        return caller


def list_keys(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[KeyLine], str | None]:
    """Return a page of keys by id, and the next page's cursor."""
    size = page_size(limit)
    after = "" if cursor is None else str(decode_cursor(cursor, str)[0])
    found = store.list_keys(db, after, size + 1)
    if len(found) <= size:
        return found, None
    return found[:size], encode_cursor(found[size - 1].key_id)
