"""The verbs of a book: what they move, and that they refuse before they move."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.ledger.errors import DebtRefused, InsufficientUnits
from coterie.ledger.model import HOLDER_ACCOUNTS, Account, AccountName, HoldRecord, Lot, LotState
from coterie.ledger.rules import Book, debt_room, held_parts

SIDES = st.sampled_from([str(name) for name in AccountName])


def lot(number: int, remaining: int, **more: Any) -> Lot:
    return Lot(number, "points", 1, 100, remaining, number, **more)


def book(*lots: Lot, owed: int = 0) -> Book:
    available = sum(each.remaining for each in lots if each.state is LotState.OPEN)
    account = Account("points", available=available, owed=owed)
    return Book({"points": account}, {each.lot_no: each for each in lots}, 50)


@given(st.lists(st.tuples(SIDES, SIDES, st.integers(1, 100)), max_size=30))
def test_balances_are_the_sum_of_movements(moves):
    found = book()
    for debit, credit, units in moves:
        if debit != credit:
            found.move("points", debit, credit, units, "test")
    account = found.account("points")
    for name in HOLDER_ACCOUNTS:
        moved = sum(m.units * ((m.credit == name) - (m.debit == name)) for m in found.movements)
        assert getattr(account, name) == (-moved if name == "owed" else moved)
    assert [m.n for m in found.movements] == list(range(1, len(found.movements) + 1))


def test_the_burn_order_is_total():
    lots = [
        lot(1, 5),
        lot(2, 5, expires_us=90),
        lot(3, 5, expires_us=80),
        lot(4, 5, expires_us=80, priority=-1),
        lot(5, 5, priority=1, expires_us=60),
        lot(6, 0),
        lot(7, 5, state=LotState.PENDING),
    ]
    assert [each.lot_no for each in book(*lots).open_lots("points")] == [4, 3, 2, 1, 5]


def test_what_is_owed_cannot_be_spent():
    found = book(lot(1, 50), owed=20)
    found.require("points", 30)
    before = copy.deepcopy(found.accounts)
    with pytest.raises(InsufficientUnits) as refused:
        found.require("points", 31)
    assert refused.value.facts == {"currency": "points", "needed": 31, "available": 30}
    with pytest.raises(InsufficientUnits):
        found.require("stars", 1)
    assert found.accounts == before


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4),
    st.integers(1, 300),
    st.sampled_from([0, 10, 2**62]),
)
def test_taking_back_finds_every_unit_somewhere(shape, units, room):
    own = [lot(n, remaining, lapsed=lapsed) for n, (remaining, lapsed) in enumerate(shape, 1)]
    other = lot(9, 25)
    found = book(*own, other)
    found.take_back("points", units, own, "return", "rule", debt_room=room)
    moved: dict[str, int] = {}
    for m in found.movements:
        assert m.credit == "issued"
        moved[m.debit] = moved.get(m.debit, 0) + m.units
    assert sum(moved.values()) == units
    open_own, lapsed = sum(r for r, _ in shape), sum(x for _, x in shape)
    own_part = min(units, open_own)
    lapsed_part = min(units - own_part, lapsed)
    other_part = min(units - own_part - lapsed_part, 25)
    rest = units - own_part - lapsed_part - other_part
    expected = {
        "available": own_part + other_part,
        "breakage": lapsed_part,
        "owed": min(rest, room),
        "written_off": max(rest - room, 0),
    }
    assert moved == {account: n for account, n in expected.items() if n}
    assert found.account("points").available == sum(each.remaining for each in (*own, other))


@pytest.mark.parametrize(
    ("policy", "limit", "owed", "room"),
    [("clamp", None, 5, 0), ("allow", None, 5, 2**62), ("allow", 20, 5, 15), ("allow", 3, 5, 0)],
)
def test_how_far_a_debt_may_grow(policy, limit, owed, room):
    assert debt_room(owed, policy, limit, 7) == room


def test_a_policy_may_refuse_a_shortage():
    assert debt_room(0, "refuse", None, 0) == 0
    with pytest.raises(DebtRefused) as refused:
        debt_room(0, "refuse", None, 7)
    assert refused.value.facts == {"missing": 7}


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5), st.data())
def test_a_hold_is_split_in_its_order(parts, data):
    units = data.draw(st.integers(0, sum(parts)))
    hold = HoldRecord("h", "points", sum(parts), 1, 60, list(enumerate(parts, 1)))
    captured, rest = held_parts(hold, units)
    assert sum(n for _, n in captured) == units
    assert sum(n for _, n in rest) == sum(parts) - units
    assert all(n for _, n in (*captured, *rest))
    if captured and rest:
        assert max(number for number, _ in captured) <= min(number for number, _ in rest)
