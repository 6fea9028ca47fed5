"""Helping on what stands still, in a real Chromium: home leads there, and a job is tried again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from coterie import webhooks
from coterie.api import create_app
from coterie.app import World
from coterie.console import CONSOLE
from coterie.console.visitors import Staff
from coterie.jobs import list_jobs
from coterie.storage import Connection, transaction
from coterie.storage.clock import set_clock, world_clock
from coterie.web import Site
from coterie.webhooks import Wish
from tests.acts.house import NOW, House
from tests.api.serving import served, storage_at
from tests.browser.test_members import AXE, FLAGS
from tests.console.test_monitors import fail, stray, verify_job

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def house(db: Connection) -> House:
    set_clock(db, NOW, 0)
    house = House(db)
    fail(db, verify_job(db, "k1"))
    stray(house, "S-2025-0001")
    with transaction(db):
        wish = Wish("https://shop.example/hooks/coterie", ("units.*",), "Shop")
        made, _, _ = webhooks.subscribe(db, wish, source="t", key="k", now_us=NOW)
        webhooks.ping(db, made.subscription_id, now_us=NOW)
    return house


@pytest.fixture
def address(house: House, database_url: str) -> Iterator[str]:
    world = World(storage_at(database_url), world_clock(house.db), house.engine)
    person = house.person("owner").person
    assert person is not None
    site = Site(world, [CONSOLE], visitor_of=lambda ask: Staff(ask, person))
    with served(create_app(world, house.engine, site)) as address:
        yield address


@contextlib.contextmanager
def browsing(chromium: Path, *, width: int, locale: str, dark: bool = False) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=locale,
            color_scheme="dark" if dark else "light",
            bypass_csp=True,
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def test_from_home_to_a_job_that_is_tried_again(chromium_path: Path, address: str, house: House):
    with browsing(chromium_path, width=1280, locale="en-GB") as page:
        page.goto(f"{address}/")
        page.locator("main a[href='/jobs?state=failed']").click()
        page.locator("main table a").first.click()
        expect(page.locator("main")).to_contain_text("the disk was full")
        page.locator("main form[action$='/retry'] [type=submit]").click()
        expect(page.locator("#said")).to_contain_text("It is queued again")
        assert [row.state for row in list_jobs(house.db)[0]] == ["queued", "failed"]


@pytest.mark.parametrize(("locale", "dark"), [("zh-CN", False), ("en-GB", True)])
def test_nothing_is_amiss_at_any_width(chromium_path: Path, address: str, locale: str, dark: bool):
    for width in (360, 1280):
        with browsing(chromium_path, width=width, locale=locale, dark=dark) as page:
            for at in ("/", "/monitors", "/jobs", "/jobs/1", "/waiting", "/webhooks/1"):
                page.goto(f"{address}{at}")
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{at} is {wide} px wide"
                page.add_script_tag(path=str(AXE))
                found = page.evaluate("axe.run().then(r => r.violations)")
                told = [(each["id"], [n["html"] for n in each["nodes"]]) for each in found]
                assert not told, (at, width)
