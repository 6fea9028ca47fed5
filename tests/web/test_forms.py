"""Fields read what people type, within bounds, and say what is wrong in words of the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.web import Amount, Check, Choice, Day, File, FormUnreadable, Text, Whole, blank
from coterie.web.forms import Field, Form, read_form
from coterie.web.words import Catalogue

URLENCODED = "application/x-www-form-urlencoded"


def read(field: Field, text: str) -> Any:
    entry = Form([(field.name, text)]).read([field])
    return entry.wrong[field.name][0] if entry.wrong else entry[field.name]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Text("a"), "  山茶  ", "山茶"),
        (Text("a", most=3), "abcd", "form.too_long"),
        (Text("a", least=3), "ab", "form.too_short"),
        (Text("a"), "a\x00b", "form.unprintable"),
        (Text("a"), "a\nb", "form.unprintable"),
        (Text("a", lines=True), "a\r\nb", "a\nb"),
        (Text("a"), "   ", "form.missing"),
        (Text("a", required=False), "", None),
        (Choice("a", ("x", "y")), "x", "x"),
        (Choice("a", ("x", "y")), "z", "form.not_offered"),
        (Check("a"), "1", True),
        (Check("a"), "", False),
        (Check("a", required=True), "", "form.missing"),
        (Day("a"), "2026-02-28", date(2026, 2, 28).toordinal()),
        (Day("a"), "2026-02-30", "form.no_day"),
        (Day("a"), "28.2.2026", "form.no_day"),
        (Whole("a"), "1,234", 1234),
        (Whole("a"), "1，234", 1234),
        (Whole("a", least=-5), "-5", -5),
        (Whole("a"), "-5", "form.out_of_bounds"),
        (Whole("a", most=9), "10", "form.out_of_bounds"),
        (Whole("a"), "1.5", "form.no_whole"),
        (Whole("a"), "١٢", "form.no_whole"),
        (Whole("a"), "9" * 20, "form.no_whole"),
        (Amount("a", scale=2), "12.5", 1250),
        (Amount("a", scale=2), "1,000.05", 100_005),
        (Amount("a", scale=2), "0.001", "form.no_amount_of"),
        (Amount("a", scale=0), "1.0", 1),
        (Amount("a", scale=2), "NaN", "form.no_amount_of"),
        (Amount("a", scale=2), "1e3", 100_000),
        (Amount("a", scale=2), "1e999999", "form.no_amount"),
        (Amount("a", scale=2), "twelve", "form.no_amount"),
        (Amount("a", scale=2, most=100), "1.01", "form.out_of_bounds"),
        (File("a"), "text", "form.no_file"),
    ],
)
def test_a_field_reads(field: Field, text: str, value: Any):
    assert read(field, text) == value


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_a_field(text: str):
    for field in (Text("a"), Day("a"), Whole("a"), Amount("a"), Choice("a", ("x",)), Check("a")):
        read(field, text)


@given(st.integers(0, 10**15))
def test_an_amount_is_exact(minor: int):
    assert read(Amount("a", scale=2), f"{minor // 100}.{minor % 100:02d}") == minor


def test_what_was_typed_stays_beside_what_is_wrong():
    entry = Form([("a", "x"), ("b", "12")]).read([Whole("a"), Whole("b"), Text("c")])
    assert not entry.good
    assert entry.raw == {"a": "x", "b": "12", "c": ""}
    assert set(entry.wrong) == {"a", "c"}
    assert entry["b"] == 12


def test_a_blank_form_knows_its_fields():
    assert blank([Text("a")], a=None).raw == {"a": ""}
    with pytest.raises(AssertionError):
        blank([Text("a")], b="x")


def test_a_form_with_a_file():
    body = (
        b'--x\r\ncontent-disposition: form-data; name="word"\r\n\r\n\xe8\x8c\xb6\r\n'
        b'--x\r\ncontent-disposition: form-data; name="f"; filename="../a.png"\r\n'
        b"content-type: image/png\r\n\r\n\x89PNG\r\n--x--\r\n"
    )
    form = read_form(body, "multipart/form-data; boundary=x")
    assert form.get("word") == "茶"
    assert form.files["f"].content == b"\x89PNG"


def test_several_under_one_name():
    form = read_form(b"tag=a&tag=b&tag=", URLENCODED)
    assert form.all("tag") == ["a", "b", ""]
    assert form.read([Text("tag")]).many["tag"] == ["a", "b", ""]


@given(st.binary(max_size=300), st.sampled_from([URLENCODED, "multipart/form-data; boundary=x"]))
def test_a_body_is_a_form_or_refused(body: bytes, content_type: str):
    try:
        assert isinstance(read_form(body, content_type), Form)
    except FormUnreadable:
        return


def test_every_wrong_has_its_words_with_its_values():
    catalogue = Catalogue(["coterie.web"])
    fields = [Text("a", most=1, least=1), Whole("b", most=1), Amount("c", most=1)]
    entry = Form([("a", "xy"), ("b", "5"), ("c", "5")]).read(fields)
    for key, values in entry.wrong.values():
        for language in ("zh", "en"):
            assert "{" not in catalogue.say(language, key, None, **values)
