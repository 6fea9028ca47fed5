"""Exact ratios and roundings over integers."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

from coterie.kernel.errors import Malformed, nearest

INT64_MAX = 2**63 - 1
_DIGITS_MAX = 30
"""More digits before the point than any amount has; checked before anything is multiplied out."""


class Rounding(StrEnum):
    """How a fraction of a minor unit becomes whole; all are defined for values of zero or more."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    HALF_EVEN = "half_even"


# By names of this module: asking an enumeration for a member is a call in Python 3.11.
_DOWN, _UP, _HALF_UP, _HALF_EVEN = (
    Rounding.DOWN,
    Rounding.UP,
    Rounding.HALF_UP,
    Rounding.HALF_EVEN,
)


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Return ``numerator / denominator`` as a whole number; both are positive or zero."""
    if rounding is _DOWN:
        return numerator // denominator
    if rounding is _HALF_UP:
        return (2 * numerator + denominator) // (2 * denominator)
    if rounding is _UP:
        return -(-numerator // denominator)
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice != denominator:
        return whole + (twice > denominator)
    # Exactly half: down, or to the even neighbour.
    return whole + whole % 2 if rounding is _HALF_EVEN else whole


def parse_ratio(text: str | int | Fraction, *, where: str = "") -> Fraction:
    """Read an exact ratio from ``1.5``, ``3/2`` or ``2``; floats never enter."""
    try:
        value = Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        raise Malformed(f"{text!r} is not a number such as 1.5 or 3/2.", where=where) from None
    return value


def parse_minor(text: str | int, scale: int, *, where: str = "") -> int:
    """Read a decimal such as ``12.50`` into minor units of ``scale`` digits, exactly."""
    try:
        value = Decimal(str(text).strip())
    except InvalidOperation:
        raise Malformed(f"{text!r} is not a number.", where=where) from None
    if not value.is_finite():
        raise Malformed(f"{text!r} is not a number.", where=where)
    if value.adjusted() > _DIGITS_MAX:
        raise Malformed(f"{text!r} is too large.", where=where)
    # Moved by hand: Decimal's own arithmetic would round a long number to its context's precision.
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # a finite number has one
    coefficient = int("".join(map(str, digits)))
    shift = exponent + scale
    if coefficient == 0:
        return 0
    if shift < -len(digits) or (shift < 0 and coefficient % 10**-shift):
        raise Malformed(f"{text!r} has more than {scale} digits after the point.", where=where)
    power: int = 10 ** abs(shift)
    minor = coefficient * power if shift >= 0 else coefficient // power
    if minor > INT64_MAX:
        raise Malformed(f"{text!r} is too large.", where=where)
    return -minor if sign else minor


def format_minor(amount: int, scale: int) -> str:
    """Write minor units as a plain decimal."""
    # The format, because str() writes small ones as 1E-9.
    return f"{Decimal(amount).scaleb(-scale):f}" if scale else str(amount)


@lru_cache(maxsize=512)
def money_exponent(currency: str) -> int:
    """Return how many digits an ISO 4217 currency has after the point, or refuse."""
    known = list_currencies()
    if currency not in known:
        raise Malformed(f"{currency!r} is not an ISO 4217 currency.{nearest(currency, known)}")
    return int(get_currency_precision(currency))
