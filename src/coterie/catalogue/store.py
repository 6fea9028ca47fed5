"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, LiteralString, TypeVar

from coterie.catalogue.model import Brand, Category, Place, Product, ProductFacts, Staff
from coterie.storage import Connection, bigints, bools, load_queries, texts

_queries = load_queries("coterie.catalogue")
_Item = TypeVar("_Item")


def take_stamp(db: Connection) -> None:
    """Become the only writer of master data until the transaction ends, and mark the change."""
    db.execute(_queries.take_stamp)


def read_stamp(db: Connection) -> int:
    """Return a number that every committed change makes larger."""
    row = db.execute(_queries.read_stamp).fetchone()
    assert row is not None, "the migration inserted the one row"
    return int(row[0])


def all_categories(db: Connection) -> dict[str, Category]:
    """Return the whole tree."""
    return {row[0]: Category(*row) for row in db.execute(_queries.all_categories)}


def all_places(db: Connection) -> dict[str, Place]:
    """Return the whole tree."""
    return {row[0]: Place(*row) for row in db.execute(_queries.all_places)}


def save_categories(db: Connection, rows: Sequence[Category]) -> None:
    """Insert or replace."""
    parameters = {
        "keys": texts([row.category for row in rows]),
        "parents": texts([row.parent for row in rows]),
        "names_zh": texts([row.name_zh for row in rows]),
        "names_en": texts([row.name_en for row in rows]),
    }
    db.execute(_queries.save_categories, parameters)


def save_brands(db: Connection, rows: Sequence[Brand]) -> None:
    """Insert or replace."""
    parameters = {
        "keys": texts([row.brand for row in rows]),
        "names_zh": texts([row.name_zh for row in rows]),
        "names_en": texts([row.name_en for row in rows]),
    }
    db.execute(_queries.save_brands, parameters)


def save_products(db: Connection, rows: Sequence[Product]) -> None:
    """Insert or replace."""
    parameters = {
        "keys": texts([row.product for row in rows]),
        "names": texts([row.name for row in rows]),
        "categories": texts([row.category for row in rows]),
        "brands": texts([row.brand for row in rows]),
        "tags": texts([texts(row.tags) for row in rows]),
    }
    db.execute(_queries.save_products, parameters)


def save_places(db: Connection, rows: Sequence[Place]) -> None:
    """Insert or replace."""
    parameters = {
        "keys": texts([row.place for row in rows]),
        "kinds": texts([row.kind for row in rows]),
        "parents": texts([row.parent for row in rows]),
        "names": texts([row.name for row in rows]),
        "day_cuts": bigints([row.day_cut_minutes for row in rows]),
    }
    db.execute(_queries.save_places, parameters)


def save_staff(db: Connection, rows: Sequence[Staff]) -> None:
    """Insert or replace."""
    parameters = {
        "keys": texts([row.staff for row in rows]),
        "names": texts([row.name for row in rows]),
        "stores": texts([row.store for row in rows]),
        "actives": bools([row.active for row in rows]),
    }
    db.execute(_queries.save_staff, parameters)


def known_categories(db: Connection, keys: Iterable[str]) -> set[str]:
    """Return which of these exist."""
    return _known(db, _queries.known_categories, keys)


def known_brands(db: Connection, keys: Iterable[str]) -> set[str]:
    """Return which of these exist."""
    return _known(db, _queries.known_brands, keys)


def known_stores(db: Connection, keys: Iterable[str]) -> set[str]:
    """Return which of these are stores."""
    return _known(db, _queries.known_stores, keys)


def _known(db: Connection, statement: LiteralString, keys: Iterable[str]) -> set[str]:
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    return {row[0] for row in db.execute(statement, {"keys": texts(wanted)})}


def some_categories(db: Connection) -> list[str]:
    """Return names to compare a mistyped one with."""
    return [row[0] for row in db.execute(_queries.some_categories)]


def some_brands(db: Connection) -> list[str]:
    """Return names to compare a mistyped one with."""
    return [row[0] for row in db.execute(_queries.some_brands)]


def some_stores(db: Connection) -> list[str]:
    """Return names to compare a mistyped one with."""
    return [row[0] for row in db.execute(_queries.some_stores)]


def resolve_products(db: Connection, products: Collection[str]) -> dict[str, ProductFacts]:
    """Return what is known about products; unknown ones are absent."""
    rows = db.execute(_queries.resolve_products, {"products": texts(products)})
    return {row[0]: ProductFacts(tuple(row[1]), row[2], tuple(row[3])) for row in rows}


def day_cuts(db: Connection) -> dict[str, int]:
    """Return minutes after midnight by store, where not zero."""
    return {row[0]: row[1] for row in db.execute(_queries.day_cuts)}


def read_product(db: Connection, product: str) -> Product | None:
    """Return one product."""
    row = db.execute(_queries.read_product, {"product": product}).fetchone()
    return _product(row) if row else None


def list_products(db: Connection, after: str, limit: int, category: str | None) -> list[Product]:
    """Return products after a key."""
    parameters = {"after": after, "limit": limit, "category": category}
    return [_product(row) for row in db.execute(_queries.list_products, parameters)]


def list_categories(db: Connection, after: str, limit: int) -> list[Category]:
    """Return categories after a key."""
    return _listed(db, _queries.list_categories, Category, after, limit)


def list_brands(db: Connection, after: str, limit: int) -> list[Brand]:
    """Return brands after a key."""
    return _listed(db, _queries.list_brands, Brand, after, limit)


def list_places(db: Connection, after: str, limit: int) -> list[Place]:
    """Return places after a key."""
    return _listed(db, _queries.list_places, Place, after, limit)


def list_staff(db: Connection, after: str, limit: int) -> list[Staff]:
    """Return staff after a key."""
    return _listed(db, _queries.list_staff, Staff, after, limit)


def _listed(
    db: Connection, statement: LiteralString, kind: type[_Item], after: str, limit: int
) -> list[_Item]:
    rows = db.execute(statement, {"after": after, "limit": limit})
    return [kind(*row) for row in rows]


def _product(row: tuple[Any, ...]) -> Product:
    return Product(row[0], row[1], row[2], row[3], tuple(row[4]))
