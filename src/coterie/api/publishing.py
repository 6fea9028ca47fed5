"""Publishing the programme over HTTP: once however often it is sent, and back again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import (
    IDEMPOTENCY_KEY,
    LOCATION,
    REPLAYED,
    Call,
    Endpoint,
    Reply,
    Returns,
    Words,
)
from coterie.api.programme import EXAMPLE, Given, Number, ProgrammeText, operation, read_text
from coterie.api.reading import decoded
from coterie.api.services import Services
from coterie.kernel.errors import Kind
from coterie.kernel.time import parse_instant
from coterie.programme.versions import (
    NOTE_MAX,
    publish_programme,
    published_once,
    rollback,
    versions,
)
from coterie.storage import Connection, transaction

Note = Annotated[str, Meta(max_length=NOTE_MAX)]
Instant = Annotated[str, Meta(max_length=64)]
_encoder = msgspec.json.Encoder()


class Publication(Given, frozen=True):
    """A text to be published. ``active_from`` absent: now, or always for the first version."""

    text: ProgrammeText
    active_from: Instant | None = None
    note: Note | None = None


class Rollback(Given, frozen=True):
    """The version whose content is published again.

    ``active_from`` absent: now, or in place of a version that has not begun.
    """

    version: Number
    active_from: Instant | None = None
    note: Note | None = None


class PublishedVersion(Struct, frozen=True):
    """What was published."""

    version: int


_publication = msgspec.json.Decoder(Publication)
_rollback = msgspec.json.Decoder(Rollback)


async def post_version(services: Services, call: Call) -> Reply:
    """Publish a text as the next version."""
    asked = decoded(_publication, call.body)
    programme = await services.batches.run(lambda _db: read_text(asked.text).programme)

    def make(db: Connection) -> int:
        at_us = _instant(asked.active_from)
        if at_us is None:
            at_us = call.received_us if versions(db, limit=1) else 0
        return publish_programme(db, programme, at_us, call.received_us, asked.note)

    return await _publish(services, call, b"publish", make)


async def post_rollback(services: Services, call: Call) -> Reply:
    """Publish an earlier version's content as the next version."""
    asked = decoded(_rollback, call.body)

    def make(db: Connection) -> int:
        at_us = _instant(asked.active_from)
        return rollback(db, asked.version, at_us, call.received_us, asked.note)

    return await _publish(services, call, b"rollback", make)


def _instant(text: str | None) -> int | None:
    return None if text is None else parse_instant(text, where="active_from")[0]


async def _publish(
    services: Services, call: Call, what: bytes, make: Callable[[Connection], int]
) -> Reply:
    caller = call.caller
    assert caller is not None
    source, key = caller.source, call.headers[IDEMPOTENCY_KEY.name]
    digest = hashlib.blake2b(what + b"\0" + call.body, digest_size=16).digest()

    def run(db: Connection) -> tuple[int, bool]:
        with transaction(db):
            return published_once(db, source, key, digest, lambda: make(db))

    version, replayed = await services.batches.run(run)
    reply = Reply(201, _encoder.encode(PublishedVersion(version)))
    reply.headers = [(b"location", f"/v1/programme/versions/{version}".encode())]
    if replayed:
        reply.headers.append((b"coterie-replayed", b"true"))
    return reply


_PUBLISHED = (
    Returns(201, PublishedVersion, Words("已发布", "Published"), headers=(LOCATION, REPLAYED)),
)
_ONCE = (
    "The same key with the same body gets the first answer again; with another body it is refused"
    " (`key_reused`)."
)


ENDPOINTS = (
    Endpoint(
        operation(
            "publishProgramme",
            "POST",
            "/v1/programme/versions",
            Words("发布新版本", "Publish a new version"),
            more="A version never changes and cannot begin in the past; only the first may. "
            + _ONCE,
            scope=Scope.PROGRAMME_WRITE,
            headers=(IDEMPOTENCY_KEY,),
            body=Publication,
            body_example={"text": EXAMPLE, "note": "opening"},
            returns=_PUBLISHED,
            refuses=(Kind.CONFLICT,),
        ),
        post_version,
    ),
    Endpoint(
        operation(
            "rollBackProgramme",
            "POST",
            "/v1/programme:rollback",
            Words("恢复到旧版本内容", "Go back to an earlier version's content"),
            more="The earlier content becomes a new version. What came since goes away; currencies"
            " that members may hold cannot. " + _ONCE,
            scope=Scope.PROGRAMME_WRITE,
            headers=(IDEMPOTENCY_KEY,),
            body=Rollback,
            body_example={"version": 1, "note": "too dear"},
            returns=_PUBLISHED,
            refuses=(Kind.CONFLICT, Kind.NOT_FOUND),
        ),
        post_rollback,
    ),
)
