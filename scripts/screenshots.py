"""Take pictures of the main pages, in both languages, of a demo built for it: make screenshots.

They go to var/screenshots; with --docs the few that the documents show are written to docs/images.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from coterie.api import create_app
from coterie.app import open_world
from coterie.cli.facing import site_of
from coterie.demo import build_demo
from coterie.intake.engine import Engine
from coterie.storage.clock import world_clock

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "screenshots-world"
OUT = ROOT / "var" / "screenshots"
IMAGES = ROOT / "docs" / "images"
PEOPLE = 400
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
QUALITY = 72


class Shot(NamedTuple):
    """One picture: its name, who looks, at which page, how wide; ``shown`` in the documents."""

    name: str
    who: str
    path: str
    width: int = 1280
    height: int = 800
    shown: bool = False


SHOTS = (
    Shot("sign-in", "", "/sign-in"),
    Shot("home", "owner", "/", shown=True),
    Shot("members", "care", "/members"),
    Shot("member", "care", "/members/{member}", shown=True),
    Shot("timeline", "care", "/members/{member}/timeline"),
    Shot("programme", "operator", "/programme"),
    Shot("approvals", "owner", "/approvals"),
    Shot("audit", "auditor", "/audit"),
    Shot("card", "member", "/me", 390, 800, shown=True),
    Shot("points", "member", "/me/points", 390, 800),
    Shot("tiers", "member", "/me/tiers", 390, 800),
    Shot("rules", "member", "/me/rules", 390, 800),
    Shot("home-phone", "owner", "/", 390, 800),
)


@contextmanager
def demo() -> Iterator[tuple[str, int]]:
    """Serve a small demo; yield its address and the member with the longest story."""
    with open_world(home=HOME) as world:
        now_us = world.clock.now_us()
        build_demo(world.storage.url, now_us=now_us, report=lambda _: None, people=PEOPLE)
        with world.reading() as db:
            row = db.execute(
                "select member_id from members.member where state = 'active' "
                "order by seq desc, member_id limit 1"
            ).fetchone()
            world_clock(db)
        assert row is not None
        listening = socket.create_server(("127.0.0.1", 0))
        app = create_app(world, Engine(), site_of(world))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", int(row[0])
        finally:
            server.should_exit = True
            thread.join(20)


def take(browser: Browser, address: str, member: int, *, docs: bool) -> None:
    """Take all pictures in both languages."""
    OUT.mkdir(parents=True, exist_ok=True)
    for language, locale in LOCALES.items():
        for shot in SHOTS:
            size = {"width": shot.width, "height": shot.height}
            context = browser.new_context(viewport=size, locale=locale)  # type: ignore[arg-type]
            page = context.new_page()
            if shot.who == "member":
                page.goto(f"{address}/me/enter")
                page.locator("form[action^='/me/demo'] button").first.click()
                page.wait_for_load_state()
            elif shot.who:
                page.goto(f"{address}/sign-in")
                login = f"form:has(input[value='{shot.who}@demo.example']) button"
                page.locator(login).click()
                page.wait_for_load_state()
            page.goto(address + shot.path.format(member=member))
            page.wait_for_timeout(600)
            page.screenshot(path=str(OUT / f"{shot.name}-{language}.png"))
            if docs and shot.shown:
                IMAGES.mkdir(exist_ok=True)
                path = IMAGES / f"{shot.name}-{language}.jpg"
                page.screenshot(path=str(path), type="jpeg", quality=QUALITY)
            print(f"{shot.name} {language}")
            context.close()


def main() -> None:
    """Build, serve, look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="also write docs/images")
    docs = parser.parse_args().docs
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("There is no Chromium to look with.")
    with demo() as (address, member), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        take(browser, address, member, docs=docs)
        browser.close()
    print(f"Written to {OUT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
