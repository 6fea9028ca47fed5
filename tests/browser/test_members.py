"""A care agent's day in a real Chromium: find, explain, adjust over a limit, merge, un-merge."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect, sync_playwright

from coterie import staff
from coterie.api import create_app
from coterie.app import World
from coterie.console import CONSOLE, staff_of
from coterie.console.visitors import machine_us
from coterie.intake.engine import Engine
from coterie.members import ProfileChange, add_identity, change_profiles
from coterie.staff.entry import hashing
from coterie.storage import Connection, transaction
from coterie.storage.clock import set_clock, world_clock
from coterie.web import Site
from tests.acts.house import NOW, House
from tests.api.serving import served, storage_at

pytestmark = [pytest.mark.browser, pytest.mark.long]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PASSWORD = "seven herons at dusk"


@pytest.fixture
def house(db: Connection, monkeypatch: pytest.MonkeyPatch) -> House:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(hashing, "_HASHER", cheap)
    set_clock(db, NOW, 0)
    house = House(db)
    one, other = house.members
    changes = [ProfileChange(one, name="王小明"), ProfileChange(other, name="王晓明")]
    change_profiles(db, changes, now_us=NOW)
    add_identity(db, one, "phone", "13800138000", now_us=NOW)
    add_identity(db, other, "phone", "13900139321", now_us=NOW)
    house.person("owner")
    house.person("operator")
    house.person("care")
    return house


@pytest.fixture
def address(house: House, database_url: str) -> Iterator[str]:
    world = World(storage_at(database_url), world_clock(house.db), house.engine)
    app = create_app(world, Engine(), Site(world, [CONSOLE], visitor_of=staff_of))
    with served(app) as address:
        yield address


@contextlib.contextmanager
def browsing(
    chromium: Path, address: str, house: House, *, width: int = 1280, locale: str = "en-GB"
) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=locale, bypass_csp=True
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        account = staff.find_account(house.db, "care@tea.example")
        with transaction(house.db):
            code = staff.invite(house.db, account.account_id, now_us=machine_us()).code
        page.goto(f"{address}/invitation")
        page.fill("[name=code]", code)
        page.fill("[name=password]", PASSWORD)
        page.locator("main [type=submit]").first.click()
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "care@tea.example")
        page.fill("[name=password]", PASSWORD)
        page.locator("main [type=submit]").first.click()
        page.goto(f"{address}/members")
        yield page
        browser.close()


def confirm(page: Page) -> None:
    page.locator("main form [type=submit]").last.click()
    page.locator("main form:has([name=confirmed]) [type=submit]").click()


def test_a_member_is_found_and_asks_why(chromium_path: Path, address: str, house: House):
    member = house.members[0]
    with browsing(chromium_path, address, house) as page:
        page.keyboard.press("/")
        page.keyboard.type("wxm 8000")
        expect(page.locator(f"#found a[href='/members/{member}']")).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("王小明")
        page.goto(f"{address}/members/{member}/do/adjust")
        page.select_option("[name=currency]", "points")
        page.fill("[name=units]", "50")
        page.fill("[name=reason]", "late delivery")
        confirm(page)
        expect(page.locator("#said")).to_contain_text("Done")
        page.locator(f"a[href='/members/{member}/why?currency=points']").first.click()
        expect(page.locator("main")).to_contain_text("50")
        page.goto(f"{address}/members/{member}")
        page.locator(f"a[href='/members/{member}/why?event={member}:1']").first.click()
        expect(page.locator("main")).to_contain_text("50")
        assert "wxm" not in page.url


def test_over_the_limit_it_waits(chromium_path: Path, address: str, house: House):
    with browsing(chromium_path, address, house) as page:
        page.goto(f"{address}/members/{house.members[0]}/do/adjust")
        page.select_option("[name=currency]", "points")
        page.fill("[name=units]", "50000")
        page.fill("[name=reason]", "much")
        page.locator("main form [type=submit]").last.click()
        expect(page.locator("main")).to_contain_text("a second person decides")
        page.locator("main form:has([name=confirmed]) [type=submit]").click()
        expect(page.locator("#said")).to_contain_text("waits for a second person")
        assert house.points() == 0


def test_two_files_are_merged_and_taken_apart(chromium_path: Path, address: str, house: House):
    one, other = house.members
    with browsing(chromium_path, address, house, locale="zh-CN") as page:
        page.goto(f"{address}/members/{other}/do/merge")
        page.fill("#f-q", "wxm 8000")
        page.locator("main form:has(#f-q) [type=submit]").click()
        page.locator(f"a[href='/members/{other}/do/merge?into={one}']").click()
        page.fill("[name=reason]", "同一个人")
        confirm(page)
        expect(page.locator("main")).to_contain_text("已并入另一位会员")
        page.goto(f"{address}/members/{other}/do/unmerge")
        page.fill("[name=reason]", "不是同一个人")
        confirm(page)
        expect(page.locator("#said")).to_contain_text("已完成")
        expect(page.locator("main")).not_to_contain_text("已并入另一位会员")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_pages_fit_a_phone_and_nothing_is_amiss(
    chromium_path: Path, address: str, house: House, locale: str
):
    member = house.members[0]
    amiss: list[str] = []
    house.adjust(house.person("second", staff.RoleGrant("care")), 20)
    with browsing(chromium_path, address, house, width=360, locale=locale) as page:
        for path in (
            "/members", "/prospects", "/members/review", "/search", f"/members/{member}",
            f"/members/{member}/timeline", f"/members/{member}/file",
            f"/members/{member}/do/adjust", f"/members/{member}/why?currency=points",
        ):  # fmt: skip
            page.goto(address + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            amiss += [f"{path} is {wide} wide"] * (wide > 360)
            if AXE.exists():
                page.add_script_tag(path=str(AXE))
                found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + "
                                      "v.nodes.map(n => n.html).join(' | ')))")  # fmt: skip
                amiss += [f"{path}: {each}" for each in found]
        assert not amiss, amiss
