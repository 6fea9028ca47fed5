"""Keeping tokens right: with every change of a name, an identity or a tag, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from coterie.members.lookup import store
from coterie.members.lookup.tokens import EDITION, tokens_of
from coterie.members.model import Newcomer
from coterie.storage import Connection, transaction

TOGETHER = 500
"""Members taken in by one transaction."""
TAG = "tag:"
"""How the attribute that holds a tag begins."""


class TakingIn(NamedTuple):
    """How far the members of before can be looked up: up to an id, of all up to another."""

    after_id: int
    through_id: int


def tags_of(attributes: Mapping[str, object]) -> tuple[str, ...]:
    """Return the tags among attributes."""
    return tuple(code.removeprefix(TAG) for code in attributes if code.startswith(TAG))


def take_in_newcomers(db: Connection, newcomers: Sequence[tuple[int, Newcomer]]) -> None:
    """Let new members be looked up; their values are normalised already."""
    store.insert_tokens(
        db,
        {i: tokens_of(n.name, n.identities, tags_of(n.attributes)) for i, n in newcomers},
    )


def keep_up(db: Connection, member_ids: Iterable[int]) -> None:
    """Let members be looked up by what they are called now, and by nothing else.

    To be called after the change, by who holds the members' locks or changes their identities.
    """
    ids = sorted(set(member_ids))
    found = store.spelled(db, ids)
    tokens = {i: tokens_of(*found[i]) if i in found else frozenset() for i in ids}
    store.keep_tokens(db, tokens)


def take_in(db: Connection, *, together: int = TOGETHER) -> TakingIn | None:
    """Take in the next members that were there before tokens were, or before their edition.

    ``db`` is in autocommit mode; each call is a transaction of its own, and several processes wait
    for each other. None: all are taken in.
    """
    with transaction(db):
        now = store.progress(db)
        if now.edition != EDITION:
            store.restart(db, EDITION)
            now = store.progress(db)
        if now.after_id >= now.through_id:
            return None
        ids = store.next_ids(db, now, together)
        if ids:
            keep_up(db, ids)
        after_id = ids[-1] if len(ids) == together else now.through_id
        store.advance(db, after_id)
        return TakingIn(after_id, now.through_id)
