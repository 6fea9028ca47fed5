"""Where an event stands in time: its business day, how late it is, up to when all is decided."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from coterie.events import Due, Happening, InTheFuture, MemberRef, Mode, TooLate
from coterie.intake.reading import INTERNAL_SOURCE, Arrival
from coterie.kernel.time import MINUTE_US, format_instant
from coterie.members import Member
from coterie.programme.compile import Programmes
from coterie.programme.errors import Waits

_encode = msgspec.json.Encoder().encode


def place(
    arrival: Arrival,
    member: Member,
    programmes: Programmes,
    day_cuts: Mapping[str, int],
    closed_through: int,
) -> Happening:
    """Place an arrival after everything its member has had so far."""
    event = arrival.event
    at_us = arrival.at_us
    arrived_us = arrival.received_us if event.mode is Mode.LIVE else at_us
    cut_us = day_cuts.get(event.store, 0) * MINUTE_US if event.store is not None else 0
    day = programmes.zone.day(at_us, cut_us)
    return Happening(
        event,
        arrival.kind,
        at_us,
        arrival.offset_minutes,
        arrival.received_us,
        max(arrived_us, member.clock_us),
        day,
        max(day, closed_through + 1),
        member.member_id,
        member.seq + 1,
        arrival.digest,
        _impersonal(arrival, member.member_id),
        arrival.approved,
    )


def _impersonal(arrival: Arrival, member_id: int) -> bytes:
    """Return the payload with the member by id: a record never holds a phone or an address.

    The text `"member":` cannot stand earlier: inside a JSON string its quotes would be escaped.
    """
    if isinstance(arrival.reference, int):
        return arrival.payload
    named = b'"member":' + _encode(arrival.event.member)
    return arrival.payload.replace(named, b'"member":{"id":%d}' % member_id, 1)


def check_punctual(happening: Happening, programmes: Programmes) -> None:
    """Refuse events of the future; refuse, or let wait, those later than the programme accepts.

    A history is as late as it is: only live events are asked.
    """
    event = happening.event
    if event.mode is not Mode.LIVE or event.source == INTERNAL_SOURCE:
        return
    late = programmes.at(happening.at_us).late
    ahead_us = happening.at_us - happening.received_us
    if ahead_us > late.future_minutes * MINUTE_US:
        raise InTheFuture(
            f"It says {format_instant(happening.at_us, happening.offset_minutes)}.",
            where="occurred_at",
        )
    days = programmes.zone.day(happening.received_us) - happening.day
    if days > late.days and not happening.approved:
        detail = f"It is {days} days old, {late.days} are accepted."
        if late.beyond == "approve":
            raise Waits("late", detail)
        raise TooLate(detail, where="occurred_at")


_DUE_PAYLOAD = b'{"kind":"due"}'


def due_happening(
    member: Member, due_us: int, programmes: Programmes, closed_through: int
) -> Happening:
    """Make the event of a moment that arrived; the same whenever it is executed."""
    day = programmes.zone.day(due_us)
    event = Due(
        source=INTERNAL_SOURCE,
        key=f"due:{member.member_id}:{member.seq + 1}",
        occurred_at="",
        member=MemberRef(id=member.member_id),
    )
    return Happening(
        event,
        "due",
        due_us,
        0,
        due_us,
        due_us,
        day,
        max(day, closed_through + 1),
        member.member_id,
        member.seq + 1,
        b"",
        _DUE_PAYLOAD,
    )
