"""The benchmark measures with the templates as well as with its own programme."""

from __future__ import annotations

import pytest
from rich.console import Console

from bench.programmes import NAMES, OWN, TEMPLATES, bench_programme, categories_of, programme_of
from bench.rows import Report, at_least
from coterie.programme.compile import CompiledProgramme
from coterie.programme.succession import breaks

CATEGORIES = 20


@pytest.mark.parametrize("name", NAMES)
def test_a_template_may_follow_the_programme_of_the_history(name: str) -> None:
    """What members hold stays, and the rules are the template's."""
    follows = programme_of(name)
    assert breaks(bench_programme(), follows) == []
    assert CompiledProgramme(follows, 2).rules["order"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_category_belongs_to_one_the_template_knows(name: str) -> None:
    """Twenty categories are dealt out, none is left over."""
    assert sum(TEMPLATES[name].values()) == CATEGORIES
    found = {categories_of(name, number)[1] for number in range(1, CATEGORIES + 1)}
    assert found == set(TEMPLATES[name])
    assert categories_of(OWN, CATEGORIES) == [f"c{CATEGORIES}"]


def test_rows_say_which_programme_they_were_measured_with() -> None:
    """A row of a template is told from the same row of the benchmark's own programme."""
    report = Report(Console(quiet=True))
    report.add(at_least("replay", 2.0, "events/s", 1))
    report.prefix = "hotel: "
    report.add(at_least("replay", 0.5, "events/s", 1))
    assert [(row.name, row.holds) for row in report.rows] == [
        ("replay", True),
        ("hotel: replay", False),
    ]
