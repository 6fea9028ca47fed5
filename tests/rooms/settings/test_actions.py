"""Settings on PostgreSQL: saved, read, bounded by the database as well."""

from __future__ import annotations

import hashlib

import psycopg
import pytest

from coterie.settings import (
    BadImage,
    Brand,
    BrandChange,
    actions,
    read_brand,
    read_hosts,
    read_image,
    read_secret,
    remove_image,
    save_brand,
    save_hosts,
    save_image,
)
from coterie.storage import Connection, transaction
from tests.rooms.images import jpeg, png


def test_a_brand_is_saved_bit_by_bit(db: Connection):
    assert read_brand(db) == Brand()
    with transaction(db):
        save_brand(db, BrandChange(name_zh="山茶铺", colour="#0b5130"), now_us=1)
        save_brand(db, BrandChange(name_en="Camellia", language="en"), now_us=2)
    brand = read_brand(db)
    assert (brand.name("zh"), brand.name("en")) == ("山茶铺", "Camellia")
    assert (brand.colour, brand.language) == ("#0b5130", "en")


def test_an_image_is_shown_by_its_digest_and_no_other(db: Connection):
    first, second = png(), jpeg()
    with transaction(db):
        save_image(db, "logo", first, now_us=1)
        save_image(db, "logo", second, now_us=2)
        save_image(db, "card-gold", first, now_us=3)
    logo = read_brand(db).image("logo")
    assert logo is not None
    assert logo.sha256 == hashlib.sha256(second).hexdigest()
    assert (logo.media_type, logo.width, logo.height) == ("image/jpeg", 64, 32)
    found = read_image(db, "logo", logo.sha256)
    assert found is not None
    assert found.content == second
    assert read_image(db, "logo", hashlib.sha256(first).hexdigest()) is None
    assert read_image(db, "logo", "../../etc") is None
    with transaction(db):
        assert remove_image(db, "logo")
        assert not remove_image(db, "logo")
    assert [each.slot for each in read_brand(db).images] == ["card-gold"]


def test_images_are_bounded_in_number(db: Connection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(actions, "IMAGES_MAX", 1)
    with transaction(db):
        save_image(db, "logo", png(), now_us=1)
        save_image(db, "logo", jpeg(), now_us=1)
        with pytest.raises(BadImage):
            save_image(db, "card", png(), now_us=1)


def test_host_names_are_saved_as_a_whole(db: Connection):
    with transaction(db):
        save_hosts(db, ["a.example", "b.example"])
        save_hosts(db, ["c.example"])
    assert read_hosts(db) == {"c.example"}


def test_the_secret_is_there_and_stays(db: Connection):
    assert len(read_secret(db)) == 32
    assert read_secret(db) == read_secret(db)


@pytest.mark.parametrize(
    "statement",
    [
        "update settings.secret set value = ''",
        "insert into settings.secret values ('other', sha256('x'))",
        "insert into settings.brand values (false, '', '', '#000000', '#000000', null, 0)",
        "insert into settings.brand values (true, '', '', 'red', '#000000', null, 0)",
        "insert into settings.brand values (true, '', '', '#000000', '#000000', 'fr', 0)",
        "insert into settings.image values ('icon', 'image/png', sha256('x'), 'x', 20, 20, 0)",
        "insert into settings.image values ('logo', 'image/svg+xml', sha256('x'), 'x', 20, 20, 0)",
        "insert into settings.image values ('logo', 'image/png', sha256('y'), 'x', 20, 20, 0)",
        "insert into settings.image values ('logo', 'image/png', sha256('x'), 'x', 1, 20, 0)",
        "insert into settings.host values ('Upper.example')",
    ],
)
def test_the_database_says_so_too(db: Connection, statement: str):
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(statement)
