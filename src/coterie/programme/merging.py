"""Two files of one person become one, and two again: what moves is listed, so that it can return.

The merged member's event sends everything on; the survivor's event of the kind ``merge_in`` keeps
the list. Taking the merge back returns what of it is still there: spent, lapsed and held units stay
where they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from coterie.events import (
    Happening,
    MergedLot,
    MergedSale,
    MergeIn,
    StateForbids,
    Unmerge,
    UnmergeIn,
)
from coterie.ledger import AlreadyUndone, Book, HoldState, Lot, LotState, NothingToUndo
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import COUNTED, MARK, coming_metric
from coterie.programme.due import refill
from coterie.programme.errors import MergeBlocked
from coterie.programme.giving import open_lot
from coterie.programme.merged_sales import (
    MERGED_SALES,
    come_back,
    forget_sales,
    mark_sales,
    opened_by_merge,
    sales_to_send,
    take_sales,
)
from coterie.programme.merged_tiers import return_tiers, take_tiers, tiers_to_send
from coterie.programme.moving_lots import lots_with_units, send_lots
from coterie.programme.returning import changed_sales
from coterie.programme.standing import Decision, FollowUp, Sale, Standing, Undone

_merge_decoder = msgspec.json.Decoder(MergeIn)
_SUMMED = (
    *("cap:", "milestone:", "referred:", "convert:", "exchange:", "redeem:"),
    *("granted:", "choice:", "settled:", "settled_base:", "paid:", "overpaid:"),
)
"""Counters that count for two as the sum of both, as metrics do. Of others one is kept."""


def merge_away(cp: CompiledProgramme, standing: Standing, book: Book, survivor_id: int) -> Decision:
    """Empty a member into another: open and pending lots, debts, what was counted."""
    if any(hold.state == HoldState.OPEN for hold in standing.holds.values()):
        raise MergeBlocked("Capture or release what is on hold first.")
    if any(code.startswith(("pool:", "pool_of:")) for code in standing.counters):
        raise MergeBlocked("Leave the pool first.")
    # Before they leave: which lots are of which sale is read off the lots.
    sales = sales_to_send(cp, standing)
    lots: list[MergedLot] = []
    debts: dict[str, int] = {}
    for code in sorted(standing.accounts):
        book.settle_debt(code)
        lots += send_lots(book, code, lots_with_units(standing, code), "merge")
        owed = standing.accounts[code].owed
        if owed:
            book.move(code, "in_transit", "owed", owed, "merge")
            debts[code] = owed
    accounts = standing.accounts
    member = standing.member
    fields = {
        "merged_id": member.member_id,
        "state": member.state,
        "lots": [list(lot) for lot in lots],
        "debts": debts,
        "inactive": {
            code: us for code in sorted(accounts) if (us := accounts[code].inactive_us) is not None
        },
        "counters": {
            code: {str(bucket): counted[bucket] for bucket in sorted(counted)}
            for code, counted in sorted(standing.counters.items())
            # Where the other's own sequence was counted up to says nothing about the survivor's.
            if not code.startswith((MARK, COUNTED, MERGED_SALES))
        },
        "sales": sales,
        "tiers": tiers_to_send(standing),
    }
    member.state = "merged"
    member.merged_into = survivor_id
    return Decision(
        follow_ups=[FollowUp("merge_in", survivor_id, fields)],
        identities=("merge", member.member_id, survivor_id),
    )


def _is_open(lot: Lot) -> bool:
    return lot.state == LotState.OPEN


def merge_in(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Take over what another member had; lots keep their dates, debts are settled."""
    event: MergeIn = happening.event
    for sent in event.lots:
        units, debit = sent.units, "in_transit"
        credit = "available" if sent.releases_us is None else "pending"
        if sent.releases_us is None:
            units = book.repay(sent.currency, debit, units, "merge", None)
        if not units:
            continue
        book.move(sent.currency, debit, credit, units, "merge")
        dates = (sent.expires_us, sent.expires_day, sent.releases_us)
        seq = happening.seq
        lot = open_lot(book, standing, sent.currency, seq, units, dates, sent.earned_us)
        lot.priority, lot.contributor_id = sent.priority, sent.contributor_id
    for code in sorted(event.debts):
        book.move(code, "owed", "in_transit", event.debts[code], "merge")
        book.settle_debt(code)
    for code, inactive_us in event.inactive.items():
        account = book.account(code)
        account.inactive_us = max(account.inactive_us or 0, inactive_us)
    _count(cp, standing, event.counters, 1)
    sales = take_sales(standing, event, happening.seq, book.movements)
    mark_sales(standing, event, happening)
    decision = Decision()
    if any(sale.returned for sale in sales.values()):
        decision.merged_sales = {happening.seq: sales}
    take_tiers(cp, standing, happening, event.tiers, decision)
    return decision


def _count(
    cp: CompiledProgramme, standing: Standing, counted: Mapping[str, Mapping[int, int]], sign: int
) -> None:
    """Add what was counted for the other member, or take it out again."""
    counters = standing.counters
    for code, buckets in counted.items():
        counts = code in cp.metrics or coming_metric(cp, standing, code) is not None
        if counts or code.startswith(_SUMMED):
            mine = counters.setdefault(code, {})
            for bucket, value in buckets.items():
                mine[bucket] = max(mine.get(bucket, 0) + sign * value, 0)
        elif sign > 0 and code not in counters:
            # What qualified is an event of the other member's sequence, not of this one.
            kept = {**buckets, 0: 0} if code.startswith("referral:") else buckets
            counters[code] = dict(kept)
    standing.counters_changed = standing.counters_changed or bool(counted)


def unmerge(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Send back what is left of what a merge brought; refuse what no merge brought."""
    event: Unmerge = happening.event
    undone = standing.undone.get(event.merge_seq)
    if undone is None or undone.kind != "merge_in" or undone.fields["merged_id"] != event.merged_id:
        raise NothingToUndo(f"Event {event.merge_seq} did not bring member {event.merged_id}.")
    if undone.undone:
        raise AlreadyUndone(f"The merge of {event.merged_id} was taken back.")
    # It may come from the record, where keys of objects are texts.
    told = _merge_decoder.decode(msgspec.json.encode(undone.fields))
    parts = _still_there(standing, undone)
    back = []
    for (lot, into), is_open in [(pair, _is_open(pair[0])) for pair in parts]:
        back.append([into, lot.remaining, int(is_open)])
        debit = "available" if is_open else "pending"
        n = book.move(lot.currency, debit, "in_transit", lot.remaining, "unmerge")
        book.use(n, lot, -lot.remaining)
        if not is_open:
            lot.state = LotState.CANCELLED
    debts = {}
    for code, owed in sorted(told.debts.items()):
        left = min(owed, book.account(code).owed)
        if left:
            book.move(code, "in_transit", "owed", left, "unmerge")
            debts[code] = left
    sales = forget_sales(standing, undone.seq)
    _count(cp, standing, _left_of_counts(programmes, cp, standing, told, sales), -1)
    decision = Decision(undone=undone.seq)
    return_tiers(cp, standing, happening, undone.seq, told.tiers, decision)
    undone.undone = True
    fields = {
        "survivor_id": standing.member.member_id,
        "state": told.state,
        "parts": back,
        "debts": debts,
        "returned": [
            [told.sales[index].seq, {str(i): list(sale.returned[i]) for i in sorted(sale.returned)}]
            for index, sale in sorted(sales.items())
            if sale.returned != _returned(told.sales[index])
        ],
    }
    decision.follow_ups = [FollowUp("unmerge_in", event.merged_id, fields)]
    return decision


def _returned(sale: MergedSale) -> dict[int, tuple[int, int]]:
    return {index: (quantity, amount) for index, quantity, amount in sale.returned}


def _left_of_counts(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    told: MergeIn,
    sales: Mapping[int, Sale],
) -> dict[str, dict[int, int]]:
    """Return what a merge brought of counts, less what came back of its sales since."""
    scratch = Standing(standing.member)
    scratch.counters = {code: dict(buckets) for code, buckets in told.counters.items()}
    for index, sale in sales.items():
        after, sale_then = sale.returned, replace(sale, returned=_returned(told.sales[index]))
        if after != sale_then.returned:
            come_back(programmes, cp, scratch, sale_then, after)
    return scratch.counters


def _still_there(standing: Standing, undone: Undone) -> list[tuple[Lot, int]]:
    """Return the lots a merge opened that still hold something, each with the lot it came from."""
    opened = opened_by_merge(undone.fields["lots"], undone.movements, standing.lots, undone.seq)
    return [(lot, lot_no) for lot_no, lot in opened if lot.remaining]


def unmerge_in(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Become oneself again, with what is left of what one had."""
    event: UnmergeIn = happening.event
    member = standing.member
    if member.state != "merged":
        raise StateForbids(f"The member is {member.state}.")
    member.state, member.merged_into = event.state, None
    filled: dict[str, list[tuple[Lot, int]]] = {}
    for lot_no, units, is_open in event.parts:
        lot = standing.lots[lot_no]
        if is_open:
            if lot.state == LotState.CANCELLED:
                lot.state = LotState.OPEN  # it waited then, and was released since
            filled.setdefault(lot.currency, []).append((lot, units))
            continue
        lot.state = LotState.PENDING
        n = book.move(lot.currency, "in_transit", "pending", units, "unmerge")
        book.use(n, lot, units)
    for currency in sorted(filled):
        refill(book, cp, "in_transit", currency, filled[currency], "unmerge", happening.day)
    for code, owed in sorted(event.debts.items()):
        book.move(code, "owed", "in_transit", owed, "unmerge")
        book.settle_debt(code)
    decision = Decision(identities=("unmerge", member.member_id, event.survivor_id))
    back = []
    for seq, returned in event.returned:
        sale = standing.sales[seq]
        come_back(programmes, cp, standing, sale, returned)
        back.append(sale)
    decision.sales, decision.merged_sales = changed_sales(standing, back)
    return decision
