"""Master data on PostgreSQL: saved in batches, judged row by row, cached by a stamp."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from coterie import catalogue
from coterie.catalogue import (
    Brand,
    CatalogueCache,
    Category,
    Place,
    Product,
    ProductFacts,
    Staff,
)
from coterie.kernel.errors import Refusal
from coterie.storage import Connection, transaction


def codes(answers: list[Refusal | None]) -> list[str | None]:
    return [None if answer is None else answer.code for answer in answers]


def stock(db: Connection) -> None:
    """Three levels of categories, a brand and two products."""
    tree = [
        Category("trainers", "shoes"),
        Category("shoes", "wear"),
        Category("wear", name_zh="服饰", name_en="Wear"),
    ]
    assert codes(catalogue.save_categories(db, tree)) == [None] * 3
    assert codes(catalogue.save_brands(db, [Brand("acme", "极致", "Acme")])) == [None]
    products = [
        Product("P1", "Runner", "trainers", "acme", ("new", 'q"u,o{t}e')),
        Product("P2", "Gift box"),
    ]
    assert codes(catalogue.save_products(db, products)) == [None, None]


def test_products_are_resolved_with_all_their_categories(db: Connection):
    stock(db)
    assert catalogue.resolve_products(db, ["P1", "P2", "P3"]) == {
        "P1": ProductFacts(("trainers", "shoes", "wear"), "acme", ("new", 'q"u,o{t}e')),
        "P2": ProductFacts(),
    }
    assert catalogue.resolve_products(db, []) == {}
    assert catalogue.read_product(db, "P2") == Product("P2", "Gift box")
    with pytest.raises(catalogue.ProductUnknown):
        catalogue.read_product(db, "P3")


def test_a_bad_row_does_not_stop_the_others(db: Connection):
    stock(db)
    answers = catalogue.save_products(
        db,
        [
            Product("P3", category="trainer"),
            Product("P4", brand="acne"),
            Product("", name="none"),
            Product("P5", "first"),
            Product("P5", "second"),
            Product("P6", category="zzz"),
        ],
    )
    assert codes(answers) == [
        "category_unknown",
        "brand_unknown",
        "bad_master_data",
        None,
        None,
        "category_unknown",
    ]
    assert answers[0] is not None
    assert "Did you mean 'trainers'?" in answers[0].message
    assert catalogue.read_product(db, "P5").name == "second"
    page, _ = catalogue.list_products(db)
    assert [row.product for row in page] == ["P1", "P2", "P5"]


def test_a_row_replaces_everything_it_says_nothing_about(db: Connection):
    stock(db)
    catalogue.save_products(db, [Product("P1", "Renamed")])
    assert catalogue.read_product(db, "P1") == Product("P1", "Renamed")
    catalogue.save_categories(db, [Category("shoes")])
    catalogue.save_products(db, [Product("P1", category="trainers")])
    assert catalogue.resolve_products(db, ["P1"])["P1"].categories == ("trainers", "shoes")


def test_places_are_a_tree_of_kinds(db: Connection):
    answers = catalogue.save_places(
        db,
        [
            Place("SH01", "store", "EAST", "Shanghai 1", 120),
            Place("EAST", "region", "ACME"),
            Place("ACME", "brand"),
            Place("SH02", "store", "SH01"),
            Place("SUB", "region", "SH02"),
            Place("OTHER", "brand", "ACME"),
            Place("POP-UP"),
        ],
    )
    assert codes(answers) == [
        None,
        None,
        None,
        "place_misplaced",
        "place_misplaced",
        "place_misplaced",
        None,
    ]
    assert codes(catalogue.save_places(db, [Place("EAST", "store", "ACME")])) == ["place_misplaced"]
    assert codes(catalogue.save_places(db, [Place("ACME", "brand", "SH01")])) == ["tree_cycle"]
    assert catalogue.day_cuts(db) == {"SH01": 120}
    staff = [Staff("S1", "Wang", "SH01"), Staff("S2", store="EAST"), Staff("S3", active=False)]
    assert codes(catalogue.save_staff(db, staff)) == [None, "store_unknown", None]
    people, _ = catalogue.list_staff(db)
    assert people == [staff[0], staff[2]]


def test_lists_go_by_pages(db: Connection):
    rows = [Product(f"P{n:02d}", category="all" if n % 2 else None) for n in range(7)]
    catalogue.save_categories(db, [Category("all")])
    catalogue.save_products(db, rows)
    seen: list[Product] = []
    cursor = None
    for _ in range(4):
        page, cursor = catalogue.list_products(db, cursor=cursor, limit=2)
        seen += page
    assert cursor is None
    assert seen == rows
    odd, _ = catalogue.list_products(db, category="all")
    assert odd == rows[1::2]
    assert catalogue.list_categories(db) == ([Category("all")], None)
    assert catalogue.list_brands(db) == ([], None)
    assert catalogue.list_places(db) == ([], None)


def test_the_cache_answers_as_of_now_and_stays_small(db: Connection, database_url: str):
    stock(db)
    cache = CatalogueCache(products_max=2)
    wanted = ["P1", "P2", "P9"]
    fresh = catalogue.resolve_products(db, wanted)
    assert cache.resolve(db, wanted) == fresh
    assert len(cache._products) == 2
    assert cache.resolve(db, wanted) == fresh
    assert cache.resolve(db, []) == {}
    assert cache.day_cuts(db) == {}
    before = catalogue.catalogue_stamp(db)
    with psycopg.connect(database_url, autocommit=True) as other, transaction(other):
        catalogue.save_products(other, [Product("P9", brand="acme")])
        catalogue.save_places(other, [Place("SH01", day_cut_minutes=60)])
        # Not committed: neither the row nor the stamp is seen.
        assert cache.resolve(db, wanted) == fresh
    assert catalogue.catalogue_stamp(db) > before
    assert cache.resolve(db, wanted) == {**fresh, "P9": ProductFacts((), "acme")}
    assert cache.day_cuts(db) == {"SH01": 60}


def test_two_writers_cannot_close_a_circle_together(database_url: str):
    """Each change alone is fine; together they would make a circle."""
    with psycopg.connect(database_url, autocommit=True) as db:
        catalogue.save_categories(db, [Category("a"), Category("b")])

    def one(row: Category) -> str | None:
        with psycopg.connect(database_url, autocommit=True) as db, transaction(db):
            [answer] = catalogue.save_categories(db, [row])
        return None if answer is None else answer.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(one, [Category("a", "b"), Category("b", "a")]))
    assert sorted(answers, key=str) == [None, "tree_cycle"]


def test_a_batch_has_a_bound(db: Connection):
    with pytest.raises(catalogue.TooManyRows):
        catalogue.save_brands(db, [Brand("a")] * 10_001)
    with pytest.raises(catalogue.TooManyRows):
        catalogue.resolve_products(db, ["a"] * 10_001)
