"""Counters in buckets against a plain list of what was counted."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.metrics.rules import Counters, Grain, add, bucket_of, peak, total
from coterie.programme.calendar import buckets_kept

MONDAY = date(2026, 3, 9).toordinal()


@pytest.mark.parametrize(
    ("grain", "same", "next_one"),
    [
        (Grain.DAY, "2026-03-09", "2026-03-10"),
        (Grain.WEEK, "2026-03-15", "2026-03-16"),
        (Grain.MONTH, "2026-03-31", "2026-04-01"),
        (Grain.QUARTER, "2026-03-31", "2026-04-01"),
        (Grain.YEAR, "2026-12-31", "2027-01-01"),
    ],
)
def test_a_bucket_ends_with_its_period(grain, same, next_one):
    bucket = bucket_of(grain)
    assert bucket(date.fromisoformat(same).toordinal()) == bucket(MONDAY)
    assert bucket(date.fromisoformat(next_one).toordinal()) == bucket(MONDAY) + 1


def test_all_is_one_bucket():
    assert bucket_of(Grain.ALL)(1) == bucket_of(Grain.ALL)(10**6) == 0


grains = st.sampled_from(list(Grain))


@settings(max_examples=150)
@given(
    grains,
    st.integers(1, 40),
    st.integers(0, 60),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60), st.integers(0, 50)), max_size=25),
)
def test_no_window_misses_what_was_dropped(grain, length, slack, events):
    """Days go on; an event may be late by up to ``slack`` days. Each sees its whole window."""
    length = 1 if grain is Grain.ALL else length
    bucket, keep = bucket_of(grain), buckets_kept(grain, length, slack)
    counters: Counters = {}
    seen: list[tuple[int, int]] = []
    today = MONDAY
    for passed, late, value in events:
        today += passed
        at = bucket(today - min(late, slack))
        expected = sum(v for b, v in seen if at - length < b <= at)
        assert total(counters, "c", at, length) == expected
        ends = range(at, at + length)
        windows = [sum(v for b, v in seen if end - length < b <= end) for end in ends]
        assert peak(counters, "c", at, length) == max(windows)
        add(counters, "c", at, value, keep)
        seen.append((at, value))
    # However long a member stays, the row stays small.
    assert len(counters.get("c", {})) <= keep + 1


def test_old_buckets_go_when_a_newer_one_opens():
    counters: Counters = {}
    for bucket in (10, 11, 12):
        add(counters, "c", bucket, 5, keep=3)
    assert counters == {"c": {10: 5, 11: 5, 12: 5}}
    add(counters, "c", 13, 1, keep=3)
    assert counters == {"c": {11: 5, 12: 5, 13: 1}}
    add(counters, "c", 9, 7, keep=3)  # later than anything may be: it counts for no window
    assert counters == {"c": {11: 5, 12: 5, 13: 1}}


def test_what_comes_back_never_makes_a_count_negative():
    counters: Counters = {}
    add(counters, "c", 10, -4, keep=3)
    assert total(counters, "c", 10, 1) == 0
    add(counters, "c", 10, 3, keep=3)
    add(counters, "c", 10, -4, keep=3)
    assert total(counters, "c", 10, 1) == 0
    assert peak(counters, "other", 10, 5) == 0
