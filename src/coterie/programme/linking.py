"""Events about who belongs to whom, and what one member gets for another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.events import Happening, Link, Referral, ReferralBack, StateForbids
from coterie.kernel.errors import nearest
from coterie.ledger import AlreadyUndone, Book, NothingToUndo
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.conditions import Scene
from coterie.programme.earning import Situation
from coterie.programme.errors import ReferralLimit, SelfLink, UndeclaredName
from coterie.programme.giving import issue
from coterie.programme.measures.kind import REFERRAL
from coterie.programme.reclaiming import reclaim
from coterie.programme.sections.limits import room_left, take_room
from coterie.programme.standing import Decision, Standing
from coterie.programme.tallying import tally, untally

if TYPE_CHECKING:
    from coterie.programme.sections.referrals import Referral as Promise

ROLES = ("referrer", "household", "account_manager")
"""Roles that every programme knows; a referral may name others."""


def link(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Note who stands in a role to the member, or that nobody does any more."""
    event: Link = happening.event
    roles = {*ROLES, *(each.role for each in cp.programme.parts.get("referrals", {}).values())}
    if event.role not in roles:
        raise UndeclaredName(
            f"There is no role {event.role!r}.{nearest(event.role, sorted(roles))}", where="role"
        )
    if event.other is not None and event.other.id == standing.member.member_id:
        raise SelfLink(where="other")
    mark = f"link:{event.role}"
    if event.other is None:
        standing.counters.pop(mark, None)
    else:
        assert event.other.id is not None
        standing.counters[mark] = {0: event.other.id}
    standing.counters_changed = True
    return Decision()


def refer(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Reward a member for somebody they brought, as far as the referral's limit goes."""
    event: Referral = happening.event
    promise = _promise(cp, event.referral)
    if not cp.states[standing.member.state].earn:
        raise StateForbids(f"A member who is {standing.member.state} cannot earn.")
    if room_left(cp, promise.limit, promise.counter, standing, happening.day) < 1:
        raise ReferralLimit(f"{promise.limit.most if promise.limit else 0} times.")
    take_room(cp, promise.limit, promise.counter, standing, happening.day, 1)
    issue(
        book,
        cp,
        standing,
        event.currency,
        event.units,
        "referral",
        promise.code,
        happening.seq,
        happening.day,
    )
    scene = Scene(
        event.store, event.channel, event.source, event.partner, event.campaign, happening.day
    )
    on = f"{REFERRAL}{promise.code}"
    situation = Situation(cp, scene, standing, happening.at_us)
    return Decision(counted=tally(cp, standing, on, situation, alone=True))


def unrefer(
    programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Take a reward back whose reason came back; where it was refused there is nothing to do."""
    event: ReferralBack = happening.event
    promise = _promise(cp, event.referral)
    seq, day, then = happening.seq, happening.day, cp
    if event.undoes_seq is not None:
        undone = standing.undone.get(event.undoes_seq)
        if undone is None:
            raise NothingToUndo(f"Event {event.undoes_seq} gave nothing.")
        if undone.undone:
            raise AlreadyUndone(f"Event {event.undoes_seq} was reversed.")
        undone.undone = True
        untally(cp, standing, undone)
        seq, day, then = undone.seq, undone.day, programmes.numbered(undone.version)
    # Room was taken as the version of then bounded it.
    limit = _promise(then, event.referral).limit
    take_room(then, limit, promise.counter, standing, day, -1)
    reclaim(book, cp, standing, event.currency, event.units, seq, "referral_back", promise.code)
    return Decision(undone=event.undoes_seq)


def _promise(cp: CompiledProgramme, code: str) -> Promise:
    promises: dict[str, Any] = cp.programme.parts.get("referrals", {})
    found: Promise | None = promises.get(code)
    if found is None:
        raise UndeclaredName(f"There is no referral {code!r}.{nearest(code, promises)}")
    return found
