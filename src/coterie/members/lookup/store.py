"""One typed function a statement of looking up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from coterie.members.lookup.tokens import Range
from coterie.storage import Connection, bigints, load_queries, texts

_queries = load_queries("coterie.members.lookup")


class Spelled(NamedTuple):
    """What the tokens of a member are made of."""

    name: str | None
    identities: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    traits: tuple[str, ...]


class Progress(NamedTuple):
    """How far members were taken in, and by which edition."""

    edition: int
    after_id: int
    through_id: int


def insert_tokens(db: Connection, tokens: Mapping[int, Iterable[str]]) -> None:
    """Let members be found by tokens."""
    pairs = [(member_id, token) for member_id, found in tokens.items() for token in sorted(found)]
    if pairs:
        parameters = {
            "member_ids": bigints([member_id for member_id, _ in pairs]),
            "tokens": texts([token for _, token in pairs]),
        }
        db.execute(_queries.insert_tokens, parameters)


def keep_tokens(db: Connection, tokens: Mapping[int, Iterable[str]]) -> None:
    """Let members be found by these tokens and no others."""
    pairs = [(member_id, token) for member_id, found in tokens.items() for token in found]
    parameters = {
        "member_ids": bigints(tokens),
        "kept_ids": bigints([member_id for member_id, _ in pairs]),
        "kept": texts([token for _, token in pairs]),
    }
    db.execute(_queries.delete_tokens, parameters)
    insert_tokens(db, tokens)


def spelled(db: Connection, member_ids: Iterable[int]) -> dict[int, Spelled]:
    """Return names, active identities and tags of members."""
    rows = db.execute(_queries.spelled, {"member_ids": bigints(member_ids)}).fetchall()
    return {
        member_id: Spelled(
            name, tuple((kind, value) for kind, value in pairs), tuple(tags), tuple(traits)
        )
        for member_id, name, pairs, tags, traits in rows
    }


def candidates(
    db: Connection, terms: Sequence[Sequence[Range]], limit: int
) -> list[tuple[int, int, int]]:
    """Return (term, rank, member) of the first entries of every range."""
    wanted = [(number, each) for number, ranges in enumerate(terms) for each in ranges]
    parameters = {
        "terms": bigints([number for number, _ in wanted]),
        "ranks": bigints([each.rank for _, each in wanted]),
        "lows": texts([each.low for _, each in wanted]),
        "highs": texts([each.high for _, each in wanted]),
        "limit": limit,
    }
    return db.execute(_queries.candidates, parameters).fetchall()


def satisfying(db: Connection, member_ids: Iterable[int], ranges: Sequence[Range]) -> set[int]:
    """Return the members of which a token lies in one of the ranges."""
    parameters = {
        "member_ids": bigints(member_ids),
        "lows": texts([each.low for each in ranges]),
        "highs": texts([each.high for each in ranges]),
    }
    return {row[0] for row in db.execute(_queries.satisfying, parameters)}


def states(db: Connection, member_ids: Iterable[int]) -> dict[int, str]:
    """Return where members stand."""
    return dict(db.execute(_queries.standings, {"member_ids": bigints(member_ids)}).fetchall())


def lines(
    db: Connection, member_ids: Iterable[int]
) -> dict[int, tuple[int, str, str, int | None, int, str | None]]:
    """Return (id, kind, state, merged into, enrolled, name) of members."""
    rows = db.execute(_queries.lines, {"member_ids": bigints(member_ids)}).fetchall()
    return {row[0]: row for row in rows}


def contacts(
    db: Connection, member_ids: Sequence[int], limit: int
) -> dict[int, list[tuple[str, str]]]:
    """Return what members are found by now."""
    parameters = {"member_ids": bigints(member_ids), "limit": limit}
    found: dict[int, list[tuple[str, str]]] = {}
    for member_id, kind, value in db.execute(_queries.contacts, parameters):
        found.setdefault(member_id, []).append((kind, value))
    return found


def progress(db: Connection) -> Progress:
    """Lock and return how far members were taken in."""
    row = db.execute(_queries.progress).fetchone()
    assert row is not None, "the migration wrote the row"
    return Progress(*row)


def restart(db: Connection, edition: int) -> None:
    """Begin anew with another edition."""
    db.execute(_queries.restart, {"edition": edition})


def advance(db: Connection, after_id: int) -> None:
    """Note that members up to an id are taken in."""
    db.execute(_queries.advance, {"after_id": after_id})


def next_ids(db: Connection, progress_now: Progress, limit: int) -> list[int]:
    """Return the next members to take in."""
    parameters = {
        "after_id": progress_now.after_id,
        "through_id": progress_now.through_id,
        "limit": limit,
    }
    return [row[0] for row in db.execute(_queries.next_ids, parameters)]
