"""Members in lists: by what they have in common, and by what of their data needs care.

Every page looks at a bounded number of members, whatever is asked: a page may be short or empty and
still lead on to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.kernel.time import DAY_US
from coterie.members import tag_token, trait_token
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.insight")

LOOK_MAX = 20_000
"""Members looked at for one page of those who enrolled."""
MARKED_LOOK_MAX = 2_000
"""Members looked at for one page of those with a tag, a trait or a tier."""
REVIEW_LOOK_MAX = 1_000
STALE_DAYS = 365
"""Contacts confirmed longer ago than this are to be looked at again."""


class MemberFilter(Struct, frozen=True):
    """What members have in common; what is None may be anything.

    ``tier`` is ``ladder/tier``, ``tag`` a tag, ``trait`` as ``name=value``; at most one of these.
    Those who enrolled from ``from_us`` on, and before ``before_us``.
    """

    state: str | None = None
    channel: str | None = None
    store: str | None = None
    tier: str | None = None
    tag: str | None = None
    trait: str | None = None
    from_us: int | None = None
    before_us: int | None = None


class ListedMember(Struct, frozen=True):
    """A member in a list."""

    member_id: int
    kind: str
    state: str
    enrolled_us: int
    channel: str | None
    store: str | None
    merged_into: int | None
    name: str | None


class MemberPage(Struct, frozen=True):
    """A page, the newest first, and the cursor of the next one (None: this was the last)."""

    members: tuple[ListedMember, ...]
    cursor: str | None


def list_members(
    db: Connection,
    wanted: MemberFilter,
    *,
    cursor: str | None = None,
    limit: int | None = None,
) -> MemberPage:
    """Return a page of members that fit.

    Raises :class:`~coterie.kernel.paging.BadCursor` and Malformed for a size out of bounds, more
    than one mark, or a tier that is not ``ladder/tier``.
    """
    size = page_size(limit)
    marks = [mark for mark in (wanted.tier, wanted.tag, wanted.trait) if mark is not None]
    if len(marks) > 1:
        raise Malformed("One of tier, tag and trait at a time.", where="tier")
    if marks:
        return _marked(db, wanted, cursor, size)
    return _enrolled(db, wanted, cursor, size)


def _enrolled(db: Connection, wanted: MemberFilter, cursor: str | None, size: int) -> MemberPage:
    before = (wanted.before_us if wanted.before_us is not None else INT64_MAX, 0)
    if cursor is not None:
        at_us, member_id = decode_cursor(cursor, int, int)
        before = min(before, (int(at_us), int(member_id)))
    seldom = wanted.state is not None and wanted.state != "active"
    parameters: dict[str, Any] = {
        "before_us": before[0],
        "before_id": before[1],
        "from_us": 0 if wanted.from_us is None else wanted.from_us,
        "state": wanted.state,
        "channel": wanted.channel,
        "store": wanted.store,
        "look": LOOK_MAX,
        "limit": size,
    }
    statement = _queries.members_in_state if seldom else _queries.members_by_enrolment
    rows = db.execute(statement, parameters).fetchall()
    if not rows:
        return MemberPage((), None)
    found = tuple(ListedMember(*row[:8]) for row in rows if row[0] is not None)
    far, looked = (rows[0][8], rows[0][9]), rows[0][10]
    if len(found) == size:
        last = (found[-1].enrolled_us, found[-1].member_id)
        return MemberPage(
            found, None if last == far and looked < LOOK_MAX else encode_cursor(*last)
        )
    return MemberPage(found, None if looked < LOOK_MAX else encode_cursor(*far))


def _marked(db: Connection, wanted: MemberFilter, cursor: str | None, size: int) -> MemberPage:
    before_id = INT64_MAX if cursor is None else int(decode_cursor(cursor, int)[0])
    parameters: dict[str, Any] = {"before_id": before_id, "look": MARKED_LOOK_MAX}
    if wanted.tier is not None:
        ladder, slash, tier = wanted.tier.partition("/")
        if not (ladder and slash and tier):
            raise Malformed("A tier is written as ladder/tier.", where="tier")
        statement = _queries.members_by_standing
        parameters |= {"ladder": ladder, "tier": tier}
    else:
        statement = _queries.members_by_mark
        token = tag_token(wanted.tag) if wanted.tag is not None else trait_token(wanted.trait or "")
        parameters["token"] = token
    rows = [ListedMember(*row) for row in db.execute(statement, parameters)]
    fits = _fits(wanted)
    found = [member for member in rows if fits(member)]
    if len(found) > size:
        return MemberPage(tuple(found[:size]), encode_cursor(found[size - 1].member_id))
    last = encode_cursor(rows[-1].member_id) if len(rows) == MARKED_LOOK_MAX else None
    return MemberPage(tuple(found), last)


def _fits(wanted: MemberFilter) -> Callable[[ListedMember], bool]:
    def fits(member: ListedMember) -> bool:
        return (
            (wanted.state is None or member.state == wanted.state)
            and (wanted.channel is None or member.channel == wanted.channel)
            and (wanted.store is None or member.store == wanted.store)
            and (wanted.from_us is None or member.enrolled_us >= wanted.from_us)
            and (wanted.before_us is None or member.enrolled_us < wanted.before_us)
        )

    return fits


def walk_members(db: Connection, wanted: MemberFilter, *, most: int) -> Iterator[ListedMember]:
    """Yield members that fit, page by page and at most so many: for a file."""
    cursor, given = None, 0
    while True:
        page = list_members(db, wanted, cursor=cursor, limit=200)
        for member in page.members:
            if given == most:
                return
            given += 1
            yield member
        if page.cursor is None:
            return
        cursor = page.cursor


class BouncingContact(Struct, frozen=True):
    """A contact that came back."""

    member_id: int
    name: str | None
    kind: str
    value: str
    bounced_us: int
    bounce: str


def bouncing(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[tuple[BouncingContact, ...], str | None]:
    """Return a page of contacts that reach nobody, the latest first, and the next page's cursor."""
    size = page_size(limit)
    before = (INT64_MAX, 0)
    if cursor is not None:
        at_us, member_id = decode_cursor(cursor, int, int)
        before = (int(at_us), int(member_id))
    parameters = {"before_us": before[0], "before_id": before[1], "limit": size + 1}
    found = tuple(BouncingContact(*row) for row in db.execute(_queries.bouncing, parameters))
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], encode_cursor(last.bounced_us, last.member_id)


class ReviewedMember(Struct, frozen=True):
    """A member whose data needs care: ``lacks`` of ``name``, ``contact``, ``confirmation``."""

    member_id: int
    name: str | None
    state: str
    enrolled_us: int
    verified_us: int | None
    lacks: tuple[str, ...]


def to_review(
    db: Connection,
    *,
    now_us: int,
    lacking: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[tuple[ReviewedMember, ...], str | None]:
    """Return a page of members whose data is incomplete or old, the newest first.

    ``lacking`` keeps those who lack one thing: ``name``, ``contact`` (no way to reach them) or
    ``confirmation`` (nothing confirmed for STALE_DAYS).
    """
    size = page_size(limit)
    before_id = INT64_MAX if cursor is None else int(decode_cursor(cursor, int)[0])
    parameters = {"before_id": before_id, "look": REVIEW_LOOK_MAX}
    found: list[ReviewedMember] = []
    rows = db.execute(_queries.to_review, parameters).fetchall()
    for member_id, name, state, enrolled_us, kinds, verified_us in rows:
        if state in ("merged", "erased", "closed"):
            continue
        fresh = max(verified_us or 0, enrolled_us) >= now_us - STALE_DAYS * DAY_US
        lacks = tuple(
            what
            for what, there in (("name", name), ("contact", kinds), ("confirmation", fresh))
            if not there
        )
        if lacks and (lacking is None or lacking in lacks):
            found.append(ReviewedMember(member_id, name, state, enrolled_us, verified_us, lacks))
        if len(found) > size:
            return tuple(found[:size]), encode_cursor(found[size - 1].member_id)
    more = encode_cursor(rows[-1][0]) if len(rows) == REVIEW_LOOK_MAX else None
    return tuple(found), more
