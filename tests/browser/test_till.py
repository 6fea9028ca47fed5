"""A clerk's morning in a real Chromium: in, scan, sell, enrol, take back, by keys alone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from coterie.api import create_app
from coterie.consent import publish_wording
from coterie.intake.engine import Engine
from coterie.storage import transaction
from coterie.till import till, visitor_of
from coterie.web import Site
from tests.api.serving import NOW_US, Place, served
from tests.browser.test_members import AXE, FLAGS
from tests.till.counter import CLERK, LADDER, PIN, Counter, furnish

pytestmark = [pytest.mark.browser, pytest.mark.long]


class Shop:
    """A served world with a till, and members who come to it."""

    def __init__(self, url: str) -> None:
        self.place = Place(url, programme=LADDER)
        with self.place.storage.connect() as db:
            self.token = furnish(db)
            with transaction(db):
                publish_wording(db, "terms", "我同意条款", "I agree", now_us=NOW_US)
        self.rows = Counter(None, self.place, self.token)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the till and yield its address."""
        site = Site(self.place.world, [till(self.place.world)], visitor_of=visitor_of)
        with served(create_app(self.place.world, Engine(), site)) as address:
            yield address


@contextlib.contextmanager
def browsing(
    chromium: Path, locale: str, *, width: int = 1280, script: bool = True
) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=locale,
            bypass_csp=True,
            java_script_enabled=script,
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def sign_in(page: Page, address: str, token: str) -> None:
    page.goto(f"{address}/till")
    page.fill("[name=token]", token)
    page.keyboard.press("Enter")
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(CLERK)
    page.fill("[name=pin]", PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()


def scan(page: Page, text: str) -> None:
    """What a scanner does: digits, then Enter, into whatever has the cursor."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def check(page: Page) -> None:
    page.evaluate(AXE.read_text("utf-8"))
    told = "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    found = page.evaluate(told)
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_clerks_morning(chromium_path: Path, database_url: str, locale: str):
    shop = Shop(database_url)
    member_id = shop.rows.member(card="8812345")
    with shop.serving() as address, browsing(chromium_path, locale) as page:
        sign_in(page, address, shop.token)
        check(page)
        scan(page, "8812345")
        expect(page.locator("#f-amount")).to_be_focused()
        page.keyboard.type("250")
        expect(page.locator("#brings .till-gain")).to_contain_text("+250")
        check(page)
        # An impatient finger.
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_url("**/done/*")
        expect(page.locator(".till-gain")).to_contain_text("+250")
        expect(page.locator("main")).to_contain_text("750.00")
        assert (shop.rows.points(member_id), shop.rows.kinds(member_id)) == (250, ["order"])
        check(page)
        # The next customer is nobody yet: taken down, and sold to.
        expect(page.locator("#q")).to_be_focused()
        scan(page, "13912345678")
        page.locator("form[action='/till/enrol/begin']").wait_for()
        check(page)
        page.keyboard.press("F3")
        expect(page.locator("#f-name")).to_be_focused()
        check(page)
        page.keyboard.type("李雷")
        page.locator("[value=terms]").check()
        page.keyboard.press("Enter")
        expect(page.locator("#f-amount")).to_be_focused()
        scan(page, "80")
        page.wait_for_url("**/done/*")
        # The first one comes back with it, without a slip.
        page.keyboard.press("F2")
        scan(page, "8000")
        expect(page.locator("#f-amount")).to_be_focused()
        page.keyboard.press("F9")
        page.locator(".till-hits").wait_for()
        check(page)
        page.keyboard.press("1")
        expect(page.locator("#brings .till-gain")).to_contain_text("-250")
        check(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**/done/*")
        assert shop.rows.points(member_id) == 0
        page.keyboard.press("F7")
        expect(page.locator("tbody tr")).to_have_count(3)
        check(page)
        page.keyboard.press("F6")
        expect(page.locator("[name=code]")).to_be_focused()
        check(page)
        assert "8000" not in page.url


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_is_till_enough_with_script_or_without(
    chromium_path: Path, database_url: str, script: bool
):
    shop = Shop(database_url)
    member_id = shop.rows.member(card="8812345")
    with (
        shop.serving() as address,
        browsing(chromium_path, "en-GB", width=360, script=script) as page,
    ):
        page.goto(f"{address}/till")
        page.fill("[name=token]", shop.token)
        page.locator("main [type=submit]").first.click()
        page.fill("[name=code]", CLERK)
        page.fill("[name=pin]", PIN)
        page.locator("main [type=submit]").first.click()
        page.fill("#q", "8812345")
        page.locator("form[role=search] [type=submit]").click()
        page.fill("#f-amount", "40")
        if not script:
            page.locator("[formaction]").click()
            expect(page.locator(".till-gain")).to_contain_text("+40")
        page.locator("#sale [type=submit]").first.click()
        page.wait_for_url("**/done/*")
        assert shop.rows.points(member_id) == 40
        for path in ("", f"/m/{member_id}", "/enrol", "/returns", "/today"):
            page.goto(f"{address}/till{path}")
            wide = page.evaluate("document.documentElement.scrollWidth") if script else 360
            assert wide <= 360, path
