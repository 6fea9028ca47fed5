"""The pieces that sentences about a programme are put together from, in Chinese and English."""

from __future__ import annotations

from fractions import Fraction

from coterie.kernel.numbers import format_minor, money_exponent
from coterie.programme.model import Programme

_DIGITS_MAX = 12

ROUNDED = {
    "zh": {
        "down": "舍去尾数",
        "up": "进一",
        "half_up": "四舍五入",
        "half_down": "五舍六入",
        "half_even": "四舍六入五成双",
    },
    "en": {
        "down": "rounded down",
        "up": "rounded up",
        "half_up": "rounded half up",
        "half_down": "rounded half down",
        "half_even": "rounded half to even",
    },
}


def pick(words: object, lang: str) -> str:
    """Return a text in the one language."""
    return str(getattr(words, lang))


def money_words(minor: int, programme: Programme) -> str:
    """Return an amount of the programme's money: ``CNY 12.50``."""
    return f"{programme.money} {format_minor(minor, money_exponent(programme.money))}"


def short_number(minor: int, scale: int) -> str:
    """Return a number without the digits that say nothing: ``60`` for 60.000, ``1.5``."""
    text = format_minor(minor, scale)
    return text.rstrip("0").rstrip(".") if scale else text


def ratio_text(value: Fraction) -> str:
    """Return a ratio as it is written: ``2``, ``1.5`` or ``1/3``."""
    for digits in range(_DIGITS_MAX + 1):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            return format_minor(scaled.numerator, digits)
    return f"{value.numerator}/{value.denominator}"
