"""One typed function a statement; what pages ask is in views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, LiteralString

import msgspec

from coterie.ledger.model import Account, HoldRecord, HoldState, Lot, LotUse, Movement
from coterie.storage import (
    Connection,
    bigints,
    copied_days,
    copied_integers,
    copied_texts,
    copy_lines,
    copy_rows,
    load_queries,
    own_settings,
    texts,
)

_queries = load_queries("coterie.ledger")
_parts = msgspec.json.Decoder(list[tuple[int, int]])
_encode = msgspec.json.Encoder().encode
Place = tuple[int, int]
"""A member and the number of one of their events or lots."""


def load_balances(db: Connection, member_ids: Sequence[int]) -> list[tuple[int, Account]]:
    """Return (member, account)."""
    return load_balances_later(db, member_ids)()


def load_balances_later(
    db: Connection, member_ids: Sequence[int]
) -> Callable[[], list[tuple[int, Account]]]:
    """As :func:`load_balances`, asked now and read by calling the answer: for a pipeline."""
    cursor = db.execute(_queries.load_balances, {"member_ids": bigints(member_ids)})
    return lambda: [(row[0], Account(*row[1:])) for row in cursor.fetchall()]


def _lots(
    db: Connection, statement: LiteralString, parameters: dict[str, Any]
) -> list[tuple[int, Lot]]:
    rows = db.execute(statement, parameters).fetchall()
    # By position, in the order of the struct: this runs once a lot.
    return [(row[0], Lot(*row[1:])) for row in rows]


def load_live_lots(db: Connection, places: Sequence[Place]) -> list[tuple[int, Lot]]:
    """Return (member, lot) of everything that is not used up, from (member, lot number) on."""
    return _lots(db, _queries.load_live_lots, _places(places, "lots_froms"))


def load_lots_numbered(db: Connection, places: Sequence[Place]) -> list[tuple[int, Lot]]:
    """Return (member, lot) of (member, lot number)."""
    return _lots(db, _queries.load_lots_numbered, _places(places, "lot_nos"))


def load_lapsed_lots(db: Connection, member_id: int, currency: str) -> list[tuple[int, Lot]]:
    """Return (member, lot) of the lots of which something lapsed."""
    parameters = {"member_id": member_id, "currency": currency}
    return _lots(db, _queries.load_lapsed_lots, parameters)


def _places(places: Sequence[Place], name: str) -> dict[str, str]:
    return {
        "member_ids": bigints([place[0] for place in places]),
        name: bigints([place[1] for place in places]),
    }


def load_holds(
    db: Connection, member_ids: Sequence[int], named: Sequence[tuple[int, str]]
) -> list[tuple[int, HoldRecord]]:
    """Return (member, hold): all open ones, and those named."""
    rows = db.execute(
        _queries.load_holds,
        {
            "member_ids": bigints(member_ids),
            "named_ids": bigints([row[0] for row in named]),
            "hold_refs": texts([row[1] for row in named]),
        },
    ).fetchall()
    return [
        (
            row[0],
            HoldRecord(
                row[1],
                row[2],
                row[3],
                row[4],
                row[5],
                _parts.decode(row[6]),
                HoldState(row[7]),
                row[8],
            ),
        )
        for row in rows
    ]


def load_movements(db: Connection, places: Sequence[Place]) -> list[tuple[int, int, Movement]]:
    """Return (member, sequence, movement)."""
    rows = db.execute(_queries.load_movements, _places(places, "seqs")).fetchall()
    return [(row[0], row[1], Movement(*row[2:])) for row in rows]


def load_lot_uses(db: Connection, places: Sequence[Place]) -> list[tuple[int, int, LotUse]]:
    """Return (member, sequence, use)."""
    rows = db.execute(_queries.load_lot_uses, _places(places, "seqs")).fetchall()
    return [(row[0], row[1], LotUse(*row[2:])) for row in rows]


def insert_balances(db: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Open (member, currency) at zero where they are new."""
    db.execute(
        _queries.insert_balances,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "currencies": texts([row[1] for row in rows]),
        },
    )


def movement_lines(
    member_id: int,
    seq: int,
    movements: Sequence[Movement],
    *,
    version: int,
    store: str | None,
    booked_day: int,
    recorded_us: int,
) -> list[str]:
    """Return an event's movements as lines of COPY; see :func:`insert_movements`.

    An event has ten movements or more, and most of their columns are the event's or the rule's:
    written line by line they cost a third of what they would column by column.
    """
    [shop] = copied_texts([store])
    [day] = copied_days([booked_day])
    place = f"{member_id}\t{seq}\t"
    of_event = f"{version}\t{shop}\t"
    when = f"\t{day}\t{recorded_us}"
    lines = []
    for m in movements:
        what, whose = _said(
            m.currency, m.debit, m.credit, m.reason, m.rule, m.campaign, m.funder, m.unit_cost_micro
        )
        before, after = what
        lines.append(f"{place}{m.n}{before}{m.units}{after}{of_event}{whose}{when}")
    return lines


@lru_cache(maxsize=10_000)
def _said(
    currency: str,
    debit: str,
    credit: str,
    reason: str,
    rule: str | None,
    campaign: str | None,
    funder: str | None,
    unit_cost_micro: int,
) -> tuple[tuple[str, str], str]:
    """Return the columns that all movements of a rule share, escaped."""
    words = copied_texts([currency, debit, credit, reason, rule, campaign, funder])
    before = "\t".join(["", *words[:3], ""])
    after = "\t".join(["", *words[3:5], ""])
    return (before, after), "\t".join([*words[5:], str(unit_cost_micro)])


def insert_movements(db: Connection, lines: Sequence[str]) -> None:
    """Insert what :func:`movement_lines` wrote; the database moves balances and daily sums too."""
    copy_lines(db, _queries.insert_movements, lines)


def insert_lots(db: Connection, rows: Sequence[tuple[int, Lot]]) -> None:
    """Insert (member, lot)."""
    lots = [row[1] for row in rows]
    integers = copied_integers
    columns = (
        integers([row[0] for row in rows]),
        integers([lot.lot_no for lot in lots]),
        copied_texts([lot.currency for lot in lots]),
        integers([lot.earned_seq for lot in lots]),
        integers([lot.units for lot in lots]),
        integers([lot.remaining for lot in lots]),
        integers([lot.held for lot in lots]),
        integers([lot.lapsed for lot in lots]),
        copied_texts([lot.state for lot in lots]),
        integers([lot.earned_us for lot in lots]),
        integers([lot.expires_us for lot in lots]),
        copied_days([lot.expires_day for lot in lots]),
        integers([lot.releases_us for lot in lots]),
        integers([lot.priority for lot in lots]),
        integers([lot.contributor_id for lot in lots]),
    )
    copy_rows(db, _queries.insert_lots, columns)


def update_lots(db: Connection, rows: Sequence[tuple[int, Lot]]) -> None:
    """Write what can change of (member, lot)."""
    lots = [row[1] for row in rows]
    db.execute(
        _queries.update_lots,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "lot_nos": bigints([lot.lot_no for lot in lots]),
            "remaining": bigints([lot.remaining for lot in lots]),
            "held": bigints([lot.held for lot in lots]),
            "lapsed": bigints([lot.lapsed for lot in lots]),
            "states": texts([lot.state for lot in lots]),
            "expires": bigints([lot.expires_us for lot in lots]),
            "expires_days": bigints([lot.expires_day for lot in lots]),
        },
    )


def insert_lot_uses(db: Connection, rows: Sequence[tuple[int, int, int, int, int]]) -> None:
    """Insert (member, seq, n, lot_no, units)."""
    c = list(zip(*rows, strict=True))
    db.execute(
        _queries.insert_lot_uses,
        {
            "member_ids": bigints(c[0]),
            "seqs": bigints(c[1]),
            "ns": bigints(c[2]),
            "lot_nos": bigints(c[3]),
            "units": bigints(c[4]),
        },
    )


def upsert_holds(db: Connection, rows: Sequence[tuple[int, HoldRecord]]) -> None:
    """Insert holds, or end them."""
    holds = [row[1] for row in rows]
    db.execute(
        _queries.upsert_holds,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "hold_refs": texts([hold.hold_ref for hold in holds]),
            "currencies": texts([hold.currency for hold in holds]),
            "units": bigints([hold.units for hold in holds]),
            "captured": bigints([hold.captured for hold in holds]),
            "states": texts([hold.state for hold in holds]),
            "placed_seqs": bigints([hold.placed_seq for hold in holds]),
            "expires": bigints([hold.expires_us for hold in holds]),
            "parts": texts([_encode(hold.parts).decode() for hold in holds]),
        },
    )


def update_inactivity(db: Connection, rows: Sequence[tuple[int, str, int | None]]) -> None:
    """Write (member, currency, instant at which it lapses)."""
    db.execute(
        _queries.update_inactivity,
        {
            "member_ids": bigints([row[0] for row in rows]),
            "currencies": texts([row[1] for row in rows]),
            "inactive": bigints([row[2] for row in rows]),
        },
    )


def closed_through(db: Connection) -> int:
    """Return the last closed accounting day, 0 when none is."""
    return closed_through_later(db)()


def closed_through_later(db: Connection) -> Callable[[], int]:
    """As :func:`closed_through`, asked now and read by calling the answer: for a pipeline."""
    cursor = db.execute(_queries.closed_through)

    def read() -> int:
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    return read


def close_books(db: Connection, day: int) -> bool:
    """Close accounting days through ``day``; False when later ones are closed already.

    Waits for the batches that are running: they may still book on these days.
    """
    own_settings(db)
    return db.execute(_queries.close_books, {"day": day}).rowcount == 1
