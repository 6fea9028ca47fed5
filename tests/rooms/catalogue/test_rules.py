"""A tree stays a tree, in whatever order its rows arrive."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.catalogue import (
    DEPTH_MAX,
    BadMasterData,
    Category,
    Place,
    Product,
    Staff,
    TreeTooDeep,
)
from coterie.catalogue.rules import (
    check_category,
    check_place,
    check_product,
    check_staff,
    plant,
)

names = st.sampled_from("abcdefgh")
trees = st.dictionaries(names, st.one_of(st.none(), names, st.just("elsewhere")), max_size=8)


def rows(tree: dict[str, str | None]) -> dict[str, Category]:
    return {key: Category(key, parent) for key, parent in tree.items()}


def depth(standing: dict[str, Category], key: str) -> int:
    at: str | None = key
    levels = 0
    while at is not None:
        levels += 1
        assert levels <= DEPTH_MAX, "a circle, or too deep"
        at = standing[at].parent
    return levels


@given(trees, trees)
def test_what_stands_is_always_a_forest(
    before: dict[str, str | None], batch: dict[str, str | None]
):
    standing: dict[str, Category] = {}
    plant(rows(before), standing)
    planted = dict(standing)
    refused = plant(rows(batch), standing)
    for key in standing:
        depth(standing, key)
    # The refused changed nothing, all others are in.
    for key, parent in batch.items():
        assert standing.get(key) == (planted.get(key) if key in refused else Category(key, parent))


@given(trees, st.randoms())
def test_the_order_of_the_rows_of_a_new_tree_does_not_matter(
    tree: dict[str, str | None], random: Random
):
    keys = list(tree)
    random.shuffle(keys)
    one: dict[str, Category] = {}
    other: dict[str, Category] = {}
    refused = plant(rows(tree), one)
    again = plant(rows({key: tree[key] for key in keys}), other)
    assert one == other
    assert {k: r.code for k, r in refused.items()} == {k: r.code for k, r in again.items()}


def test_each_refusal_has_its_own_code():
    standing = rows({"top": None, "shoes": "top"})
    refused = plant(
        rows({"a": "b", "b": "a", "c": "shose", "d": "c", "self": "self", "top": "shoes"}),
        standing,
    )
    assert {key: refusal.code for key, refusal in refused.items()} == {
        "a": "tree_cycle",
        "b": "tree_cycle",
        "c": "parent_unknown",
        "d": "parent_unknown",
        "self": "tree_cycle",
        "top": "tree_cycle",
    }
    assert "Did you mean 'shoes'?" in refused["c"].message


def test_two_that_change_places_in_one_batch_are_no_circle():
    standing = rows({"a": None, "b": "a"})
    assert plant(rows({"a": "b", "b": None}), standing) == {}
    assert standing["a"].parent == "b"


def test_the_thirteenth_level_is_refused_from_above_and_from_below():
    chain = {str(n): str(n - 1) if n else None for n in range(DEPTH_MAX)}
    standing = rows(dict(reversed(chain.items())))
    planted: dict[str, Category] = {}
    assert plant(standing, planted) == {}
    low = plant(rows({"low": str(DEPTH_MAX - 1)}), planted)
    high = plant(rows({"high": None, "0": "high"}), planted)
    assert isinstance(low["low"], TreeTooDeep)
    assert isinstance(high["0"], TreeTooDeep)
    assert "high" in planted


@pytest.mark.parametrize(
    ("check", "row", "where"),
    [
        (check_category, Category(" a"), "category"),
        (check_category, Category("a", name_zh=""), "name"),
        (check_category, Category("x" * 65), "category"),
        (check_product, Product("a\nb"), "product"),
        (check_product, Product("a", tags=("",)), "tags"),
        (check_product, Product("a", tags=tuple(str(n) for n in range(51))), "tags"),
        (check_place, Place("门店"), "place"),
        (check_place, Place("SH01", kind="shop"), "kind"),
        (check_place, Place("SH01", day_cut_minutes=721), "day_cut_minutes"),
        (check_staff, Staff("a b"), "staff"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_place(
    check: Callable[[Any], None], row: object, where: str
):
    with pytest.raises(BadMasterData) as refused:
        check(row)
    assert refused.value.where == where
