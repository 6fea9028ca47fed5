"""Returns of one order: order and partition do not matter, and a full return is a cancellation.

Between the returns nothing else happens; before them everything may: other orders, spending, holds,
debts, lapsed lots, used caps.
"""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.numbers import Rounding
from coterie.ledger import DebtRefused
from coterie.programme.model import (
    Basis,
    Cap,
    Condition,
    Debt,
    DebtPolicy,
    Expiry,
    ExpiryModel,
    Metric,
    Multiply,
    Pending,
    ReturnPolicy,
    Rule,
    Window,
)
from tests.ledger.driver import Drive, currency, earn, programme, words
from tests.ledger.histories import Clock, histories, order_lines, state, tell, twin
from tests.ledger.machine import STARTS
from tests.ledger.machine_rules import tag

ZONE = "Asia/Shanghai"


def bounded(**bounds: str) -> Condition:
    return Condition("order_amount", bounds)


HALF_UP = Rounding.HALF_UP
STEADY = (
    earn("base", Fraction(1), 100, rule_caps=("spent",)),
    earn("lines", Fraction(3, 7), 50, rounding=HALF_UP, round_each="line", rule_lines=tag("x"),
         rule_caps=("monthly", "ticket")),
    earn("flat", Fraction(9), rule_when=bounded(min="30.00"), rule_caps=("times",)),
    earn("paid", Fraction(1), 100, blocks=True, rule_caps=("monthly",),
         basis=Basis(shipping=True, without_tenders=("gift",))),
    Rule("half", words("half"), "order", Multiply(("base",), Fraction(3, 2)), lines=tag("y")),
)  # fmt: skip
"""Rules that never give more for less."""
RULES = (
    *STEADY,
    # The price of a piece, and tax beside tenders, are rounded: a cent less may cross a threshold.
    earn("pieces", Fraction(2), 300, rounding=Rounding.UP, round_each="unit", rule_lines=tag("y")),
    earn("net", Fraction(1), 100, basis=Basis(tax=False, without_tenders=("gift",))),
    # A cap that cuts the basis leaves more of it to a bonus when something else goes.
    Rule(
        "both", words("both"), "order", Multiply(("base", "lines"), Fraction(3, 2)), lines=tag("y")
    ),
)
FICKLE = earn(
    "fickle", Fraction(1), 100,
    rule_when=Condition("any", {"of": [bounded(min="40.00"), bounded(max="20.00")]}),
)  # fmt: skip
CAPS = {
    "monthly": Cap("monthly", 25, "units", Window("month")),
    "ticket": Cap("ticket", 20, "units", Window("event"), "keep"),
    "spent": Cap("spent", 9000, "amount", Window("rolling_days", 30)),
    "times": Cap("times", 3, "applications", Window("year"), "keep"),
}
METRICS = {
    "spend": Metric("spend", "order", "amount", Window("month")),
    "orders": Metric("orders", "order", "count", Window("rolling_days", 30)),
}


@st.composite
def worlds(
    draw: st.DrawFn,
    *,
    fickle: bool = False,
    debts: tuple[str, ...] | None = None,
    policies: tuple[str, ...] = ("proportional", "recompute", "keep"),
) -> Drive:
    returns = ReturnPolicy(draw(st.sampled_from(policies)))
    rules = RULES if returns is not ReturnPolicy.RECOMPUTE else STEADY
    points = currency(
        expiry=Expiry(ExpiryModel.FIXED, days=draw(st.sampled_from([0, 3, 40]))),
        pending=Pending(draw(st.sampled_from([0, 0, 5]))),
        debt=Debt(
            DebtPolicy(draw(st.sampled_from(debts or ("clamp", "allow")))),
            draw(st.sampled_from([None, 0, 30])) if debts is None else None,
        ),
        returns=returns,
        return_rounding=draw(st.sampled_from(list(Rounding))),
    )
    return Drive(
        programme(
            ZONE,
            currencies={"points": points},
            rules=(*RULES, FICKLE) if fickle else rules,
            caps=CAPS,
            metrics=METRICS,
        )
    )


def buy(drive: Drive, clock: Clock, history, lines) -> None:
    tell(drive, clock, history[:8])
    drive.send(
        ev.Order, clock.now.isoformat(), order_ref="this", lines=lines, shipping_minor=700,
        tenders=(ev.Tender("gift", 500),),
    )  # fmt: skip
    tell(drive, clock, [step for step in history[8:] if step.kind is not ev.Reversal])


@st.composite
def splits(draw: st.DrawFn, lines, *, whole: bool) -> tuple[list[tuple[int, int]], ...]:
    """Pieces of (line, quantity) that add up to the same totals, cut and shuffled twice."""
    totals = {}
    for n, line in enumerate(lines):
        most = line.quantity_milli
        totals[n] = most if whole else draw(st.integers(0, most))
    cuts = []
    for _ in range(2):
        pieces = []
        for n, quantity in totals.items():
            inner = draw(st.lists(st.integers(0, quantity), max_size=3))
            marks = [0, *sorted(inner), quantity]
            pieces += [(n, b - a) for a, b in pairwise(marks) if b > a]
        cuts.append(list(draw(st.permutations(pieces))))
    return tuple(cuts)


def return_each(drive: Drive, clock: Clock, pieces) -> None:
    for n, quantity in pieces:
        line = ev.ReturnLine(line=str(n + 1), quantity_milli=quantity)
        drive.send(ev.Return, clock.now.isoformat(), order_ref="this", lines=(line,))


def after(drive: Drive) -> dict[str, Any]:
    """The state, but for how many events it took."""
    found = state(drive)
    found["member"].seq = 0
    found.pop("undone")
    return found


def check_order_and_partition(data, drive, history, lines) -> None:
    clock = Clock(STARTS[ZONE])
    buy(drive, clock, history, lines)
    one, other = data.draw(splits(lines, whole=False))
    first, second, at_once = twin(drive), twin(drive), twin(drive)
    return_each(first, clock, one)
    return_each(second, clock, other)
    assert after(first) == after(second)
    totals = Counter[int]()
    for n, quantity in one:
        totals[n] += quantity
    if totals:
        wanted = tuple(ev.ReturnLine(line=str(n + 1), quantity_milli=q) for n, q in totals.items())
        at_once.send(ev.Return, clock.now.isoformat(), order_ref="this", lines=wanted)
        assert after(at_once) == after(first)


def check_full_return(data, drive, history, lines) -> None:
    clock = Clock(STARTS[ZONE])
    buy(drive, clock, history, lines)
    pieces, _ = data.draw(splits(lines, whole=True))
    pieces = pieces[: data.draw(st.integers(0, len(pieces)))]
    returned, cancelled = twin(drive), twin(drive)
    return_each(returned, clock, pieces)
    returned.send(ev.Return, clock.now.isoformat(), order_ref="this")  # with the shipping
    seq = max(seq for seq, sale in drive.standing.sales.items() if sale.order.order_ref == "this")
    cancelled.send(ev.Reversal, clock.now.isoformat(), reverses_seq=seq, reason="mistake")
    assert after(returned) == after(cancelled)


PARTITION = (st.data(), worlds(), histories, order_lines)


@settings(max_examples=120)
@given(*PARTITION)
def test_order_and_partition_do_not_matter(data, drive, history, lines):
    check_order_and_partition(data, drive, history, lines)


# Where returns let members keep what they earned, only a reversal takes it.
SPLIT = (st.data(), worlds(policies=("proportional", "recompute")), histories, order_lines)


@settings(max_examples=80)
@given(*SPLIT)
def test_a_full_return_after_any_split_is_the_cancellation(data, drive, history, lines):
    check_full_return(data, drive, history, lines)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=2000)
@given(*PARTITION)
def test_order_and_partition_do_not_matter_long(data, drive, history, lines):
    check_order_and_partition(data, drive, history, lines)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=2000)
@given(*SPLIT)
def test_a_full_return_after_any_split_is_the_cancellation_long(data, drive, history, lines):
    check_full_return(data, drive, history, lines)


FICKLE_WORLDS = (
    st.data(), worlds(fickle=True, policies=("recompute",)), histories, order_lines,
)  # fmt: skip


@settings(max_examples=120)
@given(*FICKLE_WORLDS)
def test_nothing_changes_where_a_rule_gives_again(data, drive, history, lines):
    check_order_and_partition(data, drive, history, lines)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=2000)
@given(*FICKLE_WORLDS)
def test_nothing_changes_where_a_rule_gives_again_long(data, drive, history, lines):
    check_order_and_partition(data, drive, history, lines)


@settings(max_examples=80)
@given(st.data(), worlds(debts=("refuse",)), histories, order_lines)
def test_what_cannot_be_covered_is_refused_however_it_is_cut(data, drive, history, lines):
    """One return is refused exactly when what it takes cannot be found."""
    clock = Clock(STARTS[ZONE])
    buy(drive, clock, history, lines)
    one, other = data.draw(splits(lines, whole=False))
    ends: list[Any] = []
    for pieces in (one, other):
        member = twin(drive)
        try:
            return_each(member, clock, pieces)
        except DebtRefused:
            ends.append(None)
        else:
            ends.append(after(member))
    # What remains only shrinks, so the last return of a partition meets what one return would.
    assert ends[0] == ends[1]
