"""Drafts on the pages: begun, checked as one types, saved, in conflict, compared, deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coterie.drafts import list_drafts, read_draft
from coterie.storage import Connection
from tests.acts.house import DEMO, House
from tests.console.staffed import Desk, desk_of

AT = "/programme/drafts/1"


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    with desk_of(House(db), database_url) as desk:
        desk.sit(desk.house.person("operator"))
        yield desk


def begin(desk: Desk, text: str = DEMO) -> None:
    new = "/programme/drafts/new"
    desk.send(new, new, {"name": "Spring", "origin": "version", "version": "1"})
    desk.send(AT, AT, {"name": "Spring", "revision": "1", "text": text})


def test_a_draft_begins_from_a_version_a_template_or_a_file(desk: Desk) -> None:
    new = "/programme/drafts/new"
    page = desk.send(new, new, {"name": "As it is", "origin": "version", "version": "1"})
    assert "Checked: it could be published." in page
    desk.send(new, new, {"name": "Cafe", "origin": "template", "template": "coffee"})
    assert "#" in read_draft(desk.house.db, 2).text
    wrong = desk.send(new, new, {"name": "x", "origin": "file"}, status=422)
    assert "e-file" in wrong
    wrong = desk.send(new, new, {"name": "x", "origin": "template", "template": "../x"}, status=422)
    assert "e-template" in wrong
    assert [row.name for row in list_drafts(desk.house.db)] == ["Cafe", "As it is"]
    assert "Cafe" in desk.get("/programme/drafts")


def test_what_is_wrong_is_told_as_one_types(desk: Desk) -> None:
    begin(desk)
    spoilt = DEMO.replace("units: 1\n", "unitz: 1\n", 1)
    line = spoilt[: spoilt.index("unitz")].count("\n") + 1
    found = desk.send(AT, f"{AT}/check", {"text": spoilt})
    assert f'data-line="{line}"' in found
    assert "unitz" in found
    assert "<html" not in found
    assert "Checked: it could be published." in desk.send(AT, f"{AT}/check", {"text": DEMO})
    assert "not follow the newest" in desk.send(
        AT, f"{AT}/check", {"text": DEMO.replace("Asia/Shanghai", "Europe/Berlin")}
    )


def test_two_who_write_get_one_clear_message(desk: Desk) -> None:
    begin(desk)
    mine = DEMO.replace("units: 1\n", "units: 2\n", 1)
    desk.sit(desk.house.person("analyst"))
    told = desk.send(AT, AT, {"name": "Spring", "revision": "1", "text": mine}, status=409)
    assert "operator saved meanwhile" in told
    assert "+      units: 2" in told
    assert read_draft(desk.house.db, 1).text.strip() == DEMO.strip()
    # Who has seen the difference may go on.
    assert 'name="revision" value="2"' in told
    desk.send(AT, AT, {"name": "Spring", "revision": "2", "text": mine})
    assert read_draft(desk.house.db, 1).revision == 3


def test_a_draft_is_compared_in_words_and_as_text(desk: Desk) -> None:
    begin(desk, DEMO.replace('factor: "1.5"', "factor: 2").replace("limit: 500,", "limit: 600,"))
    page = desk.get(f"{AT}/compare", "zh-CN")
    assert "500" in page
    assert "600" in page
    assert "文本差异" in page
    begin_text = desk.send(AT, AT, {"name": "Spring", "revision": "2", "text": "programme: ["})
    assert "thing" in begin_text
    assert "put right under" in desk.get(f"{AT}/compare")


def test_a_draft_goes_only_after_a_second_step(desk: Desk) -> None:
    begin(desk)
    desk.send(f"{AT}/delete", f"{AT}/delete", {})
    assert len(list_drafts(desk.house.db)) == 1
    told = desk.send(f"{AT}/delete", f"{AT}/delete", {"confirmed": "1"})
    assert "is deleted" in told
    assert not list_drafts(desk.house.db)
    assert desk.client.get(AT).status_code == 404


def test_who_may_not_draft_sees_none(desk: Desk) -> None:
    begin(desk)
    desk.sit(desk.house.person("auditor"))
    for path in ("/programme/drafts", AT, f"{AT}/compare", "/programme/drafts/new"):
        assert desk.client.get(path).status_code == 403
