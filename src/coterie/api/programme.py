"""The programme: what is in force, its versions, and how a new one is checked and published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import (
    IDEMPOTENCY_KEY,
    LIMIT,
    LOCATION,
    MIB,
    REPLAYED,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.reading import decoded, ok
from coterie.api.services import Services
from coterie.kernel.errors import Kind, Malformed
from coterie.kernel.time import format_instant, parse_instant
from coterie.programme.differing import Change, diff, diff_words
from coterie.programme.errors import ProgrammeInvalid, VersionUnknown
from coterie.programme.findings import Finding
from coterie.programme.model import Programme
from coterie.programme.plain import plain_words
from coterie.programme.reading import Reading, read_programme, read_with_warnings
from coterie.programme.schema import programme_schema
from coterie.programme.store import VersionRow
from coterie.programme.versions import (
    NOTE_MAX,
    publish_programme,
    published_once,
    rollback,
    version_at,
    version_numbered,
    version_row,
    versions,
)
from coterie.programme.writing import canonical_text, text_sha256
from coterie.storage import Connection, transaction

TEXT_BYTES_MAX = 2 * MIB
_NUMBER_MAX = 2**31 - 1
_encoder = msgspec.json.Encoder()

ProgrammeText = Annotated[str, Meta(min_length=1, max_length=MIB, description="YAML")]
Number = Annotated[int, Meta(ge=1, le=_NUMBER_MAX)]
Note = Annotated[str, Meta(max_length=NOTE_MAX)]
Instant = Annotated[str, Meta(max_length=64)]


class _Given(Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends."""


class ProgrammeCheck(_Given, frozen=True):
    """A text to be checked."""

    text: ProgrammeText


class ProgrammeOrigin(_Given, frozen=True):
    """A programme: a ``text``, or the published version ``version``; neither: what is in force."""

    text: ProgrammeText | None = None
    version: Number | None = None


class ProgrammeComparison(_Given, frozen=True):
    """What is compared; ``before`` is what is in force unless it is said."""

    after: ProgrammeOrigin
    before: ProgrammeOrigin = ProgrammeOrigin()


class Publication(_Given, frozen=True):
    """A text to be published. ``active_from`` absent: now, or always for the first version."""

    text: ProgrammeText
    active_from: Instant | None = None
    note: Note | None = None


class Rollback(_Given, frozen=True):
    """The version whose content is published again.

    ``active_from`` absent: now, or in place of a version that has not begun.
    """

    version: Number
    active_from: Instant | None = None
    note: Note | None = None


class Bilingual(Struct, frozen=True):
    """Lines in both languages."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


class CheckedProgramme(Struct, frozen=True):
    """Whether a text can be used, and everything that is wrong or odd about it.

    ``sha256`` names what it means: texts of one meaning have one name.
    """

    usable: bool
    findings: tuple[Finding, ...]
    sha256: str | None = None


class ComparedProgrammes(Struct, frozen=True):
    """What differs, as values and in words; empty where both mean the same."""

    changes: tuple[Change, ...]
    words: Bilingual


class VersionLine(Struct, frozen=True):
    """A published version; ``sha256`` is of its text."""

    version: int
    active_from: str
    published_at: str
    sha256: str
    note: str | None


class VersionPage(Struct, frozen=True, omit_defaults=True):
    """Versions, the newest first; the next page begins ``below`` the last one."""

    versions: tuple[VersionLine, ...]
    below: int | None = None


class VersionShape(Struct, frozen=True):
    """A version with its content: ``text`` is canonical YAML, every default spelt out."""

    version: int
    active_from: str
    published_at: str
    sha256: str
    note: str | None
    text: str
    words: Bilingual


class PublishedVersion(Struct, frozen=True):
    """What was published."""

    version: int


_check = msgspec.json.Decoder(ProgrammeCheck)
_comparison = msgspec.json.Decoder(ProgrammeComparison)
_publication = msgspec.json.Decoder(Publication)
_rollback = msgspec.json.Decoder(Rollback)


# ---------------------------------------------------------------------- questions


async def get_current(services: Services, call: Call) -> Reply:
    """Read what is in force."""

    def read(db: Connection) -> VersionShape:
        found = version_at(db, call.received_us)
        if found is None:
            raise VersionUnknown("None is in force.")
        return _shape(db, found.version)

    return ok(await services.reads.run(read))


async def get_version(services: Services, call: Call) -> Reply:
    """Read one version."""
    text = call.path_values["version"]
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:11]) <= _NUMBER_MAX):
        raise VersionUnknown("The address does not hold a version's number.")
    return ok(await services.reads.run(lambda db: _shape(db, int(text))))


async def get_versions(services: Services, call: Call) -> Reply:
    """Read a page of versions."""
    rows = await services.reads.run(lambda db: versions(db, **call.query))
    more = bool(rows) and rows[-1].version > 1
    return ok(VersionPage(tuple(map(_line, rows)), rows[-1].version if more else None))


async def get_schema(_services: Services, _call: Call) -> Reply:
    """Read the JSON Schema of programmes."""
    return ok(programme_schema())


async def post_check(services: Services, call: Call) -> Reply:
    """Check a text; what is wrong with it is the answer, not a refusal."""
    text = decoded(_check, call.body).text
    return ok(await services.batches.run(lambda _db: _checked(text)))


def _checked(text: str) -> CheckedProgramme:
    try:
        reading = _read(text)
    except ProgrammeInvalid as refusal:
        return CheckedProgramme(False, tuple(refusal.findings))
    return CheckedProgramme(True, reading.warnings, text_sha256(canonical_text(reading.programme)))


async def post_diff(services: Services, call: Call) -> Reply:
    """Say what differs between two programmes."""
    asked = decoded(_comparison, call.body)

    def compare(db: Connection) -> ComparedProgrammes:
        before = _origin(db, asked.before, call.received_us, "before")
        after = _origin(db, asked.after, call.received_us, "after")
        changes = diff(before, after)
        words = Bilingual(tuple(diff_words(changes, "zh")), tuple(diff_words(changes, "en")))
        return ComparedProgrammes(tuple(changes), words)

    return ok(await services.batches.run(compare))


def _origin(db: Connection, origin: ProgrammeOrigin, now_us: int, where: str) -> Programme:
    if origin.text is not None and origin.version is not None:
        raise Malformed("Give a text or a version, not both.", where=where)
    if origin.text is not None:
        return read_programme(where, origin.text)
    if origin.version is not None:
        found = version_numbered(db, origin.version)
        told = f"There is no version {origin.version}."
    else:
        found, told = version_at(db, now_us), "None is in force."
    if found is None:
        raise VersionUnknown(told, where=where)
    return found.programme


def _read(text: str) -> Reading:
    return read_with_warnings("programme", text)


def _line(row: VersionRow) -> VersionLine:
    return VersionLine(
        row.version,
        format_instant(row.active_from_us),
        format_instant(row.published_us),
        row.sha256,
        row.note,
    )


def _shape(db: Connection, version: int) -> VersionShape:
    row, found = version_row(db, version), version_numbered(db, version)
    if row is None or found is None or row.version != version:
        raise VersionUnknown(f"There is no version {version}.")
    line = _line(row)
    return VersionShape(
        **msgspec.structs.asdict(line),
        text=canonical_text(found.programme),
        words=_words(found.programme),
    )


def _words(programme: Programme) -> Bilingual:
    return Bilingual(tuple(plain_words(programme, "zh")), tuple(plain_words(programme, "en")))


# ---------------------------------------------------------------------- publishing


async def post_version(services: Services, call: Call) -> Reply:
    """Publish a text as the next version."""
    asked = decoded(_publication, call.body)
    programme = await services.batches.run(lambda _db: _read(asked.text).programme)

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


# ---------------------------------------------------------------------- what is promised

_BELOW = Parameter("below", Number, Words("只列此号之前的版本", "Only versions below this one"))
_VERSION = Parameter("version", Number, Words("版本号", "The version's number"), example=1)
_EXAMPLE = """\
programme: shop
name: {zh: 小店会员, en: Shop club}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}}
rules:
  - code: base
    name: {zh: 消费积分, en: Points for spending}
    earn: {currency: points, units: 1, per: "1.00"}
"""
_PUBLISHED = (
    Returns(201, PublishedVersion, Words("已发布", "Published"), headers=(LOCATION, REPLAYED)),
)
_ONCE = (
    "The same key with the same body gets the first answer again; with another body it is refused"
    " (`key_reused`)."
)


def _operation(ident: str, method: str, path: str, words: Words, **more: Any) -> Operation:
    """Return an operation of this tag; what changes nothing needs no right to publish."""
    scope = more.pop("scope", Scope.PROGRAMME_READ)
    if "body" in more:
        more["body_bytes_max"] = TEXT_BYTES_MAX
    return Operation(
        id=ident, method=method, path=path, tag="programme", words=words, scope=scope, **more
    )


ENDPOINTS = (
    Endpoint(
        _operation(
            "getProgramme",
            "GET",
            "/v1/programme",
            Words("读取生效中的方案", "Read the programme in force"),
            returns=(Returns(200, VersionShape, Words("生效版本", "The version in force")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        get_current,
    ),
    Endpoint(
        _operation(
            "listProgrammeVersions",
            "GET",
            "/v1/programme/versions",
            Words("列出方案版本（新的在前）", "List the programme's versions, newest first"),
            query=(_BELOW, LIMIT),
            returns=(Returns(200, VersionPage, Words("一页版本", "A page of versions")),),
        ),
        get_versions,
    ),
    Endpoint(
        _operation(
            "publishProgramme",
            "POST",
            "/v1/programme/versions",
            Words("发布新版本", "Publish a new version"),
            more="A version never changes and cannot begin in the past; only the first may. "
            + _ONCE,
            scope=Scope.PROGRAMME_WRITE,
            headers=(IDEMPOTENCY_KEY,),
            body=Publication,
            body_example={"text": _EXAMPLE, "note": "opening"},
            returns=_PUBLISHED,
            refuses=(Kind.CONFLICT,),
        ),
        post_version,
    ),
    Endpoint(
        _operation(
            "getProgrammeVersion",
            "GET",
            "/v1/programme/versions/{version}",
            Words("读取一个版本", "Read a version"),
            path_parameters=(_VERSION,),
            returns=(Returns(200, VersionShape, Words("版本及内容", "The version with content")),),
        ),
        get_version,
    ),
    Endpoint(
        _operation(
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
    Endpoint(
        _operation(
            "checkProgramme",
            "POST",
            "/v1/programme:check",
            Words("检查方案文本", "Check a programme's text"),
            more="Everything that is wrong or odd, at once, each with line and path.",
            body=ProgrammeCheck,
            body_example={"text": _EXAMPLE},
            returns=(Returns(200, CheckedProgramme, Words("检查结果", "What was found")),),
        ),
        post_check,
    ),
    Endpoint(
        _operation(
            "compareProgrammes",
            "POST",
            "/v1/programme:diff",
            Words("比较两个方案", "Compare two programmes"),
            more="Texts or published versions; what is in force where nothing is said.",
            body=ProgrammeComparison,
            body_example={"after": {"text": _EXAMPLE}},
            returns=(Returns(200, ComparedProgrammes, Words("差异", "What differs")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        post_diff,
    ),
    Endpoint(
        _operation(
            "getProgrammeSchema",
            "GET",
            "/v1/programme/schema",
            Words("方案的 JSON Schema", "The JSON Schema of programmes"),
            returns=(Returns(200, dict[str, Any], Words("结构定义", "The schema")),),
        ),
        get_schema,
    ),
)
