"""Events that undo: returns and reversals, and what taking units back means."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.events import Happening, Return, Reversal
from coterie.kernel.errors import Malformed
from coterie.ledger import AlreadyUndone, Book, Lot, LotState, NothingToUndo, debt_room
from coterie.metrics import add
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.due import refill
from coterie.programme.giving import give, lot_dates, lots_of
from coterie.programme.giving_again import give_again, take_of_sale
from coterie.programme.model import Source
from coterie.programme.returning import (
    Piece,
    changed_sales,
    check_excess,
    match_return,
    remains,
    whole_sale,
)
from coterie.programme.standing import CapTaken, Decision, Sale, Standing, Undone
from coterie.programme.tallying import untally, untally_sale
from coterie.programme.trading_back import TRADES, undo_trade

_DEFAULT_SOURCE = Source("default")

TakeBack = tuple[int, str, str | None, int]
"""Sequence of the granting event, currency, rule, units to take back (below zero: to give)."""


def decide_return(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Take back what the returned part of the sales had earned."""
    event: Return = happening.event
    if event.order_ref is None and not event.lines:
        raise Malformed("A return names a sale or at least one line.", where="lines")
    for number, line in enumerate(event.lines):
        if line.product is None and event.order_ref is None:
            raise Malformed("Without order_ref a line names its product.", where=f"lines[{number}]")
    window = cp.programme.return_days
    pieces, excess = match_return(standing, event, happening, window)
    source = cp.programme.sources.get(event.source, _DEFAULT_SOURCE)
    check_excess(pieces, excess, source.unmatched_returns, approved=happening.approved)
    decision = _give_back(programmes, cp, standing, book, pieces, "return", happening.day)
    decision.excess = excess
    return decision


def _give_back(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    book: Book,
    pieces: Sequence[Piece],
    reason: str,
    day: int,
) -> Decision:
    """Let pieces of sales come back: units, cap room and metrics follow what remains bought."""
    sales: dict[int, Sale] = {}
    before: dict[int, dict[int, tuple[int, int]]] = {}
    after: dict[int, dict[int, tuple[int, int]]] = {}
    for sale, index, quantity, amount in pieces:
        sales[sale.seq] = sale
        before.setdefault(sale.seq, dict(sale.returned))
        totals = after.setdefault(sale.seq, dict(sale.returned))
        had = totals.get(index, (0, 0))
        totals[index] = (had[0] + quantity, had[1] + amount)
    backs: list[TakeBack] = []
    freed: list[tuple[Sale, CapTaken, int]] = []
    kept: dict[int, tuple[list[int], list[int]]] = {}
    for seq, sale in sorted(sales.items()):
        old = remains(programmes, sale, before[seq])
        new = remains(programmes, sale, after[seq])
        if reason == "reversal":
            # What should never have been is undone whole, also where returns let members keep it.
            new = [(0, tuple(0 for _ in grant.caps)) for grant in sale.grants]
        kept[seq] = ([units for units, _ in old], [units for units, _ in new])
        for grant, (was, was_caps), (now, now_caps) in zip(sale.grants, old, new, strict=True):
            if was != now:
                backs.append((seq, grant.currency, grant.rule, was - now))
            for cap, had_room, left in zip(grant.caps, was_caps, now_caps, strict=True):
                if had_room != left:
                    freed.append((sale, cap, had_room - left))
    take_back(cp, standing, book, _netted(backs), reason, day=day)
    for sale, cap, room in freed:
        free_room(programmes.numbered(sale.version), cp, standing, cap, room)
    for seq, sale in sales.items():
        untally_sale(cp, standing, sale, (before[seq], kept[seq][0]), (after[seq], kept[seq][1]))
        sale.returned = after[seq]
    own, merged = changed_sales(standing, sales.values())
    return Decision(
        sales=own,
        merged_sales=merged,
        returned=[(s.seq, index, quantity, amount) for s, index, quantity, amount in pieces],
    )


def _netted(backs: Sequence[TakeBack]) -> list[TakeBack]:
    """Let what one rule of a sale gives again stay out of what its other rules lose.

    A recomputed rule may gain a little by what another loses (a bonus on what a cap leaves room
    for); the member should see one movement down, not one down and a lot of their own up.
    """
    gains: dict[tuple[int, str], int] = {}
    for seq, currency, _, units in backs:
        if units < 0:
            gains[seq, currency] = gains.get((seq, currency), 0) - units
    if not gains:
        return list(backs)
    netted = []
    for seq, currency, rule, units in backs:
        part = min(max(units, 0), gains.get((seq, currency), 0))
        if part:
            gains[seq, currency] -= part
        if units - part > 0:
            netted.append((seq, currency, rule, units - part))
    for seq, currency, rule, units in backs:
        part = min(max(-units, 0), gains.get((seq, currency), 0))
        if part:
            gains[seq, currency] -= part
            netted.append((seq, currency, rule, -part))
    return netted


def take_back(
    cp: CompiledProgramme,
    standing: Standing,
    book: Book,
    backs: Sequence[TakeBack],
    reason: str,
    credit: str = "issued",
    *,
    day: int = 0,
) -> None:
    """Undo grants; checks every currency's debt policy before anything moves.

    ``day`` is the event's; it is needed where a sale may be given again.
    """
    own = {seq: lots_of(standing, seq) for seq, _, _, _ in backs}
    _check_shortage(cp, standing, backs, own)
    for seq, currency, rule, units in backs:
        lots = [lot for lot in own[seq] if lot.currency == currency]
        sale = standing.sales.get(seq)
        if units < 0:
            assert sale is not None, "only sales are recomputed"
            give_again(book, cp, standing, sale, currency, rule, -units, reason, day)
            continue
        policy = cp.currencies[currency].debt
        owed = book.account(currency).owed
        room = debt_room(owed, policy.policy, policy.limit_units, 0)
        if sale is None:
            book.take_back(currency, units, lots, reason, rule, debt_room=room, credit=credit)
        else:
            take_of_sale(
                book, sale, currency, units, lots, reason, rule, debt_room=room, credit=credit
            )


def _check_shortage(
    cp: CompiledProgramme,
    standing: Standing,
    backs: Sequence[TakeBack],
    own: dict[int, list[Lot]],
) -> None:
    """Refuse where a currency that allows no debt cannot cover what is taken back."""
    for currency in {back[1] for back in backs}:
        policy = cp.currencies[currency].debt
        if policy.policy != "refuse":
            continue
        left = {no: lot.remaining for no, lot in standing.lots.items() if lot.currency == currency}
        lapsed = {no: lot.lapsed for no, lot in standing.lots.items() if lot.currency == currency}
        missing = 0
        for seq, of, _, units in backs:
            if of != currency or units <= 0:
                continue
            rest = units
            for lot in own[seq]:
                if lot.currency == currency:
                    part = min(left[lot.lot_no], rest)
                    left[lot.lot_no] -= part
                    rest -= part
            # Two grants of one sale share its lots: what the first found is gone for the second.
            for lot in own[seq]:
                if lot.currency == currency:
                    part = min(lapsed[lot.lot_no], rest)
                    lapsed[lot.lot_no] -= part
                    rest -= part
            for no, units_left in left.items():
                if standing.lots[no].state == LotState.OPEN:
                    part = min(units_left, rest)
                    left[no] -= part
                    rest -= part
            missing += rest
        debt_room(0, policy.policy, policy.limit_units, missing)


def free_room(
    then: CompiledProgramme,
    cp: CompiledProgramme,
    standing: Standing,
    taken: CapTaken,
    room: int,
) -> None:
    """Give room back to a cap that says so, in the period it was taken from."""
    cap = then.caps[taken.cap]
    if cap.period is None or cap.on_return != "release":
        return
    now = cp.caps.get(taken.cap)
    period = cap.period if now is None or now.period is None else now.period
    add(standing.counters, cap.counter_of(taken.key), taken.bucket, -room, period.keep)
    standing.counters_changed = True


# ---------------------------------------------------------------------- reversal

_GIVING = frozenset({"activity", "opening_balance"})
_GIVEN = frozenset({"earn", "opening"})
_SPENDING = frozenset({"spend", "capture"})


def decide_reversal(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Undo an earlier event, as far as it is not undone already."""
    event: Reversal = happening.event
    sale = standing.sales.get(event.reverses_seq)
    if sale is not None:
        pieces = whole_sale(sale)
        if not pieces:
            raise AlreadyUndone(f"Nothing is left of event {event.reverses_seq}.")
        return _give_back(programmes, cp, standing, book, pieces, "reversal", happening.day)
    undone = standing.undone.get(event.reverses_seq)
    if undone is None:
        raise _none_to_undo(event)
    if undone.undone:
        raise AlreadyUndone(f"Event {event.reverses_seq} was reversed.")
    if undone.kind in _GIVING:
        _undo_giving(programmes, cp, standing, book, undone)
    elif undone.kind in _SPENDING:
        _undo_spending(cp, standing, book, undone, happening.day)
    elif undone.kind == "adjustment":
        _undo_adjustment(cp, standing, book, undone, happening.day)
    elif undone.kind in TRADES:
        undo_trade(cp, standing, book, undone, happening.day)
    else:
        raise _none_to_undo(event)
    undone.undone = True
    return Decision(undone=undone.seq)


def _none_to_undo(event: Reversal) -> NothingToUndo:
    """Make the refusal, the same whether the event is of this batch or of none, or another kind."""
    return NothingToUndo(f"Event {event.reverses_seq} is not one.", where="reverses_seq")


def _undo_giving(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    book: Book,
    undone: Undone,
) -> None:
    units: dict[tuple[str, str | None], int] = {}
    for movement in undone.movements:
        # What steps made of it (a milestone, a conversion) stays, as it does when goods come back.
        if movement.debit == "issued" and movement.reason in _GIVEN:
            key = (movement.currency, movement.rule)
            units[key] = units.get(key, 0) + movement.units
    backs = [(undone.seq, currency, rule, n) for (currency, rule), n in units.items()]
    take_back(cp, standing, book, backs, "reversal")
    for grant in undone.grants:
        for cap in grant.caps:
            free_room(programmes.numbered(undone.version), cp, standing, cap, cap.taken)
    untally(cp, standing, undone)


def _used_lots(standing: Standing, undone: Undone, n: int) -> list[tuple[Lot, int]]:
    return [(standing.lots[use.lot_no], -use.units) for use in undone.uses if use.n == n]


def _undo_spending(
    cp: CompiledProgramme, standing: Standing, book: Book, undone: Undone, day: int
) -> None:
    for movement in undone.movements:
        if movement.credit != "redeemed":
            continue
        parts = _used_lots(standing, undone, movement.n)
        if not parts:  # a capture: its hold names the lots
            parts = [(standing.lots[no], units) for no, units in undone.captured]
        refill(book, cp, "redeemed", movement.currency, parts, "reversal", day)


def _undo_adjustment(
    cp: CompiledProgramme, standing: Standing, book: Book, undone: Undone, day: int
) -> None:
    given = sum(m.units for m in undone.movements if m.debit == "adjusted")
    if given:
        currency = undone.movements[0].currency
        back = [(undone.seq, currency, None, given)]
        take_back(cp, standing, book, back, "reversal", credit="adjusted")
        return
    for movement in undone.movements:
        if movement.credit != "adjusted":
            continue
        currency, units = movement.currency, movement.units
        if movement.debit == "available":
            parts = _used_lots(standing, undone, movement.n)
            refill(book, cp, "adjusted", currency, parts, "reversal", day)
        elif movement.debit == "owed":
            # The debt may have been repaid since; what it no longer needs opens as a lot.
            dates = lot_dates(cp, currency, day, cp.deciding(standing))
            give(
                book,
                standing,
                currency,
                units,
                "adjusted",
                "reversal",
                standing.member.seq + 1,
                (dates[0], dates[1], None),
            )
        else:
            book.move(currency, "adjusted", movement.debit, units, "reversal")
