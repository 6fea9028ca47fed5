"""The clerk at a till: who is signed in, at which device, in which store; and when it locks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.acts import Actor, signed_in
from coterie.kernel.clock import Clock, SystemClock
from coterie.kernel.time import SECOND_US
from coterie.staff import (
    Device,
    DeviceUnknown,
    Permission,
    Person,
    SignedOut,
    coarse_network,
    device_of,
    read_account,
    who,
)
from coterie.web.errors import SignInFirst
from coterie.web.guarding import seal, unseal

if TYPE_CHECKING:
    from coterie.web.asking import Ask

USES = Permission.TILL_USE.value
DEVICE_COOKIE = "till"
CLERK_COOKIE = "clerk"
SEEN_COOKIE = "till-seen"
DEVICE_S = 365 * 24 * 3600
CLERK_S = 14 * 3600
LOCK_S = 300
"""A till nobody touched for so long asks for staff code and PIN again."""
MACHINE: Clock = SystemClock()
"""Of sign-ins and devices; the world's time may stand still."""


@dataclass(frozen=True)
class Clerk:
    """Somebody at a till of one store."""

    person: Person
    device: Device
    staff_code: str

    @property
    def name(self) -> str:
        """Return how the clerk is called."""
        return self.person.name

    def role_label(self, language: str) -> str:
        """Return where they stand: the till and its store, the same in every language."""
        assert language
        return f"{self.device.name} · {self.device.store}"

    @property
    def sign_in(self) -> str:
        """Return what tells this sign-in from others."""
        return f"till:{self.person.sign_in_id}"

    def may(self, permission: str) -> bool:
        """Tell whether this is using the till, which is all that is possible here."""
        reach = self.person.grants.get(Permission.TILL_USE, frozenset())
        return permission == USES and (reach is None or self.device.store in reach)

    @property
    def device_code(self) -> str:
        """Return what events name this till by."""
        return f"till-{self.device.device_id}"

    def actor(self, ask: Ask) -> Actor:
        """Return who acts."""
        return signed_in(self.person, coarse_network(ask.network))


def device_here(ask: Ask) -> Device | None:
    """Return which till this browser is, or None."""
    token = ask.cookies.get(DEVICE_COOKIE, "")
    try:
        return device_of(ask.db, token) if token else None
    except DeviceUnknown:
        return None


def visitor_of(ask: Ask) -> Clerk | None:
    """Return who is signed in at this till, or nobody: also after minutes without a touch."""
    token = ask.cookies.get(CLERK_COOKIE, "")
    device = device_here(ask) if token else None
    if device is None or not _touched(ask):
        return None
    try:
        person = who(ask.db, token, now_us=MACHINE.now_us())
    except SignedOut:
        return None
    if person.store != device.store:
        return None
    account = read_account(ask.db, person.account_id)
    touch(ask)
    return Clerk(person, device, account.staff_code or account.login)


def clerk_of(ask: Ask) -> Clerk:
    """Return who stands at this till. Raises :class:`~coterie.web.errors.SignInFirst`."""
    if not isinstance(ask.visitor, Clerk):
        raise SignInFirst
    return ask.visitor


def touch(ask: Ask) -> None:
    """Remember that the till was used now."""
    at_s = MACHINE.now_us() // SECOND_US
    ask.set_cookie(
        SEEN_COOKIE, seal(ask.facts.secret, SEEN_COOKIE, str(at_s).encode()), seconds=CLERK_S
    )


def _touched(ask: Ask) -> bool:
    raw = unseal(ask.facts.secret, SEEN_COOKIE, ask.cookies.get(SEEN_COOKIE, ""))
    return raw is not None and MACHINE.now_us() // SECOND_US - int(raw) <= LOCK_S
