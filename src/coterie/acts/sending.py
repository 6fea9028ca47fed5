"""Acts that are events: what one would bring, and sending it."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie.acts.errors import ActFailed
from coterie.acts.model import Change, Context, Preview
from coterie.audit import ActorKind
from coterie.events import Event, MemberRef
from coterie.intake.answers import Answer
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.time import format_instant
from coterie.replay import try_event
from coterie.storage import Connection

SOURCE = "console"


def envelope(context: Context, member_id: int, suffix: str = "") -> dict[str, Any]:
    """Return the fields every event of an act has."""
    return {
        "source": "cli" if context.actor.kind is ActorKind.SHELL else SOURCE,
        "key": f"act:{context.key}{suffix}",
        "occurred_at": format_instant(context.now_us),
        "member": MemberRef(id=member_id),
        "actor": context.actor.ref,
    }


def tried(db: Connection, context: Context, event: Event, target: str, **material: Any) -> Preview:
    """Return what an event would bring its member now."""
    arrival = arrival_of(event, received_us=context.now_us)
    around, member_id = context.engine.prepare(db, arrival)
    told = try_event(db, around, member_id, arrival)
    changes = [
        Change(f"{move.currency}: {move.debit} → {move.credit}", None, move.units)
        for move in told.movements
    ]
    changes += [Change(tier.ladder, tier.before, tier.tier) for tier in told.tiers]
    blocked = None if told.status == "accepted" else told.detail or told.code
    return Preview(target, tuple(changes), 1, material, blocked, told.words.zh, told.words.en)


def send(db: Connection, context: Context, arrival: Arrival | Event) -> Answer:
    """Send one event and return its answer. Raises ActFailed with the answer's code."""
    if not isinstance(arrival, Arrival):
        arrival = arrival_of(arrival, received_us=context.now_us)
    [answer] = context.engine.submit(db, [arrival])
    if answer.status != "accepted":
        raise ActFailed(answer.detail or answer.status, refusal=answer.code)
    return answer


def told(answer: Answer) -> dict[str, Any]:
    """Return what of an answer goes into the audit trail and the result."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    return {
        name: found[name] for name in ("event", "effects", "balances", "tiers") if name in found
    }
