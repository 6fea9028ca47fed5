"""What a row of master data must look like, and what keeps a tree a tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Protocol, TypeVar

from coterie.catalogue.errors import (
    BadMasterData,
    ParentUnknown,
    PlaceMisplaced,
    TreeCycle,
    TreeTooDeep,
)
from coterie.catalogue.model import (
    DEPTH_MAX,
    NODES_MAX,
    TAGS_MAX,
    Brand,
    Category,
    Place,
    PlaceKind,
    Product,
    Staff,
)
from coterie.kernel.errors import Refusal, nearest

NAME_LENGTH_MAX = 200
LABEL_LENGTH_MAX = 64
DAY_CUT_MINUTES_MAX = 720
_CODE = re.compile(r"[A-Za-z0-9_.:/#-]{1,64}")
_PARENTS: dict[str, frozenset[str]] = {
    PlaceKind.BRAND: frozenset(),
    PlaceKind.REGION: frozenset({PlaceKind.BRAND, PlaceKind.REGION}),
    PlaceKind.STORE: frozenset({PlaceKind.BRAND, PlaceKind.REGION}),
}


class Node(Protocol):
    """What a tree needs to know of a row."""

    @property
    def parent(self) -> str | None:
        """The key of the row this one is a part of."""
        ...


AnyNode = TypeVar("AnyNode", bound=Node)


def check_category(row: Category) -> None:
    """Refuse a category that cannot be one. Raises BadMasterData."""
    _label(row.category, "category")
    _names(row.name_zh, row.name_en)


def check_brand(row: Brand) -> None:
    """Refuse a brand that cannot be one. Raises BadMasterData."""
    _label(row.brand, "brand")
    _names(row.name_zh, row.name_en)


def check_product(row: Product) -> None:
    """Refuse a product that cannot be one. Raises BadMasterData."""
    _text(row.product, "product", NAME_LENGTH_MAX)
    _optional(row.name, "name")
    if len(row.tags) > TAGS_MAX:
        raise BadMasterData(f"A product has at most {TAGS_MAX} tags.", where="tags")
    for tag in row.tags:
        _label(tag, "tags")


def check_place(row: Place) -> None:
    """Refuse a place that cannot be one by itself. Raises BadMasterData."""
    _code(row.place, "place")
    _optional(row.name, "name")
    if row.kind not in _PARENTS:
        raise BadMasterData(f"{row.kind!r} is none.{nearest(row.kind, _PARENTS)}", where="kind")
    if not 0 <= row.day_cut_minutes <= DAY_CUT_MINUTES_MAX:
        raise BadMasterData(
            f"A day begins 0 to {DAY_CUT_MINUTES_MAX} minutes after midnight.",
            where="day_cut_minutes",
        )


def check_staff(row: Staff) -> None:
    """Refuse somebody who cannot be on the staff. Raises BadMasterData."""
    _code(row.staff, "staff")
    _optional(row.name, "name")


def misplaced_places(rows: Collection[str], places: Mapping[str, Place]) -> dict[str, Refusal]:
    """Return which of the rows are of a kind that does not fit what they are in or what they hold.

    ``places`` is the whole tree with the rows in it.
    """
    children: dict[str, list[Place]] = {}
    for place in places.values():
        if place.parent is not None:
            children.setdefault(place.parent, []).append(place)
    refused: dict[str, Refusal] = {}
    for key in rows:
        row = places[key]
        if row.parent is not None and places[row.parent].kind not in _PARENTS[row.kind]:
            told = f"A {row.kind} cannot be in a {places[row.parent].kind}."
            refused[key] = PlaceMisplaced(told, where="parent")
            continue
        # A child of the same batch answers for itself.
        settled = [child for child in children.get(key, ()) if child.place not in rows]
        wrong = next((child for child in settled if row.kind not in _PARENTS[child.kind]), None)
        if wrong is not None:
            told = f"The {wrong.kind} {wrong.place!r} is in it: it cannot be a {row.kind}."
            refused[key] = PlaceMisplaced(told, where="kind")
    return refused


def plant(rows: Mapping[str, AnyNode], standing: dict[str, AnyNode]) -> dict[str, Refusal]:
    """Put rows into a tree, whatever order they come in; return why some were refused, by key.

    ``standing`` is the whole tree and is changed. A row may name a parent that comes later among
    the rows.
    """
    refused: dict[str, Refusal] = {}
    waiting = list(rows)
    # Every round places a level at least, so what still waits after the last one is too deep.
    for _ in range(DEPTH_MAX + 2):
        heights = _heights(standing)
        later = []
        for key in waiting:
            row = rows[key]
            refused.pop(key, None)
            if row.parent is not None and row.parent not in standing:
                later.append(key)
            elif (refusal := _misplanted(key, row, standing, heights)) is not None:
                # It may fit once others of the batch have moved.
                refused[key] = refusal
                later.append(key)
            else:
                standing[key] = row
                _raise_heights(key, standing, heights)
        if len(later) == len(waiting):
            break
        waiting = later
    homeless = {key: rows[key].parent for key in waiting if key not in refused}
    circles = _circles(homeless)
    for key, parent in homeless.items():
        if key in circles:
            refused[key] = TreeCycle(f"{parent!r} is a part of {key!r}.", where="parent")
        else:
            refused[key] = ParentUnknown(
                f"{parent!r} is not there.{nearest(parent or '', standing)}", where="parent"
            )
    return refused


def _circles(parents: Mapping[str, str | None]) -> set[str]:
    """Return the keys whose way up never ends."""
    endless: dict[str, bool] = {}
    for key in parents:
        walked: dict[str, None] = {}
        at: str | None = key
        while at is not None and at in parents and at not in endless and at not in walked:
            walked[at] = None
            at = parents[at]
        circle = at is not None and (at in walked or endless.get(at, False))
        endless.update(dict.fromkeys(walked, circle))
    return {key for key in parents if endless[key]}


def _misplanted(
    key: str, row: Node, standing: Mapping[str, Node], heights: Mapping[str, int]
) -> Refusal | None:
    depth = 1
    above = row.parent
    while above is not None:
        if above == key:
            return TreeCycle(f"{row.parent!r} is a part of {key!r}.", where="parent")
        depth += 1
        above = standing[above].parent
    if depth + heights.get(key, 0) > DEPTH_MAX:
        return TreeTooDeep(f"{key!r} would be on level {depth}.", where="parent")
    if key not in standing and len(standing) >= NODES_MAX:
        return TreeTooDeep(f"There are {NODES_MAX} already.")
    return None


def _heights(standing: Mapping[str, Node]) -> dict[str, int]:
    heights: dict[str, int] = {}
    for key in standing:
        _raise_heights(key, standing, heights)
    return heights


def _raise_heights(key: str, standing: Mapping[str, Node], heights: dict[str, int]) -> None:
    """Tell everybody above how many levels are below.

    Whoever it moved away from is not told: an overestimate until the next round counts anew.
    """
    height = heights.setdefault(key, 0)
    above = standing[key].parent
    while above is not None:
        height += 1
        if heights.get(above, 0) >= height:
            break
        heights[above] = height
        above = standing[above].parent


def _code(value: str, where: str) -> None:
    if not _CODE.fullmatch(value):
        raise BadMasterData(
            f"{value!r} is not a code of up to 64 letters, digits and _.:/#-", where=where
        )


def _label(value: str, where: str) -> None:
    _text(value, where, LABEL_LENGTH_MAX)


def _names(*names: str | None) -> None:
    for name in names:
        _optional(name, "name")


def _optional(value: str | None, where: str) -> None:
    if value is not None:
        _text(value, where, NAME_LENGTH_MAX)


def _text(value: str, where: str, length_max: int) -> None:
    if not 1 <= len(value) <= length_max or value != value.strip() or not value.isprintable():
        raise BadMasterData(
            f"{value[:80]!r} is not 1 to {length_max} printable characters without blanks around.",
            where=where,
        )
