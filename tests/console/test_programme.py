"""The programme's pages: in force, versions, what changed, going back with four eyes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coterie.programme.versions import publish, versions
from coterie.storage import Connection, transaction
from tests.acts.house import DEMO, NOW, House
from tests.console.staffed import Desk, desk_of

SECOND = DEMO.replace(
    "weekend\n    name: {zh: 周末一点五倍积分", "weekend\n    name: {zh: 周末多得积分"
)


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    with desk_of(House(db), database_url) as desk:
        yield desk


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def test_what_is_in_force_is_said_in_both_languages(desk: Desk) -> None:
    desk.sit(desk.house.person("analyst"))
    chinese, english = desk.get("/programme", "zh-CN"), desk.get("/programme", "en")
    assert "每笔订单，若日期为周六或周日" in chinese
    assert "One free topping a month" in english
    # A tier keeps what the tiers below it give.
    assert english.index("A birthday gift") < english.index("One free topping a month")
    for page in (chinese, english):
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)
    assert "New draft" in english


def test_a_version_tells_what_it_changed(desk: Desk) -> None:
    assert SECOND != DEMO
    with transaction(desk.house.db):
        publish(desk.house.db, SECOND, 4_000_000_000_000_000, NOW, "A clearer name")
    desk.sit(desk.house.person("auditor"))
    listed = desk.get("/programme/versions")
    assert "Scheduled" in listed
    assert "In force" in listed
    assert "A clearer name" in listed
    page = desk.get("/programme/versions/2", "zh-CN")
    assert "周末多得积分" in page
    assert "+    name: {zh: 周末多得积分" in page
    assert "Go back" not in desk.get("/programme/versions/1")
    assert desk.client.get("/programme/versions/9").status_code == 404


def test_going_back_waits_for_a_second_person(desk: Desk) -> None:
    house = desk.house
    with transaction(house.db):
        publish(house.db, SECOND, NOW, NOW, None)
    owner, operator = house.person("owner"), house.person("operator")
    desk.sit(operator)
    at = "/programme/versions/1"
    fields = {"reason": "The old name was better", "key": key_in(desk.get(at))}
    told = desk.send(at, f"{at}/back", fields)
    assert "It waits for approval by a second person." in told
    assert "operator asked: The old name was better" in told
    assert [row.version for row in versions(house.db)] == [2, 1]
    desk.sit(owner)
    desk.send("/approvals/1", "/approvals/1/approve", {})
    assert [row.version for row in versions(house.db)] == [3, 2, 1]
    assert "owner" in desk.get("/programme/versions")


def test_a_moment_that_is_none_is_said_at_its_field(desk: Desk) -> None:
    with transaction(desk.house.db):
        publish(desk.house.db, SECOND, NOW, NOW, None)
    desk.sit(desk.house.person("owner"))
    at = "/programme/versions/1"
    fields = {"reason": "x", "at": "tomorrow", "key": key_in(desk.get(at))}
    page = desk.send(at, f"{at}/back", fields, status=422)
    assert "Give a day and a time." in page


def test_who_may_only_look_cannot_go_back(desk: Desk) -> None:
    with transaction(desk.house.db):
        publish(desk.house.db, SECOND, NOW, NOW, None)
    desk.sit(desk.house.person("auditor"))
    assert 'action="/programme/versions/1/back"' not in desk.get("/programme/versions/1")
    assert desk.client.post("/programme/versions/1/back").status_code == 403
