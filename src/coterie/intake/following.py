"""Consequences for other members: what an event sends on becomes an event of its receiver.

The decision names kind, receiver and fields (:class:`~coterie.programme.standing.FollowUp`); the
rest of the envelope derives from the cause, so that delivering twice is the same as once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from coterie.events import KINDS, Event, Happening, MemberRef, PoolIn, TransferIn
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of
from coterie.kernel.time import format_instant
from coterie.programme.standing import FollowUp, follow_up_key
from coterie.storage import Connection, FactRow, KeyRow, find_keys

LAST_KINDS = frozenset({"transfer_in", "pool_in"})
"""Kinds whose events can have consequences for nobody but their sender."""


class Sent(msgspec.Struct, array_like=True, gc=False):
    """A follow-up in the outbox: what is sent, and when and how its cause came to be."""

    what: FollowUp
    at_us: int
    received_us: int
    mode: str


_decoder = msgspec.json.Decoder(Sent)


def sent_by(happening: Happening, what: FollowUp) -> Sent:
    """Return what an event sends on."""
    return Sent(what, happening.at_us, happening.received_us, happening.event.mode)


def arrivals_of(db: Connection, rows: Sequence[FactRow]) -> list[Arrival | None]:
    """Return the events that follow-ups become; None for one that must wait for another.

    Who takes something back waits until that has arrived.
    """
    sent = [_decoder.decode(row.facts) for row in rows]
    undone = [(INTERNAL_SOURCE, each.what.undoes) for each in sent if each.what.undoes]
    known = find_keys(db, undone) if undone else {}
    found: list[Arrival | None] = []
    for row, each in zip(rows, sent, strict=True):
        fields = dict(each.what.fields)
        if each.what.undoes is not None:
            first = known.get((INTERNAL_SOURCE, each.what.undoes))
            if first is None:
                found.append(None)
                continue
            fields["undoes_seq"] = _number(first, each.what.member_id)
        found.append(_arrival(row, each, each.what.kind, each.what.member_id, fields))
    return found


def _number(first: KeyRow, member_id: int) -> int | None:
    """Return where an event stands; None where its member was merged away since."""
    return first.seq if first.member_id == member_id else None


def way_back(arrival: Arrival, row: FactRow) -> Arrival | None:
    """Return the event that gives a sender back what was refused; None where nothing was sent."""
    event = arrival.event
    if isinstance(event, PoolIn):
        fields = {"scheme": event.scheme, "joins": event.joins, "lots": event.lots}
        return _arrival(row, _decoder.decode(row.facts), "pool_back", row.member_id, fields)
    if not isinstance(event, TransferIn):
        return None
    fields = {"currency": event.currency, "units": event.units, "transfer_seq": row.seq}
    return _arrival(row, _decoder.decode(row.facts), "transfer_back", row.member_id, fields)


def _arrival(
    row: FactRow, sent: Sent, kind: str, member_id: int, fields: dict[str, Any]
) -> Arrival:
    event: Event = msgspec.convert(
        {
            **fields,
            "kind": kind,
            "source": INTERNAL_SOURCE,
            "key": follow_up_key(kind, row.member_id, row.seq, sent.what.name),
            "occurred_at": format_instant(sent.at_us),
            "member": MemberRef(id=member_id),
            "mode": sent.mode,
            "caused_by": f"{row.member_id}:{row.seq}",
        },
        KINDS[kind],
        str_keys=True,
    )
    return arrival_of(event, received_us=sent.received_us)
