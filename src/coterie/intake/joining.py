"""Merging two members, taking it back, erasing one: what moves, and the events that do it."""

from __future__ import annotations

from msgspec import Struct

from coterie.events import MemberRef, MemberUnknown, StateChange, Unmerge, last_merge
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of
from coterie.kernel.time import format_instant
from coterie.ledger import BalanceView, NothingToUndo, balances_of
from coterie.members import MemberState, read_member, resolve_ids
from coterie.programme.standing import follow_up_key
from coterie.storage import Connection, find_keys


class MergePreview(Struct, frozen=True, omit_defaults=True):
    """What a merge would move from one member to another, as of now.

    ``blocked`` says why it would be refused; absent when it would not.
    """

    member_id: int
    into: int
    balances: tuple[BalanceView, ...]
    identities: int
    events: int
    blocked: str | None = None


def preview_merge(db: Connection, member_id: int, into: int) -> MergePreview:
    """Return what a merge would do; what fell due has been decided by the caller.

    Raises :class:`~coterie.events.MemberUnknown`.
    """
    record = read_member(db, member_id)
    survivor = resolve_ids(db, [into]).get(into)
    if survivor is None:
        raise MemberUnknown(f"There is no member {into}.", where="into")
    balances = balances_of(db, member_id)
    blocked = None
    if record.state in (MemberState.MERGED, MemberState.ERASED):
        blocked = f"member {member_id} is {record.state}"
    elif survivor == member_id:
        blocked = "a member is not merged into itself"
    elif any(balance.held for balance in balances):
        blocked = "units are on hold"
    active = sum(1 for each in record.identities if each.valid_to_us is None)
    return MergePreview(member_id, survivor, balances, active, record.seq, blocked)


def merging(
    member_id: int, into: int, *, source: str, key: str, now_us: int, reason: str | None
) -> Arrival:
    """Return the event that merges a member into another."""
    event = StateChange(
        source=source,
        key=key,
        occurred_at=format_instant(now_us),
        member=MemberRef(id=member_id),
        state=MemberState.MERGED,
        merged_into=into,
        reason=reason,
    )
    return arrival_of(event, received_us=now_us)


def erasing(member_id: int, *, source: str, key: str, now_us: int, reason: str | None) -> Arrival:
    """Return the event that erases a member: names and identities go, what happened stays."""
    event = StateChange(
        source=source,
        key=key,
        occurred_at=format_instant(now_us),
        member=MemberRef(id=member_id),
        state=MemberState.ERASED,
        reason=reason,
    )
    return arrival_of(event, received_us=now_us)


def unmerging(
    db: Connection, member_id: int, *, source: str, key: str, now_us: int, reason: str | None
) -> Arrival:
    """Return the event that takes a member's merge back.

    Raises :class:`~coterie.ledger.NothingToUndo` where the member is not merged, or where what
    follows from the merge has not arrived yet.
    """
    seq = last_merge(db, member_id)
    found = None
    if seq is not None:
        name = (INTERNAL_SOURCE, follow_up_key("merge_in", member_id, seq))
        found = find_keys(db, [name]).get(name)
    if found is None or found.seq is None or found.member_id is None:
        raise NothingToUndo(f"Member {member_id} was not merged into another.")
    event = Unmerge(
        source=source,
        key=key,
        occurred_at=format_instant(now_us),
        member=MemberRef(id=found.member_id),
        merged_id=member_id,
        merge_seq=found.seq,
        reason=reason,
    )
    return arrival_of(event, received_us=now_us)
