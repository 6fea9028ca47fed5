"""A change of the programme in a real Chromium: written, checked as one types, sent, approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from coterie.acts import Actor
from coterie.api import create_app
from coterie.app import World
from coterie.console import CONSOLE
from coterie.console.visitors import Staff
from coterie.drafts import begin_draft
from coterie.programme.versions import version_numbered
from coterie.storage import Connection, transaction
from coterie.storage.clock import set_clock, world_clock
from coterie.web import Ask, Site
from tests.acts.house import DEMO, NOW, House
from tests.api.serving import served, storage_at
from tests.browser.conftest import reading

SPRING = DEMO.replace("limit: 500,", "limit: 600,")
pytestmark = [pytest.mark.browser, pytest.mark.long]


@dataclass
class Desk:
    """A house, where it is served, and who sits before the screen."""

    house: House
    address: str = ""
    now: Actor | None = None


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    set_clock(db, NOW, 0)
    desk = Desk(House(db))
    world = World(storage_at(database_url), world_clock(db), desk.house.engine)

    def visitor_of(ask: Ask) -> Staff | None:
        person = None if desk.now is None else desk.now.person
        return None if person is None else Staff(ask, person)

    site = Site(world, [CONSOLE], visitor_of=visitor_of)
    with served(create_app(world, desk.house.engine, site)) as address:
        desk.address = address
        yield desk


@pytest.mark.parametrize(("language", "width"), [("zh", 360), ("en", 1280)])
def test_a_change_is_written_checked_and_published_by_two(
    desk: Desk, chromium: Browser, language: str, width: int
) -> None:
    house = desk.house
    operator, owner = house.person("operator"), house.person("owner")
    with transaction(house.db):
        begin_draft(house.db, "春季方案", SPRING, by=1, now_us=NOW, base_version=1)
    desk.now = operator
    at = "/programme/drafts/1"
    with reading(chromium, desk.address, language, width, "auto") as reader:
        for path in ("/programme", "/programme/versions", "/programme/versions/1"):
            reader.open(path)
            reader.check(path)
        for path in ("/programme/drafts", "/programme/drafts/new", f"{at}/plan", f"{at}/compare"):
            reader.open(path)
            reader.check(path)
        page = reader.open(at)
        reader.check(at)
        content = page.locator(".cm-content")
        content.click()
        page.keyboard.press("Control+Home")
        page.keyboard.type("spoilt: 1\n")
        found = page.locator("#findings [data-line='1']")
        expect(found.first).to_contain_text("spoilt")
        reader.check("found")
        # What was typed is not saved by itself.
        page = reader.open(at)
        page.locator("main form [type=submit]").first.click()
        page.wait_for_load_state()
        page = reader.open(f"{at}/publish")
        reader.check("publish")
        page.fill("[name=reason]", "spring")
        page.locator("main form [type=submit]").first.click()
        page.wait_for_url("**/programme/versions")
        reader.check("waits")
        desk.now = owner
        page = reader.open("/approvals/1")
        page.locator("form[action$='/approve'] button").click()
        page.wait_for_url("**/approvals")
        reader.open("/programme/versions/2")
        reader.check("published")
    found_version = version_numbered(house.db, 2)
    assert found_version is not None
    assert found_version.version == 2
