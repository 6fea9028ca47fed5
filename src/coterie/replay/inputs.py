"""What came from outside: recorded events without what Coterie made of them.

Due moments and consequences for others follow from what is decided, so a plan makes its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import Struct, field

from coterie.events import INTERNAL_KINDS, KINDS, Happening, MemberRef
from coterie.intake.recording import outcome_decoder
from coterie.members import Member
from coterie.programme.standing import NO_CLAIMS, Claims
from coterie.replay.history import CHUNK_EVENTS_MAX, happening_of, start_of
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.replay")


class Input(Struct, gc=False):
    """A recorded event as it came, and what was secured for it."""

    happening: Happening
    claims: Claims = NO_CLAIMS


class Inputs(Struct):
    """One member as enrolled, and what came about them, in order."""

    start: Member
    inputs: list[Input] = field(default_factory=list)


def load_inputs(
    db: Connection, first_id: int, before_id: int | None, to_us: int
) -> Iterator[Inputs]:
    """Yield the members from ``first_id`` up to ``before_id``, with events before ``to_us``."""
    bounds = {"first_id": first_id, "before_id": 2**63 - 1 if before_id is None else before_id}
    rows = db.execute(_queries.replayed_members, bounds).fetchall()
    chunk: list[tuple[Any, ...]] = []
    events = 0
    for row in rows:
        chunk.append(row)
        events += row[4]
        if events >= CHUNK_EVENTS_MAX:
            yield from _load(db, chunk, to_us)
            chunk, events = [], 0
    if chunk:
        yield from _load(db, chunk, to_us)


def _load(db: Connection, members: Sequence[tuple[Any, ...]], to_us: int) -> Iterator[Inputs]:
    bounds = {"first_id": members[0][0], "last_id": members[-1][0], "to_us": to_us}
    rows = db.execute(_queries.planned_events, {**bounds, "inside": sorted(INTERNAL_KINDS)})
    events = {key: list(group) for key, group in groupby(rows.fetchall(), itemgetter(0))}
    for row in members:
        yield Inputs(start_of(row), [_input(event) for event in events.get(row[0], ())])


def _input(row: tuple[Any, ...]) -> Input:
    outcome = row[10]
    happening = happening_of(*row[:9], payload=row[9], outcome=outcome)
    if '"claims"' in outcome:
        return Input(happening, outcome_decoder.decode(outcome).claims)
    return Input(happening)


def naming_fields() -> list[tuple[str, str]]:
    """Return each kind of event that names another member with each of its fields that may."""
    return [
        (kind, each.name)
        for kind, struct in KINDS.items()
        for each in msgspec.structs.fields(struct)
        if each.name != "member" and MemberRef in _types(each.type)
    ]


def _types(annotation: Any) -> set[Any]:
    inner = getattr(annotation, "__args__", ())
    return {annotation, *(found for part in inner for found in _types(part))}


def tied_members(db: Connection) -> set[int]:
    """Return everybody for whom somebody else's events may mean something, on either side."""
    kinds, fields = zip(*naming_fields(), strict=True)
    rows = db.execute(
        _queries.tied_members,
        {
            "kinds": list(kinds),
            "fields": list(fields),
            "inside": sorted(INTERNAL_KINDS - {"due"}),
        },
    ).fetchall()
    return {row[0] for row in rows}
