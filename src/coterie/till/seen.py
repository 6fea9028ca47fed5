"""A member as a clerk may see them: enough to be sure who it is, no more."""

from __future__ import annotations

from typing import NamedTuple

from coterie.intake.engine import Engine
from coterie.members import (
    Hit,
    MemberRecord,
    file_of,
    masked_name,
    masked_value,
    read_member,
    resolve_ids,
)
from coterie.storage import Connection
from coterie.web.asking import Ask
from coterie.web.errors import PageUnknown
from coterie.web.standing import Place, Wallet, places, wallets

NOTES_SHOWN = 3
NOTE_LENGTH = 140
TOLD = frozenset({"need", "preference"})
"""Categories of notes that help at a counter; complaints and others are the office's."""


class Face(NamedTuple):
    """How a member is recognised: surname or initials, the last digits of phone and card."""

    member_id: int
    name: str
    phone: str
    card: str
    state: str


class Known(NamedTuple):
    """Everything a till shows of a member."""

    face: Face
    wallets: list[Wallet]
    places: list[Place]
    notes: list[str]

    @property
    def benefits(self) -> list[str]:
        """Return what the tiers of the member bring, to be granted at the counter."""
        here = (tier for place in self.places for tier in place.tiers if tier[1])
        return [benefit for _, _, _, benefits in here for benefit in benefits]


def face_of(ask: Ask, record: MemberRecord | Hit) -> Face:
    """Return how somebody is recognised."""
    if isinstance(record, Hit):
        contacts = record.contacts
    else:
        contacts = tuple((i.kind, i.value) for i in record.identities if i.valid_to_us is None)
    name = masked_name(record.name) or ask.t("till.nameless", id=record.member_id)
    ends = {kind: masked_value(kind, value)[-4:] for kind, value in reversed(contacts)}
    return Face(
        record.member_id, name, ends.get("phone", ""), ends.get("card", ""), str(record.state)
    )


def member_here(db: Connection, member_id: int) -> int:
    """Return who a number means today, merges followed. Raises PageUnknown."""
    found = resolve_ids(db, [member_id]).get(member_id)
    if found is None:
        raise PageUnknown
    return found


def known(ask: Ask, engine: Engine, member_id: int) -> Known:
    """Return a member as of now: what fell due meanwhile is decided first."""
    engine.settle(ask.db, [member_id], ask.now_us)
    record = read_member(ask.db, member_id)
    notes = [
        note
        for note in file_of(ask.db, member_id).notes
        if note.settled_us is None and note.category in TOLD
    ]
    notes.sort(key=lambda note: not note.pinned)
    return Known(
        face_of(ask, record),
        wallets(ask, member_id),
        places(ask, engine.programmes(ask.db), member_id),
        [note.body[:NOTE_LENGTH] for note in notes[:NOTES_SHOWN]],
    )
