"""What changes codes and visits. Every function runs in the caller's transaction, never commits.

A wrong code must stay counted, so :func:`check_code` answers instead of raising: the caller commits
whatever it says.
"""

from __future__ import annotations

import hmac
import secrets

from coterie.signins import rules, store
from coterie.signins.errors import TooManyCodes
from coterie.signins.model import AskedCode, CodeOutcome
from coterie.storage import Connection


def ask_code(db: Connection, kind: str, value: str, *, network: str, now_us: int) -> AskedCode:
    """Make a code for a contact (normalised), known or not; it ends the contact's earlier ones.

    ``network`` is the address that asks. Hand the code to a sender after the commit. Raises
    :class:`TooManyCodes` within a minute of the last one, and over the bounds of an hour.
    """
    secret = store.secret_of(db)
    contact = rules.contact_digest(secret, kind, value)
    where = rules.network_digest(secret, network)
    store.lock_contact(db, contact)
    count, last_us, from_here = store.count_codes(db, contact, where, now_us - rules.WINDOW_US)
    too_soon = last_us is not None and now_us - last_us < rules.AGAIN_US
    if too_soon or count >= rules.CONTACT_CODES_MAX or from_here >= rules.NETWORK_CODES_MAX:
        raise TooManyCodes
    store.sweep_codes(db, now_us - rules.KEPT_US, rules.SWEEP_MAX)
    handle = secrets.token_bytes(rules.HANDLE_BYTES)
    code = f"{secrets.randbelow(1_000_000):06d}"
    digest = rules.code_digest(secret, handle, code)
    store.insert_code(db, handle, contact, where, digest, now_us, now_us + rules.CODE_US)
    return AskedCode(handle.hex(), code)


def check_code(
    db: Connection, handle: str, kind: str, value: str, code: str, *, now_us: int
) -> CodeOutcome:
    """Judge a typed code for the contact it was sent to; a right one is used up.

    The caller commits whatever the outcome: a try that is rolled back is not counted.
    """
    found = rules.read_handle(handle)
    if found is None:
        return CodeOutcome.OVER
    secret = store.secret_of(db)
    contact = rules.contact_digest(secret, kind, value)
    tried = store.try_code(db, found, contact, rules.TRIES_MAX, now_us)
    if tried is None:
        return CodeOutcome.OVER
    kept, tries = tried
    typed = rules.read_code(code) or ""
    if not hmac.compare_digest(kept, rules.code_digest(secret, found, typed)):
        return CodeOutcome.WRONG if tries < rules.TRIES_MAX else CodeOutcome.OVER
    return CodeOutcome.RIGHT if store.use_code(db, found, now_us) else CodeOutcome.OVER


def open_visit(db: Connection, member_id: int, *, device: str, now_us: int) -> str:
    """Begin a visit; return its token, which is stored nowhere. ``device`` is a user agent."""
    secret = secrets.token_urlsafe(32)
    token = rules.write_token(member_id, secret)
    read = rules.read_token(token)
    assert read is not None, "what is written can be read"
    store.trim_visits(db, member_id, rules.VISITS_MAX - 1, now_us)
    expires_us = now_us + rules.VISIT_US
    store.insert_visit(db, member_id, read[1], rules.device_of(device), now_us, expires_us)
    return token


def end_visit(db: Connection, member_id: int, name: str) -> bool:
    """End one visit by its name in the list; tell whether there was one."""
    try:
        beginning = bytes.fromhex(name)
    except ValueError:
        return False
    return len(beginning) >= 6 and store.end_visit(db, member_id, beginning)


def end_visits(db: Connection, member_id: int, *, keep: bytes | None = None) -> int:
    """End all visits of a member, but the one whose digest is ``keep``; return how many."""
    return store.end_visits(db, member_id, keep)


def forget_visits(db: Connection, member_id: int) -> None:
    """Leave nothing of a member's visits, for one whose personal data is erased."""
    store.end_visits(db, member_id, None)
