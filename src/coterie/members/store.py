"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, LiteralString

import msgspec

from coterie.members.model import (
    Identity,
    Member,
    MemberLine,
    MemberRecord,
    Newcomer,
    ProfileChange,
)
from coterie.storage import Connection, bigints, bools, load_queries, texts

_queries = load_queries("coterie.members")
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def _attributes(text: str) -> dict[str, Any]:
    return {} if text == "{}" else _decode(text)


def _text(attributes: dict[str, Any]) -> str:
    return _encode(attributes).decode() if attributes else "{}"


def resolve_identities(
    db: Connection, references: Collection[tuple[str, str]]
) -> list[tuple[str, str, int, int | None]]:
    """Return (kind, value, member_id, merged_into) of the references that are active."""
    parameters = {
        "kinds": texts([kind for kind, _ in references]),
        "values": texts([value for _, value in references]),
    }
    return db.execute(_queries.resolve_identities, parameters).fetchall()


def merges_of(db: Connection, member_ids: Iterable[int]) -> dict[int, int | None]:
    """Return whom each existing member was merged into."""
    return dict(db.execute(_queries.merges_of, {"member_ids": bigints(member_ids)}).fetchall())


def lock_and_load(db: Connection, member_ids: Sequence[int]) -> dict[int, Member]:
    """Lock members in id order until the transaction ends, and return what decisions read."""
    return lock_and_load_later(db, member_ids)()


def lock_and_load_later(
    db: Connection, member_ids: Sequence[int]
) -> Callable[[], dict[int, Member]]:
    """As :func:`lock_and_load`, asked now and read by calling the answer: for a pipeline."""
    return _load(db, _queries.lock_and_load, member_ids)


def load(db: Connection, member_ids: Sequence[int]) -> dict[int, Member]:
    """Return what decisions read, without a lock."""
    return _load(db, _queries.load, member_ids)()


def _load(
    db: Connection, statement: LiteralString, member_ids: Sequence[int]
) -> Callable[[], dict[int, Member]]:
    cursor = db.execute(statement, {"member_ids": bigints(member_ids)})
    # By position, in the order of the struct: this runs once per event.
    return lambda: {
        row[0]: Member(*(*row[:9], _attributes(row[9]), row[10])) for row in cursor.fetchall()
    }


def load_beginnings(db: Connection, member_ids: Sequence[int]) -> dict[int, Member]:
    """Return members as they were enrolled, before any event."""
    rows = db.execute(_queries.load_beginnings, {"member_ids": bigints(member_ids)}).fetchall()
    return {
        row[0]: Member(
            member_id=row[0],
            state=row[1],
            kind=row[2],
            enrolled_us=row[3],
            attributes=_attributes(row[4]),
        )
        for row in rows
    }


def write_members(db: Connection, members: Sequence[Member]) -> int:
    """Write everything but attributes; return how many rows were there."""
    parameters = {
        "member_ids": bigints([m.member_id for m in members]),
        "states": texts([m.state for m in members]),
        "merged_intos": bigints([m.merged_into for m in members]),
        "seqs": bigints([m.seq for m in members]),
        "lot_nos": bigints([m.lot_no for m in members]),
        "clocks_us": bigints([m.clock_us for m in members]),
        "next_dues_us": bigints([m.next_due_us for m in members]),
        "lots_froms": bigints([m.lots_from for m in members]),
    }
    return db.execute(_queries.write_members, parameters).rowcount


def write_attributes(db: Connection, members: Sequence[Member]) -> int:
    """Write attributes; return how many rows were there."""
    parameters = {
        "member_ids": bigints([m.member_id for m in members]),
        "attributes": texts([_text(m.attributes) for m in members]),
    }
    return db.execute(_queries.write_attributes, parameters).rowcount


def due_members(
    db: Connection, before_us: int, after: tuple[int, int], limit: int
) -> list[tuple[int, int]]:
    """Return (due instant, member) of those due, after a position."""
    parameters = {
        "before_us": before_us,
        "after_due_us": after[0],
        "after_id": after[1],
        "limit": limit,
    }
    return db.execute(_queries.due_members, parameters).fetchall()


def ids_after(db: Connection, after_id: int, limit: int) -> list[int]:
    """Return the next ids."""
    rows = db.execute(_queries.ids_after, {"after_id": after_id, "limit": limit})
    return [row[0] for row in rows]


def new_member_ids(db: Connection, count: int) -> list[int]:
    """Return ids nobody has."""
    return [row[0] for row in db.execute(_queries.new_member_ids, {"count": count})]


def insert_members(db: Connection, newcomers: Sequence[tuple[int, Newcomer]]) -> None:
    """Insert members under their new ids, and the profiles of those who have one."""
    people = [newcomer for _, newcomer in newcomers]
    parameters = {
        "member_ids": bigints([member_id for member_id, _ in newcomers]),
        "kinds": texts([n.kind for n in people]),
        "states": texts([n.state for n in people]),
        "enrolled_us": bigints([n.enrolled_us for n in people]),
        "channels": texts([n.channel for n in people]),
        "stores": texts([n.store for n in people]),
        "origins": texts([n.origin for n in people]),
        "attributes": texts([_text(n.attributes) for n in people]),
    }
    db.execute(_queries.insert_members, parameters)
    told = [(i, n) for i, n in newcomers if n.name or n.language or n.born_on]
    if told:
        parameters = {
            "member_ids": bigints([member_id for member_id, _ in told]),
            "names": texts([n.name for _, n in told]),
            "languages": texts([n.language for _, n in told]),
            "born_ons": texts([n.born_on for _, n in told]),
        }
        db.execute(_queries.insert_profiles, parameters)


def insert_identities(
    db: Connection, rows: Sequence[tuple[str, str, int, int]]
) -> set[tuple[str, str]]:
    """Insert (kind, value, member_id, valid_from_us); return those that were free."""
    parameters = {
        "kinds": texts([row[0] for row in rows]),
        "values": texts([row[1] for row in rows]),
        "member_ids": bigints([row[2] for row in rows]),
        "valid_from_us": bigints([row[3] for row in rows]),
    }
    return set(db.execute(_queries.insert_identities, parameters).fetchall())


def forget_newcomers(db: Connection, member_ids: Sequence[int]) -> None:
    """Remove members that this transaction itself inserted."""
    parameters = {"member_ids": bigints(member_ids)}
    db.execute(_queries.delete_identities_of, parameters)
    db.execute(_queries.delete_profiles_of, parameters)
    db.execute(_queries.delete_members, parameters)


def state_for_identity(db: Connection, member_id: int) -> str | None:
    """Lock a member against state changes and return the state; None: nobody has this id."""
    row = db.execute(_queries.state_for_identity, {"member_id": member_id}).fetchone()
    return row[0] if row else None


def active_identity(db: Connection, kind: str, value: str) -> tuple[int, int] | None:
    """Return (identity_id, member_id) of an active identity."""
    row = db.execute(_queries.active_identity, {"kind": kind, "value": value}).fetchone()
    return (row[0], row[1]) if row else None


def end_identity(db: Connection, member_id: int, kind: str, value: str, now_us: int) -> bool:
    """End an active identity of a member; tell whether there was one."""
    parameters = {"member_id": member_id, "kind": kind, "value": value, "now_us": now_us}
    return db.execute(_queries.end_identity, parameters).rowcount == 1


def take_identities(db: Connection, merged_id: int, survivor_id: int, now_us: int) -> None:
    """End a merged member's active identities and begin them with who took over."""
    parameters = {"merged_id": merged_id, "survivor_id": survivor_id, "now_us": now_us}
    db.execute(_queries.take_identities, parameters)


def return_identities(db: Connection, merged_id: int, survivor_id: int, now_us: int) -> None:
    """End what came from a merged member and begin it there again."""
    parameters = {"merged_id": merged_id, "survivor_id": survivor_id, "now_us": now_us}
    db.execute(_queries.return_identities, parameters)


def forget_persons(db: Connection, member_id: int) -> list[tuple[str, str]]:
    """Delete profiles and identities of a member and of those merged into it."""
    ids = [row[0] for row in db.execute(_queries.merged_into, {"member_id": member_id})]
    parameters = {"member_ids": bigints(ids)}
    rows = db.execute(_queries.forget_identities, parameters).fetchall()
    db.execute(_queries.delete_profiles_of, parameters)
    db.execute(_queries.delete_file_of, parameters)
    return [(row[0], row[1]) for row in rows]


def write_profiles(db: Connection, changes: Sequence[ProfileChange]) -> None:
    """Insert or change profiles; what is UNSET stays."""
    columns = ("name", "language", "born_on")
    given = {column: [getattr(change, column) for change in changes] for column in columns}
    parameters = {"member_ids": bigints([change.member_id for change in changes])}
    for column, values in given.items():
        parameters[f"{column}s"] = texts([v if isinstance(v, str) else None for v in values])
        parameters[f"has_{column}s"] = bools([v is not msgspec.UNSET for v in values])
    db.execute(_queries.write_profiles, parameters)
    db.execute(_queries.update_profiles, parameters)


def read_member(db: Connection, member_id: int) -> MemberRecord | None:
    """Return a member without identities."""
    row = db.execute(_queries.read_member, {"member_id": member_id}).fetchone()
    if row is None:
        return None
    return MemberRecord(*(*row[:10], _attributes(row[10]), *row[11:13], (), row[13]))


def identities_of(db: Connection, member_id: int, limit: int) -> tuple[Identity, ...]:
    """Return a member's identities, active ones first."""
    parameters = {"member_id": member_id, "limit": limit}
    return tuple(Identity(*row) for row in db.execute(_queries.identities_of, parameters))


def list_newest(db: Connection, before: tuple[int, int], limit: int) -> list[MemberLine]:
    """Return members that enrolled before a position, newest first."""
    parameters = {"before_us": before[0], "before_id": before[1], "limit": limit}
    return [MemberLine(*row) for row in db.execute(_queries.list_newest, parameters)]
