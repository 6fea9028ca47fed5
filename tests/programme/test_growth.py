"""Rebates on growth: how they are written, said and refused; worked cases are in the casebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text
from tests.programme.writing_programmes import findings

FILE = Path(__file__).parents[1] / "casebook" / "sayings" / "growth.yaml"
TEXT = FILE.read_text("utf-8")


def test_growth_is_said_and_kept():
    programme = read_programme("x", TEXT)
    assert read_canonical(canonical_text(programme)) == programme
    assert (
        "增长奖：每季度末结算，按当季进货额较上年同期的增长，就全部计："
        "增长满5%每1得0.01返利；增长满12.5%每1得0.02返利。" in plain_words(programme, "zh")
    )
    assert (
        "Bonus on what is new: at the end of every quarter, by the growth of purchases of the "
        "quarter against the same period of the year before, on what is new: from 10% 0.05 Rebate "
        "for each 1, at most 500.00 Rebate a time, paid 10 days later."
        in plain_words(programme, "en")
    )


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("    remember: previous_year\n", "", "settlements.growth.metric"),
        ("    window: quarter\n", "    window: day\n", "metrics.purchases.remember"),
        ("    against: previous_year\n    pays_on: whole\n", "    pays_on: whole\n",
         "settlements.growth.pays_on"),
        ("    pays_on: whole\n", "    applies: marginal\n", "settlements.growth"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(before: str, after: str, path: str):
    assert path in [found.path for found in findings(TEXT.replace(before, after, 1))]


def test_a_metric_does_not_begin_to_remember():
    short = TEXT[: TEXT.index("settlements:")] + "late: {days: 30}\n"
    old = read_programme("x", short.replace("    remember: previous_year\n", ""))
    assert breaks(old, read_programme("x", TEXT)) == [
        "metrics.purchases: counts something else now; a new metric needs a new code."
    ]
