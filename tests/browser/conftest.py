"""A small world behind a real server, and a real Chromium that looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from coterie.api import create_app
from coterie.cli.facing import site_of
from coterie.demo.house import furnish
from coterie.intake.engine import Engine
from coterie.members import Newcomer, create_members
from coterie.storage import transaction
from tests.api.serving import NOW_US, Place, client_of, order, served
from tests.browser.worlds import PROGRAMME

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PEOPLE = ("王小明", "李雷", "韩梅梅", "Anna Schmidt")


@dataclass
class House:
    """Where it is served, and who lives there."""

    address: str
    place: Place
    member_ids: list[int]


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A world with four members, some sales, and staff whom everybody may be."""
    place = Place(database_url, programme=PROGRAMME)
    with place.storage.connect() as db, transaction(db):
        furnish(db, NOW_US)
        newcomers = [
            Newcomer(
                (("phone", f"138001380{n:02d}"), ("card", f"A200{n}")),
                name=name,
                channel="store",
                enrolled_us=NOW_US - (n + 1) * 86_400_000_000,
            )
            for n, name in enumerate(PEOPLE)
        ]
        made = create_members(db, newcomers, now_us=NOW_US)
    member_ids = [each for each in made if isinstance(each, int)]
    with served(create_app(place.world, Engine(), site_of(place.world))) as address:
        with client_of(address, place.key("till")) as client:
            for n, member_id in enumerate(member_ids * 3):
                event = order(f"k{n}", 12_000 + 700 * n)
                answer = client.post("/v1/events", json={**event, "member": {"id": member_id}})
                assert answer.status_code == 201, answer.text
        yield House(address, place, member_ids)


@pytest.fixture
def chromium(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Reader:
    """Somebody before a screen: a language, a width, a theme."""

    page: Page
    address: str
    width: int
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def enter_as(self, role: str) -> None:
        """Come into the console of a demo as a role, by one click."""
        self.open("/sign-in")
        self.page.locator(f"form:has(input[value='{role}@demo.example']) button").click()
        self.page.wait_for_load_state()

    def check(self, name: str) -> None:
        """The page fits, nothing complained, and axe finds nothing."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{name}: {wide} px on a screen of {self.width}"
        assert not self.complaints, f"{name}: {self.complaints}"
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert not found["violations"], f"{name}: {_told(found['violations'])}"


def _told(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in violations]


@contextmanager
def reading(
    browser: Browser, address: str, language: str, width: int, theme: str
) -> Iterator[Reader]:
    """A fresh browser profile; what the page logs as an error is kept."""
    locale = {"zh": "zh-CN", "en": "en-GB"}[language]
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 800},
        locale=locale,
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    reader = Reader(page, address, width)

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            reader.complaints.append(f"{message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: reader.complaints.append(str(error)))
    try:
        yield reader
    finally:
        context.close()
