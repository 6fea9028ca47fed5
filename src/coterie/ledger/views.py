"""Questions about what a member has and how it came to be. They change nothing.

What they show is what was decided up to now: whoever asks first lets decide what fell due
(``Engine.sweep_members``). ``available`` is always open lots less what is owed, so it may lie below
zero. Pages are keyset pages: a position names the last row that was shown.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import BadCursor, decode_cursor, encode_cursor, page_size
from coterie.storage import Connection, bigints, load_queries, texts

_queries = load_queries("coterie.ledger")

_NEVER_US = INT64_MAX
UNITS_MAX = 10**18
"""What a cursor may say could be spent: with it a page of movements stays within 64 bits."""
CURRENCIES_MAX = 200
"""Currencies a cursor of the statement may carry; a programme has a handful."""


class BalanceView(Struct, frozen=True):
    """What a member has of one currency, and which units lapse next (0: none that lapses)."""

    currency: str
    available: int
    pending: int
    held: int
    owed: int
    inactive_us: int | None
    next_expiry_day: int | None
    next_expiry_units: int


class LotView(Struct, frozen=True):
    """A lot as it stands; ``state`` is the lot's own word: pending, open or cancelled."""

    lot_no: int
    currency: str
    state: str
    units: int
    remaining: int
    held: int
    lapsed: int
    earned_seq: int
    earned_us: int
    expires_us: int | None
    expires_day: int | None
    releases_us: int | None
    priority: int
    contributor_id: int | None


class HoldView(Struct, frozen=True):
    """Units set aside, and how that ended."""

    hold_ref: str
    currency: str
    units: int
    captured: int
    state: str
    placed_seq: int
    expires_us: int


class StatementLine(Struct, frozen=True):
    """A movement as its member reads it.

    ``change`` is what it did to the units that can be spent, ``running`` how many those were then.
    """

    seq: int
    n: int
    currency: str
    debit: str
    credit: str
    units: int
    reason: str
    rule: str | None
    campaign: str | None
    store: str | None
    booked_day: int
    recorded_us: int
    change: int
    running: int


class Lots(Struct, frozen=True):
    """A page of lots, and the cursor of the next one (None: this was the last)."""

    lots: tuple[LotView, ...]
    cursor: str | None


class Holds(Struct, frozen=True):
    """A page of holds, and the cursor of the next one (None: this was the last)."""

    holds: tuple[HoldView, ...]
    cursor: str | None


class Statement(Struct, frozen=True):
    """A page of movements, and the cursor of the next one (None: this was the last)."""

    lines: tuple[StatementLine, ...]
    cursor: str | None


def balances_of(db: Connection, member_id: int) -> tuple[BalanceView, ...]:
    """Return a member's balances by currency; none for a member who never had units."""
    rows = db.execute(_queries.view_balances, {"member_id": member_id})
    return tuple(BalanceView(*row) for row in rows)


def lots_of(
    db: Connection,
    member_id: int,
    *,
    currency: str | None = None,
    finished: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Lots:
    """Return a page of lots in burn order; with ``finished`` also those with nothing left.

    Raises :class:`~coterie.kernel.paging.BadCursor` and
    :class:`~coterie.kernel.errors.Malformed` for a page of another size than 1 to 200.
    """
    size = page_size(limit)
    after: tuple[int | str | None, ...] = (None,) * 5
    if cursor is not None:
        after = decode_cursor(cursor, str, int, int, int, int)
    found = db.execute(
        _queries.view_lots,
        {
            "member_id": member_id,
            "currency": currency,
            "finished": finished,
            "after_currency": after[0],
            "after_priority": after[1],
            "after_expires_us": after[2],
            "after_earned_us": after[3],
            "after_lot_no": after[4],
            "limit": size + 1,
        },
    ).fetchall()
    lots = tuple(LotView(*row) for row in found[:size])
    if len(found) <= size:
        return Lots(lots, None)
    last = lots[-1]
    expires_us = _NEVER_US if last.expires_us is None else last.expires_us
    position = (last.currency, last.priority, expires_us, last.earned_us, last.lot_no)
    return Lots(lots, encode_cursor(*position))


def holds_of(
    db: Connection,
    member_id: int,
    *,
    finished: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Holds:
    """Return a page of holds, newest first; with ``finished`` also those that have ended.

    Raises as :func:`lots_of`.
    """
    size = page_size(limit)
    before = None if cursor is None else int(decode_cursor(cursor, int)[0])
    found = db.execute(
        _queries.view_holds,
        {
            "member_id": member_id,
            "finished": finished,
            "before_seq": before,
            "limit": size + 1,
        },
    ).fetchall()
    holds = tuple(HoldView(*row) for row in found[:size])
    return Holds(holds, encode_cursor(holds[-1].placed_seq) if len(found) > size else None)


def statement_of(
    db: Connection,
    member_id: int,
    *,
    currency: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Statement:
    """Return a page of movements, newest first. Raises as :func:`lots_of`."""
    size = page_size(limit)
    before: tuple[int | None, int | None] = (None, None)
    start: dict[str, int] = {}
    if cursor is not None:
        before, start = _read_place(cursor)
    found = db.execute(
        _queries.view_statement,
        {
            "member_id": member_id,
            "currency": currency,
            "before_seq": before[0],
            "before_n": before[1],
            "start_currencies": texts(start),
            "start_units": bigints(start.values()),
            "limit": size + 1,
        },
    ).fetchall()
    lines = tuple(StatementLine(*row[:14]) for row in found[:size])
    if len(found) <= size:
        return Statement(lines, None)
    start = dict(found[0][14] or {})
    # The last line of each currency decides: lines come newest first.
    start |= {line.currency: line.running - line.change for line in lines}
    last = lines[-1]
    return Statement(lines, encode_cursor(last.seq, last.n, msgspec.json.encode(start).decode()))


def _read_place(cursor: str) -> tuple[tuple[int, int], dict[str, int]]:
    """Return the last line shown, and what could be spent before it, by currency."""
    seq, n, text = decode_cursor(cursor, int, int, str)
    try:
        start = msgspec.json.decode(str(text), type=dict[str, int])
    except msgspec.MsgspecError:
        raise BadCursor(where="cursor") from None
    if len(start) > CURRENCIES_MAX or any(
        "\0" in currency or abs(units) > UNITS_MAX for currency, units in start.items()
    ):
        raise BadCursor(where="cursor")
    return (int(seq), int(n)), start
