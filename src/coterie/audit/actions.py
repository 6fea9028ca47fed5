"""What writes to the audit trail, in the caller's transaction."""

from __future__ import annotations

import logging
import secrets

import msgspec

from coterie.audit import rules, store
from coterie.audit.model import Head, NewEntry
from coterie.storage import Connection

log = logging.getLogger(__name__)
SALT_BYTES = 32
FORGET_MAX = 10_000


def append(db: Connection, entry: NewEntry) -> Head:
    """Write an entry on top of the chain and return the new head.

    To be called last in a transaction: whoever else appends waits until it ends. The head is told
    to the log, which is kept elsewhere: with it a chain that was made anew is found.
    """
    last = store.lock_head(db)
    salt = secrets.token_bytes(SALT_BYTES)
    body = rules.body_of(entry)
    detail = rules.detail_digest(salt, body)
    n = last.n + 1
    digest = rules.entry_digest(
        n,
        entry.at_us,
        entry.world_us,
        entry.actor_kind.value,
        entry.actor,
        entry.act,
        entry.target,
        entry.outcome.value,
        detail,
        last.digest,
    )
    store.insert_entry(db, n, entry, salt, body, detail, last.digest, digest)
    log.info("audit head %d %s", n, digest.hex())
    return Head(n, digest)


def forget(db: Connection, entry: NewEntry) -> int:
    """Forget the details of everything about ``entry.target``; return of how many entries.

    ``entry`` says who asks and when; what is written in its place names the entries and nothing
    personal. The entries themselves stay, and the chain still proves itself.
    """
    entries = store.details_of(db, entry.target, FORGET_MAX)
    if entries:
        named = msgspec.structs.replace(
            entry, act=rules.FORGET, target="audit", before={}, after={"entries": entries}
        )
        append(db, named)
        store.forget_details(db, entries)
    return len(entries)
