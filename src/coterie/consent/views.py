"""Questions about consents."""

from __future__ import annotations

from coterie.consent import store
from coterie.consent.model import ConsentRecord, ConsentState, Wording
from coterie.storage import Connection

HISTORY_SHOWN_MAX = 200


def latest_wordings(db: Connection) -> tuple[Wording, ...]:
    """Return what people would be asked today, by kind."""
    return store.latest(db)


def consents_of(db: Connection, member_id: int) -> tuple[ConsentState, ...]:
    """Return what holds of each kind the member was ever asked, by kind."""
    return store.states(db, member_id)


def history_of(db: Connection, member_id: int) -> tuple[ConsentRecord, ...]:
    """Return every yes and no of a member, the newest first and bounded."""
    return store.history(db, member_id, HISTORY_SHOWN_MAX)
