"""Colours that can be read, images that are images, names that are names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.settings import BadBrand, BadHosts, BadImage, Brand, BrandChange, rules
from tests.rooms.images import jpeg, png, webp

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def test_contrast_is_that_of_wcag():
    assert rules.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert rules.contrast("#ffffff", "#ffffff") == pytest.approx(1)
    assert rules.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(COLOURS, COLOURS)
def test_contrast_does_not_ask_which_is_text(one: str, other: str):
    assert rules.contrast(one, other) == rules.contrast(other, one)


@given(COLOURS)
def test_text_on_any_colour_can_be_read(colour: str):
    assert rules.contrast(rules.ink_on(colour), colour) >= rules.AA


@given(COLOURS, st.sampled_from([rules.WHITE, rules.DARK]))
def test_any_colour_becomes_readable_on_a_ground(colour: str, ground: str):
    assert rules.contrast(rules.readable_on(colour, ground), ground) >= rules.AA


def test_a_readable_colour_stays_as_it_is():
    assert rules.readable_on("#0b5130", rules.WHITE) == "#0b5130"


@given(COLOURS)
def test_what_is_made_of_a_brand_can_be_read(colour: str):
    brand = Brand(colour=rules.readable_on(colour, rules.WHITE), card_colour=colour)
    made = rules.tints(brand)
    assert rules.contrast(made["light"], rules.WHITE) >= rules.AA
    assert rules.contrast(made["dark"], rules.DARK) >= rules.AA
    for ground in ("light", "dark", "card"):
        assert rules.contrast(made[f"{ground}_ink"], made[ground]) >= rules.AA


def test_a_change_leaves_the_rest():
    brand = rules.changed(Brand(name_zh="山茶铺", language="zh"), BrandChange(colour="#0b5130"))
    assert brand == Brand(name_zh="山茶铺", language="zh", colour="#0b5130")
    assert rules.changed(brand, BrandChange(language="")).language is None


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (BrandChange(colour="red"), "colour", "not a colour like"),
        (BrandChange(colour="#FFFFFF"), "colour", "not a colour like"),
        (BrandChange(colour="#ffd84d"), "colour", "would do"),
        (BrandChange(card_colour="#12345"), "card_colour", "not a colour like"),
        (BrandChange(name_zh="字" * 61), "name_zh", "up to 60"),
        (BrandChange(name_en="a\nb"), "name_en", "printable"),
        (BrandChange(name_en=" a"), "name_en", "space"),
        (BrandChange(language="fr"), "language", "neither zh nor en"),
    ],
)
def test_what_a_brand_cannot_be(change: BrandChange, where: str, said: str):
    with pytest.raises(BadBrand, match=said) as refused:
        rules.changed(Brand(), change)
    assert refused.value.where == where


def test_the_colour_that_is_offered_instead_would_do():
    with pytest.raises(BadBrand) as refused:
        rules.changed(Brand(), BrandChange(colour="#ffd84d"))
    offered = refused.value.detail.split("; ")[1].split()[0]
    assert rules.changed(Brand(), BrandChange(colour=offered)).colour == offered


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(png(48, 24), "image/png"), (jpeg(48, 24), "image/jpeg"), (webp(48, 24), "image/webp")],
)
def test_an_image_is_known_by_its_bytes(content: bytes, media_type: str):
    assert rules.measure(content) == (media_type, 48, 24)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "none of PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "none of PNG"),
        (b"<html>", "none of PNG"),
        (b"GIF89a" + bytes(40), "none of PNG"),
        (png()[:-8], "none of PNG"),
        (png(8, 8), "8 x 8"),
        (png(64, 4000), "64 x 4000"),
        (jpeg(0, 0), "0 x 0"),
        (png() + bytes(rules.IMAGE_BYTES_MAX), "at most"),
    ],
)
def test_what_is_no_image(content: bytes, said: str):
    with pytest.raises(BadImage, match=said):
        rules.measure(content)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_measuring(content: bytes):
    for begin in (b"", png()[:16], jpeg()[:4], webp()[:16]):
        try:
            found = rules.measure(begin + content)
        except BadImage:
            continue
        assert found.media_type in {"image/png", "image/jpeg", "image/webp"}


@pytest.mark.parametrize("slot", ["", "icon", "card-", "card-Gold", "../logo", "card-" + "a" * 41])
def test_what_is_no_place_for_an_image(slot: str):
    with pytest.raises(BadImage):
        rules.check_slot(slot)


def test_host_names_are_kept_once_in_lower_case():
    assert rules.check_hosts(["Shop.example", " shop.example ", "a.b"]) == ("shop.example", "a.b")


@pytest.mark.parametrize(
    "host", ["", "a b", "shop.example:8000", "http://shop.example", "-a.example", "a..b", "例.cn"]
)
def test_what_is_no_host_name(host: str):
    with pytest.raises(BadHosts):
        rules.check_hosts([host])


def test_host_names_are_bounded():
    with pytest.raises(BadHosts):
        rules.check_hosts([f"h{n}.example" for n in range(21)])
