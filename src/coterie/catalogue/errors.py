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
    zh = "主数据中有一行无法读取。"


class ParentUnknown(Refusal):
    """What this is a part of is not known."""

    code = "parent_unknown"
    zh = "其上级不存在。"
    kind = Kind.NOT_FOUND


class CategoryUnknown(Refusal):
    """There is no such category."""

    code = "category_unknown"
    zh = "没有这个品类。"
    kind = Kind.NOT_FOUND


class BrandUnknown(Refusal):
    """There is no such brand."""

    code = "brand_unknown"
    zh = "没有这个品牌。"
    kind = Kind.NOT_FOUND


class StoreUnknown(Refusal):
    """There is no such store."""

    code = "store_unknown"
    zh = "没有这个门店。"
    kind = Kind.NOT_FOUND


class ProductUnknown(Refusal):
    """There is no such product."""

    code = "product_unknown"
    zh = "没有这个商品。"
    kind = Kind.NOT_FOUND


class TreeCycle(Refusal):
    """Nothing can be a part of itself."""

    code = "tree_cycle"
    zh = "任何节点都不能是自身的一部分。"
    kind = Kind.CONFLICT


class TreeTooDeep(Refusal):
    """A tree has at most 12 levels and 100,000 nodes."""

    code = "tree_too_deep"
    zh = "树最多 12 层、100,000 个节点。"
    kind = Kind.CONFLICT


class PlaceMisplaced(Refusal):
    """A brand stands alone, a region in brand or region, a store in either, nothing in a store."""

    code = "place_misplaced"
    zh = "品牌独立存在，区域属于品牌或区域，门店属于二者之一，门店之下不能再有下级。"
    kind = Kind.CONFLICT


class TooManyRows(Refusal):
    """One call takes at most 10,000 rows."""

    code = "too_many_rows"
    zh = "一次调用最多 10,000 行。"
    kind = Kind.TOO_LARGE
