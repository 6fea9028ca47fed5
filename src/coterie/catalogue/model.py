"""What is sold, where, and by whom: master data that other systems keep and Coterie reads."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

BATCH_MAX = 10_000
"""How many rows one call saves or looks up."""
DEPTH_MAX = 12
"""How many levels a tree of categories or places may have."""
TAGS_MAX = 50
"""How many tags a product may carry."""
NODES_MAX = 100_000
"""How many nodes a tree may have: it is judged as a whole, in memory."""


class PlaceKind(StrEnum):
    """A place is a brand, a region of one, or a store."""

    BRAND = "brand"
    REGION = "region"
    STORE = "store"


class Category(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of product within a wider one."""

    category: str
    parent: str | None = None
    name_zh: str | None = None
    name_en: str | None = None


class Brand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The name under which a product is sold."""

    brand: str
    name_zh: str | None = None
    name_en: str | None = None


class Product(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that can stand on a line of an order."""

    product: str
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()


class Place(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A node of the tree of places; ``day_cut_minutes`` after midnight a store's day begins."""

    place: str
    kind: str = "store"
    parent: str | None = None
    name: str | None = None
    day_cut_minutes: int = 0


class Staff(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who sells; ``store`` is where."""

    staff: str
    name: str | None = None
    store: str | None = None
    active: bool = True


class ProductFacts(Struct, frozen=True, gc=False):
    """What a rule may ask about a product: its category first, then the wider ones."""

    categories: tuple[str, ...] = ()
    brand: str | None = None
    tags: tuple[str, ...] = ()
