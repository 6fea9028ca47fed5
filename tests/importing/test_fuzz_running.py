"""Whole imports of random rows: each row is accepted or refused, and the books prove themselves."""

from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.replay import verify
from tests.importing.support import write
from tests.importing.test_running import (
    HEADER,
    job,
    open_shop,
    recorded,
    refused_rows,
    run,
)

CELLS = {
    "invoice": st.sampled_from(["I1", "I1", "I2", "R1", "R2", "", " ", "é", "I" * 300]),
    "card": st.sampled_from(["C0001", "C0001", "C0002", "C0003", "C9999", "", "=1+1"]),
    "at": st.sampled_from(
        ["2026-01-05 10:00", "2026-01-05 10:00", "2026-03-01", "2026-02-30", "1999-01-01", "", "x"]
    ),
    "article": st.sampled_from(["tea", "tea", "cup", "", "\x07", "茶"]),
    "pieces": st.sampled_from(["1", "1", "2", "-1", "-3", "0", "0.5", "1e3", "", "x", "9" * 30]),
    "price": st.sampled_from(["10.00", "10.00", "0", "-5.50", "0.005", "", "NaN", "9" * 20]),
}
rows = st.lists(st.tuples(*CELLS.values()).map(",".join), min_size=1, max_size=25)


def test_every_row_is_accepted_or_refused_and_none_twice(database_url: str, tmp_path: Path):
    open_shop(database_url)
    numbers = count(1)
    seen = {"accepted": 0, "refused": 0}

    @settings(
        max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(rows)
    def imported(lines: list[str]) -> None:
        path = write(tmp_path / f"sales{next(numbers)}.csv", HEADER + "\n".join(lines) + "\n")
        report = run(database_url, job(path))
        assert report.finished
        assert report.accepted + report.refused == len(lines), lines
        told = refused_rows(report) if report.refused else []
        assert len({row["refused_row"] for row in told}) == report.refused
        assert sum(report.reasons.values()) == report.refused
        assert "internal_error" not in report.reasons
        seen["accepted"] += report.accepted
        seen["refused"] += report.refused
        before = recorded(database_url)
        again = run(database_url, job(path))
        assert again.accepted - again.again == 0
        assert recorded(database_url) == before, "the same file again changes nothing"

    imported()
    assert min(seen.values()) > 0, "the cells let some rows in and keep some out"
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, [r.offenders for r in report.results if not r.clean]
