"""What goes in by COPY comes out as it was."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.storage import (
    Connection,
    copied_bools,
    copied_bytes,
    copied_days,
    copied_integers,
    copied_texts,
    copy_rows,
)

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXTS | st.sampled_from(["\\N", "\\.", "\t", "\n", "\r\n", "\\", "NULL", ""]),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.integers(1, date.max.toordinal()),
        st.binary(max_size=16),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_rows_come_back_as_they_were(db: Connection, rows: list[tuple[object, ...]]):
    db.execute("drop table if exists pg_temp.kept")
    db.execute(
        "create temp table kept (n int generated always as identity, t text, i bigint, d date,"
        " b bytea, f boolean)"
    )
    t, i, d, b, f = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    columns = (copied_texts(t), copied_integers(i), copied_days(d), copied_bytes(b))
    copy_rows(db, "copy kept (t, i, d, b, f) from stdin", (*columns, copied_bools(f)))
    found = db.execute("select t, i, d, b, f from kept order by n").fetchall()
    days = [day if day is None else date.fromordinal(int(str(day))) for day in d]
    wanted = list(zip(t, i, days, b, f, strict=True))
    assert found == wanted


def test_a_nul_is_refused_before_anything_is_sent():
    with pytest.raises(ValueError, match="NUL"):
        copied_texts(["a\x00b"])
