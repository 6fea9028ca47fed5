"""Who goes for good, and who comes with a past: forfeiting everything, and opening counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.events import Happening, OpeningMetrics
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.time import parse_day
from coterie.ledger import Book, HoldState, LotState
from coterie.metrics import add
from coterie.programme.due import end_hold
from coterie.programme.errors import Pooled, UndeclaredName, WrongValue
from coterie.programme.moving_lots import lots_with_units
from coterie.programme.standing import Decision, Standing

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, Programmes


def erase(cp: CompiledProgramme, standing: Standing, happening: Happening, book: Book) -> Decision:
    """End a member: holds are given back, units go to breakage, debts are written off.

    The names and identities go with it; what happened stays, under a number that leads to nobody.
    """
    if any(code.startswith(("pool:", "pool_of:")) for code in standing.counters):
        raise Pooled("Leave the pool first.")
    member = standing.member
    decision = Decision(identities=("erase", member.member_id, member.member_id))
    for ref in sorted(standing.holds):
        hold = standing.holds[ref]
        if hold.state == HoldState.OPEN:
            end_hold(book, cp, standing, ref, HoldState.RELEASED, "hold_release", happening.day)
            decision.holds.append(hold)
    for code in sorted(standing.accounts):
        book.settle_debt(code)
        book.lapse(code, book.open_lots(code), "forfeit")
        for lot in lots_with_units(standing, code):
            n = book.move(code, "pending", "breakage", lot.remaining, "forfeit")
            lot.lapsed += lot.remaining
            book.use(n, lot, -lot.remaining)
            lot.state = LotState.CANCELLED
        owed = standing.accounts[code].owed
        if owed:
            book.move(code, "written_off", "owed", owed, "forfeit")
    member.state = "erased"
    return decision


def open_metrics(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Count what another system had counted; what it already rewarded is not rewarded again."""
    event: OpeningMetrics = happening.event
    day = happening.day
    if event.as_of is not None:
        day = parse_day(event.as_of, where="as_of")
        if day > happening.day:
            raise Malformed("Nothing is counted after the event.", where="as_of")
    for code in event.metrics:
        metric = cp.metrics.get(code)
        if metric is None:
            hint = nearest(code, cp.metrics)
            raise UndeclaredName(f"There is no metric {code!r}.{hint}", where=f"metrics.{code}")
        if not metric.kind.buckets:
            detail = f"{code} does not count a number; what it is about has to be told."
            raise WrongValue(detail, where=f"metrics.{code}")
    for code, value in event.metrics.items():
        period = cp.metrics[code].period
        add(standing.counters, code, cp.bucket(period, standing, day), value, period.keep)
    standing.counters_changed = True
    return Decision()
