"""The programme: what is in force, its versions, how a text is checked and compared."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.api.contract import (
    LIMIT,
    MIB,
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
from coterie.kernel.time import format_instant
from coterie.programme.differing import Change, diff, diff_words
from coterie.programme.errors import ProgrammeInvalid, VersionUnknown
from coterie.programme.findings import Finding
from coterie.programme.model import Programme
from coterie.programme.plain import plain_words
from coterie.programme.reading import Reading, read_programme, read_with_warnings
from coterie.programme.revealing import CampaignDraw, campaign_draws
from coterie.programme.schema import programme_schema
from coterie.programme.store import VersionRow
from coterie.programme.versions import (
    open_backfills,
    version_at,
    version_numbered,
    version_row,
    versions,
)
from coterie.programme.writing import canonical_text, text_sha256
from coterie.storage import Connection

TEXT_BYTES_MAX = 2 * MIB
_NUMBER_MAX = 2**31 - 1

ProgrammeText = Annotated[str, Meta(min_length=1, max_length=MIB, description="YAML")]
Number = Annotated[int, Meta(ge=1, le=_NUMBER_MAX)]


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends."""


class ProgrammeCheck(Given, frozen=True):
    """A text to be checked."""

    text: ProgrammeText


class ProgrammeOrigin(Given, frozen=True):
    """A programme: a ``text``, or the published version ``version``; neither: what is in force."""

    text: ProgrammeText | None = None
    version: Number | None = None


class ProgrammeComparison(Given, frozen=True):
    """What is compared; ``before`` is what is in force unless it is said."""

    after: ProgrammeOrigin
    before: ProgrammeOrigin = ProgrammeOrigin()


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
    """A published version; ``sha256`` is of its text.

    ``counting`` are new metrics in which recorded events are being counted: it cannot begin before.
    """

    version: int
    active_from: str
    published_at: str
    sha256: str
    note: str | None
    counting: tuple[str, ...]


class CampaignDraws(Struct, frozen=True):
    """The campaigns of the newest version."""

    campaigns: tuple[CampaignDraw, ...]


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
    counting: tuple[str, ...]
    text: str
    words: Bilingual


_check = msgspec.json.Decoder(ProgrammeCheck)
_comparison = msgspec.json.Decoder(ProgrammeComparison)


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
    version = version_of(call)
    return ok(await services.reads.run(lambda db: _shape(db, version)))


def version_of(call: Call) -> int:
    """Return the number in the address; anything else is a version nobody knows."""
    text = call.path_values["version"]
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:11]) <= _NUMBER_MAX):
        raise VersionUnknown("The address does not hold a version's number.")
    return int(text)


async def get_versions(services: Services, call: Call) -> Reply:
    """Read a page of versions."""

    def read(db: Connection) -> VersionPage:
        rows, waits = versions(db, **call.query), _counting(db)
        more = bool(rows) and rows[-1].version > 1
        lines = tuple(_line(row, waits) for row in rows)
        return VersionPage(lines, rows[-1].version if more else None)

    return ok(await services.reads.run(read))


def _counting(db: Connection) -> dict[int, tuple[str, ...]]:
    return {row.version: tuple(row.metrics) for row in open_backfills(db)}


async def get_campaigns(services: Services, call: Call) -> Reply:
    """Read the campaigns and what their comparison groups are drawn by."""

    def read(db: Connection) -> CampaignDraws:
        return CampaignDraws(tuple(campaign_draws(db, call.received_us)))

    return ok(await services.reads.run(read))


async def get_schema(_services: Services, _call: Call) -> Reply:
    """Read the JSON Schema of programmes."""
    return ok(programme_schema())


async def post_check(services: Services, call: Call) -> Reply:
    """Check a text; what is wrong with it is the answer, not a refusal."""
    text = decoded(_check, call.body).text
    return ok(await services.batches.run(lambda _db: _checked(text)))


def _checked(text: str) -> CheckedProgramme:
    try:
        reading = read_text(text)
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


def read_text(text: str) -> Reading:
    """Read a text a caller sent. Raises :class:`~coterie.programme.errors.ProgrammeInvalid`."""
    return read_with_warnings("programme", text)


def _line(row: VersionRow, waits: dict[int, tuple[str, ...]]) -> VersionLine:
    return VersionLine(
        row.version,
        format_instant(row.active_from_us),
        format_instant(row.published_us),
        row.sha256,
        row.note,
        waits.get(row.version, ()),
    )


def _shape(db: Connection, version: int) -> VersionShape:
    row, found = version_row(db, version), version_numbered(db, version)
    if row is None or found is None or row.version != version:
        raise VersionUnknown(f"There is no version {version}.")
    line = _line(row, _counting(db))
    return VersionShape(
        **msgspec.structs.asdict(line),
        text=canonical_text(found.programme),
        words=_words(found.programme),
    )


def _words(programme: Programme) -> Bilingual:
    return Bilingual(tuple(plain_words(programme, "zh")), tuple(plain_words(programme, "en")))


# ---------------------------------------------------------------------- what is promised

_BELOW = Parameter("below", Number, Words("只列此号之前的版本", "Only versions below this one"))
_VERSION = Parameter("version", Number, Words("版本号", "The version's number"), example=1)
EXAMPLE = """\
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


def operation(ident: str, method: str, path: str, words: Words, **more: Any) -> Operation:
    """Return an operation of this tag; what changes nothing needs no right to publish."""
    scope = more.pop("scope", Scope.PROGRAMME_READ)
    if "body" in more:
        more["body_bytes_max"] = TEXT_BYTES_MAX
    return Operation(
        id=ident, method=method, path=path, tag="programme", words=words, scope=scope, **more
    )


ENDPOINTS = (
    Endpoint(
        operation(
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
        operation(
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
        operation(
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
        operation(
            "listCampaigns",
            "GET",
            "/v1/programme/campaigns",
            Words("列出营销活动及其对照组抽取依据", "List campaigns and how they draw"),
            more="The secret of a comparison group is there when its campaign is over; its SHA-256 "
            "may be published before.",
            returns=(Returns(200, CampaignDraws, Words("营销活动", "The campaigns")),),
        ),
        get_campaigns,
    ),
    Endpoint(
        operation(
            "checkProgramme",
            "POST",
            "/v1/programme:check",
            Words("检查方案文本", "Check a programme's text"),
            more="Everything that is wrong or odd, at once, each with line and path.",
            body=ProgrammeCheck,
            body_example={"text": EXAMPLE},
            returns=(Returns(200, CheckedProgramme, Words("检查结果", "What was found")),),
        ),
        post_check,
    ),
    Endpoint(
        operation(
            "compareProgrammes",
            "POST",
            "/v1/programme:diff",
            Words("比较两个方案", "Compare two programmes"),
            more="Texts or published versions; what is in force where nothing is said.",
            body=ProgrammeComparison,
            body_example={"after": {"text": EXAMPLE}},
            returns=(Returns(200, ComparedProgrammes, Words("差异", "What differs")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        post_diff,
    ),
    Endpoint(
        operation(
            "getProgrammeSchema",
            "GET",
            "/v1/programme/schema",
            Words("方案的 JSON Schema", "The JSON Schema of programmes"),
            returns=(Returns(200, dict[str, Any], Words("结构定义", "The schema")),),
        ),
        get_schema,
    ),
)
