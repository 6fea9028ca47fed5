"""Every page on a phone and a desk, in both languages and themes: it fits, and axe is content."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import House, reading

pytestmark = pytest.mark.browser

PORTAL = (
    "/me",
    "/me/points",
    "/me/statement",
    "/me/tiers",
    "/me/rules",
    "/me/why",
    "/me/why?currency=points",
    "/me/profile",
    "/me/privacy",
    "/me/offline",
)
CONSOLE = (
    "/",
    "/members",
    "/members/{member}",
    "/members/{member}/timeline",
    "/members/{member}/file",
    "/search?q=wang",
    "/prospects",
    "/members/review",
    "/programme",
    "/programme/versions",
    "/programme/drafts",
    "/monitors",
    "/waiting",
    "/jobs",
    "/webhooks",
    "/staff",
    "/keys",
    "/tills",
    "/approvals",
    "/audit",
    "/account",
    "/settings/brand",
    "/docs",
    "/docs/errors",
)
READERS = (("zh", 360, "light"), ("en", 1280, "dark"))


@pytest.mark.parametrize(("language", "width", "theme"), READERS)
def test_the_portal(house: House, chromium: Browser, language: str, width: int, theme: str):
    with reading(chromium, house.address, language, width, theme) as reader:
        reader.open("/me/enter")
        reader.check("/me/enter")
        reader.page.locator("form[action^='/me/demo'] button").first.click()
        reader.page.wait_for_load_state()
        for path in PORTAL:
            reader.open(path)
            reader.check(path)


@pytest.mark.long
@pytest.mark.parametrize(("language", "width", "theme"), READERS)
def test_the_console(house: House, chromium: Browser, language: str, width: int, theme: str):
    with reading(chromium, house.address, language, width, theme) as reader:
        reader.open("/sign-in")
        reader.check("/sign-in")
        reader.enter_as("owner")
        for path in CONSOLE:
            reader.open(path.format(member=house.member_ids[0]))
            reader.check(path)
