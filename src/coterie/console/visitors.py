"""Who is signed in: from the cookie of a browser to a person with permissions."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from coterie.acts import Actor, Acts, World, signed_in
from coterie.kernel.clock import SystemClock
from coterie.staff import (
    Permission,
    Person,
    SignedOut,
    coarse_client,
    coarse_network,
    is_open_house,
    may,
    read_account,
    roles,
    who,
)
from coterie.staff import Visitor as From
from coterie.web import Ask

COOKIE = "staff"
SECURE_COOKIE = "__Host-staff"
"""Under this name a browser takes it only from us, over TLS, for every path."""


class Staff:
    """Somebody signed in, as pages see them."""

    def __init__(self, ask: Ask, person: Person) -> None:
        """Keep who it is; ``ask`` is asked for what they are called only where it is shown."""
        self.person = person
        self._ask = ask

    @property
    def name(self) -> str:
        """Return how they are called."""
        return self.person.name

    def role_label(self, language: str) -> str:
        """Return their roles."""
        known = roles(self._ask.db)
        granted = read_account(self._ask.db, self.person.account_id).roles
        found = [known[grant.role] for grant in granted if grant.role in known]
        return ", ".join(role.zh if language == "zh" else role.en for role in found)

    @property
    def sign_in(self) -> str:
        """Return what forms are bound to."""
        return str(self.person.sign_in_id)

    def may(self, permission: str) -> bool:
        """Tell whether they may do something somewhere; what is no permission nobody may."""
        known = permission in Permission.__members__.values()
        return known and may(self.person, Permission(permission))


def machine_us() -> int:
    """Return the machine's time: a sign-in does not follow the world's."""
    return SystemClock().now_us()


def cookie_name(ask: Ask) -> str:
    """Return under which name a browser keeps its sign-in."""
    return SECURE_COOKIE if ask.secure else COOKIE


def staff_of(ask: Ask) -> Staff | None:
    """Return who is signed in, or None."""
    token = ask.cookies.get(cookie_name(ask))
    if not token:
        return None
    try:
        return Staff(ask, who(ask.db, token, now_us=machine_us()))
    except SignedOut:
        return None


def person_of(ask: Ask) -> Person:
    """Return who is signed in; pages that call this need somebody."""
    assert isinstance(ask.visitor, Staff), "the page's `needs` lets nobody else through"
    return ask.visitor.person


def actor_of(ask: Ask) -> Actor:
    """Return who acts."""
    return signed_in(person_of(ask), coarse_network(ask.network))


def acts_of(ask: Ask) -> Acts:
    """Return the acts of the world this page belongs to."""
    world = ask.site.world
    assert isinstance(world, World), "a site that acts stands over a world with an engine"
    return Acts(world)


def from_where(ask: Ask) -> From:
    """Return what is kept of where somebody comes from."""
    agent = ask.headers.get("user-agent", "")
    return From(coarse_client(agent), coarse_network(ask.network))


def demo_is_open(ask: Ask) -> bool:
    """Tell whether people get in with one click: a demo, asked from this machine by its own name.

    What a proxy brings along comes from somewhere else.
    """
    if any(name in ask.headers for name in ("forwarded", "x-forwarded-for", "via")):
        return False
    host = urlsplit(f"//{ask.headers.get('host', '')}").hostname or ""
    return is_loopback(ask.network) and is_loopback(host) and is_open_house(ask.db)


def is_loopback(name: str) -> bool:
    """Tell whether a name or address is this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
