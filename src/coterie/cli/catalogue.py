"""``coterie products``, ``categories``, ``brands``, ``places``, ``sellers``: list and save one.

Many at once come by ``coterie import``.
"""

from __future__ import annotations

import click

from coterie.cli.showing import paged, print_page


@click.group("products")
def products() -> None:
    """Products."""


@products.command("list")
@click.option("--category", help="Only of this category.")
@paged
def list_products(*, category: str | None, limit: int | None, after: str | None) -> None:
    """List products by their id."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        page = catalogue.list_products(db, category=category, cursor=after, limit=limit)
    rows = [(row.product, row.name, row.category, row.brand, row.tags) for row in page[0]]
    print_page(["product", "name", "category", "brand", "tags"], rows, page[1])


@products.command("save")
@click.argument("product")
@click.option("--name")
@click.option("--category")
@click.option("--brand")
@click.option("--tag", "tags", multiple=True, help="Repeatable.")
def save_product(
    *,
    product: str,
    name: str | None,
    category: str | None,
    brand: str | None,
    tags: tuple[str, ...],
) -> None:
    """Save a product; what is not given is gone."""
    from coterie import catalogue
    from coterie.app import open_world

    row = catalogue.Product(product, name, category, brand, tags)
    with open_world() as world, world.changing() as db:
        [refusal] = catalogue.save_products(db, [row])
        if refusal is not None:
            raise refusal


@click.group("categories")
def categories() -> None:
    """The tree of product categories."""


@categories.command("list")
@paged
def list_categories(*, limit: int | None, after: str | None) -> None:
    """List categories by name."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        page = catalogue.list_categories(db, cursor=after, limit=limit)
    rows = [(row.category, row.parent, row.name_zh, row.name_en) for row in page[0]]
    print_page(["category", "parent", "name (zh)", "name (en)"], rows, page[1])


@categories.command("save")
@click.argument("category")
@click.option("--parent", help="The wider category it is a part of.")
@click.option("--name-zh")
@click.option("--name-en")
def save_category(
    *, category: str, parent: str | None, name_zh: str | None, name_en: str | None
) -> None:
    """Save a category; what is not given is gone."""
    from coterie import catalogue
    from coterie.app import open_world

    row = catalogue.Category(category, parent, name_zh, name_en)
    with open_world() as world, world.changing() as db:
        [refusal] = catalogue.save_categories(db, [row])
        if refusal is not None:
            raise refusal


@click.group("brands")
def brands() -> None:
    """Product brands."""


@brands.command("list")
@paged
def list_brands(*, limit: int | None, after: str | None) -> None:
    """List brands by name."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        page = catalogue.list_brands(db, cursor=after, limit=limit)
    rows = [(row.brand, row.name_zh, row.name_en) for row in page[0]]
    print_page(["brand", "name (zh)", "name (en)"], rows, page[1])


@brands.command("save")
@click.argument("brand")
@click.option("--name-zh")
@click.option("--name-en")
def save_brand(*, brand: str, name_zh: str | None, name_en: str | None) -> None:
    """Save a brand; what is not given is gone."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.changing() as db:
        [refusal] = catalogue.save_brands(db, [catalogue.Brand(brand, name_zh, name_en)])
        if refusal is not None:
            raise refusal


@click.group("places")
def places() -> None:
    """The tree of brands, regions and stores."""


@places.command("list")
@paged
def list_places(*, limit: int | None, after: str | None) -> None:
    """List places by code."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        page = catalogue.list_places(db, cursor=after, limit=limit)
    rows = [(row.place, row.kind, row.parent, row.name, row.day_cut_minutes) for row in page[0]]
    print_page(["place", "kind", "parent", "name", "day begins (min)"], rows, page[1])


@places.command("save")
@click.argument("place")
@click.option("--kind", default="store", show_default=True, help="Or region, brand.")
@click.option("--parent", help="The region or brand it is in.")
@click.option("--name")
@click.option(
    "--day-cut",
    type=int,
    default=0,
    show_default=True,
    help="Minutes after midnight at which its business day begins.",
)
def save_place(
    *, place: str, kind: str, parent: str | None, name: str | None, day_cut: int
) -> None:
    """Save a brand, a region or a store; what is not given is gone."""
    from coterie import catalogue
    from coterie.app import open_world

    row = catalogue.Place(place, kind, parent, name, day_cut)
    with open_world() as world, world.changing() as db:
        [refusal] = catalogue.save_places(db, [row])
        if refusal is not None:
            raise refusal


@click.group("sellers")
def sellers() -> None:
    """Who sells, and where."""


@sellers.command("list")
@paged
def list_sellers(*, limit: int | None, after: str | None) -> None:
    """List staff by code."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        page = catalogue.list_staff(db, cursor=after, limit=limit)
    rows = [(row.staff, row.name, row.store, row.active) for row in page[0]]
    print_page(["staff", "name", "store", "active"], rows, page[1])


@sellers.command("save")
@click.argument("code")
@click.option("--name")
@click.option("--store")
@click.option("--active/--left", default=True, show_default=True)
def save_seller(*, code: str, name: str | None, store: str | None, active: bool) -> None:
    """Save somebody of the staff; what is not given is gone."""
    from coterie import catalogue
    from coterie.app import open_world

    with open_world() as world, world.changing() as db:
        [refusal] = catalogue.save_staff(db, [catalogue.Staff(code, name, store, active)])
        if refusal is not None:
            raise refusal
