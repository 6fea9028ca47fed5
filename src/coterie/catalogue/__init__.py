"""What is sold, where, and by whom: products, categories, brands, places and staff.

Owns the schema ``catalogue``. Invariants: categories are a forest of at most twelve levels, places
one of brands, regions and stores; a product names only categories and brands that are there, staff
only stores; nothing is deleted, because old sales name it; every committed change makes the stamp
larger, so that what a process remembers is never older than the stamp it read before.

Does not promise to know every product that is sold: a sale may name others, and say itself what
they are.
"""

from coterie.catalogue.actions import (
    save_brands,
    save_categories,
    save_places,
    save_products,
    save_staff,
)
from coterie.catalogue.errors import (
    BadMasterData,
    BrandUnknown,
    CategoryUnknown,
    ParentUnknown,
    PlaceMisplaced,
    ProductUnknown,
    StoreUnknown,
    TooManyRows,
    TreeCycle,
    TreeTooDeep,
)
from coterie.catalogue.model import (
    BATCH_MAX,
    DEPTH_MAX,
    Brand,
    Category,
    Place,
    PlaceKind,
    Product,
    ProductFacts,
    Staff,
)
from coterie.catalogue.views import (
    CatalogueCache,
    catalogue_stamp,
    check_store,
    day_cuts,
    list_brands,
    list_categories,
    list_places,
    list_products,
    list_staff,
    read_product,
    resolve_products,
)

__all__ = [
    "BATCH_MAX",
    "DEPTH_MAX",
    "BadMasterData",
    "Brand",
    "BrandUnknown",
    "CatalogueCache",
    "Category",
    "CategoryUnknown",
    "ParentUnknown",
    "Place",
    "PlaceKind",
    "PlaceMisplaced",
    "Product",
    "ProductFacts",
    "ProductUnknown",
    "Staff",
    "StoreUnknown",
    "TooManyRows",
    "TreeCycle",
    "TreeTooDeep",
    "catalogue_stamp",
    "check_store",
    "day_cuts",
    "list_brands",
    "list_categories",
    "list_places",
    "list_products",
    "list_staff",
    "read_product",
    "resolve_products",
    "save_brands",
    "save_categories",
    "save_places",
    "save_products",
    "save_staff",
]
