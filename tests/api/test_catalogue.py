"""Master data over HTTP, page by page."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from coterie.catalogue import Brand, Category, Product, save_brands, save_categories, save_products
from coterie.storage import transaction
from tests.api.serving import Place
from tests.api.test_refusals import check


def test_products_are_listed_by_category_and_read_by_any_key(api: httpx.Client, place: Place):
    odd = "a/b c%2F?#茶"
    with place.storage.connect() as db, transaction(db):
        save_categories(db, [Category("tea"), Category("green", parent="tea")])
        save_brands(db, [Brand("b", name_zh="甲", name_en="A")])
        save_products(
            db,
            [
                *(Product(f"p{n}", name=f"茶 {n}", category="tea", brand="b") for n in range(5)),
                Product(odd, category="green", tags=("new",)),
            ],
        )
    whole = api.get("/v1/catalogue/products").json()
    assert [each["product"] for each in whole["products"]] == [odd, "p0", "p1", "p2", "p3", "p4"]
    assert "cursor" not in whole
    first = api.get("/v1/catalogue/products?limit=4").json()
    rest = api.get(f"/v1/catalogue/products?limit=4&cursor={first['cursor']}").json()
    assert first["products"] + rest["products"] == whole["products"]
    tea = api.get("/v1/catalogue/products?category=green").json()["products"]
    assert [each["product"] for each in tea] == [odd]
    read = api.get("/v1/catalogue/products/" + quote(odd, safe=""))
    assert read.json() == {"product": odd, "category": "green", "tags": ["new"]}
    assert api.get("/v1/catalogue/products/p1").json()["name"] == "茶 1"
    check(api.get("/v1/catalogue/products/p9"), 404, "product_unknown")
    check(api.get("/v1/catalogue/products/%00"), 404, "product_unknown")
    assert api.get("/v1/catalogue/categories").json() == {
        "categories": [{"category": "green", "parent": "tea"}, {"category": "tea"}]
    }
    assert api.get("/v1/catalogue/brands").json()["brands"][0]["name_zh"] == "甲"
    cursor = first["cursor"]
    check(api.get(f"/v1/catalogue/products?cursor={cursor}x{cursor}"), 400, "bad_cursor")
