"""The console as a face: its areas, and the ways to them."""

from __future__ import annotations

from coterie.console import home
from coterie.web import Face, NavEntry

CONSOLE = Face(
    name="console",
    package="coterie.console",
    pages=[
        home.PAGES,
    ],
    navigation=[
        NavEntry("console.nav.home", "layout-dashboard", "/"),
        NavEntry("console.nav.api", "code", "/docs", group="console.nav.engineers"),
        NavEntry(
            "console.nav.errors", "alert-triangle", "/docs/errors", group="console.nav.engineers"
        ),
    ],
)
