"""How an entry is hashed, and whether a chain holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from coterie.audit.model import Detail, Flaw, Head, NewEntry, Row

START = Head(0, bytes(32))
FORGET = "audit.forget"
FLAWS_MAX = 100


def body_of(entry: NewEntry) -> str:
    """Return what stands under the salt, as JSON."""
    detail = Detail(entry.actor_name, entry.reason, entry.network, entry.before, entry.after)
    return msgspec.json.encode(detail, order="sorted").decode()


def detail_digest(salt: bytes, body: str) -> bytes:
    """Return the digest of what stands under a salt."""
    return hashlib.sha256(salt + body.encode()).digest()


def entry_digest(
    n: int,
    at_us: int,
    world_us: int,
    actor_kind: str,
    actor: str,
    act: str,
    target: str,
    outcome: str,
    detail_sha256: bytes,
    previous: bytes,
) -> bytes:
    """Return the digest of an entry: everything in it, and the digest of the one before."""
    said = [n, at_us, world_us, actor_kind, actor, act, target, outcome]
    text = msgspec.json.encode([*said, detail_sha256.hex(), previous.hex()])
    return hashlib.sha256(text).digest()


def flaws(rows: Iterable[Row], head: Head, kept: Head | None = None) -> Iterator[Flaw]:
    """Yield where a chain, read from its first entry, does not hold.

    ``head`` is where the database says it ends, ``kept`` an earlier head that somebody kept.
    Entries whose detail is gone are flaws unless a later entry names them.
    """
    last = START
    gone: set[int] = set()
    kept_found = kept is None or kept == START
    for row in rows:
        if row.n != last.n + 1:
            yield Flaw(last.n + 1, "an entry", f"the next one is {row.n}")
        if row.previous != last.digest:
            yield Flaw(row.n, f"it rests on {last.digest.hex()}", row.previous.hex())
        made = entry_digest(*row[:10])
        if made != row.digest:
            yield Flaw(row.n, f"digest {row.digest.hex()}", made.hex())
        if row.salt is None or row.body is None:
            gone.add(row.n)
        elif detail_digest(row.salt, row.body) != row.detail_sha256:
            yield Flaw(row.n, "the detail it was written with", "another one")
        elif row.act == FORGET:
            gone.difference_update(_forgotten(row.body))
        if kept is not None and row.n == kept.n:
            kept_found = True
            if row.digest != kept.digest:
                yield Flaw(row.n, f"the digest that was kept, {kept.digest.hex()}", made.hex())
        last = Head(row.n, row.digest)
    if last != head:
        yield Flaw(head.n, f"the chain ends at {head.n}, {head.digest.hex()}", f"{last.n}")
    if kept is not None and not kept_found:
        yield Flaw(kept.n, "the entry whose digest was kept", f"the chain ends at {last.n}")
    for n in sorted(gone):
        yield Flaw(n, "its detail, or an entry that says it is forgotten", "neither")


def _forgotten(body: str) -> list[int]:
    detail = msgspec.json.decode(body, type=Detail)
    return [n for n in detail.after.get("entries", []) if isinstance(n, int)]
