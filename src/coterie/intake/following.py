"""Consequences for other members: a transfer's follow-up, and its way back."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie.events import MemberRef, TransferBack, TransferIn
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of
from coterie.kernel.time import format_instant
from coterie.storage import FactRow

_decoder = msgspec.json.Decoder(dict[str, Any])


def transfer_in(row: FactRow) -> Arrival:
    """Return the event that credits the receiver; its key derives from the transfer's place."""
    told = _decoder.decode(row.facts)
    event = TransferIn(
        source=INTERNAL_SOURCE,
        key=f"transfer_in:{row.member_id}:{row.seq}",
        occurred_at=format_instant(told["at_us"]),
        member=MemberRef(id=told["receiver_id"]),
        mode=told["mode"],
        currency=told["currency"],
        units=told["units"],
        sender_id=row.member_id,
        expires_on=told["expires_on"],
        caused_by=f"{row.member_id}:{row.seq}",
    )
    return arrival_of(event, received_us=told["received_us"])


def transfer_back(sent: Arrival, row: FactRow) -> Arrival:
    """Return the event that gives a sender back what the receiver could not take."""
    event = TransferBack(
        source=INTERNAL_SOURCE,
        key=f"transfer_back:{row.member_id}:{row.seq}",
        occurred_at=sent.event.occurred_at,
        member=MemberRef(id=row.member_id),
        mode=sent.event.mode,
        currency=sent.event.currency,
        units=sent.event.units,
        transfer_seq=row.seq,
        caused_by=f"{row.member_id}:{row.seq}",
    )
    return arrival_of(event, received_us=sent.received_us)
