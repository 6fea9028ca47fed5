"""Questions about members."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from coterie.events import MemberRef, MemberUnknown
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.members import store
from coterie.members.errors import TooManyMembers
from coterie.members.model import BATCH_MAX, MERGES_MAX, Member, MemberLine, MemberRecord
from coterie.members.rules import DEFAULT_REGION, reference_of
from coterie.storage import Connection

IDENTITIES_SHOWN_MAX = 200


def resolve(db: Connection, references: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return who is found by each normalised (kind, value); unknown ones are absent.

    A merged member is followed to the one that took over, through at most MERGES_MAX merges; a
    longer chain finds nobody.
    """
    if not references:
        return {}
    _bound(references)
    rows = store.resolve_identities(db, references)
    merged = {member_id for _, _, member_id, merged_into in rows if merged_into is not None}
    if not merged:
        return {(kind, value): member_id for kind, value, member_id, _ in rows}
    final = _followed(db, merged) | {row[2]: row[2] for row in rows if row[3] is None}
    return {(kind, value): final[i] for kind, value, i, _ in rows if i in final}


def resolve_ids(db: Connection, member_ids: Collection[int]) -> dict[int, int]:
    """Return for each existing id the member it stands for now, merges followed as above."""
    if not member_ids:
        return {}
    _bound(member_ids)
    return _followed(db, member_ids)


def _followed(db: Connection, member_ids: Collection[int]) -> dict[int, int]:
    final: dict[int, int] = {}
    waiting = {member_id: member_id for member_id in member_ids}
    for _ in range(MERGES_MAX + 1):
        if not waiting:
            break
        steps = store.merges_of(db, set(waiting.values()))
        ahead: dict[int, int] = {}
        for asked, standing in waiting.items():
            if standing not in steps:
                continue
            merged_into = steps[standing]
            if merged_into is None:
                final[asked] = standing
            else:
                ahead[asked] = merged_into
        waiting = ahead
    return final


def load_members(db: Connection, member_ids: Sequence[int]) -> dict[int, Member]:
    """Return what decisions read, without a lock; for questions, never before a write."""
    _bound(member_ids)
    return store.load(db, member_ids)


def beginnings(db: Connection, member_ids: Sequence[int]) -> dict[int, Member]:
    """Return members as they were enrolled, before any event: where a replay begins."""
    _bound(member_ids)
    return store.load_beginnings(db, member_ids)


def member_ids_after(db: Connection, after_id: int, limit: int) -> list[int]:
    """Return the next ids in order, from 0 on; for walks over everybody."""
    assert 0 < limit <= BATCH_MAX, "every walk goes in bounded steps"
    return store.ids_after(db, after_id, limit)


def due_members(
    db: Connection, before_us: int, after: tuple[int, int] | None, limit: int
) -> list[tuple[int, int]]:
    """Return (due instant, member_id) of members at which something may be due, earliest first.

    ``before_us`` is included. The last pair is the next call's ``after``.
    """
    assert 0 < limit <= BATCH_MAX, "a worker takes bounded batches"
    return store.due_members(db, before_us, after or (-INT64_MAX, 0), limit)


def read_member(db: Connection, member_id: int) -> MemberRecord:
    """Return everything this room knows about a member, as stored (a merged one is not followed).

    Raises :class:`~coterie.events.MemberUnknown`.
    """
    record = store.read_member(db, member_id)
    if record is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    identities = store.identities_of(db, member_id, IDENTITIES_SHOWN_MAX)
    return MemberRecord(
        **{
            name: getattr(record, name) for name in record.__struct_fields__ if name != "identities"
        },
        identities=identities,
    )


def find_member(db: Connection, reference: MemberRef, *, region: str = DEFAULT_REGION) -> int:
    """Return whom a reference means now, merges followed.

    Raises :class:`~coterie.events.BadMemberReference`, :class:`BadIdentity` and
    :class:`~coterie.events.MemberUnknown`.
    """
    wanted = reference_of(reference, region=region)
    if isinstance(wanted, int):
        found = resolve_ids(db, [wanted]).get(wanted)
    else:
        found = resolve(db, [wanted]).get(wanted)
    if found is None:
        what = f"id {wanted}" if isinstance(wanted, int) else f"this {wanted[0]}"
        raise MemberUnknown(f"Nobody has {what}.", where="member")
    return found


def list_newest(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[MemberLine], str | None]:
    """Return a page of members, newest first, and the cursor of the next page (None: the last).

    Raises :class:`~coterie.kernel.paging.BadCursor` and Malformed for a size out of bounds.
    """
    size = page_size(limit)
    before = (INT64_MAX, INT64_MAX)
    if cursor is not None:
        at_us, member_id = decode_cursor(cursor, int, int)
        before = (int(at_us), int(member_id))
    found = store.list_newest(db, before, size + 1)
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], encode_cursor(last.enrolled_us, last.member_id)


def _bound(items: Collection[object]) -> None:
    if len(items) > BATCH_MAX:
        raise TooManyMembers(f"These are {len(items)}.")
