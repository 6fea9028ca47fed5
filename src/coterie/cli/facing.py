"""Which faces this server shows, and who finds out who is signed in."""

from __future__ import annotations

from coterie.app import World
from coterie.console import CONSOLE
from coterie.web import Site


def site_of(world: World) -> Site:
    """Return the pages of all faces over a world."""
    return Site(world, [CONSOLE])
