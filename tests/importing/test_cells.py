"""Cells become values exactly, or say why not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.intake.importing.cells import Bad, Expression
from coterie.intake.importing.columns import Column


def value(cell: object, **given: object) -> object:
    expression = Expression("field", columns=("c",), **given)  # type: ignore[arg-type]
    return Column(expression).over({"c": [cell]}, 1)[0]


@pytest.mark.parametrize(
    ("cell", "scale", "minor"),
    [
        ("12.50", 2, 1250),
        (" 1,234.50 ", 2, 123450),
        (6.95, 2, 695),
        (0.1 + 0.2, 2, "has more than 2 digits"),
        ("-3", 2, -300),
        (12, 3, 12000),
        (Decimal("1.5"), 1, 15),
        ("1e3", 0, 1000),
        ("", 2, None),
        (float("nan"), 2, None),
        (None, 2, None),
        ("12,5", 2, "is not a number"),
        ("inf", 2, "is not a number"),
        ("1_000", 2, "is not a number"),
        ("1e99", 2, "is not a number"),
        ("9" * 30, 2, "is too large"),
        ("0.005", 2, "more than 2 digits"),
    ],
)
def test_decimals_become_minor_units(cell: object, scale: int, minor: object):
    found = value(cell, convert="decimal", scale=scale)
    if isinstance(minor, str):
        assert isinstance(found, Bad)
        assert minor in found.reason
    else:
        assert found == minor


@given(st.integers(-(10**12), 10**12))
def test_a_price_stored_as_a_float_is_what_was_meant(minor: int):
    assert value(minor / 100, convert="decimal", scale=2) == minor


def test_a_decimal_comma():
    assert value("1.234,50", convert="decimal", scale=2, point=",") == 123450


@pytest.mark.parametrize(
    ("rounding", "minor"), [("down", 12), ("up", 13), ("half_up", 13), ("half_even", 12)]
)
def test_roundings_are_declared(rounding: str, minor: int):
    assert value("0.125", convert="decimal", scale=2, rounding=rounding) == minor
    assert value("-0.125", convert="decimal", scale=2, rounding=rounding) == -minor


def test_products_and_sums_are_exact():
    columns: dict[str, list[Any]] = {"a": ["3", "", "x"], "b": [1.1, 2.0, 1.0]}
    product = Expression("f", columns=("a", "b"), convert="decimal", scale=2, product=True)
    found = Column(product).over(columns, 3)
    assert found[:2] == [330, None]
    assert isinstance(found[2], Bad)
    total = Expression("f", columns=("a", "b"), convert="decimal", scale=1, negate=True)
    assert Column(total).over(columns, 3)[:2] == [-41, -20]


@pytest.mark.parametrize(
    ("cell", "given", "found"),
    [
        ("2026-01-31T18:30:00+08:00", {}, "2026-01-31T18:30:00+08:00"),
        ("2026-01-31 18:30", {"zone": "Asia/Shanghai"}, "2026-01-31T18:30:00+08:00"),
        (
            datetime.fromisoformat("2010-07-01T09:00"),
            {"zone": "Europe/London"},
            "2010-07-01T09:00:00+01:00",
        ),
        (datetime(2010, 7, 1, 9, tzinfo=UTC), {"zone": "Asia/Tokyo"}, "2010-07-01T09:00:00+00:00"),
        ("31/01/2026", {"format": "%d/%m/%Y", "zone": "UTC"}, "2026-01-31T00:00:00+00:00"),
        ("0", {"format": "unix"}, "1970-01-01T00:00:00+00:00"),
        (1_500, {"format": "unix_ms"}, "1970-01-01T00:00:01.500000+00:00"),
        # Told twice in that night: the first is meant. Skipped in that one: moved ahead.
        ("2010-10-31 01:30", {"zone": "Europe/London"}, "2010-10-31T01:30:00+01:00"),
        ("2010-03-28 01:30", {"zone": "Europe/London"}, "2010-03-28T01:30:00+00:00"),
    ],
)
def test_times(cell: object, given: dict[str, object], found: str):
    assert value(cell, convert="time", **given) == found


@pytest.mark.parametrize(
    ("cell", "given"),
    [
        ("2026-01-31 18:30", {}),
        ("yesterday", {"zone": "UTC"}),
        ("1e30", {"format": "unix"}),
        ("31/31/2026", {"format": "%d/%m/%Y", "zone": "UTC"}),
    ],
)
def test_times_that_name_no_moment(cell: object, given: dict[str, object]):
    assert isinstance(value(cell, convert="time", **given), Bad)


def test_dates():
    assert value(date(2026, 1, 31), convert="date") == "2026-01-31"
    assert value(datetime.fromisoformat("2026-01-31T08:00"), convert="date") == "2026-01-31"
    assert value("31.01.2026", convert="date", format="%d.%m.%Y") == "2026-01-31"
    assert isinstance(value("2026-02-30", convert="date"), Bad)


def test_texts():
    assert value(" a ") == "a"
    assert value(13085.0) == "13085"
    assert value("a", upper=True, prefix="shop-") == "shop-A"
    assert value("", default="x") == "x"
    assert isinstance(value("a\0b"), Bad)
    assert value("一级", renamed={"一级": "gold"}) == "gold"
    assert value("B", renamed={"A": 1}, otherwise=0) == 0
    found = value("gld", renamed={"gold": 1})
    assert isinstance(found, Bad)
    assert "Did you mean 'gold'" in found.reason


def test_integers_booleans_and_lists():
    assert value("12", convert="integer") == 12
    assert isinstance(value("12.5", convert="integer"), Bad)
    assert value("是", convert="boolean") is True
    assert value("0", convert="boolean") is False
    assert isinstance(value("maybe", convert="boolean"), Bad)
    assert value("a, b,,c", convert="list") == ("a", "b", "c")


def test_joined_columns():
    joined = Expression("f", columns=("a", "b"), joined_by="-")
    assert Column(joined).over({"a": ["x", ""], "b": [1, None]}, 2) == ["x-1", None]
