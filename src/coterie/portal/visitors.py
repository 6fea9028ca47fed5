"""The member who is signed in, as pages see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.events import MemberUnknown
from coterie.kernel.clock import Clock, SystemClock
from coterie.members import MemberRecord, MemberState, read_member
from coterie.signins import Visit, visit_of
from coterie.web.errors import SignInFirst

if TYPE_CHECKING:
    from coterie.web.asking import Ask

COOKIE = "member"
COOKIE_S = 180 * 24 * 3600
_GONE = frozenset({MemberState.MERGED, MemberState.ERASED})
MACHINE: Clock = SystemClock()
"""Of codes and visits; a world whose time stands still must not keep them alive."""


@dataclass(frozen=True)
class MemberVisitor:
    """A member in the portal; it may do what a member may, and nothing that staff may."""

    record: MemberRecord
    visit: Visit

    @property
    def member_id(self) -> int:
        """Return whose pages these are."""
        return self.record.member_id

    @property
    def name(self) -> str:
        """Return how the member is called; empty where nobody said."""
        return self.record.name or ""

    def role_label(self, language: str) -> str:
        """Return nothing: a member has no role."""
        return language[:0]

    @property
    def sign_in(self) -> str:
        """Return what tells this visit from others."""
        return f"member:{self.visit.name}"

    def may(self, permission: str) -> bool:
        """Tell that no permission of staff is a member's."""
        return permission == ""


def visitor_of(ask: Ask) -> MemberVisitor | None:
    """Return who is signed in by the cookie of this browser, or nobody."""
    token = ask.cookies.get(COOKIE, "")
    if not token:
        return None
    visit = visit_of(ask.db, token, now_us=MACHINE.now_us())
    if visit is None:
        return None
    try:
        record = read_member(ask.db, visit.member_id)
    except MemberUnknown:
        return None
    # Whose file was merged signs in again, by the same phone, and finds the one that took over.
    return None if record.state in _GONE else MemberVisitor(record, visit)


def member_of(ask: Ask) -> MemberVisitor:
    """Return the member whose page this is. Raises :class:`~coterie.web.errors.SignInFirst`."""
    if not isinstance(ask.visitor, MemberVisitor):
        raise SignInFirst
    return ask.visitor
