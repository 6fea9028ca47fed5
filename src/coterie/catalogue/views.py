"""Questions about master data, and a cache of the answers a sale needs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from threading import Lock
from typing import TypeVar

from coterie.catalogue import store
from coterie.catalogue.errors import ProductUnknown, StoreUnknown, TooManyRows
from coterie.catalogue.model import (
    BATCH_MAX,
    Brand,
    Category,
    Place,
    Product,
    ProductFacts,
    Staff,
)
from coterie.kernel.errors import nearest
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection

Item = TypeVar("Item")
CACHED_PRODUCTS_MAX = 50_000


def catalogue_stamp(db: Connection) -> int:
    """Return a number that every committed change makes larger.

    Whoever keeps answers reads it first and the answers second: then they are never older than it.
    """
    return store.read_stamp(db)


def resolve_products(db: Connection, products: Collection[str]) -> dict[str, ProductFacts]:
    """Return what rules may ask about products; unknown ones are absent.

    Raises :class:`TooManyRows`.
    """
    if not products:
        return {}
    if len(products) > BATCH_MAX:
        raise TooManyRows(f"These are {len(products)}.")
    return store.resolve_products(db, products)


def day_cuts(db: Connection) -> dict[str, int]:
    """Return by store the minutes after midnight at which its day begins, where not zero."""
    return store.day_cuts(db)


class CatalogueCache:
    """What sales asked about lately, kept by one process as long as the master data stands still.

    One small query a batch (the stamp) replaces the lookup of products it saw before. Safe to be
    shared by threads; not to be asked in a transaction that itself changes master data.
    """

    def __init__(self, *, products_max: int = CACHED_PRODUCTS_MAX) -> None:
        self._products_max = products_max
        self._lock = Lock()
        self._stamp = -1
        self._products: OrderedDict[str, ProductFacts | None] = OrderedDict()
        self._day_cuts: dict[str, int] | None = None

    def resolve(self, db: Connection, products: Collection[str]) -> dict[str, ProductFacts]:
        """Return what :func:`resolve_products` returns, as of now."""
        if not products:
            return {}
        found: dict[str, ProductFacts] = {}
        missing: list[str] = []
        stamp = self._fresh(db)
        with self._lock:
            for product in products:
                if product not in self._products:
                    missing.append(product)
                    continue
                self._products.move_to_end(product)
                facts = self._products[product]
                if facts is not None:
                    found[product] = facts
        if missing:
            read = resolve_products(db, missing)
            found.update(read)
            self._keep(stamp, {product: read.get(product) for product in missing})
        return found

    def day_cuts(self, db: Connection) -> dict[str, int]:
        """Return what :func:`day_cuts` returns, as of now."""
        stamp = self._fresh(db)
        kept = self._day_cuts
        if kept is None:
            kept = store.day_cuts(db)
            with self._lock:
                if self._stamp == stamp:
                    self._day_cuts = kept
        return kept

    def _fresh(self, db: Connection) -> int:
        """Forget everything if anything changed; return the stamp answers are kept under."""
        stamp = store.read_stamp(db)
        with self._lock:
            if stamp != self._stamp:
                self._stamp = stamp
                self._products.clear()
                self._day_cuts = None
        return stamp

    def _keep(self, stamp: int, answers: dict[str, ProductFacts | None]) -> None:
        with self._lock:
            if self._stamp != stamp:
                return
            self._products.update(answers)
            while len(self._products) > self._products_max:
                self._products.popitem(last=False)


def read_product(db: Connection, product: str) -> Product:
    """Return one product as saved. Raises :class:`ProductUnknown`."""
    found = store.read_product(db, product)
    if found is None:
        raise ProductUnknown(f"Nothing is called {product!r}.")
    return found


def list_products(
    db: Connection,
    *,
    category: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[Product], str | None]:
    """Return a page of products by key, optionally of one category, and the next page's cursor."""

    def read(after: str, size: int) -> list[Product]:
        return store.list_products(db, after, size, category)

    return _page(read, lambda row: row.product, cursor, limit)


def list_categories(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Category], str | None]:
    """Return a page of categories by key, and the next page's cursor."""
    return _page(lambda a, n: store.list_categories(db, a, n), lambda r: r.category, cursor, limit)


def list_brands(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Brand], str | None]:
    """Return a page of brands by key, and the next page's cursor."""
    return _page(lambda a, n: store.list_brands(db, a, n), lambda r: r.brand, cursor, limit)


def list_places(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Place], str | None]:
    """Return a page of brands, regions and stores by key, and the next page's cursor."""
    return _page(lambda a, n: store.list_places(db, a, n), lambda r: r.place, cursor, limit)


def list_staff(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Staff], str | None]:
    """Return a page of staff by key, and the next page's cursor."""
    return _page(lambda a, n: store.list_staff(db, a, n), lambda r: r.staff, cursor, limit)


def check_store(db: Connection, place: str) -> None:
    """Refuse a name that is no store's. Raises :class:`StoreUnknown`."""
    if not store.known_stores(db, [place]):
        raise StoreUnknown(f"{place!r}.{nearest(place, store.some_stores(db))}", where="store")


def _page(
    read: Callable[[str, int], list[Item]],
    key: Callable[[Item], str],
    cursor: str | None,
    limit: int | None,
) -> tuple[list[Item], str | None]:
    size = page_size(limit)
    after = "" if cursor is None else str(decode_cursor(cursor, str)[0])
    rows = read(after, size + 1)
    if len(rows) <= size:
        return rows, None
    return rows[:size], encode_cursor(key(rows[size - 1]))
