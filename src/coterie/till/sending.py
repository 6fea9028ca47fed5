"""What a till sends: its envelope, what it would bring, and once however often Enter is pressed."""

from __future__ import annotations

import re
import secrets
from typing import Any, NamedTuple

from coterie.events import Event, MemberRef, Order, Return, read_recorded
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of, recorded_event
from coterie.kernel.time import format_instant
from coterie.replay import ExplainedEvent, try_event
from coterie.storage import find_keys
from coterie.till.visitors import Clerk, clerk_of
from coterie.web.asking import Ask
from coterie.web.standing import programme_of
from coterie.web.words import pick

SOURCE = "counter"
"""What undoing at a till looks for, too: :class:`~coterie.acts.kinds.counter.UndoSale`."""
CHANNEL = "pos"
_TICKET = re.compile(r"[0-9a-f]{16}")
_OWNED = frozenset({"available", "pending", "held"})


class Gain(NamedTuple):
    """What of one currency an event gives (above zero) or takes; ``later`` of it has to wait."""

    name: str
    units: int
    scale: int
    later: int


class Told(NamedTuple):
    """What an event would bring: gains, other sentences, or why it would be refused."""

    gains: list[Gain]
    lines: list[str]
    tiers: list[str]
    refused: str


class Sent(NamedTuple):
    """What became of an event: its number, or the answer that refuses it.

    ``again``: this page had sent it before.
    """

    seq: int | None
    answer: Answer
    again: bool


def ticket() -> str:
    """Return what a page carries so that what it sends is sent once."""
    return secrets.token_hex(8)


def key_in(ask: Ask) -> str:
    """Return the ticket that a form carried, a new one in place of none or a strange one."""
    carried = ask.form.get("key")
    return carried if _TICKET.fullmatch(carried) else ticket()


def sent_by(ask: Ask, member_id: int) -> int | None:
    """Return the number of what the page that carries this ticket sent for a member already."""
    key = f"{clerk_of(ask).device_code}:{key_in(ask)}"
    row = find_keys(ask.db, [(SOURCE, key)]).get((SOURCE, key))
    return row.seq if row is not None and row.member_id == member_id else None


def envelope(ask: Ask, clerk: Clerk, member_id: int, key: str) -> dict[str, Any]:
    """Return what every event of a till carries."""
    return {
        "source": SOURCE,
        "key": f"{clerk.device_code}:{key}",
        "occurred_at": format_instant(ask.now_us),
        "member": MemberRef(id=member_id),
        "actor": clerk.actor(ask).ref,
        "channel": CHANNEL,
        "store": clerk.device.store,
        "operator": clerk.staff_code,
        "device": clerk.device_code,
    }


def tried(ask: Ask, engine: Engine, event: Event) -> Told:
    """Return what an event would bring now; nothing is written."""
    arrival = arrival_of(event, received_us=ask.now_us)
    around, member_id = engine.prepare(ask.db, arrival)
    return told_of(ask, try_event(ask.db, around, member_id, arrival))


def told_of(ask: Ask, found: ExplainedEvent) -> Told:
    """Return an explained event in a clerk's words."""
    chinese = ask.language == "zh"
    # Which lots a return takes from is the office's; how much goes back is said above the lines.
    told = () if found.kind == "return" else found.movements
    lines = [m.words.zh if chinese else m.words.en for m in told]
    tiers = [t.words.zh if chinese else t.words.en for t in found.tiers]
    refused = ""
    if found.status != "accepted":
        words = found.words.zh if chinese else found.words.en
        refused = " ".join(words[-1:]) or found.detail or found.code or ""
    return Told(gains(ask, found), lines, tiers, refused)


def gains(ask: Ask, found: ExplainedEvent) -> list[Gain]:
    """Return what the member has more or less of each currency."""
    programme = programme_of(ask)
    sums: dict[str, list[int]] = {}
    for move in found.movements:
        change = (move.credit in _OWNED) - (move.debit in _OWNED)
        both = sums.setdefault(move.currency, [0, 0])
        both[0] += change * move.units
        both[1] += move.units * ((move.credit == "pending") - (move.debit == "pending"))
    made = []
    for code, (units, later) in sums.items():
        currency = programme.currencies.get(code)
        name = code if currency is None else pick(currency.name, ask.language)
        made.append(Gain(name, units, 0 if currency is None else currency.scale, max(0, later)))
    return [gain for gain in made if gain.units]


def send(ask: Ask, engine: Engine, event: Order | Return, member_id: int) -> Sent:
    """Send an event; a second Enter on the same page gets the first one's answer.

    The page's key decides: the second press comes at another moment, so that the two events are
    not the same to the byte, though they say the same.
    """
    [answer] = engine.submit(ask.db, [arrival_of(event, received_us=ask.now_us)])
    if answer.code == "key_reused":
        seq = sent_by(ask, member_id)
        if seq is not None:
            payload = read_recorded(ask.db, member_id, seq).payload
            if _said(recorded_event(payload)) == _said(event):
                return Sent(seq, answer, again=True)
    if answer.status != "accepted" or answer.event is None:
        return Sent(None, answer, again=False)
    return Sent(int(answer.event.partition(":")[2]), answer, again=answer.replayed)


def _said(event: Order | Return) -> tuple[object, ...]:
    """Return what an event says apart from when, and from what the catalogue added to it."""
    if isinstance(event, Order):
        lines: list[object] = [(n.product, n.quantity_milli, n.amount_minor) for n in event.lines]
        return ("order", event.order_ref, lines, event.tenders, event.shipping_minor)
    return ("return", event.order_ref, event.lines)
