"""The canonical text: reading it gives the same programme, whatever the programme is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import coterie
from coterie.programme.reading import read_canonical, read_programme, read_with_warnings
from coterie.programme.saying import ratio_text
from coterie.programme.schema import schema_text
from coterie.programme.writing import canonical_text, programme_document, text_sha256
from tests.programme.writing_programmes import SMALL

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path(coterie.__file__).parent / "programme" / "library"

CODES = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_.-]{0,8}\Z")
TEXTS = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\uffff\ufffe"
    ),
    min_size=1,
    max_size=12,
).filter(str.strip)
WORDS = st.fixed_dictionaries({"zh": TEXTS, "en": TEXTS})
DAYS = st.dates().map(str)
MONEY = st.integers(0, 10**9).map(lambda n: f"{n // 100}.{n % 100:02d}")
PRICE = st.integers(1, 10**9).map(lambda n: f"{n // 100}.{n % 100:02d}")
RATIOS = st.one_of(
    st.integers(1, 10**6),
    st.fractions(1, 1000, max_denominator=999).map(str),
    st.decimals(1, 100, places=3).map(str),
)
ROUNDINGS = st.sampled_from(["down", "up", "half_up", "half_even"])
WINDOWS = st.one_of(
    st.sampled_from(["day", "week", "month", "quarter", "year", "lifetime"]),
    st.integers(1, 400).map(lambda n: {"rolling_days": n}),
    st.integers(1, 120).map(lambda n: {"rolling_months": n}),
)
EXPIRIES = st.one_of(
    st.just({"model": "none"}),
    st.fixed_dictionaries(
        {"model": st.just("fixed"), "months": st.integers(1, 60), "days": st.integers(0, 9)},
        optional={"round_to": st.sampled_from(["none", "month", "quarter", "year"])},
    ),
    st.fixed_dictionaries(
        {"model": st.just("calendar"), "dates": st.just(["02-29", "12-31"])},
        optional={"min_months": st.integers(0, 24)},
    ),
    st.fixed_dictionaries(
        {"model": st.just("inactivity"), "days": st.integers(1, 900)},
        optional={"activities": st.just(["order", "activity:visit"])},
    ),
)


def optional(**parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


@st.composite
def currencies(draw: st.DrawFn) -> dict[str, Any]:
    scale = draw(st.integers(0, 4))
    units = st.integers(0, 10**6).map(lambda n: f"{n}.{'5' * scale}" if scale else n)
    debt = st.fixed_dictionaries(
        {"policy": st.sampled_from(["refuse", "clamp", "allow"])},
        optional={"limit_units": st.one_of(st.none(), units)},
    )
    rest = optional(
        expiry=EXPIRIES,
        pending=optional(
            days=st.integers(0, 60), expiry_from=st.sampled_from(["earning", "release"])
        ),
        debt=debt,
        returns=st.sampled_from(["proportional", "recompute", "keep"]),
        return_rounding=ROUNDINGS,
        lapsed_refund=st.sampled_from(["lapse", "extend_days"]),
        extend_days=st.integers(0, 90),
        hold_minutes=st.integers(1, 600),
        transferable=st.booleans(),
        spendable=st.booleans(),
        unit_cost=st.sampled_from(["0", "0.01", "0.0005", 1]),
        funder=CODES,
    )
    return {"name": draw(WORDS), "scale": scale, **draw(rest)}


LINE_LEAVES = st.one_of(
    st.sampled_from(["category", "brand", "product", "tag"]).flatmap(
        lambda kind: st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda v: {kind: v})
    )
)
EVENT_LEAVES = st.one_of(
    st.sampled_from(["store", "channel", "source", "partner", "campaign"]).flatmap(
        lambda kind: TEXTS.map(lambda value: {kind: value})
    ),
    st.lists(st.sampled_from(["mon", "fri", "sun"]), min_size=1, unique=True).map(
        lambda days: {"weekday": days}
    ),
    DAYS.map(lambda day: {"date": {"from": day}}),
    st.sampled_from([8, "last", "11-11", [1, "02-29"]]).map(lambda days: {"month_day": days}),
    st.sampled_from(["basic", "gold"]).map(
        lambda v: {"attribute": {"code": "level", "at_least": v}}
    ),
    MONEY.map(lambda money: {"order_amount": {"min": money}}),
    MONEY.map(lambda money: {"metric": {"code": "spend", "max": money}}),
    st.integers(1, 99).map(lambda n: {"nth": {"metric": "orders", "every": n}}),
    st.integers(0, 99).map(lambda n: {"new_member_days": n}),
    st.integers(0, 99).map(lambda n: {"birthday": {"attribute": "born", "within_days": n}}),
    st.just({"birthday_month": "born"}),
    st.just({"time_of_day": {"from": "22:00", "to": "24:00"}}),
    LINE_LEAVES.map(lambda lines: {"any_line": lines}),
)


def nested(leaves: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(lambda part: {"not": part}),
            st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)).map(
                lambda pair: {pair[0]: pair[1]}
            ),
        ),
        max_leaves=5,
    )


@st.composite
def rules(draw: st.DrawFn, code: str, currency: str) -> dict[str, Any]:
    earn = {
        "currency": currency,
        "units": draw(RATIOS),
        "per": draw(PRICE),
        **draw(
            optional(
                blocks=st.booleans(),
                rounding=ROUNDINGS,
                round_each=st.sampled_from(["order", "line", "unit"]),
                basis=optional(
                    tax=st.booleans(),
                    shipping=st.booleans(),
                    fees=st.booleans(),
                    without_tenders=st.lists(TEXTS, max_size=2, unique=True),
                ),
            )
        ),
    }
    rest = draw(
        optional(
            when=nested(EVENT_LEAVES),
            lines=nested(LINE_LEAVES),
            caps=st.just(["own"]),
            campaign=CODES,
            funder=CODES,
            to=DAYS,
        )
    )
    return {"code": code, "name": draw(WORDS), "earn": earn, **rest}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A whole programme as plain values, every part of it drawn."""
    codes = draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    bonus = {
        "code": "bonus",
        "name": draw(WORDS),
        "multiply": draw(
            st.one_of(
                st.fixed_dictionaries({"rules": st.just(["r0"]), "factor": RATIOS}),
                st.fixed_dictionaries(
                    {
                        "rules": st.just(["r0"]),
                        "attribute": st.just("level"),
                        "factors": st.fixed_dictionaries({"gold": RATIOS}),
                        "rounding": ROUNDINGS,
                    }
                ),
            )
        ),
    }
    seen = {
        "code": "seen",
        "name": draw(WORDS),
        "on": "activity:visit",
        "when": {"field": {"code": "guests", "min": draw(st.integers(0, 9))}},
        "earn": {"currency": codes[0], "units": 1, "per_field": "guests"},
    }
    return {
        "programme": draw(CODES),
        "name": draw(WORDS),
        "zone": draw(st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"])),
        "money": draw(st.sampled_from(["CNY", "EUR", "USD"])),
        "currencies": {code: draw(currencies()) for code in codes},
        "attributes": {"level": {"values": ["basic", "gold"]}, "born": {"type": "date"}},
        "activities": {"visit": {"name": draw(WORDS), "fields": {"guests": {"type": "integer"}}}},
        "metrics": {
            "orders": {"measure": "count", "window": draw(WINDOWS)},
            "spend": {"measure": "amount", "window": draw(WINDOWS), "name": draw(WORDS)},
        },
        "caps": {
            "own": {
                "limit": draw(st.integers(0, 10**6)),
                "measure": draw(st.sampled_from(["units", "amount", "applications"])),
                "window": draw(st.one_of(st.just("event"), WINDOWS)),
            }
        },
        "rules": [*[draw(rules(f"r{n}", codes[0])) for n in range(2)], bonus, seen],
        **draw(
            optional(
                late=optional(
                    days=st.integers(0, 99), beyond=st.sampled_from(["refuse", "approve"])
                ),
                sources=st.just({"pos": {"unmatched_returns": "match"}}),
                states=st.just({"paused": {"spend": True}}),
                return_days=st.integers(0, 999),
                moves_to=st.just({"rules": {"old": "r0", "older": None}}),
            )
        ),
    }


@given(documents())
def test_a_programme_survives_its_canonical_text(document: dict[str, Any]):
    programme = read_programme("drawn", json.dumps(document, ensure_ascii=False))
    text = canonical_text(programme)
    again = read_programme("again", text)
    assert canonical_text(again) == text
    assert read_canonical(text) == again
    # Only where a condition was written may differ: several kinds in one mapping become a list.
    assert again.currencies == programme.currencies
    assert again.caps == programme.caps
    assert again.metrics == programme.metrics
    assert [rule.effect for rule in again.rules] == [rule.effect for rule in programme.rules]
    assert again.states == programme.states


def test_the_same_meaning_has_the_same_name():
    other = SMALL.replace('"1.00"', "1").replace("units: 1,", "units: 1.0, rounding: down,")
    other = "# a remark\n" + other.replace(
        "measure: count, window: month}\n  s", "window: month, measure: count}\n  s"
    )
    assert other != SMALL
    assert canonical_text(read_programme("a", other)) == canonical_text(read_programme("b", SMALL))
    assert text_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("name", ["bench", "demo", "supermarket"])
def test_a_shipped_programme_survives_its_canonical_text(name: str):
    programme = read_programme(LIBRARY / f"{name}.yaml")
    text = canonical_text(programme)
    reading = read_with_warnings("again", text)
    assert not reading.warnings
    assert programme_document(reading.programme) == json.loads(text)


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [(2, 1, "2"), (3, 2, "1.5"), (1, 3, "1/3"), (1, 8, "0.125"), (1, 10**12, "0.000000000001")],
)
def test_a_ratio_is_written_as_people_write_it(numerator: int, denominator: int, text: str):
    from fractions import Fraction

    assert ratio_text(Fraction(numerator, denominator)) == text


def test_the_published_schema_is_the_one_that_is_used():
    """Write it again with: coterie programme schema > docs/reference/programme.schema.json."""
    assert (ROOT / "docs/reference/programme.schema.json").read_text("utf-8") == schema_text()
