"""Which lines of which sales come back, and what a source does about what fits none."""

from fractions import Fraction
from typing import Any

import pytest

from coterie.events import model as ev
from coterie.kernel.errors import Malformed
from coterie.programme.errors import ReturnUnmatched, Waits
from coterie.programme.model import Basis, ReturnPolicy, Source
from tests.ledger.driver import Drive, currency, earn, programme

SOURCES = {code: Source(code, unmatched_returns=code) for code in ("refuse", "match", "approve")}


def bought(amount: int, product: str, pieces: int = 1, line: str | None = None) -> ev.OrderLine:
    return ev.OrderLine(amount, line=line, product=product, quantity_milli=pieces * 1000)


def member(**parts: Any) -> Drive:
    parts.setdefault("rules", (earn("base", Fraction(1), 100),))
    return Drive(programme(sources=SOURCES, return_days=30, **parts))


def at(day: int, month: int = 3) -> str:
    return f"2026-{month:02}-{day:02}T12:00:00+00:00"


def shop() -> Drive:
    """Three sales of tea: 2 pieces for 20.00, 1 for 12.00, 3 for 30.00; and a pot."""
    drive = member()
    drive.send(ev.Order, at(1), order_ref="A", lines=(bought(2000, "tea", 2), bought(500, "pot")))
    drive.send(ev.Order, at(10), order_ref="B", lines=(bought(1200, "tea"),))
    drive.send(ev.Order, at(20), order_ref="C", lines=(bought(3000, "tea", 3),))
    return drive


def back(drive: Drive, when: str, *lines: ev.ReturnLine, **more: Any) -> Any:
    return drive.send(ev.Return, when, lines=lines, **more)


def tea(pieces: int | None = None, amount: int | None = None) -> ev.ReturnLine:
    quantity = None if pieces is None else pieces * 1000
    return ev.ReturnLine(product="tea", quantity_milli=quantity, amount_minor=amount)


def test_without_a_reference_the_newest_sales_come_first():
    drive = shop()
    sent = back(drive, at(21), tea(5))
    # Three of C for 30.00, the one of B for 12.00, one of the two of A for 10.00.
    assert sent.returned == [(3, 0, 3000, 3000), (2, 0, 1000, 1200), (1, 0, 1000, 1000)]
    assert drive.balances()[0] == 67 - 30 - 12 - 10


def test_only_sales_within_the_window_and_before_the_return_are_looked_at():
    drive = shop()
    sent = back(drive, at(9, 4), tea(1))  # the window reaches back to 10 March
    assert sent.returned == [(3, 0, 1000, 1000)]
    with pytest.raises(ReturnUnmatched):
        back(drive, at(10, 4), tea(3))  # two of C are left, B and A are too old
    late = drive.send(ev.Return, at(15), at(10, 4), lines=(tea(1),))
    assert late.returned == [(2, 0, 1000, 1200)]  # on the 15th C was not bought yet


def test_a_stated_amount_is_spread_over_the_pieces():
    sent = back(shop(), at(21), tea(4, amount=2000))
    assert sent.returned == [(3, 0, 3000, 1500), (2, 0, 1000, 500)]


def test_an_amount_alone_takes_money_and_no_goods():
    drive = shop()
    sent = back(drive, at(21), ev.ReturnLine(product="tea", amount_minor=3500))
    assert sent.returned == [(3, 0, 0, 3000), (2, 0, 0, 500)]
    assert drive.balances()[0] == 67 - 35


def test_lines_are_named_by_their_code_or_their_number():
    drive = member()
    lines = (bought(1000, "tea", line="first"), bought(2000, "pot"))
    drive.send(ev.Order, at(1), order_ref="A", lines=lines)
    assert back(drive, at(2), ev.ReturnLine(line="2"), order_ref="A").returned == [
        (1, 1, 1000, 2000)
    ]
    with pytest.raises(ReturnUnmatched):
        back(drive, at(2), ev.ReturnLine(line="1"), order_ref="A")
    sent = back(drive, at(2), ev.ReturnLine(line="first"), order_ref="A")
    assert sent.returned == [(1, 0, 1000, 1000)]


def test_parts_of_a_line_add_up_to_all_of_it():
    drive = member()
    drive.send(ev.Order, at(1), order_ref="A", lines=(bought(1000, "tea", 3),))
    amounts = [back(drive, at(2), tea(1), order_ref="A").returned[0][3] for _ in range(3)]
    assert amounts == [333, 333, 334]


def test_a_source_may_take_what_fits():
    drive = shop()
    sent = back(drive, at(21), tea(9), source="match")
    assert sent.returned == [(3, 0, 3000, 3000), (2, 0, 1000, 1200), (1, 0, 2000, 2000)]
    assert sent.excess == [(0, 3000)]
    with pytest.raises(ReturnUnmatched):
        back(drive, at(21), tea(1), source="match")


def test_a_source_may_let_it_wait_until_somebody_approves():
    drive = shop()
    with pytest.raises(Waits, match="unmatched_return"):
        back(drive, at(21), tea(9), source="approve")
    drive.approved = True
    assert back(drive, at(21), tea(9), source="approve").excess == [(0, 3000)]


def test_otherwise_all_of_it_is_refused_and_the_answer_says_how_much():
    with pytest.raises(ReturnUnmatched) as refused:
        back(shop(), at(21), ev.ReturnLine(product="pot"), tea(9))
    assert refused.value.facts["excess"] == [[1, 3000]]
    assert refused.value.where == "lines[1]"


@pytest.mark.parametrize("lines", [(), (ev.ReturnLine(line="1"),), (ev.ReturnLine(),)])
def test_a_return_without_a_reference_names_products(lines: tuple[ev.ReturnLine, ...]):
    with pytest.raises(Malformed):
        back(shop(), at(21), *lines)


def test_a_line_and_a_product_must_be_of_one_another():
    drive = shop()
    with pytest.raises(ReturnUnmatched):
        back(drive, at(21), ev.ReturnLine(line="1", product="pot"), order_ref="A")
    sent = back(drive, at(21), ev.ReturnLine(line="2", product="pot"), order_ref="A")
    assert sent.returned == [(1, 1, 1000, 500)]


def test_shipping_comes_back_with_the_whole_sale_only():
    rule = earn("base", Fraction(1), 100, basis=Basis(shipping=True))
    drive = member(rules=(rule,))
    drive.send(ev.Order, at(1), order_ref="A", lines=(bought(1000, "tea"),), shipping_minor=700)
    back(drive, at(2), tea(), order_ref="A")
    assert drive.balances()[0] == 7
    assert back(drive, at(3), order_ref="A").returned == [(1, -1, 1000, 700)]
    assert drive.balances()[0] == 0


def test_recomputed_tenders_shrink_with_the_order():
    points = currency(returns=ReturnPolicy.RECOMPUTE)
    rule = earn("base", Fraction(1), 100, basis=Basis(without_tenders=("gift",)))
    drive = member(currencies={"points": points}, rules=(rule,))
    lines = (bought(6000, "tea"), bought(4000, "pot"))
    gift = (ev.Tender("gift", 5000), ev.Tender("cash", 5000))
    drive.send(ev.Order, at(1), order_ref="A", lines=lines, tenders=gift)
    assert drive.balances()[0] == 50
    # 40.00 remain, half of it paid by the gift card.
    back(drive, at(2), tea(), order_ref="A")
    assert drive.balances()[0] == 20


def test_a_free_line_comes_back_by_its_pieces():
    drive = member(rules=(earn("gift", Fraction(10)),))
    drive.send(ev.Order, at(1), order_ref="A", lines=(bought(0, "tea", 4),))
    back(drive, at(2), tea(1), order_ref="A")
    assert drive.balances()[0] == 7  # three quarters of ten, rounded down
    back(drive, at(2), tea(), order_ref="A")
    assert drive.balances()[0] == 0


def test_nothing_is_changed_by_what_is_refused():
    drive = shop()
    before = drive.state()
    for line in (tea(9), tea(1, 10**9), ev.ReturnLine(product="cup")):
        with pytest.raises(ReturnUnmatched):
            back(drive, at(19), line, order_ref="Z")
    assert drive.state() == before
