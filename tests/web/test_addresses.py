"""Every page is found at its address, also where one address begins like another."""

from __future__ import annotations

import pytest

from coterie.web import OPEN, Ask, Face, Pages, Reply
from coterie.web.addresses import Addresses, roots
from tests.web.site import site_over

AREA = Pages()


@AREA.get("/me", needs=OPEN)
@AREA.get("/members", needs=OPEN)
@AREA.get("/members/{member_id:int}", needs=OPEN)
@AREA.get("/members/{member_id:int}/lots/{code:str}", needs=OPEN)
@AREA.get("/members/review", needs=OPEN)
def echo(ask: Ask) -> Reply:
    said = " ".join(f"{name}={value}" for name, value in ask.path_values.items())
    return Reply(200, f"{ask.path} {said}".encode(), "text/plain")


@pytest.fixture(scope="module")
def faces():
    return [Face(name="web", package="coterie.web", pages=[AREA])]


def test_addresses_that_begin_alike_are_told_apart(database_url: str, faces: list[Face]):
    with site_over(database_url, faces) as client:
        for path, said in [
            ("/me", ""),
            ("/members", ""),
            ("/members/7", "member_id=7"),
            ("/members/review", ""),
            ("/members/7/lots/points", "member_id=7 code=points"),
        ]:
            answer = client.get(path)
            assert (answer.status_code, answer.text) == (200, f"{path} {said}")
        for path in ("/meme", "/members/x", "/members/7/lots", "/members/99999999999999999999"):
            assert client.get(path).status_code == 404
        assert client.post("/members/7").status_code == 405
        assert client.get("/v1/nothing").headers["content-type"] == "application/problem+json"


def test_no_page_may_stand_anywhere():
    with pytest.raises(AssertionError):
        roots(["/{name:str}"])


def test_nobody_answers_where_there_is_nothing():
    assert Addresses({}).find("/x") == ({}, {})
