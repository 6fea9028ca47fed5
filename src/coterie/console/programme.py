"""The programme: what is in force in plain words, and its versions."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from coterie.acts import Result
from coterie.approvals import State, list_requests
from coterie.audit import list_entries
from coterie.console.programme_words import (
    currencies_of,
    differences,
    ladders_of,
    names_of,
    parts_of,
    text_diff,
)
from coterie.console.visitors import actor_of, acts_of
from coterie.kernel.errors import Refusal
from coterie.kernel.time import format_instant
from coterie.programme.errors import VersionUnknown
from coterie.programme.model import Programme
from coterie.programme.readable import readable_text
from coterie.programme.store import VersionRow
from coterie.programme.versions import (
    open_backfills,
    version_at,
    version_numbered,
    version_row,
    versions,
)
from coterie.web import Ask, Entry, Pages, Reply, Text, blank, status_of

PAGES = Pages()
VERSIONS_MAX = 50
BACK = (Text("reason", most=200), Text("at", required=False, most=16), Text("key", most=40))


class Line(Struct, frozen=True):
    """A version as a list shows it."""

    row: VersionRow
    state: str


@PAGES.get("/programme", needs="programme:read")
def programme(ask: Ask) -> Reply:
    """Show what is in force, and what waits to be."""
    found = version_at(ask.db, ask.now_us)
    lang = ask.language
    told = None if found is None else found.programme
    return ask.page(
        "console/programme.html",
        version=None if found is None else version_row(ask.db, found.version),
        programme=told,
        currencies=[] if told is None else currencies_of(told, lang),
        ladders=[] if told is None else ladders_of(told, lang),
        parts_told=[] if told is None else parts_of(told, lang),
        ahead=[line for line in _lines(ask, VERSIONS_MAX) if line.state in {"counting", "ahead"}],
        waiting=waiting_requests(ask),
    )


@PAGES.get("/programme/versions", needs="programme:read")
def versions_page(ask: Ask) -> Reply:
    """List the versions, the newest first."""
    below = ask.query.get("below")
    lines = _lines(ask, VERSIONS_MAX, int(below) if below.isdecimal() else None)
    more = bool(lines) and lines[-1].row.version > 1
    return ask.page(
        "console/versions.html",
        lines=lines,
        next=lines[-1].row.version if more else None,
        who=_publishers(ask),
        waiting=waiting_requests(ask),
    )


@PAGES.get("/programme/versions/{version:int}", needs="programme:read")
def version_page(ask: Ask) -> Reply:
    """Show a version: its text, and what it changed."""
    return _version(ask, 200, blank(BACK, key=secrets.token_hex(16)))


@PAGES.post("/programme/versions/{version:int}/back", needs="programme:publish")
def roll_back(ask: Ask) -> Reply:
    """Publish this version's content again, or ask for it."""
    entry = ask.form.read(BACK)
    number = ask.number("version")
    at_text = "" if not entry.good else begins_at(ask, entry)
    if not entry.good:
        return _version(ask, 422, entry)
    args: dict[str, object] = {"version": number}
    if at_text:
        args["active_from"] = at_text
    try:
        result = acts_of(ask).perform(
            ask.db,
            actor_of(ask),
            "programme.roll_back",
            args,
            reason=entry["reason"],
            key=entry["key"],
        )
    except Refusal as refusal:
        entry.refusal = refusal
        return _version(ask, status_of(refusal.code, refusal.kind), entry)
    return went_on(ask, result)


def went_on(ask: Ask, result: Result) -> Reply:
    """Lead on after something was published, or waits for a second person."""
    ask.site.forget()
    if result.status == "waiting":
        return ask.redirect("/programme/versions", said="programme.sent", tone="info")
    return ask.redirect(
        "/programme/versions", said="programme.published", version=result.facts["version"]
    )


def begins_at(ask: Ask, entry: Entry) -> str:
    """Return the instant a form names in the programme's zone, or nothing for now."""
    text = entry["at"]
    if not text:
        return ""
    zone = "UTC" if ask.programme is None else ask.programme.zone
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        entry.refuse("at", "programme.no_moment")
        return ""
    if at.tzinfo is not None:
        entry.refuse("at", "programme.no_moment")
        return ""
    since = at.replace(tzinfo=ZoneInfo(zone)) - datetime(1970, 1, 1, tzinfo=UTC)
    return format_instant(since // timedelta(microseconds=1))


def waiting_requests(ask: Ask) -> list[tuple[int, str, str, int]]:
    """Return what waits for a second person: number, by whom, why, since when."""
    rows, _ = list_requests(ask.db, state=State.WAITING, limit=100)
    names = names_of(ask)
    return [
        (row.request_id, names.get(row.asked_by, str(row.asked_by)), row.reason, row.asked_us)
        for row in rows
        if row.act.startswith("programme.")
    ]


def _lines(ask: Ask, limit: int, below: int | None = None) -> list[Line]:
    counting = {row.version for row in open_backfills(ask.db)}
    now = version_at(ask.db, ask.now_us)
    active = None if now is None else now.version
    return [
        Line(row, _state(row, counting, active, ask.now_us))
        for row in versions(ask.db, limit=limit, below=below)
    ]


def _state(row: VersionRow, counting: set[int], active: int | None, now_us: int) -> str:
    if row.version in counting:
        return "counting"
    if row.version == active:
        return "active"
    return "ahead" if row.active_from_us > now_us else "over"


def _publishers(ask: Ask) -> dict[int, str]:
    """Return who published which version, as far as the audit trail tells."""
    if not ask.may("audit:read"):
        return {}
    found: dict[int, str] = {}
    for act in ("programme.publish", "programme.roll_back"):
        rows, _ = list_entries(ask.db, act=act, limit=100)
        for row in rows:
            version = row.after.get("version")
            if isinstance(version, int):
                found[version] = row.actor_name or row.actor
    return found


def _version(ask: Ask, status: int, entry: Entry) -> Reply:
    number = ask.number("version")
    row = version_row(ask.db, number) if number < 2**31 else None
    found = None if row is None else version_numbered(ask.db, number)
    if row is None or found is None:
        raise VersionUnknown(f"There is no version {number}.")
    before = version_numbered(ask.db, number - 1) if number > 1 else None
    lines = {line.row.version: line.state for line in _lines(ask, 1, number + 1)}
    text = readable_text(found.programme)
    newest = versions(ask.db, limit=1)[0].version
    latest = version_numbered(ask.db, newest)
    was: Programme | None = None if before is None else before.programme
    return ask.page(
        "console/version.html",
        status,
        row=row,
        state=lines.get(number, "over"),
        text=text,
        changes=None if was is None else differences(was, found.programme, ask.language),
        lines=[]
        if was is None
        else text_diff(readable_text(was), text, (f"{number - 1}", f"{number}")),
        newest=newest,
        back=[]
        if latest is None or number == newest
        else differences(latest.programme, found.programme, ask.language),
        entry=entry,
    )
