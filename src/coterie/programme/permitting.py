"""Who of a pool may do what: spend up to a limit, ask others in, change what others may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.events import Happening, MergedLot, PoolChange
from coterie.kernel.errors import Malformed, nearest
from coterie.ledger import Book
from coterie.programme.errors import (
    LimitReached,
    NotAPool,
    NotOffered,
    PoolForbids,
    UndeclaredName,
)
from coterie.programme.moving_lots import lots_with_units, send_lots
from coterie.programme.sections.limits import Limit, room_left, take_room
from coterie.programme.standing import Decision, FollowUp, Standing

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, Programmes
    from coterie.programme.sections.pools import Pool

MEMBER, OWNER, SAVER = 1, 2, 3
"""What a pool keeps of a contributor: who saves only may neither spend nor ask others in."""
_ROLES = {"member": MEMBER, "owner": OWNER, "saver": SAVER}


def scheme_of(cp: CompiledProgramme, code: str) -> Pool:
    """Return a declared pool, or refuse with the nearest name."""
    known: dict[str, Any] = cp.programme.parts.get("pools", {})
    found: Pool | None = known.get(code)
    if found is None:
        raise UndeclaredName(f"There is no pool {code!r}.{nearest(code, known)}", where="scheme")
    return found


def role_of_new(scheme: Pool, known: Mapping[int, int], inviter: int | None) -> int:
    """Return the role of who joins: owner as the first, where the pool has rules, else member.

    Raises :class:`~coterie.programme.errors.PoolForbids` where nobody who may asked them in.
    """
    if not known:
        return OWNER if scheme.ruled else MEMBER
    if scheme.invite != "anyone":
        role = None if inviter is None else known.get(inviter)
        allowed = (OWNER,) if scheme.invite == "owner" else (OWNER, MEMBER)
        if role not in allowed:
            raise PoolForbids("Nobody who may invite has invited them.", where="invited_by")
    return MEMBER


def permit(
    cp: CompiledProgramme, standing: Standing, happening: Happening, currency: str, units: int
) -> None:
    """Let a contributor spend of their pool, and count it; refuse who may not, or not so much."""
    by = getattr(happening.event, "by", None)
    pools: dict[str, Pool] = cp.programme.parts.get("pools", {})
    if not pools and by is None:
        return
    counters = standing.counters
    for scheme in pools.values():
        if currency in scheme.currencies and scheme.contributors in counters:
            break
    else:
        if by is not None:
            raise PoolForbids("Who spends for others spends of a pool.", where="by")
        return
    if by is None:
        if scheme.asks_who:
            raise PoolForbids("The pool asks who spends.", where="by")
        return
    role = counters[scheme.contributors].get(by.id)
    if role is None or role == SAVER:
        why = "do not belong to it" if role is None else "only save"
        raise PoolForbids(f"They {why}.", where="by")
    limit = scheme.member_limit
    if limit is None:
        return
    own = counters.get(scheme.limits, {}).get(by.id)
    if own is not None:
        limit = Limit(own, limit.window)
    counter = f"{scheme.used}{by.id}:{currency}"
    room = room_left(cp, limit, counter, standing, happening.day)
    if units > room:
        raise LimitReached(f"{room} {currency} are left for them.", where="units", left=room)
    take_room(cp, limit, counter, standing, happening.day, units)


def change(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Change what a contributor may do, or let them go with what is left of their own."""
    event: PoolChange = happening.event
    scheme, who = scheme_of(cp, event.scheme), event.contributor.id
    counters = standing.counters
    known = counters.get(scheme.contributors, {})
    if who is None or who not in known:
        raise NotAPool("The contributor does not belong to it.", where="contributor")
    if event.by is not None and known.get(event.by.id or 0) != OWNER:
        raise PoolForbids("Only an owner changes what others may.", where="by")
    if event.remove == (event.role is not None or event.limit_units is not None):
        raise Malformed("Say a role, a limit, or that they are removed.", where="remove")
    if event.limit_units is not None and scheme.member_limit is None:
        raise NotOffered("The programme has no limit for each member.", where="limit_units")
    if event.remove:
        sent = let_go(scheme, standing, book, who)
        fields = {
            "scheme": scheme.code,
            "lots": [list(lot) for lot in sent],
            "pool_id": standing.member.member_id,
        }
        return Decision(follow_ups=[FollowUp("pool_share", who, fields)])
    if event.role is not None:
        known[who] = _ROLES[event.role]
    if event.limit_units is not None:
        counters.setdefault(scheme.limits, {})[who] = event.limit_units
    standing.counters_changed = True
    return Decision()


def let_go(scheme: Pool, standing: Standing, book: Book, who: int) -> list[MergedLot]:
    """Forget a contributor, and send what is left of their lots."""
    counters = standing.counters
    known = counters[scheme.contributors]
    del known[who]
    if not known:
        del counters[scheme.contributors]
    limits = counters.get(scheme.limits, {})
    if limits.pop(who, None) is not None and not limits:
        del counters[scheme.limits]
    for code in scheme.currencies:
        counters.pop(f"{scheme.used}{who}:{code}", None)
    standing.counters_changed = True
    lots: list[MergedLot] = []
    for code in scheme.currencies:
        own = [lot for lot in lots_with_units(standing, code) if lot.contributor_id == who]
        lots += send_lots(book, code, own, "pool")
    return lots
