"""Goal: every array arrives as it was sent. Method: PostgreSQL itself reads it back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.storage import Connection, bigints, bools, texts

# The connection is the same for all examples on purpose: nothing is written.
SAME_CONNECTION = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

BIGINTS = st.integers(-(2**63), 2**63 - 1) | st.none()
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
AWKWARD = st.sampled_from(
    ["", "NULL", "null", "{}", '"', "\\", '\\"', ",", " ", "\n", "\t", "a b", "{1,2}", "会员", "'"]
)


@SAME_CONNECTION
@given(values=st.lists(BIGINTS))
def test_integers_come_back(values: list[int | None], db: Connection):
    rows = db.execute("select * from unnest(%s::bigint[])", (bigints(values),)).fetchall()
    assert [row[0] for row in rows] == values


@SAME_CONNECTION
@given(values=st.lists(st.booleans() | st.none()))
def test_truth_values_come_back(values: list[bool | None], db: Connection):
    rows = db.execute("select * from unnest(%s::boolean[])", (bools(values),)).fetchall()
    assert [row[0] for row in rows] == values


@SAME_CONNECTION
@given(values=st.lists(TEXTS | AWKWARD))
def test_texts_come_back(values: list[str | None], db: Connection):
    rows = db.execute("select * from unnest(%s::text[])", (texts(values),)).fetchall()
    assert [row[0] for row in rows] == values


@pytest.mark.parametrize("values", [["a\x00b"], ["\x00"], [None, "\x00"], ["a", "", "\x00", None]])
def test_nul_is_refused(values: list[str | None]):
    with pytest.raises(ValueError, match="NUL"):
        texts(values)


@pytest.mark.parametrize("value", [1.5, 2.0, 1e20])
def test_a_float_is_refused_instead_of_rounded(value: float):
    with pytest.raises(TypeError):
        bigints([1, value])  # type: ignore[list-item]


def test_any_iterable_will_do():
    assert bigints(range(3)) == "{0,1,2}"
    assert bigints(number for number in (1, None, True)) == "{1,NULL,1}"
    assert texts(iter(["a", None])) == '{"a",NULL}'
    assert bools(iter([])) == bigints(()) == texts(set()) == "{}"
