"""Two files of one person become one, and two again: what moves is listed, so that it can return.

The merged member's event sends everything on; the survivor's event of the kind ``merge_in`` keeps
the list. Taking the merge back returns what of it is still there: spent, lapsed and held units stay
where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coterie.events import Happening, MergedLot, MergeIn, StateForbids, Unmerge, UnmergeIn
from coterie.ledger import AlreadyUndone, Book, HoldState, Lot, LotState, NothingToUndo
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import COUNTED, MARK
from coterie.programme.due import refill
from coterie.programme.errors import MergeBlocked
from coterie.programme.giving import open_lot
from coterie.programme.moving_lots import lots_with_units, send_lots
from coterie.programme.standing import Decision, FollowUp, Standing, Undone

_SUMMED = (
    *("cap:", "milestone:", "referred:", "convert:", "exchange:", "redeem:"),
    *("granted:", "choice:", "settled:", "paid:", "overpaid:"),
)
"""Counters that count for two as the sum of both, as metrics do. Of others one is kept."""


def merge_away(standing: Standing, book: Book, survivor_id: int) -> Decision:
    """Empty a member into another: open and pending lots, debts, what was counted."""
    if any(hold.state == HoldState.OPEN for hold in standing.holds.values()):
        raise MergeBlocked("Capture or release what is on hold first.")
    if any(code.startswith(("pool:", "pool_of:")) for code in standing.counters):
        raise MergeBlocked("Leave the pool first.")
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
            if not code.startswith((MARK, COUNTED))
        },
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
    return Decision()


def _count(
    cp: CompiledProgramme, standing: Standing, counted: Mapping[str, Mapping[int, int]], sign: int
) -> None:
    """Add what was counted for the other member, or take it out again."""
    counters = standing.counters
    for code, buckets in counted.items():
        if code in cp.metrics or code.startswith(_SUMMED):
            mine = counters.setdefault(code, {})
            for bucket, value in buckets.items():
                mine[bucket] = max(mine.get(bucket, 0) + sign * value, 0)
        elif sign > 0 and code not in counters:
            # What qualified is an event of the other member's sequence, not of this one.
            kept = {**buckets, 0: 0} if code.startswith("referral:") else buckets
            counters[code] = dict(kept)
    standing.counters_changed = standing.counters_changed or bool(counted)


def unmerge(
    _programmes: Programmes,
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
    told = undone.fields
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
    for code, owed in sorted(told["debts"].items()):
        left = min(owed, book.account(code).owed)
        if left:
            book.move(code, "in_transit", "owed", left, "unmerge")
            debts[code] = left
    _count(cp, standing, _by_number(told["counters"]), -1)
    undone.undone = True
    fields = {
        "survivor_id": standing.member.member_id,
        "state": told["state"],
        "parts": back,
        "debts": debts,
    }
    follow_up = FollowUp("unmerge_in", event.merged_id, fields)
    return Decision(undone=undone.seq, follow_ups=[follow_up])


def _by_number(counters: Mapping[str, Mapping[Any, int]]) -> dict[str, dict[int, int]]:
    return {code: {int(b): v for b, v in buckets.items()} for code, buckets in counters.items()}


def _still_there(standing: Standing, undone: Undone) -> list[tuple[Lot, int]]:
    """Return the lots a merge opened that still hold something, each with the lot it came from."""
    # Debts of the survivor were repaid out of the first open lots, which are smaller or missing.
    repaid: dict[str, int] = {}
    for movement in undone.movements:
        if (movement.debit, movement.credit) == ("in_transit", "owed"):
            repaid[movement.currency] = repaid.get(movement.currency, 0) + movement.units
    opened = iter(
        sorted(
            (lot for lot in standing.lots.values() if lot.earned_seq == undone.seq),
            key=lambda lot: lot.lot_no,
        )
    )
    found = []
    for lot_no, currency, units, _, _, _, releases_us, *_ in undone.fields["lots"]:
        part = min(units, repaid.get(currency, 0)) if releases_us is None else 0
        repaid[currency] = repaid.get(currency, 0) - part
        if units == part:
            continue
        lot = next(opened)
        if lot.remaining:
            found.append((lot, lot_no))
    return found


def unmerge_in(
    _programmes: Programmes,
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
    return Decision(identities=("unmerge", member.member_id, event.survivor_id))
