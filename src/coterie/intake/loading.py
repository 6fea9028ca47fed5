"""What a batch's decisions read: members locked in id order, then the rest of their state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from coterie.events import (
    Capture,
    Confirm,
    Event,
    Hold,
    MergeIn,
    Order,
    Recorded,
    RecordedSale,
    ReferralBack,
    Reinstate,
    Release,
    Return,
    Reversal,
    StateChange,
    TransferBack,
    Unmerge,
    UnmergeIn,
    events_by_seq,
    newest_sales,
    sales_by_reference,
    sales_of_products,
)
from coterie.intake.reading import Arrival
from coterie.intake.recording import Returned, outcome_decoder, returned_decoder
from coterie.ledger import (
    Lot,
    held_parts,
    load_balances_later,
    load_holds,
    load_lapsed_lots,
    load_live_lots,
    load_lot_uses,
    load_lots_numbered,
    load_movements,
)
from coterie.members import lock_and_load_later
from coterie.metrics import load_counters_later
from coterie.programme.decide import NEEDS_COMPLETE
from coterie.programme.merged_sales import merges_with_sales, take_sales
from coterie.programme.returning import SALES_MAX
from coterie.programme.standing import Sale, Standing, Undone
from coterie.programme.trading_back import recalled
from coterie.storage import Connection
from coterie.tiers import load_standings_later as load_tiers_later

_order_decoder = msgspec.json.Decoder(Order)
_merge_decoder = msgspec.json.Decoder(MergeIn)
_any_fields = msgspec.json.Decoder()


def load_standings(
    db: Connection, member_ids: Sequence[int], *, tiers: bool = True
) -> dict[int, Standing]:
    """Lock the members in id order and load what every decision reads."""
    return load_standings_later(db, member_ids, tiers=tiers)()


def load_standings_later(
    db: Connection, member_ids: Sequence[int], *, tiers: bool = True
) -> Callable[[], dict[int, Standing]]:
    """As :func:`load_standings`, asked now and read by calling the answer: for a pipeline.

    Every statement sees what is committed when its turn comes, so the later ones see what those
    left who held the locks before. ``tiers``: whether any version has ladders.
    """
    ids = sorted(member_ids)
    members = lock_and_load_later(db, ids)
    accounts = load_balances_later(db, ids)
    counted = load_counters_later(db, ids)
    ranked = load_tiers_later(db, ids) if tiers else None

    def read() -> dict[int, Standing]:
        standings = {i: Standing(member) for i, member in members().items()}
        for member_id, account in accounts():
            standings[member_id].accounts[account.currency] = account
        for member_id, counters in counted():
            standings[member_id].counters = counters
        for member_id, ladder, tier in ranked() if ranked is not None else ():
            standings[member_id].tiers[ladder] = tier
        return standings

    return read


def complete(
    db: Connection, standings: Iterable[Standing], arrivals: Sequence[tuple[int, Arrival]] = ()
) -> None:
    """Load all live lots and open holds of members, and the holds that arrivals name."""
    wanted = {s.member.member_id: s for s in standings if not s.complete}
    named = [
        (member_id, arrival.event.hold_ref)
        for member_id, arrival in arrivals
        if isinstance(arrival.event, Hold | Capture | Release)
    ]
    if not wanted:
        return
    ids = sorted(wanted)
    for member_id, lot in load_live_lots(db, [(i, wanted[i].member.lots_from) for i in ids]):
        # Lots of this batch are known better than the database knows them.
        wanted[member_id].lots.setdefault(lot.lot_no, lot)
    for member_id, hold in load_holds(db, ids, [n for n in named if n[0] in wanted]):
        wanted[member_id].holds.setdefault(hold.hold_ref, hold)
    numbered = [
        (i, no)
        for i, s in wanted.items()
        for hold in s.holds.values()
        if hold.state == "open"
        for no, _ in hold.parts
        if no not in s.lots
    ]
    _take_lots(wanted, load_lots_numbered(db, numbered) if numbered else ())
    for standing in wanted.values():
        standing.complete = True


def needs_lots(arrival: Arrival) -> bool:
    """Tell whether the event looks at lots or holds."""
    return arrival.kind in NEEDS_COMPLETE or _merges(arrival.event)


def _merges(event: Event) -> bool:
    return isinstance(event, StateChange) and event.merged_into is not None


def _take_lots(standings: dict[int, Standing], lots: Iterable[tuple[int, Lot]]) -> None:
    for member_id, lot in lots:
        standings[member_id].lots.setdefault(lot.lot_no, lot)


def load_past(
    db: Connection,
    standings: dict[int, Standing],
    arrivals: Sequence[tuple[int, Arrival]],
    *,
    return_days: int,
    day_of: dict[int, int],
) -> None:
    """Load the recorded sales and events that returns, reversals and corrections look back at.

    ``day_of`` is the business day per place in ``arrivals``.
    """
    references: list[tuple[int, str]] = []
    events: list[tuple[int, int]] = []
    for number, (member_id, arrival) in enumerate(arrivals):
        event: Event = arrival.event
        if isinstance(event, Return | Confirm | UnmergeIn) or _merges(event):
            events += [(member_id, seq) for seq in merges_with_sales(standings[member_id])]
        if isinstance(event, Return):
            if event.order_ref is not None:
                references.append((member_id, event.order_ref))
            else:
                products = sorted({line.product for line in event.lines if line.product})
                oldest = day_of[number] - return_days
                _add_sales(db, standings, sales_of_products(db, member_id, products, oldest))
        elif isinstance(event, Confirm):
            references.append((member_id, event.order_ref))
        elif isinstance(event, Reversal):
            events.append((member_id, event.reverses_seq))
        elif isinstance(event, TransferBack):
            events.append((member_id, event.transfer_seq))
        elif isinstance(event, ReferralBack) and event.undoes_seq is not None:
            events.append((member_id, event.undoes_seq))
        elif isinstance(event, Unmerge):
            events.append((member_id, event.merge_seq))
        elif isinstance(event, UnmergeIn):
            numbered = [(member_id, lot_no) for lot_no, _, _ in event.parts]
            _take_lots(standings, load_lots_numbered(db, numbered) if numbered else ())
            events += [(member_id, seq) for seq, _ in event.returned if seq > 0]
        elif _merges(event):
            _add_sales(db, standings, newest_sales(db, member_id, SALES_MAX))
        elif isinstance(event, Reinstate):
            lapsed = load_lapsed_lots(db, member_id, event.currency)
            _take_lots(standings, lapsed)
    if references:
        _add_sales(db, standings, sales_by_reference(db, references))
    if events:
        _add_events(db, standings, events_by_seq(db, events))


def sale_of(row: RecordedSale | Recorded) -> Sale:
    """Make a sale of a recorded order."""
    outcome = outcome_decoder.decode(row.outcome)
    returned = Returned() if row.returned is None else returned_decoder.decode(row.returned)
    return Sale(
        row.seq,
        _order_decoder.decode(row.payload),
        row.at_us,
        row.day,
        row.version,
        outcome.grants,
        outcome.context,
        returned.lines,
        outcome.counted,
        returned.lots,
        returned.taken,
    )


def _opened(row: RecordedSale | Recorded) -> list[tuple[int, int]]:
    """Return (member, lot number) of the lots that an event opened."""
    outcome = outcome_decoder.decode(row.outcome)
    if outcome.opened is None:
        return []
    first, count = outcome.opened
    return [(row.member_id, lot_no) for lot_no in range(first, first + count)]


def _add_sales(
    db: Connection, standings: dict[int, Standing], rows: Sequence[RecordedSale | Recorded]
) -> None:
    fresh = [row for row in rows if row.seq not in standings[row.member_id].sales]
    numbered: list[tuple[int, int]] = []
    for row in fresh:
        sale = standings[row.member_id].sales[row.seq] = sale_of(row)
        numbered += _opened(row)
        numbered += [(row.member_id, lot_no) for lot_no in sale.lots]
        numbered += [
            (row.member_id, part.lot_no)
            for taken in sale.taken.values()
            for part in taken
            if part.lot_no
        ]
    if numbered:
        _take_lots(standings, load_lots_numbered(db, numbered))


def _add_events(db: Connection, standings: dict[int, Standing], rows: Sequence[Recorded]) -> None:
    good = [row for row in rows if row.status == "accepted"]
    _add_sales(db, standings, [row for row in good if row.kind == "order"])
    others = [
        row
        for row in good
        if row.kind != "order" and row.seq not in standings[row.member_id].undone
    ]
    if not others:
        return
    numbered: list[tuple[int, int]] = []
    for row in others:
        standings[row.member_id].undone[row.seq] = _undone(row)
        numbered += _opened(row)
    places = [(row.member_id, row.seq) for row in others]
    for member_id, seq, movement in load_movements(db, places):
        standings[member_id].undone[seq].movements.append(movement)
    for member_id, seq, use in load_lot_uses(db, places):
        standings[member_id].undone[seq].uses.append(use)
        numbered.append((member_id, use.lot_no))
    captures = [row for row in others if row.kind == "capture"]
    for row in captures:
        numbered += _captured(db, standings[row.member_id], row)
    merges = [row for row in others if row.kind == "merge_in"]
    numbered += [place for row in merges for place in _lots_of_merge(row)]
    if numbered:
        _take_lots(standings, load_lots_numbered(db, sorted(set(numbered))))
    for row in merges:
        _add_merged_sales(standings[row.member_id], row)


def _lots_of_merge(row: Recorded) -> list[tuple[int, int]]:
    """Return (member, lot number) of lots from which and to which its sales came back."""
    if row.returned is None:
        return []
    backs = returned_decoder.decode(row.returned).sales.values()
    return [
        (row.member_id, lot_no)
        for back in backs
        for lot_no in (*back.lots, *(t.lot_no for parts in back.taken.values() for t in parts))
        if lot_no
    ]


def _add_merged_sales(standing: Standing, row: Recorded) -> None:
    """Add the sales that a merge brought, with what has come back of them."""
    undone = standing.undone[row.seq]
    if undone.undone:
        return
    event = _merge_decoder.decode(row.payload)
    fresh = take_sales(standing, event, row.seq, undone.movements)
    if row.returned is None:
        return
    for index, back in returned_decoder.decode(row.returned).sales.items():
        sale = fresh.get(index)
        if sale is not None:
            sale.returned, sale.lots, sale.taken = back.lines, back.lots, back.taken


def _undone(row: Recorded) -> Undone:
    outcome = outcome_decoder.decode(row.outcome)
    returned = None if row.returned is None else returned_decoder.decode(row.returned)
    payload = _any_fields.decode(row.payload)
    return Undone(
        row.seq,
        row.kind,
        row.day,
        [],
        [],
        row.version,
        outcome.grants,
        outcome.counted,
        recalled(row.kind, payload),
        undone=returned is not None and returned.undone,
    )


def _captured(db: Connection, standing: Standing, row: Recorded) -> list[tuple[int, int]]:
    member_id = row.member_id
    ref = _any_fields.decode(row.payload)["hold_ref"]
    found = [hold for _, hold in load_holds(db, [], [(member_id, ref)])]
    if not found:
        return []
    captured, _ = held_parts(found[0], found[0].captured)
    standing.undone[row.seq].captured = captured
    return [(member_id, lot_no) for lot_no, _ in captured]
