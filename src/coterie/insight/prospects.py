"""Prospects: who was only known at first, and what became of them."""

from __future__ import annotations

from msgspec import Struct

from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.insight")


class Prospect(Struct, frozen=True):
    """Somebody who was enrolled as a prospect, or unverified.

    ``first_order_us`` is the first purchase, ``joined_us`` when they became active; None: not yet.
    """

    member_id: int
    name: str | None
    began_as: str
    state: str
    enrolled_us: int
    channel: str | None
    origin: str | None
    first_order_us: int | None
    first_order_ref: str | None
    joined_us: int | None


def prospects(
    db: Connection,
    *,
    origin: str | None = None,
    open_only: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[tuple[Prospect, ...], str | None]:
    """Return a page of prospects, newest first, and the cursor of the next page (None: the last).

    ``open_only`` leaves out who has joined. Raises :class:`~coterie.kernel.paging.BadCursor` and
    Malformed for a size out of bounds.
    """
    size = page_size(limit)
    before = (INT64_MAX, INT64_MAX)
    if cursor is not None:
        at_us, member_id = decode_cursor(cursor, int, int)
        before = (int(at_us), int(member_id))
    parameters = {
        "before_us": before[0],
        "before_id": before[1],
        "origin": origin,
        "open": open_only,
        "limit": size + 1,
    }
    found = tuple(Prospect(*row) for row in db.execute(_queries.prospects, parameters))
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], encode_cursor(last.enrolled_us, last.member_id)
