"""The portal as a face: its areas, the ways at the thumb, and what makes it an app on a phone."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

from coterie.portal import entering, own, seeing
from coterie.portal.services import Services
from coterie.web import Face, NavEntry
from coterie.web.asking import Ask, Reply
from coterie.web.faces import OPEN, SIGNED_IN, Pages


def portal(services: Services) -> Face:
    """Return the face of members."""
    return Face(
        name="portal",
        package="coterie.portal",
        pages=[entering.pages(services), seeing.pages(services), own.pages(services), _app()],
        navigation=[
            NavEntry("portal.nav.home", "id", "/me", SIGNED_IN),
            NavEntry("portal.nav.points", "coins", "/me/points", SIGNED_IN),
            NavEntry("portal.nav.tiers", "stairs-up", "/me/tiers", SIGNED_IN),
            NavEntry("portal.nav.rules", "book", "/me/rules", SIGNED_IN),
            NavEntry("portal.nav.profile", "user", "/me/profile", SIGNED_IN),
        ],
        home_url="/me",
        sign_in_url="/me/enter",
    )


def _app() -> Pages:
    area = Pages()

    @area.get("/me/app.webmanifest", needs=OPEN)
    def manifest(ask: Ask) -> Reply:
        told = {
            "name": ask.brand_name,
            "short_name": ask.brand_name[:12],
            "lang": "zh-CN" if ask.language == "zh" else "en",
            "start_url": "/me",
            "scope": "/me",
            "display": "standalone",
            "icons": [
                {"src": "/me/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
            ],
        }
        return Reply(200, msgspec.json.encode(told), "application/manifest+json")

    @area.get("/me/icon.svg", needs=OPEN)
    def icon(ask: Ask) -> Reply:
        drawn = ask.page("portal/icon.svg", letter=ask.brand_name[:1])
        return Reply(200, drawn.body, "image/svg+xml")

    @area.get("/me/worker.js", needs=OPEN)
    def worker(ask: Ask) -> Reply:
        assert ask.method in {"GET", "HEAD"}
        headers = [("cache-control", "no-cache"), ("service-worker-allowed", "/me")]
        return Reply(200, _worker(), "text/javascript; charset=utf-8", headers)

    @area.get("/me/offline", needs=OPEN)
    def offline(ask: Ask) -> Reply:
        return ask.page("portal/offline.html")

    return area


@cache
def _worker() -> bytes:
    return (resources.files("coterie.portal") / "templates" / "worker.js").read_bytes()
