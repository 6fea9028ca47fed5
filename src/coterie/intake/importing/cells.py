"""From the cells of a file to the values of fields: a closed set of exact transformations.

An :class:`Expression` is what a mapping declares. Money goes from decimal text (or the shortest
text of a float) to minor units without ever being a float.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from coterie.kernel.errors import nearest
from coterie.kernel.time import to_datetime

NUMBER_CHARS_MAX = 40
INTEGER_DIGITS_MAX = 18
SCALE_MAX = 9
# Two factors of 40 digits, and a sum of some: nothing is ever rounded by the context.
_EXACT = Context(prec=200)
_ONE = Decimal(1)
_FACTORS = [Decimal(10**scale) for scale in range(SCALE_MAX + 1)]
ROUNDINGS = {
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
}
TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1", "on", "是"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0", "off", "否"})
UNIX = {"unix": 1_000_000, "unix_ms": 1000, "unix_us": 1}


class Bad(Struct, frozen=True):
    """What stands in place of a value that could not be read, and why."""

    reason: str


class Expression(Struct, frozen=True):
    """How one field gets its value: a constant, or one or more columns and what is done to them.

    ``convert`` is text, decimal, integer, boolean, time, date or list; the fields after it belong
    to one or some of these. ``scale`` is the number of digits after the point that become minor
    units.
    """

    target: str
    line: int = 0
    columns: tuple[str, ...] = ()
    const: str | int | bool | None = None
    default: str | int | bool | None = None
    upper: bool = False
    lower: bool = False
    prefix: str = ""
    renamed: dict[str, str | int | bool | None] | None = None
    otherwise: str | int | bool | None = None
    joined_by: str | None = None
    convert: str = "text"
    scale: int = 0
    product: bool = False
    point: str = "."
    negate: bool = False
    rounding: str | None = None
    format: str | None = None
    zone: str | None = None
    separator: str = ","


def is_foreign(text: str) -> bool:
    """Tell whether a text holds what PostgreSQL cannot keep: a lone surrogate or a zero byte."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return True
    return "\0" in text


def as_text(value: Any) -> str | Bad:
    """Return a cell as the text a person would write; an empty cell is an empty text."""
    if isinstance(value, str):
        text = value.strip()
        return Bad("it holds a zero byte or half a character") if is_foreign(text) else text
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        # A number column with gaps is often stored as floats: 13085.0 is customer 13085.
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < NUMBER_CHARS_MAX else str(value)
    if isinstance(value, bytes):
        try:
            return as_text(value.decode())
        except UnicodeDecodeError:
            return Bad("it is not text")
    return str(value)


def as_decimal(value: Any, point: str = ".") -> Decimal | Bad | None:
    """Return a cell as an exact number; a float as the shortest decimal that means it."""
    if isinstance(value, int):
        return Decimal(value) if abs(value) < 10**NUMBER_CHARS_MAX else Bad("it is too large")
    text = repr(value) if isinstance(value, float) and not math.isnan(value) else as_text(value)
    if not text or isinstance(text, Bad):
        return text or None
    if len(text) > NUMBER_CHARS_MAX:
        return Bad("it is too long for a number")
    try:
        number = Decimal(text if _simple(text) and point == "." else _bare(text, point))
    except InvalidOperation:
        return Bad(f"{text!r} is not a number")
    if not number.is_finite() or abs(number.adjusted()) > NUMBER_CHARS_MAX:
        return Bad(f"{text!r} is not a number")
    return number


def _simple(text: str) -> bool:
    """Tell whether a text is a number as computers write it, such as -12.50."""
    return text.isascii() and text.removeprefix("-").replace(".", "", 1).isdigit()


def _bare(text: str, point: str) -> str:
    """Return a number as people write it without what groups its digits."""
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if "_" in plain:
        return "_"  # Python's own grouping is nobody else's
    return plain.replace(".", "").replace(",", ".") if point == "," else _ungrouped(plain)


def _ungrouped(text: str) -> str:
    """Return 1,234.50 without its commas; 12,5 stays as it is and so is refused."""
    whole, _, _ = text.partition(".")
    groups = whole.split(",")
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
        return text.replace(",", "")
    return text


# ------------------------------------------------------------------- one expression, one function


def function_of(expression: Expression) -> Callable[[Any], Any]:
    """Return what works out one cell (or a tuple of them, or of their numbers)."""
    make = _CONVERSIONS[expression.convert]
    return make(expression)


def _prepared(expression: Expression) -> Callable[[Any], Any]:
    """Return what every conversion begins with: one text, renamed where that is declared.

    What a rename or a default gives is a value already; it is wrapped so that it is converted
    only when it is text.
    """
    renamed = expression.renamed
    several = len(expression.columns) > 1

    def prepare(key: Any) -> Any:
        text = _joined(key, expression.joined_by or "") if several else as_text(key)
        if isinstance(text, Bad):
            return text
        if not text:
            return expression.default
        text = text.upper() if expression.upper else text
        text = text.lower() if expression.lower else text
        if renamed is None:
            return expression.prefix + text
        if text in renamed:
            return renamed[text]
        if expression.otherwise is not None:
            return expression.otherwise
        return Bad(f"{text!r} is not in the map.{nearest(text, renamed)}")

    return prepare


def _joined(cells: Sequence[Any], between: str) -> str | Bad:
    texts = [as_text(cell) for cell in cells]
    for text in texts:
        if isinstance(text, Bad):
            return text
    return between.join(str(text) for text in texts) if any(texts) else ""


def _text(expression: Expression) -> Callable[[Any], Any]:
    prepare = _prepared(expression)

    def convert(key: Any) -> Any:
        value = prepare(key)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    # An attribute declared by a rename may be a number or a truth value, and stays one.
    return prepare if expression.renamed is not None else convert


def _integer(expression: Expression) -> Callable[[Any], Any]:
    prepare = _prepared(expression)

    def convert(key: Any) -> Any:
        value = prepare(key)
        if value is None or isinstance(value, Bad | int):
            return value
        number = as_decimal(value, expression.point)
        return _minor(number, expression) if isinstance(number, Decimal) else number

    return convert


def _decimal(expression: Expression) -> Callable[[Any], Any]:
    """Exact arithmetic over one column, or over the numbers of some: their product or sum."""
    empty = None if expression.default is None else as_decimal(expression.default)

    def one(cell: Any) -> Any:
        number = as_decimal(cell, expression.point)
        number = empty if number is None else number
        return _minor(number, expression) if isinstance(number, Decimal) else number

    def product(numbers: Sequence[Any]) -> Any:
        total = _ONE
        for given in numbers:
            number = empty if given is None else given
            if not isinstance(number, Decimal):
                return number
            total = _EXACT.multiply(total, number)
        return _minor(total, expression)

    def added(numbers: Sequence[Any]) -> Any:
        total: Decimal | None = None
        for given in numbers:
            number = empty if given is None else given
            if isinstance(number, Bad):
                return number
            if number is not None:
                total = number if total is None else _EXACT.add(total, number)
        return None if total is None else _minor(total, expression)

    if len(expression.columns) == 1:
        return one
    return product if expression.product else added


def _minor(number: Decimal, expression: Expression) -> int | Bad:
    if number and number.adjusted() + expression.scale >= INTEGER_DIGITS_MAX:
        return Bad(f"{number} is too large")
    scaled = _EXACT.multiply(number, _FACTORS[expression.scale])
    whole = int(scaled)
    if whole != scaled:
        if expression.rounding is None:
            digits = f"more than {expression.scale} digits" if expression.scale else "digits"
            return Bad(f"{number} has {digits} after the point")
        whole = int(scaled.to_integral_value(ROUNDINGS[expression.rounding], _EXACT))
    return -whole if expression.negate else whole


def _boolean(expression: Expression) -> Callable[[Any], Any]:
    prepare = _prepared(expression)

    def convert(key: Any) -> Any:
        value = prepare(key)
        if value is None or isinstance(value, Bad | bool):
            return value
        word = str(value).lower()
        if word in TRUE_WORDS:
            return True
        return False if word in FALSE_WORDS else Bad(f"{value!r} is neither true nor false")

    return convert


def _time(expression: Expression) -> Callable[[Any], Any]:
    prepare = _prepared(expression)
    zone = ZoneInfo(expression.zone) if expression.zone else None
    read = _moment_reader(expression.format)

    def convert(key: Any) -> Any:
        value = key if isinstance(key, datetime) else prepare(key)
        if value is None or isinstance(value, Bad):
            return value
        try:
            moment = value if isinstance(value, datetime) else read(str(value))
            if moment.utcoffset() is None:
                if zone is None:
                    return Bad(f"{value!s} has no offset from UTC; the mapping may say `zone`")
                # The first of two equal wall times; one that was skipped is moved ahead.
                moment = moment.replace(tzinfo=zone)
            return moment.isoformat()
        except (ValueError, OverflowError):
            return Bad(f"{value!s} is not a date and time" + _like(expression.format))

    return convert


def _moment_reader(written: str | None) -> Callable[[str], datetime]:
    if written is None:
        return datetime.fromisoformat
    if written in UNIX:
        return lambda text: _unix(text, UNIX[written])
    return lambda text: datetime.strptime(text, written)  # noqa: DTZ007


def _unix(text: str, factor: int) -> datetime:
    number = as_decimal(text)
    if not isinstance(number, Decimal):
        raise ValueError(text)  # noqa: TRY004 - as datetime says it
    return to_datetime(int(number * factor))


def _date(expression: Expression) -> Callable[[Any], Any]:
    prepare = _prepared(expression)
    written = expression.format

    def convert(key: Any) -> Any:
        if isinstance(key, date):
            return key.date().isoformat() if isinstance(key, datetime) else key.isoformat()
        value = prepare(key)
        if value is None or isinstance(value, Bad):
            return value
        try:
            if written is None:
                return date.fromisoformat(str(value)).isoformat()
            return datetime.strptime(str(value), written).date().isoformat()  # noqa: DTZ007
        except ValueError:
            return Bad(f"{value!s} is not a date" + _like(written))

    return convert


def _like(written: str | None) -> str:
    return f" written as {written}" if written else " such as 2026-01-31"


def _list(expression: Expression) -> Callable[[Any], Any]:
    prepare = _prepared(expression)

    def convert(key: Any) -> Any:
        value = prepare(key)
        if value is None or isinstance(value, Bad):
            return value
        parts = (part.strip() for part in str(value).split(expression.separator))
        return tuple(part for part in parts if part)

    return convert


_CONVERSIONS: dict[str, Callable[[Expression], Callable[[Any], Any]]] = {
    "text": _text,
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "time": _time,
    "date": _date,
    "list": _list,
}
