"""Undoing what was traded: what came is taken back, the lots that went are filled again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coterie.ledger import Book, DebtRefused, Movement
from coterie.programme.compile import CompiledProgramme
from coterie.programme.due import refill
from coterie.programme.sections.limits import take_room
from coterie.programme.sections.rewards import GRANTED
from coterie.programme.standing import Standing, Undone

TRADES = frozenset({"convert", "exchange", "redeem"})
"""Kinds of event that trade, which are also the reasons of their movements."""

_NAMED_BY = {"convert": "conversion", "exchange": "exchange", "redeem": "reward"}
_SECTION_OF = {"convert": "conversions", "exchange": "exchanges", "redeem": "rewards"}
_HOUSE = frozenset({"issued", "partner"})


def recalled(kind: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reversal asks of an event as it was ``sent``; fields of an activity."""
    if kind == "merge_in":
        return dict(sent)
    if kind not in TRADES:
        return sent.get("fields", {}) or {}
    named: dict[str, Any] = {"code": sent[_NAMED_BY[kind]]}
    if kind == "redeem":
        named["quantity"] = sent.get("quantity", 1)
    return named


def _own_movements(undone: Undone) -> list[Movement]:
    """Return what the event itself moved, without what other promises made of it."""
    code = undone.fields["code"]
    return [m for m in undone.movements if m.reason == undone.kind and m.rule == code]


def undo_trade(
    cp: CompiledProgramme, standing: Standing, book: Book, undone: Undone, day: int
) -> None:
    """Take back what came and refill the lots that went.

    Who has spent what came may owe it where the currency allows debts; nobody keeps both, so
    elsewhere this is refused with :class:`~coterie.ledger.DebtRefused`.
    """
    moved = _own_movements(undone)
    came = [m for m in moved if m.debit in _HOUSE]
    went = [m for m in moved if m.debit == "available"]
    if came:
        _take_back(book, cp, standing, undone, came)
    for movement in went:
        uses = [use for use in undone.uses if use.n == movement.n]
        parts = [(standing.lots[use.lot_no], -use.units) for use in uses]
        refill(book, cp, movement.credit, movement.currency, parts, "reversal", day)
    units = sum(m.units for m in went or came)
    if undone.kind == "redeem":
        units = undone.fields["quantity"]
        if not went:
            _grant_again(standing, undone.fields["code"], units)
    code = undone.fields["code"]
    entry = cp.programme.parts.get(_SECTION_OF[undone.kind], {}).get(code)
    if entry is not None:
        take_room(cp, entry.limit, entry.counter, standing, undone.day, -units)


def _grant_again(standing: Standing, code: str, pieces: int) -> None:
    """Give back the right to pieces of a reward that cost nothing."""
    marks = standing.counters.setdefault(f"{GRANTED}{code}", {})
    marks[0] = marks.get(0, 0) + pieces
    standing.counters_changed = True


def _take_back(
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    undone: Undone,
    came: list[Movement],
) -> None:
    currency, house = came[0].currency, came[0].debit
    units = sum(m.units for m in came)
    lots = [standing.lots[no] for no in sorted(standing.lots)]
    own = [lot for lot in lots if lot.earned_seq == undone.seq and lot.currency == currency]
    shortage = book.shortage(currency, units, own)
    debt = cp.currencies[currency].debt
    room = 0
    if debt.policy == "allow":
        limit = debt.limit_units
        # A debt may lie above a limit that a later version set.
        room = shortage if limit is None else max(limit - book.account(currency).owed, 0)
    if shortage > room:
        raise DebtRefused(f"{shortage} {currency} of what came are gone.", missing=shortage)
    code = undone.fields["code"]
    book.take_back(currency, units, own, "reversal", code, debt_room=room, credit=house)
