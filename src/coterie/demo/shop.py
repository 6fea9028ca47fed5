"""The demo's master data: what the tea house sells, where, and by whom."""

from __future__ import annotations

from typing import NamedTuple

from coterie.catalogue import Brand, Category, Place, Product, Staff

CATEGORIES = (
    Category("tea", name_zh="茶", name_en="Tea"),
    Category("brewed-tea", parent="tea", name_zh="现泡茶", name_en="Brewed tea"),
    Category("leaf-tea", parent="tea", name_zh="茶叶", name_en="Leaf tea"),
    Category("food", name_zh="茶点", name_en="Food"),
    Category("cakes", parent="food", name_zh="糕点", name_en="Cakes"),
    Category("snacks", parent="food", name_zh="小食", name_en="Snacks"),
    Category("teaware", name_zh="茶具", name_en="Teaware"),
    Category("gift-cards", name_zh="礼品卡", name_en="Gift cards"),
    Category("tobacco", name_zh="烟草", name_en="Tobacco"),
)

BRANDS = (
    Brand("mist", name_zh="山岚", name_en="Mountain Mist"),
    Brand("kiln", name_zh="龙泉窑", name_en="Longquan Kiln"),
    Brand("moon", name_zh="月白", name_en="Moon White"),
)


class Article(NamedTuple):
    """A product with its price in minor units."""

    product: str
    name: str
    category: str
    brand: str | None
    price_minor: int


_NAMES: dict[str, tuple[str | None, tuple[tuple[str, int], ...]]] = {
    "brewed-tea": (
        "mist",
        (
            ("龙井现泡", 2800),
            ("碧螺春现泡", 2600),
            ("凤凰单丛现泡", 3200),
            ("正山小种现泡", 2400),
            ("白毫银针现泡", 3600),
            ("茉莉花茶现泡", 1800),
            ("桂花乌龙现泡", 2200),
            ("陈皮普洱现泡", 2600),
            ("冷泡青柑", 2900),
            ("柠檬红茶", 1900),
        ),
    ),
    "leaf-tea": (
        "mist",
        (
            ("明前龙井 50g", 16800),
            ("碧螺春 50g", 12800),
            ("铁观音 100g", 9800),
            ("大红袍 50g", 15800),
            ("白毫银针 25g", 8800),
            ("熟普 饼茶 357g", 26800),
            ("茉莉龙珠 100g", 7600),
            ("正山小种 100g", 8600),
        ),
    ),
    "cakes": (
        "moon",
        (
            ("绿豆糕", 1200),
            ("桂花糕", 1500),
            ("杏仁酥", 1600),
            ("抹茶千层", 3200),
            ("红豆糯米糍", 1800),
            ("月白月饼礼盒", 19800),
        ),
    ),
    "snacks": (
        "moon",
        (("瓜子", 900), ("话梅", 1100), ("山核桃", 2600), ("牛肉干", 3200), ("蜜饯拼盘", 2200)),
    ),
    "teaware": (
        "kiln",
        (
            ("青瓷盖碗", 12800),
            ("龙泉主人杯", 9800),
            ("公道杯", 7800),
            ("紫砂壶", 58800),
            ("竹茶盘", 16800),
            ("随行泡茶杯", 8800),
        ),
    ),
    "gift-cards": (None, (("礼品卡 100 元", 10000), ("礼品卡 500 元", 50000))),
    "tobacco": (None, (("香烟", 4500),)),
}

ARTICLES = tuple(
    Article(f"{category}-{number:02d}", name, category, brand, price)
    for category, (brand, rows) in _NAMES.items()
    for number, (name, price) in enumerate(rows, 1)
)

PRODUCTS = tuple(
    Product(a.product, name=a.name, category=a.category, brand=a.brand) for a in ARTICLES
)

_CITIES = (
    ("east", "华东", (("hz", "杭州", 4), ("sh", "上海", 4), ("nj", "南京", 2))),
    ("south", "华南", (("gz", "广州", 3), ("sz", "深圳", 3))),
    ("north", "华北", (("bj", "北京", 3),)),
)


def _places() -> tuple[Place, ...]:
    places = [Place("mist-tea", "brand", name="山岚茶舍")]
    for region, name, cities in _CITIES:
        places.append(Place(region, "region", parent="mist-tea", name=name))
        for code, city, shops in cities:
            # The shop at the night market closes after midnight; its day ends at three.
            places += [
                Place(
                    f"{code}-{n:02d}",
                    "store",
                    parent=region,
                    name=f"{city}{n}店",
                    day_cut_minutes=180 if (code, n) == ("gz", 3) else 0,
                )
                for n in range(1, shops + 1)
            ]
    return tuple(places)


PLACES = _places()
STORES = tuple(place.place for place in PLACES if place.kind == "store")
CITY_OF = {
    f"{code}-{n:02d}": city
    for _, _, cities in _CITIES
    for code, city, shops in cities
    for n in range(1, shops + 1)
}
STAFF = tuple(
    Staff(f"{store}-{n}", name=f"店员{n}", store=store) for store in STORES for n in (1, 2, 3)
)
