"""Which faces this server shows, and who finds out who is signed in."""

from __future__ import annotations

from coterie.api import DOCS
from coterie.app import World
from coterie.console import CONSOLE, staff_of
from coterie.portal import portal, portal_services
from coterie.portal import visitor_of as member_visitor
from coterie.till import till
from coterie.till import visitor_of as clerk_visitor
from coterie.web import Site
from coterie.web.asking import Ask
from coterie.web.faces import Visitor


def site_of(world: World) -> Site:
    """Return the pages of all faces over a world."""
    members = portal(portal_services(world.engine))
    return Site(world, [CONSOLE, members, till(world), DOCS], visitor_of=_visitor)


def _visitor(ask: Ask) -> Visitor | None:
    """Return who is signed in: members in the portal, clerks at the till, staff elsewhere."""
    if ask.face.name == "till":
        return clerk_visitor(ask)
    return member_visitor(ask) if ask.face.name == "portal" else staff_of(ask)
