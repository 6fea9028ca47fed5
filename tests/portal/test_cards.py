"""Cards: numbers that catch a slip of the finger, and drawings that a scanner reads."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from coterie.members import (
    Newcomer,
    create_members,
    give_card,
    luhn,
    number_for,
    read_member,
)
from coterie.portal.cards import card_of, draw
from coterie.storage import Connection

NOW = 1_767_225_600_000_000


def test_the_check_digit_is_that_of_the_standard():
    assert luhn("7992739871") == "3"


@given(st.integers(1, 10**10 - 1), st.data())
def test_one_wrong_digit_is_noticed(member_id: int, data: st.DataObject):
    number = number_for(member_id)
    assert len(number) == 13
    place = data.draw(st.integers(0, 11))
    wrong = str((int(number[place]) + data.draw(st.integers(1, 9))) % 10)
    assert luhn(number[:place] + wrong + number[place + 1 : 12]) != number[12]


def test_a_member_gets_a_number_of_its_own(db: Connection):
    first, second = create_members(
        db, [Newcomer(enrolled_us=0), Newcomer(enrolled_us=0)], now_us=NOW
    )
    assert isinstance(first, int)
    assert isinstance(second, int)
    taken = number_for(second)
    newcomer = Newcomer(identities=(("card", taken),), enrolled_us=0)
    assert isinstance(create_members(db, [newcomer], now_us=NOW)[0], int)
    assert give_card(db, first, now_us=NOW) == number_for(first)
    other = give_card(db, second, now_us=NOW)
    assert other != taken
    assert luhn(other[:12]) == other[12]
    card = card_of(read_member(db, first).identities)
    assert card is not None
    assert card.number.replace(" ", "") == number_for(first)


def test_drawings_have_no_style_and_no_script():
    card = draw("8800000000011")
    for drawn in (card.qr, card.bars):
        assert drawn.startswith("<svg")
        assert not re.search(r"style=|<script|<style| on[a-z]+=", drawn)
    bars = card.bars.count("M")
    assert bars > 40
