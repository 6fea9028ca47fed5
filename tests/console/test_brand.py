"""The brand's page: what is saved shows on the next page, and what cannot be is said."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coterie.audit import list_entries
from coterie.storage import Connection
from tests.acts.house import House
from tests.console.staffed import Desk, desk_of
from tests.rooms.images import png

WHERE = "/settings/brand"
LOOK = {
    "name_zh": "山茶铺",
    "name_en": "Camellia",
    "colour": "#0b5130",
    "card_colour": "#ffd84d",
    "language": "en",
}


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    house = House(db)
    with desk_of(house, database_url) as desk:
        desk.sit(house.person("owner"))
        yield desk


def test_name_and_colours_show_at_once(desk: Desk, db: Connection):
    page = desk.send(WHERE, WHERE, LOOK)
    assert "The brand is saved." in page
    assert "Camellia" in page
    found = re.search(r'href="(/brand/brand\.css[^"]*)"', page)
    assert found is not None
    sheet = desk.client.get(found[1])
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]
    assert "--tblr-primary: #0b5130" in sheet.text
    assert "--brand-card: #ffd84d; --brand-card-ink: #000000" in sheet.text
    assert "山茶铺" in desk.get("/", "zh")
    entries, _ = list_entries(db, limit=5)
    assert entries[0].act == "brand.set"


def test_an_image_is_shown_and_taken_away(desk: Desk):
    content = png(80, 40)
    answer = desk.client.post(
        f"{WHERE}/image",
        data={"csrf": _token(desk), "slot": "logo"},
        files={"image": ("logo.png", content, "image/png")},
    )
    assert answer.status_code == 200
    found = re.search(r'<img class="brand-mark" src="(/brand/logo/[0-9a-f]{64})"', answer.text)
    assert found is not None
    image = desk.client.get(found[1])
    assert image.content == content
    assert image.headers["content-type"] == "image/png"
    assert image.headers["x-content-type-options"] == "nosniff"
    assert "gone" in desk.send(WHERE, f"{WHERE}/image/remove", {"slot": "logo"})
    assert desk.client.get(found[1]).status_code == 404


def test_what_cannot_be_is_said_and_changes_nothing(desk: Desk):
    pale = desk.send(WHERE, WHERE, {**LOOK, "colour": "#ffd84d"}, status=400)
    assert "has a contrast of" in pale
    assert 'value="#ffd84d"' in pale
    answer = desk.client.post(
        f"{WHERE}/image",
        data={"csrf": _token(desk), "slot": "logo"},
        files={"image": ("logo.png", b"<svg onload='x'/>", "image/png")},
    )
    assert answer.status_code == 400
    assert "none of PNG" in answer.text
    large = desk.client.post(
        f"{WHERE}/image",
        data={"csrf": _token(desk), "slot": "logo"},
        files={"image": ("logo.png", png() + bytes(700_000), "image/png")},
    )
    assert large.status_code == 413
    assert "Camellia" not in desk.get(WHERE)


def test_host_names_are_answered_once_saved(desk: Desk):
    foreign = {"host": "shop.example"}
    assert desk.client.get(WHERE, headers=foreign).status_code == 403
    desk.send(WHERE, f"{WHERE}/hosts", {"hosts": "shop.example\nwww.shop.example"})
    assert desk.client.get(WHERE, headers=foreign).status_code == 200


def test_who_may_not_change_it_sees_no_button(desk: Desk):
    desk.sit(desk.house.person("auditor"))
    page = desk.get(WHERE)
    assert "Upload" not in page
    answer = desk.client.post(WHERE, data={"csrf": _token(desk, "/account"), **LOOK})
    assert answer.status_code == 403


def _token(desk: Desk, at: str = WHERE) -> str:
    found = re.search(r'name="csrf" (?:value|content)="([^"]+)"', desk.get(at))
    assert found is not None
    return found[1]
