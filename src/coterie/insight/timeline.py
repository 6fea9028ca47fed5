"""Everything about one member in one line of time: what happened, was noted, agreed to, changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from coterie.consent import ConsentRecord, history_of
from coterie.events import Happening
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.ledger import Movement
from coterie.members import ContactChange, Note, file_of
from coterie.programme.compile import Programmes
from coterie.programme.explaining import event_words, movement_words, refusal_words
from coterie.programme.ladders.telling import change_words
from coterie.programme.model import Programme, Words
from coterie.replay.history import happening_of
from coterie.storage import Connection, bigints, load_queries
from coterie.tiers import Evidence, TierChange

_queries = load_queries("coterie.insight")
_evidence = msgspec.json.Decoder(Evidence).decode

MOVEMENTS_MAX = 5_000
"""Movements read for one page; an event has a handful."""


class Effect(Struct, frozen=True):
    """One thing an event did, with its sentence."""

    what: str
    words: Words


class TimelineEntry(Struct, frozen=True):
    """One entry. ``at_us`` is when it stands in the line, ``occurred_us`` when it happened.

    ``what`` is ``event``, ``note``, ``consent`` or ``contact``; ``number`` is the event's sequence,
    or counts within the file. ``by`` says who or what it came from.
    """

    what: str
    number: int
    at_us: int
    occurred_us: int
    kind: str
    status: str
    words: Words
    effects: tuple[Effect, ...] = ()
    by: str | None = None
    store: str | None = None
    order_ref: str | None = None
    reason: str | None = None


class Timeline(Struct, frozen=True):
    """A page, the newest first, and the cursor of the next one (None: this was the last)."""

    entries: tuple[TimelineEntry, ...]
    cursor: str | None


class _Place(NamedTuple):
    """Where an entry stands: by time, then events above files, then by number."""

    at_us: int
    rank: int
    number: int


_RANKS = {"contact": 0, "consent": 1, "note": 2, "event": 3}
_START = _Place(INT64_MAX, 9, INT64_MAX)


def timeline(
    db: Connection,
    programmes: Programmes | None,
    member_id: int,
    *,
    kinds: frozenset[str] = frozenset(_RANKS),
    cursor: str | None = None,
    limit: int | None = None,
) -> Timeline:
    """Return a page of a member's line of time.

    Events stand where they were decided, so that they keep the order of the member's sequence.
    Raises :class:`~coterie.kernel.paging.BadCursor` and Malformed for a size out of bounds.
    """
    size = page_size(limit)
    place, before_seq = _START, INT64_MAX
    if cursor is not None:
        at_us, rank, number, seq = decode_cursor(cursor, int, int, int, int)
        place, before_seq = _Place(int(at_us), int(rank), int(number)), int(seq)
    found: list[TimelineEntry] = []
    if "event" in kinds and programmes is not None:
        found += _events(db, programmes, member_id, before_seq, size + 1)
    found += [e for e in _filed(db, member_id) if e.what in kinds and _place(e) < place]
    found.sort(key=_place, reverse=True)
    shown = tuple(found[:size])
    if len(found) <= size:
        return Timeline(shown, None)
    seqs = [e.number for e in shown if e.what == "event"]
    last = min(seqs, default=before_seq)
    return Timeline(shown, encode_cursor(*_place(shown[-1]), last))


def _place(entry: TimelineEntry) -> _Place:
    return _Place(entry.at_us, _RANKS[entry.what], entry.number)


def _events(
    db: Connection, programmes: Programmes, member_id: int, before_seq: int, limit: int
) -> list[TimelineEntry]:
    parameters: dict[str, Any] = {
        "member_id": member_id,
        "before_seq": before_seq,
        "limit": limit,
    }
    rows = db.execute(_queries.timeline_events, parameters).fetchall()
    asked = {
        "member_id": member_id,
        "seqs": bigints([row[1] for row in rows]),
        "limit": MOVEMENTS_MAX,
    }
    moved: dict[int, list[Movement]] = {}
    for seq, *movement in db.execute(_queries.timeline_movements, asked):
        moved.setdefault(seq, []).append(Movement(*movement))
    changed: dict[int, list[TierChange]] = {}
    for line in db.execute(_queries.timeline_tiers, asked):
        change = TierChange(line[1], line[2], line[3], line[4], line[5], _evidence(line[6]))
        changed.setdefault(line[0], []).append(change)
    entries = []
    for row in rows:
        happening = happening_of(*row[:9], payload=row[12], outcome=row[13])
        # A version that was taken from the world's list never happens; the first explains the rest.
        programme = programmes.numbered(row[9]).programme
        seq = happening.seq
        entries.append(_event(happening, row, programme, moved.get(seq, ()), changed.get(seq, ())))
    return entries


def _event(
    happening: Happening,
    row: tuple[Any, ...],
    programme: Programme,
    movements: Sequence[Movement],
    changes: Sequence[TierChange],
) -> TimelineEntry:
    status, code = row[10], row[11]
    effects = [Effect(m.reason, _moved(m, programme)) for m in movements]
    effects += [Effect("tier", _changed(c, programme)) for c in changes]
    if status != "accepted":
        effects.append(Effect("refused", _both(lambda lang: refusal_words(code, lang))))
    event = happening.event
    return TimelineEntry(
        "event",
        happening.seq,
        happening.as_of_us,
        happening.at_us,
        happening.kind,
        status,
        _both(lambda lang: event_words(happening, programme, lang)),
        tuple(effects),
        row[14] or row[15] or row[16],
        row[17],
        row[18],
        getattr(event, "reason", None),
    )


def _filed(db: Connection, member_id: int) -> Iterable[TimelineEntry]:
    """Yield what the file and the consents say; both are bounded, so they are read as a whole."""
    file = file_of(db, member_id)
    yield from map(_note, file.notes)
    yield from map(_contact, file.changes)
    yield from map(_consent, history_of(db, member_id))


def _note(note: Note) -> TimelineEntry:
    words = Words(note.body, note.body)
    status = "open" if note.settled_us is None else "settled"
    at_us = note.noted_us
    return TimelineEntry(
        "note", note.note_no, at_us, at_us, note.category, status, words, by=note.author
    )


FIELDS = {
    "name": ("姓名", "name"),
    "language": ("语言", "language"),
    "born_on": ("生日", "birthday"),
    "card": ("会员卡", "card"),
    "phone": ("手机号", "phone"),
    "email": ("邮箱", "e-mail"),
    "messenger": ("社交账号", "messenger"),
    "external": ("外部编号", "external id"),
}


def _contact(change: ContactChange) -> TimelineEntry:
    zh, en = FIELDS[change.field]
    # What it was and is stands in the contact history, for those who may see it.
    if change.after is None:
        words = Words(f"移除{zh}", f"{en} removed")
    elif change.before is None:
        words = Words(f"新增{zh}", f"{en} added")
    else:
        words = Words(f"修改{zh}", f"{en} changed")
    at_us = change.changed_us
    return TimelineEntry(
        "contact", change.change_no, at_us, at_us, change.field, "done", words, by=change.actor
    )


def _consent(record: ConsentRecord) -> TimelineEntry:
    version = f"{record.kind} v{record.version}"
    words = (
        Words(f"同意 {version}", f"agreed to {version}")
        if record.granted
        else Words(f"撤回同意 {version}", f"withdrew from {version}")
    )
    status = "granted" if record.granted else "withdrawn"
    at_us = record.at_us
    return TimelineEntry(
        "consent", record.record_no, at_us, at_us, record.kind, status, words, by=record.actor
    )


def _moved(movement: Movement, programme: Programme) -> Words:
    return _both(lambda lang: movement_words(movement, (), programme, lang))


def _changed(change: TierChange, programme: Programme) -> Words:
    return _both(lambda lang: change_words(change, programme, lang))


def _both(say: Callable[[str], str]) -> Words:
    return Words(say("zh"), say("en"))
