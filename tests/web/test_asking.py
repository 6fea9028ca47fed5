"""What a handler asks for and gives back: addresses, sentences, exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from coterie.web import OPEN, Ask, Face, Pages, Reply
from tests.web.site import site_over

AREA = Pages()
ROWS = [("=1+1", 5, -3), ("+86 138", 0, None), ("@x", 1, 2), ("-5", 1, 2), ("山茶", 1, 2)]


@AREA.get("/export", needs=OPEN)
def export(ask: Ask) -> Reply:
    return ask.csv("rows", ["name", "n", "m"], ROWS)


@AREA.get("/again", needs=OPEN)
def again(ask: Ask) -> Reply:
    told = (ask.again(), ask.again(b=2), ask.again(a=None), ask.again(c="x y"))
    return Reply(200, "\n".join(told).encode(), "text/plain")


@AREA.get("/away", needs=OPEN)
def away(ask: Ask) -> Reply:
    return ask.redirect(ask.query.get("to"))


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient[Litestar]]:
    with site_over(database_url, [Face("tests", "coterie.web", [AREA])]) as client:
        client.follow_redirects = False
        yield client


def test_a_spreadsheet_gets_text_and_no_formula(client: TestClient[Litestar]):
    answer = client.get("/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="rows.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    names = ["name", "'=1+1", "'+86 138", "'@x", "'-5", "山茶"]
    assert [row[0] for row in rows] == names
    assert rows[1][1:] == ["5", "-3"]


def test_an_address_is_changed_in_parts(client: TestClient[Litestar]):
    told = client.get("/again?a=1&b=1&a=3").text.splitlines()
    assert told == [
        "/again?a=1&a=3&b=1",
        "/again?a=1&a=3&b=2",
        "/again?b=1",
        "/again?a=1&a=3&b=1&c=x+y",
    ]


@pytest.mark.parametrize("to", ["//evil.example", "http://evil.example", "evil"])
def test_a_handler_leads_only_to_paths_of_ours(client: TestClient[Litestar], to: str):
    answer = client.get("/away", params={"to": to})
    assert answer.status_code == 500
    assert "location" not in answer.headers
