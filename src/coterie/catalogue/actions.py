"""What changes master data. Every function runs in the caller's transaction and never commits.

A row says everything about its subject: what it leaves out is gone. Each row is answered with None
or with why it was refused; the others are saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from coterie.catalogue import store
from coterie.catalogue.errors import (
    BrandUnknown,
    CategoryUnknown,
    StoreUnknown,
    TooManyRows,
)
from coterie.catalogue.model import BATCH_MAX, Brand, Category, Place, Product, Staff
from coterie.catalogue.rules import (
    check_brand,
    check_category,
    check_place,
    check_product,
    check_staff,
    misplaced_places,
    plant,
)
from coterie.kernel.errors import Refusal, nearest
from coterie.storage import Connection

Row = TypeVar("Row")
Answers = list[Refusal | None]


def save_categories(db: Connection, rows: Sequence[Category]) -> Answers:
    """Save categories in any order. Raises :class:`TooManyRows`.

    Refused: a parent that is neither there nor in the batch, a circle, a thirteenth level.
    """
    batch = _Batch(db, rows, lambda row: row.category, check_category)
    batch.refuse(plant(batch.rows, store.all_categories(db)))
    return batch.save(store.save_categories)


def save_places(db: Connection, rows: Sequence[Place]) -> Answers:
    """Save brands, regions and stores in any order. Raises :class:`TooManyRows`.

    Refused: what :func:`save_categories` refuses, and a place of a kind that cannot be there.
    """
    batch = _Batch(db, rows, lambda row: row.place, check_place)
    before = store.all_places(db)
    # Judged again without the refused ones: what hangs on them may not fit any more.
    for _ in range(len(rows) + 1):
        places = dict(before)
        batch.refuse(plant(batch.rows, places))
        misplaced = misplaced_places(batch.rows, places)
        if not misplaced:
            break
        batch.refuse(misplaced)
    return batch.save(store.save_places)


def save_brands(db: Connection, rows: Sequence[Brand]) -> Answers:
    """Save brands. Raises :class:`TooManyRows`."""
    return _Batch(db, rows, lambda row: row.brand, check_brand).save(store.save_brands)


def save_products(db: Connection, rows: Sequence[Product]) -> Answers:
    """Save products. Raises :class:`TooManyRows`.

    Refused: a category or a brand that is not there; the nearest name is told.
    """
    batch = _Batch(db, rows, lambda row: row.product, check_product)
    given = list(batch.rows.values())
    categories = store.known_categories(db, (r.category for r in given if r.category is not None))
    brands = store.known_brands(db, (r.brand for r in given if r.brand is not None))
    some_categories = _Names(db, store.some_categories)
    some_brands = _Names(db, store.some_brands)
    refused: dict[str, Refusal] = {}
    for row in given:
        if row.category is not None and row.category not in categories:
            told = some_categories.told(row.category)
            refused[row.product] = CategoryUnknown(told, where="category")
        elif row.brand is not None and row.brand not in brands:
            refused[row.product] = BrandUnknown(some_brands.told(row.brand), where="brand")
    batch.refuse(refused)
    return batch.save(store.save_products)


def save_staff(db: Connection, rows: Sequence[Staff]) -> Answers:
    """Save staff. Raises :class:`TooManyRows`.

    Refused: a store that is not there, or is no store.
    """
    batch = _Batch(db, rows, lambda row: row.staff, check_staff)
    given = list(batch.rows.values())
    stores = store.known_stores(db, (row.store for row in given if row.store is not None))
    names = _Names(db, store.some_stores)
    batch.refuse(
        {
            row.staff: StoreUnknown(names.told(row.store), where="store")
            for row in given
            if row.store is not None and row.store not in stores
        }
    )
    return batch.save(store.save_staff)


class _Batch(Generic[Row]):
    """Rows on their way: of those with one key the last counts, and shares its answer."""

    def __init__(
        self,
        db: Connection,
        rows: Sequence[Row],
        key: Callable[[Row], str],
        check: Callable[[Row], None],
    ) -> None:
        if len(rows) > BATCH_MAX:
            raise TooManyRows(f"These are {len(rows)}.")
        store.take_stamp(db)
        self._db = db
        self._refused: dict[str, Refusal] = {}
        self._answers: Answers = [None] * len(rows)
        self._keys: list[str | None] = [None] * len(rows)
        self.rows: dict[str, Row] = {}
        for place, row in enumerate(rows):
            try:
                check(row)
            except Refusal as refusal:
                self._answers[place] = refusal
            else:
                self._keys[place] = key(row)
                self.rows[key(row)] = row

    def refuse(self, refused: Mapping[str, Refusal]) -> None:
        """Take rows out of the batch."""
        self._refused.update(refused)
        for key in refused:
            del self.rows[key]

    def save(self, save: Callable[[Connection, Sequence[Row]], None]) -> Answers:
        """Save what is left, and answer in the order given."""
        if self.rows:
            save(self._db, list(self.rows.values()))
        for place, key in enumerate(self._keys):
            if key is not None:
                self._answers[place] = self._refused.get(key)
        return self._answers


class _Names:
    """Names to compare a mistyped one with, read only when somebody mistyped."""

    def __init__(self, db: Connection, read: Callable[[Connection], list[str]]) -> None:
        self._db = db
        self._read = read
        self._known: list[str] | None = None

    def told(self, name: str) -> str:
        if self._known is None:
            self._known = self._read(self._db)
        return f"{name!r} is not there.{nearest(name, self._known)}"
