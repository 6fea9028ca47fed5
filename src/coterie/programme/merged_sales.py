"""Sales that a merge brings along, so that what comes back of them finds the survivor's units.

The list travels in the merge's own event; what returns took since is kept beside that event. So the
survivor's decisions read nothing but the survivor's sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from coterie.events import Happening, MergedSale, MergeIn
from coterie.ledger import Lot, Movement
from coterie.programme.changing import free_room
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import backfilled
from coterie.programme.giving import lots_of
from coterie.programme.returning import SALES_MAX, Returned, all_back, remains, sales_of_merge
from coterie.programme.standing import Context, Grant, Sale, Standing
from coterie.programme.tallying import untally_sale

MERGED_SALES = "merged_sales:"
"""A counter by the merge's event: how many sales it brought."""


def sales_to_send(cp: CompiledProgramme, standing: Standing) -> list[dict[str, Any]]:
    """Return the member's newest sales of which something may still come back, as JSON."""
    newest = sorted(standing.sales.values(), key=lambda s: (-s.at_us, -s.seq))[:SALES_MAX]
    return [_sent(cp, standing, s) for s in newest if not all_back(s.order, s.returned)]


def _sent(cp: CompiledProgramme, standing: Standing, sale: Sale) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(
        MergedSale(
            sale.seq,
            sale.order,
            sale.at_us,
            sale.day,
            sale.version,
            msgspec.to_builtins(sale.grants),
            None if sale.context is None else msgspec.to_builtins(sale.context),
            tuple(dict.fromkeys((*sale.counted, *backfilled(cp, standing, sale.seq)))),
            tuple((index, *sale.returned[index]) for index in sorted(sale.returned)),
            tuple(lot.lot_no for lot in lots_of(standing, sale.seq)),
        )
    )
    return found


def opened_by_merge(
    event_lots: Sequence[Sequence[Any]],
    movements: Sequence[Movement],
    lots: Mapping[int, Lot],
    merge_seq: int,
) -> list[tuple[int, Lot]]:
    """Return the lots a merge opened, each with the number of the lot it came from."""
    # Debts of the survivor were repaid out of the first open lots, which are smaller or missing.
    repaid: dict[str, int] = {}
    for movement in movements:
        if (movement.debit, movement.credit) == ("in_transit", "owed"):
            repaid[movement.currency] = repaid.get(movement.currency, 0) + movement.units
    own = (lot for lot in lots.values() if lot.earned_seq == merge_seq)
    opened = iter(sorted(own, key=lambda lot: lot.lot_no))
    found = []
    for lot_no, currency, units, _, _, _, releases_us, *_ in event_lots:
        part = min(units, repaid.get(currency, 0)) if releases_us is None else 0
        repaid[currency] = repaid.get(currency, 0) - part
        if units != part:
            found.append((lot_no, next(opened)))
    return found


def take_sales(
    standing: Standing, event: MergeIn, merge_seq: int, movements: Sequence[Movement]
) -> dict[int, Sale]:
    """Let a member know the sales that a merge brought; ``movements`` are the merge's.

    Returns those that were not known yet, by their place in the list.
    """
    into: dict[int, list[int]] = {}
    fresh: dict[int, Sale] = {}
    for lot_no, lot in opened_by_merge(event.lots, movements, standing.lots, merge_seq):
        into.setdefault(lot_no, []).append(lot.lot_no)
    for index, sent in enumerate(event.sales):
        seq = -(merge_seq * SALES_MAX + index)
        if seq in standing.sales:
            continue
        fresh[index] = standing.sales[seq] = Sale(
            seq,
            sent.order,
            sent.at_us,
            sent.day,
            sent.version,
            msgspec.convert(sent.grants, list[Grant]),
            None if sent.context is None else msgspec.convert(sent.context, Context),
            {line: (quantity, amount) for line, quantity, amount in sent.returned},
            sent.counted,
            [number for lot_no in sent.lots for number in into.get(lot_no, ())],
            merge_seq=merge_seq,
        )
    return fresh


def mark_sales(standing: Standing, event: MergeIn, happening: Happening) -> None:
    """Remember that a merge brought sales: where there is no mark, nobody looks for them."""
    if event.sales:
        standing.counters[f"{MERGED_SALES}{happening.seq}"] = {0: len(event.sales)}
        standing.counters_changed = True


def merges_with_sales(standing: Standing) -> list[int]:
    """Return the numbers of the merges that brought sales and were not taken back."""
    prefix = len(MERGED_SALES)
    return [int(code[prefix:]) for code in standing.counters if code.startswith(MERGED_SALES)]


def forget_sales(standing: Standing, merge_seq: int) -> dict[int, Sale]:
    """Take the sales of a merge away again, and return them."""
    found = sales_of_merge(standing, merge_seq)
    for sale in found.values():
        del standing.sales[sale.seq]
    if standing.counters.pop(f"{MERGED_SALES}{merge_seq}", None) is not None:
        standing.counters_changed = True
    return found


def come_back(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    sale: Sale,
    after: Returned,
) -> None:
    """Let counts and room under caps follow what came back of a sale in another file."""
    before = sale.returned
    old, new = remains(programmes, sale, before), remains(programmes, sale, after)
    then = programmes.numbered(sale.version)
    for grant, (_, was), (_, now) in zip(sale.grants, old, new, strict=True):
        for cap, had, left in zip(grant.caps, was, now, strict=True):
            if had != left:
                free_room(then, cp, standing, cap, had - left)
    kept_old, kept_new = [units for units, _ in old], [units for units, _ in new]
    untally_sale(cp, standing, sale, (before, kept_old), (after, kept_new))
    sale.returned = dict(after)
