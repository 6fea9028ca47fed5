"""Exact division, and decimals that become integers without losing a digit."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
)
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import (
    INT64_MAX,
    Rounding,
    divide,
    format_minor,
    money_exponent,
    parse_minor,
    parse_ratio,
)

MODES = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.UP: ROUND_CEILING,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_DOWN: ROUND_HALF_DOWN,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
}


@given(st.integers(0, 10**15), st.integers(0, 12), st.sampled_from(list(Rounding)))
def test_rounding_is_that_of_decimal(numerator, digits, mode):
    context = Context(prec=60, rounding=MODES[mode])
    value = Decimal(numerator).scaleb(-digits, context)
    expected = value.to_integral_value(MODES[mode], context)
    assert divide(numerator, 10**digits, mode) == int(expected)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.sampled_from(list(Rounding)))
def test_rounding_is_to_a_neighbour(numerator, denominator, mode):
    exact = Fraction(numerator, denominator)
    found = divide(numerator, denominator, mode)
    assert abs(found - exact) < 1
    if mode not in (Rounding.DOWN, Rounding.UP):
        assert abs(found - exact) <= Fraction(1, 2)
    if exact.denominator == 1:
        assert found == exact


@pytest.mark.parametrize(
    ("numerator", "expected"),  # down, up, half up, half down, half even
    [
        (0, [0, 0, 0, 0, 0]),
        (1, [0, 1, 1, 0, 0]),
        (3, [1, 2, 2, 1, 2]),
        (5, [2, 3, 3, 2, 2]),
        (4, [2, 2, 2, 2, 2]),
    ],
)
def test_halves(numerator, expected):
    assert [divide(numerator, 2, mode) for mode in Rounding] == expected


@given(st.integers(-INT64_MAX, INT64_MAX), st.integers(0, 9))
def test_minor_units_are_written_and_read_back(amount, scale):
    assert parse_minor(format_minor(amount, scale), scale) == amount


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12.50", 1250), ("0", 0), ("-0.01", -1), ("1e2", 10_000), (" 7 ", 700), ("0e-99999", 0),
     ("92233720368547758.07", INT64_MAX)],
)  # fmt: skip
def test_decimals_become_minor_units(text, minor):
    assert parse_minor(text, 2) == minor


@pytest.mark.parametrize(
    "text",
    [
        "12.505",
        "1.00000000000000000000000000000000000001",  # more digits than Decimal's context keeps
        "1e-99999999",
        "1e99999999",
        "92233720368547758.08",
        "NaN",
        "Infinity",
        "twelve",
        "",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(Malformed):
        parse_minor(text, 2, where="amount")


def test_ratios_are_exact():
    assert parse_ratio("1.1") == Fraction(11, 10)
    assert parse_ratio("3/2") == Fraction(3, 2)
    for text in ("1/0", "one", ""):
        with pytest.raises(Malformed):
            parse_ratio(text)


def test_money_has_its_currencys_exponent():
    assert [money_exponent(code) for code in ("CNY", "JPY", "KWD")] == [2, 0, 3]
    with pytest.raises(Malformed, match="CNZ"):
        money_exponent("CNZ")
