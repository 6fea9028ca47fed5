"""Pools: units of several members held by one, and who contributed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from coterie.events import (
    Happening,
    MergedLot,
    PoolBack,
    PoolIn,
    PoolJoin,
    PoolLeave,
    PoolOut,
    PoolRepay,
    PoolShare,
    PoolTake,
    StateForbids,
)
from coterie.ledger import Book, Lot
from coterie.programme.errors import NotAPool, Pooled, PoolFull, SelfLink
from coterie.programme.giving import open_lot
from coterie.programme.moving_lots import lots_with_units, send_lots
from coterie.programme.permitting import let_go, role_of_new, scheme_of
from coterie.programme.standing import Decision, FollowUp, Standing

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, Programmes
    from coterie.programme.sections.pools import Pool


def join(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Send what the member has to the pool; what they earn follows."""
    event: PoolJoin = happening.event
    scheme, member = scheme_of(cp, event.scheme), standing.member
    pool_id = event.pool.id
    assert pool_id is not None
    if pool_id == member.member_id:
        raise SelfLink(where="pool")
    if scheme.mark in standing.counters or scheme.contributors in standing.counters:
        raise Pooled("Leave the other pool first.")
    if not cp.states[member.state].spend:
        raise StateForbids(f"A member who is {member.state} cannot give units away.")
    lots: list[MergedLot] = []
    for code in scheme.currencies:
        if code in standing.accounts:
            book.settle_debt(code)
            lots += send_lots(book, code, lots_with_units(standing, code), "pool")
    standing.counters[scheme.mark] = {0: pool_id}
    standing.counters_changed = True
    sent = contribution(standing, scheme, lots, joins=True)
    if event.invited_by is not None:
        sent.fields["invited_by_id"] = event.invited_by.id
    return Decision(follow_ups=[sent])


def contribution(
    standing: Standing, scheme: Pool, lots: Sequence[MergedLot], *, joins: bool = False
) -> FollowUp:
    """Return the follow-up that brings lots of a member to their pool."""
    pool_id = standing.counters[scheme.mark][0]
    fields = {
        "scheme": scheme.code,
        "contributor_id": standing.member.member_id,
        "joins": joins,
        "lots": [list(lot) for lot in lots],
    }
    return FollowUp("pool_in", pool_id, fields, scheme.code)


def leave(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Ask the pool for what is left of one's own."""
    event: PoolLeave = happening.event
    scheme = scheme_of(cp, event.scheme)
    mark = standing.counters.pop(scheme.mark, None)
    if mark is None:
        raise Pooled("The member is in no such pool.")
    standing.counters_changed = True
    fields = {"scheme": scheme.code, "contributor_id": standing.member.member_id}
    return Decision(follow_ups=[FollowUp("pool_out", mark[0], fields)])


def take_in(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Take a contribution; lots keep their dates and name the contributor."""
    event: PoolIn = happening.event
    scheme, member = scheme_of(cp, event.scheme), standing.member
    if member.kind not in scheme.kinds:
        raise NotAPool(f"It is a {member.kind}.")
    if not cp.states[member.state].receive:
        raise StateForbids(f"A pool that is {member.state} cannot receive.")
    known = standing.counters.get(scheme.contributors, {})
    if event.contributor_id not in known:
        if not event.joins:
            raise NotAPool("The contributor does not belong to it.")
        if len(known) >= scheme.members_max:
            raise PoolFull(f"{scheme.members_max} members.")
        role = role_of_new(scheme, known, event.invited_by_id)
        standing.counters.setdefault(scheme.contributors, {})[event.contributor_id] = role
        standing.counters_changed = True
    _open(book, standing, happening.seq, event.lots, event.contributor_id)
    return Decision()


def _open(
    book: Book,
    standing: Standing,
    seq: int,
    lots: Iterable[MergedLot],
    contributor_id: int | None,
) -> None:
    for sent in lots:
        units = sent.units
        if sent.releases_us is None:
            units = book.repay(sent.currency, "in_transit", units, "pool", None)
        if not units:
            continue
        credit = "available" if sent.releases_us is None else "pending"
        book.move(sent.currency, "in_transit", credit, units, "pool")
        dates = (sent.expires_us, sent.expires_day, sent.releases_us)
        lot = open_lot(book, standing, sent.currency, seq, units, dates, sent.earned_us)
        lot.priority, lot.contributor_id = sent.priority, contributor_id


def let_out(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Send a contributor what is left of their lots."""
    event: PoolOut = happening.event
    scheme = scheme_of(cp, event.scheme)
    known = standing.counters.get(scheme.contributors, {})
    if event.contributor_id not in known:
        raise NotAPool("The contributor does not belong to it.")
    lots = let_go(scheme, standing, book, event.contributor_id)
    fields = {"scheme": scheme.code, "lots": [list(lot) for lot in lots]}
    return Decision(follow_ups=[FollowUp("pool_share", event.contributor_id, fields)])


def share(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Take back what was left of one's contribution; who was let go saves alone from now on."""
    event: PoolShare = happening.event
    mark = scheme_of(cp, event.scheme).mark if event.pool_id is not None else ""
    # Who has left by themselves meanwhile may belong to another pool by now.
    if mark and standing.counters.get(mark, {}).get(0) == event.pool_id:
        del standing.counters[mark]
        standing.counters_changed = True
    _open(book, standing, happening.seq, event.lots, None)
    return Decision()


def give_back(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Take back what the pool refused; who was not let in does not belong to it."""
    event: PoolBack = happening.event
    scheme = scheme_of(cp, event.scheme)
    if event.joins and standing.counters.pop(scheme.mark, None) is not None:
        standing.counters_changed = True
    _open(book, standing, happening.seq, event.lots, None)
    return Decision()


def take(
    _programmes: Programmes,
    _cp: CompiledProgramme,
    _standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Send what a contributor has to give back: their own lots first, then the others."""
    event: PoolTake = happening.event
    lots = book.open_lots(event.currency)
    lots.sort(key=lambda lot: lot.contributor_id != event.contributor_id)
    account = book.account(event.currency)
    units = min(event.units, max(account.available - account.owed, 0))
    if not units:
        return Decision()
    n = book.move(event.currency, "available", "in_transit", units, "pool")
    book.draw(n, units, lots)
    fields = {"currency": event.currency, "units": units}
    return Decision(follow_ups=[FollowUp("pool_repay", event.contributor_id, fields)])


def repay(
    _programmes: Programmes,
    _cp: CompiledProgramme,
    _standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Settle with what came from the pool: a debt first, the rest is what was written off."""
    event: PoolRepay = happening.event
    rest = book.repay(event.currency, "in_transit", event.units, "pool", None)
    if rest:
        book.move(event.currency, "in_transit", "written_off", rest, "pool")
    return Decision()


def burn(
    cp: CompiledProgramme,
    standing: Standing,
    book: Book,
    currency: str,
    credit: str,
    units: int,
    reason: str,
    rule: str | None = None,
) -> list[tuple[Lot, int]]:
    """Take units out of open lots: in burn order, or in proportion to what each contributed.

    What does not divide goes by burn order, so that the parts always sum to the whole.
    """
    n = book.move(currency, "available", credit, units, reason, rule)
    lots = book.open_lots(currency)
    if not _pro_rata(cp, standing, currency):
        return book.draw(n, units, lots)
    plan = _in_proportion(lots, units)
    used = []
    for lot in lots:
        part = plan.get(lot.lot_no, 0)
        if part:
            book.use(n, lot, -part)
            used.append((lot, part))
    return used


def _in_proportion(lots: Sequence[Lot], units: int) -> dict[int, int]:
    """Return how much of each lot to take; ``lots`` are in burn order and cover the units."""
    sums: dict[int | None, int] = {}
    for lot in lots:
        sums[lot.contributor_id] = sums.get(lot.contributor_id, 0) + lot.remaining
    whole = sum(sums.values())
    parts = {who: units * has // whole for who, has in sums.items()}
    rest = units - sum(parts.values())
    plan: dict[int, int] = {}
    for lot in lots:
        part = min(parts[lot.contributor_id], lot.remaining)
        parts[lot.contributor_id] -= part
        plan[lot.lot_no] = part
    for lot in lots:
        more = min(rest, lot.remaining - plan[lot.lot_no])
        plan[lot.lot_no] += more
        rest -= more
    return plan


def _pro_rata(cp: CompiledProgramme, standing: Standing, currency: str) -> bool:
    pools: dict[str, Pool] = cp.programme.parts.get("pools", {})
    return any(
        scheme.burn == "pro_rata"
        and currency in scheme.currencies
        and scheme.contributors in standing.counters
        for scheme in pools.values()
    )
