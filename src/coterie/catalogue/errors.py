"""What is refused about master data.

Refusal
 ├─ BadMasterData                                      malformed
 ├─ ParentUnknown, CategoryUnknown, BrandUnknown,
 │  StoreUnknown                                       not found
 ├─ TreeCycle, TreeTooDeep, PlaceMisplaced             conflict
 ├─ ProductUnknown                                     not found
 └─ TooManyRows                                        too large
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class BadMasterData(Malformed):
    """A row of master data cannot be read."""

    code = "bad_master_data"


class ParentUnknown(Refusal):
    """What this is a part of is not known."""

    code = "parent_unknown"
    kind = Kind.NOT_FOUND


class CategoryUnknown(Refusal):
    """There is no such category."""

    code = "category_unknown"
    kind = Kind.NOT_FOUND


class BrandUnknown(Refusal):
    """There is no such brand."""

    code = "brand_unknown"
    kind = Kind.NOT_FOUND


class StoreUnknown(Refusal):
    """There is no such store."""

    code = "store_unknown"
    kind = Kind.NOT_FOUND


class ProductUnknown(Refusal):
    """There is no such product."""

    code = "product_unknown"
    kind = Kind.NOT_FOUND


class TreeCycle(Refusal):
    """Nothing can be a part of itself."""

    code = "tree_cycle"
    kind = Kind.CONFLICT


class TreeTooDeep(Refusal):
    """A tree has at most 12 levels and 100,000 nodes."""

    code = "tree_too_deep"
    kind = Kind.CONFLICT


class PlaceMisplaced(Refusal):
    """A brand stands alone, a region in brand or region, a store in either, nothing in a store."""

    code = "place_misplaced"
    kind = Kind.CONFLICT


class TooManyRows(Refusal):
    """One call takes at most 10,000 rows."""

    code = "too_many_rows"
    kind = Kind.TOO_LARGE
