"""Master data, to read: what is sold, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import (
    CURSOR,
    LIMIT,
    Call,
    Endpoint,
    Handler,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.reading import ok
from coterie.api.services import Services
from coterie.catalogue import (
    Brand,
    Category,
    Place,
    Product,
    Staff,
    list_brands,
    list_categories,
    list_places,
    list_products,
    list_staff,
    read_product,
)
from coterie.kernel.errors import Kind

Key = Annotated[str, Meta(min_length=1, max_length=200)]


class ProductPage(Struct, frozen=True, omit_defaults=True):
    """Products by key."""

    products: tuple[Product, ...]
    cursor: str | None = None


class CategoryPage(Struct, frozen=True, omit_defaults=True):
    """Categories by key."""

    categories: tuple[Category, ...]
    cursor: str | None = None


class BrandPage(Struct, frozen=True, omit_defaults=True):
    """Brands by key."""

    brands: tuple[Brand, ...]
    cursor: str | None = None


class PlacePage(Struct, frozen=True, omit_defaults=True):
    """Brands, regions and stores by key."""

    places: tuple[Place, ...]
    cursor: str | None = None


class StaffPage(Struct, frozen=True, omit_defaults=True):
    """Staff by key."""

    staff: tuple[Staff, ...]
    cursor: str | None = None


async def get_product(services: Services, call: Call) -> Reply:
    """Read one product."""
    # A product's key may hold a slash, so the rest of the path is taken whole.
    product = call.path_values["product"].removeprefix("/")
    if "\0" in product:
        product = product.replace("\0", "\N{SYMBOL FOR NULL}")  # Nothing is called that.
    return ok(await services.reads.run(lambda db: read_product(db, product)))


def _pages(question: Callable[..., tuple[list[Any], str | None]], page: type[Any]) -> Handler:
    """Return the handler that reads pages by a question of the catalogue."""

    async def get_page(services: Services, call: Call) -> Reply:
        rows, cursor = await services.reads.run(lambda db: question(db, **call.query))
        return ok(page(tuple(rows), cursor))

    return get_page


def _list(
    name: str,
    words: Words,
    question: Callable[..., tuple[list[Any], str | None]],
    page: type[Any],
    *more: Parameter,
) -> Endpoint:
    operation = Operation(
        id=f"list{name.capitalize()}",
        method="GET",
        path=f"/v1/catalogue/{name}",
        tag="catalogue",
        words=words,
        scope=Scope.CATALOGUE_READ,
        query=(*more, CURSOR, LIMIT),
        returns=(Returns(200, page, Words("一页，按键排序", "A page, by key")),),
    )
    return Endpoint(operation, _pages(question, page))


_CATEGORY = Parameter("category", Key, Words("只看此品类（不含下级）", "Only this category itself"))
_PRODUCT = Parameter("product", Key, Words("商品键", "The product's key"), example="sku-1")

ENDPOINTS = (
    _list("products", Words("列出商品", "List products"), list_products, ProductPage, _CATEGORY),
    Endpoint(
        Operation(
            id="getProduct",
            method="GET",
            path="/v1/catalogue/products/{product}",
            tag="catalogue",
            words=Words("读取一个商品", "Read a product"),
            scope=Scope.CATALOGUE_READ,
            path_parameters=(_PRODUCT,),
            returns=(Returns(200, Product, Words("商品", "The product")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        get_product,
    ),
    _list("categories", Words("列出品类", "List categories"), list_categories, CategoryPage),
    _list("brands", Words("列出品牌", "List brands"), list_brands, BrandPage),
    _list("places", Words("列出品牌、区域与门店", "List places"), list_places, PlacePage),
    _list("staff", Words("列出员工", "List staff"), list_staff, StaffPage),
)
