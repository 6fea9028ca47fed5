"""From bytes to a typed event, or to one clear refusal that leaves no trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from coterie.events import (
    INTERNAL_KINDS,
    KINDS,
    AnyEvent,
    Event,
    NotForOutside,
    StateChange,
    UnknownField,
    UnknownKind,
)
from coterie.intake.errors import BatchTooLarge, SourceMismatch
from coterie.kernel.errors import Malformed, Refusal, nearest
from coterie.kernel.time import parse_instant
from coterie.members import MemberState, reference_of

BATCH_MAX = 1_000
DEFAULT_SOURCE = "api"
INTERNAL_SOURCE = "coterie"

_decoder = msgspec.json.Decoder(AnyEvent)
_encoder = msgspec.json.Encoder()
_NUL = b"\\u0000"
_FIELD = re.compile(r"unknown field `([^`]*)`")
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")


class Arrival(msgspec.Struct, gc=False):
    """A typed event on its way in.

    ``digest`` is of what was sent: the same key may only come with the same digest. ``payload`` is
    the event as JSON. ``reference`` is a member id, or an identity kind and its normalised value.
    ``waiting_id`` is set when it waited before, ``approved`` when a person let it through.
    """

    event: Any
    kind: str
    source: str
    key: str
    reference: int | tuple[str, str]
    at_us: int
    offset_minutes: int
    received_us: int
    digest: bytes
    payload: bytes
    waiting_id: int | None = None
    approved: bool = False


def arrival_of(event: Event, *, received_us: int) -> Arrival:
    """Make an arrival of a typed event; raises a :class:`Refusal` for what only looks typed."""
    at_us, offset_minutes = parse_instant(event.occurred_at, where="occurred_at")
    payload = _encoder.encode(event)
    if _NUL in payload:
        raise Malformed("Texts cannot hold the character NUL.")
    return Arrival(
        event,
        event.__struct_config__.tag,  # type: ignore[arg-type]
        event.source,
        event.key,
        reference_of(event.member),
        at_us,
        offset_minutes,
        received_us,
        blake2b(payload, digest_size=16).digest(),
        payload,
    )


def read_event(raw: bytes, *, source: str | None, received_us: int) -> Arrival:
    """Read one event of ``source`` (None: whatever it names).

    Raises :class:`UnknownKind`, :class:`UnknownField`, :class:`NotForOutside`,
    :class:`SourceMismatch` or :class:`Malformed`, each with the place and the nearest known name.
    """
    try:
        event = _decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _explained(raw, error) from None
    if isinstance(event, StateChange) and event.state == MemberState.ERASED:
        raise NotForOutside("A member is erased by a call of its own.", where="state")
    if event.__struct_config__.tag in INTERNAL_KINDS:
        raise NotForOutside(f"{event.__struct_config__.tag!r}.", where="kind")
    if source is not None and event.source != source:
        if event.source != DEFAULT_SOURCE:
            raise SourceMismatch(f"This one is {source!r}.", where="source")
        # The struct was made a moment ago and nobody else knows it.
        force_setattr(event, "source", source)
    if event.source == INTERNAL_SOURCE:
        raise SourceMismatch(f"{INTERNAL_SOURCE!r} is what happens inside.", where="source")
    return arrival_of(event, received_us=received_us)


def recorded_event(payload: str | bytes) -> Any:
    """Return the typed event of a payload that Coterie itself wrote."""
    return _decoder.decode(payload)


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: list[msgspec.Raw]


_batch_decoder = msgspec.json.Decoder(_Batch)


def read_batch(raw: bytes, *, source: str | None, received_us: int) -> list[Arrival | Refusal]:
    """Read ``{"events": [...]}``; an item that cannot be read is a refusal in its place."""
    try:
        batch = _batch_decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(_plain(error)) from None
    if len(batch.events) > BATCH_MAX:
        raise BatchTooLarge(f"This one has {len(batch.events)}.", where="events")
    return [
        _one(bytes(item), number, source, received_us) for number, item in enumerate(batch.events)
    ]


def _one(raw: bytes, number: int, source: str | None, received_us: int) -> Arrival | Refusal:
    try:
        return read_event(raw, source=source, received_us=received_us)
    except Refusal as refusal:
        place = f"events[{number}]"
        refusal.where = f"{place}.{refusal.where}" if refusal.where else place
        return refusal


def _plain(error: Exception) -> str:
    return _PATH.sub("", str(error)).rstrip(".") + "."


def _explained(raw: bytes, error: Exception) -> Refusal:
    """Turn a decoder's complaint into a refusal that names the nearest known name."""
    text = str(error)
    found = _PATH.search(text)
    where = found.group(1) if found else ""
    try:
        sent = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Malformed(_plain(error))
    if not isinstance(sent, dict):
        return Malformed("An event is a JSON object.")
    kind = sent.get("kind")
    if kind is None:
        return UnknownKind(f"The event names no kind.{nearest('', KINDS)}", where="kind")
    if kind not in KINDS:
        return UnknownKind(f"{kind!r}.{nearest(str(kind), _public_kinds())}", where="kind")
    unknown = _FIELD.search(text)
    if unknown:
        name = unknown.group(1)
        known = _known_fields(KINDS[kind], where)
        where = f"{where}.{name}" if where else name
        detail = f"{name!r} is not a field of {kind}.{nearest(name, known)}"
        return UnknownField(detail, where=where)
    return Malformed(_plain(error), where=where)


def _public_kinds() -> Iterator[str]:
    return (kind for kind in KINDS if kind not in INTERNAL_KINDS)


def _known_fields(kind: type[Event], where: str) -> list[str]:
    """Return the field names at a place in a kind: follow the path through structs and lists."""
    struct: Any = kind
    for part in re.findall(r"[A-Za-z_]+", where):
        fields = {f.encode_name: f.type for f in msgspec.structs.fields(struct)}
        inner = _struct_in(fields.get(part))
        if inner is None:
            return []
        struct = inner
    return [field.encode_name for field in msgspec.structs.fields(struct)] + ["kind"]


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _struct_in(part)
        if found is not None:
            return found
    return None
