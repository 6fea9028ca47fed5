"""Whose event it is, and what its lines are: resolved before anything is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from coterie.catalogue import CatalogueCache
from coterie.events import MemberRef, MemberUnknown, Order, StateChange
from coterie.intake.answers import Answer
from coterie.intake.batch import TO_THE_MERGED, Item, Surroundings, refused
from coterie.intake.reading import Arrival
from coterie.kernel.errors import Refusal
from coterie.members import Newcomer, create_members, reference_of, resolve, resolve_ids
from coterie.programme.model import Source
from coterie.storage import Connection, transaction

_DEFAULT_SOURCE = Source("default")
_encode = msgspec.json.Encoder().encode
_NAMES_ANOTHER = {
    "transfer": ("receiver", "by"),
    "link": ("other",),
    "pool_join": ("pool", "invited_by"),
    "pool_change": ("contributor", "by"),
    **dict.fromkeys(("spend", "hold", "redeem"), ("by",)),
}
"""Kinds of event whose fields name other members."""

Reference = int | tuple[str, str]


def resolve_lines(db: Connection, catalogue: CatalogueCache, arrivals: Sequence[Arrival]) -> None:
    """Write what the catalogue knows of a product into the order's line."""
    orders = [a for a in arrivals if isinstance(a.event, Order)]
    products = {
        line.product
        for arrival in orders
        for line in arrival.event.lines
        if line.product is not None and not line.categories
    }
    if not products:
        return
    facts = catalogue.resolve(db, products)
    if not facts:
        return
    for arrival in orders:
        resolved = False
        for line in arrival.event.lines:
            found = facts.get(line.product)
            if found is None:
                continue
            # Written anew whoever set the categories: arrivals made in one process may share a
            # line, and then the first of them resolved it for all.
            resolved = True
            if line.categories:
                continue
            # The digest was taken before.
            force_setattr(line, "categories", tuple(found.categories))
            if line.brand is None:
                force_setattr(line, "brand", found.brand)
            if not line.tags:
                force_setattr(line, "tags", tuple(found.tags))
        if resolved:
            arrival.payload = _encode(arrival.event)


def find_members(
    db: Connection,
    arrivals: Sequence[Arrival],
    around: Surroundings,
    answers: list[Answer | None],
) -> list[Item]:
    """Find every arrival's member; who is unknown is refused, parked or enrolled by its source."""
    found = look_up(db, {a.reference for a in arrivals})
    sources = around.programmes.versions[-1].programme.sources
    items: list[Item] = []
    for number, arrival in enumerate(arrivals):
        member_id = _whose(arrival, found)
        if member_id is None:
            policy = sources.get(arrival.source, _DEFAULT_SOURCE).on_unknown_member
            if isinstance(arrival.reference, int):
                policy = "refuse"
            if policy == "enrol":
                member_id = _enrol(db, arrival)
                found[arrival.reference] = member_id
            elif policy == "refuse":
                answers[number] = refused(MemberUnknown(where="member"))
                continue
        if arrival.kind in _NAMES_ANOTHER:
            try:
                _name_others(db, arrival)
            except Refusal as refusal:
                answers[number] = refused(refusal)
                continue
        elif isinstance(arrival.event, StateChange) and arrival.event.merged_into is not None:
            survivor = look_up(db, {arrival.event.merged_into}).get(arrival.event.merged_into)
            if survivor is None:
                answers[number] = refused(MemberUnknown("Nobody has it.", where="merged_into"))
                continue
            arrival.event = msgspec.structs.replace(arrival.event, merged_into=survivor)
            arrival.payload = _encode(arrival.event)
        items.append((number, arrival, member_id))
    return items


def identify(db: Connection, arrival: Arrival) -> int:
    """Return whose arrival it is, with whomever else it names found too; makes nobody.

    Raises :class:`~coterie.events.MemberUnknown`.
    """
    member_id = _whose(arrival, look_up(db, {arrival.reference}))
    if member_id is None:
        raise MemberUnknown(where="member")
    if arrival.kind in _NAMES_ANOTHER:
        _name_others(db, arrival)
    return member_id


def find_again(db: Connection, items: Sequence[Item]) -> list[Item]:
    """Find the members of items anew, after one was merged away."""
    found = look_up(db, {arrival.reference for _, arrival, _ in items})
    return [(n, arrival, _whose(arrival, found)) for n, arrival, _ in items]


def _whose(arrival: Arrival, found: Mapping[Reference, int]) -> int | None:
    """Return the member of an arrival; who becomes itself again is meant, not who took over."""
    if arrival.kind in TO_THE_MERGED and isinstance(arrival.reference, int):
        return arrival.reference
    return found.get(arrival.reference)


def look_up(db: Connection, references: set[Reference]) -> dict[Reference, int]:
    """Return whom references stand for now; unknown ones are absent."""
    identities = resolve(db, [r for r in references if isinstance(r, tuple)])
    ids = resolve_ids(db, [r for r in references if isinstance(r, int)])
    return dict([*identities.items(), *ids.items()])


def _name_others(db: Connection, arrival: Arrival) -> None:
    """Write whom else the event names by their ids; nobody there is a refusal."""
    event = arrival.event
    for name in _NAMES_ANOTHER[arrival.kind]:
        event = _with_other(db, event, name)
    if event is not arrival.event:
        arrival.event = event
        arrival.payload = _encode(event)


def _with_other(db: Connection, event: Any, name: str) -> Any:
    """Return an event that names another member, by id; nobody there is a refusal."""
    named: MemberRef | None = getattr(event, name)
    if named is None:
        return event
    reference = reference_of(named)
    found = look_up(db, {reference}).get(reference)
    if found is None:
        raise MemberUnknown("Nobody is found by it.", where=name)
    return msgspec.structs.replace(event, **{name: MemberRef(id=found)})


def _enrol(db: Connection, arrival: Arrival) -> int:
    """Make a member known by the arrival's identity."""
    assert not isinstance(arrival.reference, int)
    event = arrival.event
    newcomer = Newcomer(
        (arrival.reference,),
        enrolled_us=min(arrival.at_us, arrival.received_us),
        channel=event.channel,
        store=event.store,
    )
    with transaction(db):
        made = create_members(db, [newcomer], now_us=arrival.received_us)[0]
    if isinstance(made, int):
        return made
    # Somebody enrolled the same identity a moment ago.
    again = look_up(db, {arrival.reference}).get(arrival.reference)
    if again is None:
        raise made
    return again
