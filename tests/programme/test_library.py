"""The shipped programmes can be used as they are, and nothing about them is odd."""

from pathlib import Path

import pytest

import coterie
from coterie.programme.reading import read_with_warnings

LIBRARY = Path(coterie.__file__).parent / "programme" / "library"


@pytest.mark.parametrize("name", ["bench", "demo", "supermarket"])
def test_a_shipped_programme_is_read_without_a_warning(name: str):
    reading = read_with_warnings(LIBRARY / f"{name}.yaml")
    assert reading.programme.code == name
    assert not reading.warnings


def test_the_benchmark_has_what_it_promises():
    programme = read_with_warnings(LIBRARY / "bench.yaml").programme
    assert len(programme.rules) == 20
    assert {cap.window.kind for cap in programme.caps.values()} == {"day", "month", "year"}
    assert {metric.window.kind for metric in programme.metrics.values()} == {
        "month",
        "rolling_months",
    }
    always = [r for r in programme.rules if r.when is None and r.lines is None]
    assert len([r for r in always if r.code != "level-points"]) == 6
