"""Recorded history, read back: what happened to members, and what it left.

Events come in the order of each member's sequence, in chunks of whole members, so that memory stays
bounded however many members there are. (One member's own history is held as a whole.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import Struct, field

from coterie.events import Happening
from coterie.intake.reading import recorded_event
from coterie.intake.recording import Outcome, Returned, outcome_decoder, returned_decoder
from coterie.ledger import Account, HoldRecord, HoldState, Lot
from coterie.members import Member
from coterie.metrics import Counters
from coterie.programme.versions import load_programmes
from coterie.storage import Connection, load_queries
from coterie.tiers import TierStanding, standing_of

__all__ = [
    "Past",
    "Record",
    "happening_of",
    "load_pasts",
    "load_programmes",
    "members_after",
    "range_starts",
    "start_of",
]

CHUNK_EVENTS_MAX = 20_000
"""Events held in memory at a time, if they are not all of one member."""

_queries = load_queries("coterie.replay")
_parts = msgspec.json.Decoder(list[tuple[int, int]])
_counters = msgspec.json.Decoder(Counters)

MovementFacts = tuple[
    int, str, str, str, int, str, str | None, int, str | None, str | None, str | None
]
"""n, currency, debit, credit, units, reason, rule, unit cost, funder, campaign, store."""
UseFacts = tuple[int, int, int]
"""n, lot number, units."""


class Record(Struct, gc=False):
    """A recorded event with everything it wrote."""

    happening: Happening
    version: int
    status: str
    code: str | None
    outcome: str
    movements: list[MovementFacts]
    uses: list[UseFacts]

    def told(self) -> Outcome:
        """Return the outcome as a value."""
        return outcome_decoder.decode(self.outcome)


class Past(Struct):
    """One member: where the history begins, what happened, and what is there now.

    ``trouble`` says what of it cannot even be read.
    """

    start: Member
    member: Member
    records: list[Record] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    holds: dict[str, HoldRecord] = field(default_factory=dict)
    counters: Counters = field(default_factory=dict)
    tiers: dict[str, TierStanding] = field(default_factory=dict)
    returned: dict[int, Returned] = field(default_factory=dict)
    trouble: str | None = None


def range_starts(db: Connection, size: int) -> list[int]:
    """Return the first member of every ``size`` members, in id order."""
    return [row[0] for row in db.execute(_queries.range_starts, {"size": size}).fetchall()]


def members_after(db: Connection, after_id: int, limit: int) -> tuple[list[int], int]:
    """Return the next members who have a past, and how many are left with these."""
    given = {"after_id": after_id, "limit": limit}
    rows = db.execute(_queries.members_after, given).fetchall()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def load_pasts(db: Connection, first_id: int, before_id: int | None) -> Iterator[Past]:
    """Yield the members from ``first_id`` up to (not including) ``before_id``, in id order."""
    bounds = {"first_id": first_id, "before_id": 2**63 - 1 if before_id is None else before_id}
    rows = db.execute(_queries.replayed_members, bounds).fetchall()
    chunk: list[tuple[Any, ...]] = []
    events = 0
    for row in rows:
        chunk.append(row)
        events += row[4]
        if events >= CHUNK_EVENTS_MAX:
            yield from _load(db, chunk)
            chunk, events = [], 0
    if chunk:
        yield from _load(db, chunk)


def _load(db: Connection, members: Sequence[tuple[Any, ...]]) -> Iterator[Past]:
    bounds = {"first_id": members[0][0], "last_id": members[-1][0]}

    def by_member(statement: str) -> dict[int, list[tuple[Any, ...]]]:
        rows = db.execute(getattr(_queries, statement), bounds).fetchall()
        return {key: list(group) for key, group in groupby(rows, itemgetter(0))}

    events = by_member("replayed_events")
    movements = by_member("replayed_movements")
    uses = by_member("replayed_uses")
    accounts = by_member("replayed_balances")
    lots = by_member("replayed_lots")
    holds = by_member("replayed_holds")
    counters = by_member("replayed_counters")
    returned = by_member("replayed_returned")
    tiers = by_member("replayed_tiers")
    for row in members:
        i = row[0]
        start, member = _members(row)
        past = Past(start, member)
        try:
            past.records = _records(
                events.get(i, ()), _by_seq(movements.get(i, ())), _by_seq(uses.get(i, ()))
            )
            past.accounts = {r[1]: Account(*r[1:]) for r in accounts.get(i, ())}
            past.lots = {r[1]: Lot(*r[1:]) for r in lots.get(i, ())}
            past.holds = {r[1]: _hold(r) for r in holds.get(i, ())}
            past.counters = _counters.decode(counters[i][0][1]) if i in counters else {}
            past.tiers = {r[1]: standing_of(r[2:]) for r in tiers.get(i, ())}
            past.returned = {r[1]: returned_decoder.decode(r[2]) for r in returned.get(i, ())}
        except (ValueError, msgspec.MsgspecError) as error:
            past.trouble = str(error)
        yield past


def start_of(row: tuple[Any, ...]) -> Member:
    """Return the member at enrolment, from a row of ``replayed_members``."""
    return _members(row)[0]


def _members(row: tuple[Any, ...]) -> tuple[Member, Member]:
    """Return the member at enrolment and the member of now."""
    (
        member_id, kind, state, merged_into, seq, lot_no, clock_us, next_due_us, enrolled_us,
        enrolled_state, enrolled_attributes, attributes, lots_from,
    ) = row  # fmt: skip
    start = Member(
        member_id,
        state=enrolled_state,
        kind=kind,
        enrolled_us=enrolled_us,
        attributes=enrolled_attributes,
    )
    now = Member(
        member_id,
        state,
        kind,
        merged_into,
        seq,
        lot_no,
        clock_us,
        next_due_us,
        enrolled_us,
        attributes,
        lots_from,
    )
    return start, now


def _by_seq(rows: Sequence[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(row[2:])
    return found


def _records(
    events: Sequence[tuple[Any, ...]],
    movements: dict[int, list[Any]],
    uses: dict[int, list[Any]],
) -> list[Record]:
    found = []
    for row in events:
        seq = row[1]
        try:
            happening = happening_of(*row[:9], payload=row[12], outcome=row[13])
        except (ValueError, msgspec.MsgspecError) as error:
            raise ValueError(f"event {seq}: {error}") from None
        moved, used = movements.get(seq, []), uses.get(seq, [])
        found.append(Record(happening, row[9], row[10], row[11], row[13], moved, used))
    return found


def happening_of(
    member_id: int,
    seq: int,
    kind: str,
    at_us: int,
    offset_minutes: int,
    received_us: int,
    as_of_us: int,
    day: int,
    booked_day: int,
    *,
    payload: str,
    outcome: str,
) -> Happening:
    """Place a recorded event where it stood; a due moment says nothing beyond its columns."""
    return Happening(
        None if kind == "due" else recorded_event(payload),
        kind,
        at_us,
        offset_minutes,
        received_us,
        as_of_us,
        day,
        booked_day,
        member_id,
        seq,
        # Approval is the last and rarest field of an outcome: most need not be read for it.
        approved='"approved":true' in outcome and outcome_decoder.decode(outcome).approved,
    )


def _hold(row: tuple[Any, ...]) -> HoldRecord:
    ref, currency, units, placed_seq, expires_us, parts, state, captured = row[1:]
    return HoldRecord(
        ref,
        currency,
        units,
        placed_seq,
        expires_us,
        _parts.decode(parts),
        HoldState(state),
        captured,
    )
