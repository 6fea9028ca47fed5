"""Drafts of the programme: begun, written, checked as one types, compared, deleted."""

from __future__ import annotations

from msgspec import Struct

from coterie.casebook import templates
from coterie.console.programme_words import (
    Difference,
    Part,
    Told,
    currencies_of,
    differences,
    ladders_of,
    names_of,
    parts_of,
    text_diff,
)
from coterie.console.visitors import person_of
from coterie.drafts import (
    NAME_MAX,
    TEXT_MAX,
    Draft,
    DraftChanged,
    begin_draft,
    delete_draft,
    list_drafts,
    read_draft,
    save_draft,
)
from coterie.kernel.errors import Refusal
from coterie.programme.errors import ProgrammeInvalid, VersionUnknown
from coterie.programme.findings import Finding
from coterie.programme.model import Programme
from coterie.programme.readable import readable_text
from coterie.programme.reading import read_with_warnings
from coterie.programme.succession import breaks
from coterie.programme.versions import version_at, version_numbered, versions
from coterie.storage import transaction
from coterie.web import Ask, Check, Choice, Entry, File, Pages, Reply, Text, blank, status_of
from coterie.web.forms import Upload

PAGES = Pages()
BODY_MAX = 6 * 1024 * 1024
"""A text in a form: each of its characters may take nine bytes and more."""
FINDINGS_MAX = 200
NEW = (
    Text("name", most=NAME_MAX),
    Choice("origin", ("version", "template", "file")),
    Text("version", required=False, most=10),
    Text("template", required=False, most=64),
    File("file", required=False),
)
WRITE = (
    Text("name", most=NAME_MAX),
    Text("revision", most=10),
    Text("text", most=TEXT_MAX, lines=True),
)
GONE = (Check("confirmed", required=True),)


class Checked(Struct, frozen=True):
    """What a check found; ``programme`` None: the text cannot be used."""

    programme: Programme | None
    findings: tuple[Finding, ...]
    breaks: tuple[str, ...] = ()


@PAGES.get("/programme/drafts", needs="programme:draft")
def drafts(ask: Ask) -> Reply:
    """List the drafts, what was changed last first."""
    return ask.page("console/drafts.html", rows=list_drafts(ask.db), names=names_of(ask))


@PAGES.get("/programme/drafts/new", needs="programme:draft")
def new(ask: Ask) -> Reply:
    """Ask what a draft is to begin from."""
    live = version_at(ask.db, ask.now_us)
    wanted = ask.query.get("version") or ("" if live is None else str(live.version))
    origin = "version" if wanted else "template"
    return _new(ask, 200, blank(NEW, name=ask.t("draft.first_name"), origin=origin, version=wanted))


@PAGES.post("/programme/drafts/new", needs="programme:draft", body_max=BODY_MAX)
def begin(ask: Ask) -> Reply:
    """Begin a draft from a version, a template or a file."""
    entry = ask.form.read(NEW)
    if not entry.good:
        return _new(ask, 422, entry)
    try:
        origin = _origin(ask, entry)
        if origin is None:
            return _new(ask, 422, entry)
        text, base = origin
        with transaction(ask.db):
            number = begin_draft(
                ask.db,
                entry["name"],
                text,
                by=person_of(ask).account_id,
                now_us=ask.now_us,
                base_version=base,
            )
    except Refusal as refusal:
        entry.refusal = refusal
        return _new(ask, status_of(refusal.code, refusal.kind), entry)
    return ask.redirect(f"/programme/drafts/{number}")


@PAGES.get("/programme/drafts/{draft_id:int}", needs="programme:draft")
def draft(ask: Ask) -> Reply:
    """Show a draft to write on."""
    found = draft_of(ask)
    return _write(ask, 200, found, blank_of(found))


@PAGES.post("/programme/drafts/{draft_id:int}", needs="programme:draft", body_max=BODY_MAX)
def save(ask: Ask) -> Reply:
    """Save what was written, unless somebody else has saved since."""
    found = draft_of(ask)
    entry = ask.form.read(WRITE)
    if entry.good and not entry["revision"].isdecimal():
        entry.refuse("revision", "form.no_whole")
    if not entry.good:
        return _write(ask, 422, found, entry)
    try:
        with transaction(ask.db):
            save_draft(
                ask.db,
                found.draft_id,
                int(entry["revision"]),
                entry["name"],
                entry["text"] + "\n",
                by=person_of(ask).account_id,
                now_us=ask.now_us,
            )
    except DraftChanged as refusal:
        return _conflict(ask, found, entry, refusal)
    except Refusal as refusal:
        entry.refusal = refusal
        return _write(ask, status_of(refusal.code, refusal.kind), found, entry)
    return ask.redirect(f"/programme/drafts/{found.draft_id}", said="draft.saved")


@PAGES.post("/programme/drafts/{draft_id:int}/check", needs="programme:draft", body_max=BODY_MAX)
def check(ask: Ask) -> Reply:
    """Tell what is wrong with a text as it is being written, and say it in plain words."""
    found = draft_of(ask)
    text = ask.form.get("text")[:TEXT_MAX].replace("\r\n", "\n")
    checked = checked_text(ask, text)
    return ask.page("console/draft_found.html", 200, draft=found, **told(ask, checked))


@PAGES.get("/programme/drafts/{draft_id:int}/compare", needs="programme:draft")
def compare(ask: Ask) -> Reply:
    """Compare a draft with what is in force, in words and as text."""
    found = draft_of(ask)
    checked = checked_text(ask, found.text)
    live = version_at(ask.db, ask.now_us)
    changes: list[Difference] = []
    lines: list[tuple[str, str]] = []
    if checked.programme is not None and live is not None:
        changes = differences(live.programme, checked.programme, ask.language)
        before, after = readable_text(live.programme), readable_text(checked.programme)
        lines = text_diff(before, after, ("live", "draft"))
    return ask.page(
        "console/draft_compare.html",
        draft=found,
        live=live,
        usable=checked.programme is not None,
        changes=changes,
        lines=lines,
        problems=checked.breaks,
    )


@PAGES.get("/programme/drafts/{draft_id:int}/delete", needs="programme:draft")
def deletion(ask: Ask) -> Reply:
    """Ask whether a draft shall go."""
    found = draft_of(ask)
    return ask.page("console/draft_delete.html", draft=found, names=names_of(ask))


@PAGES.post("/programme/drafts/{draft_id:int}/delete", needs="programme:draft")
def delete(ask: Ask) -> Reply:
    """Delete a draft."""
    found = draft_of(ask)
    if not ask.form.read(GONE).good:
        return ask.redirect(f"/programme/drafts/{found.draft_id}/delete")
    with transaction(ask.db):
        delete_draft(ask.db, found.draft_id)
    return ask.redirect("/programme/drafts", said="draft.deleted", name=found.name)


# ---------------------------------------------------------------------- shared


def draft_of(ask: Ask) -> Draft:
    """Return the draft of the address. Raises :class:`~coterie.drafts.DraftUnknown`."""
    return read_draft(ask.db, ask.number("draft_id"))


def blank_of(found: Draft) -> Entry:
    """Return a draft as it stands in its form."""
    return blank(WRITE, name=found.name, revision=found.revision, text=found.text)


def checked_text(ask: Ask, text: str) -> Checked:
    """Read a text, and hold it against the newest version, which it would follow."""
    try:
        reading = read_with_warnings("draft", text or " ")
    except ProgrammeInvalid as refusal:
        return Checked(None, tuple(refusal.findings)[:FINDINGS_MAX])
    newest = versions(ask.db, limit=1)
    last = version_numbered(ask.db, newest[0].version) if newest else None
    found = [] if last is None else breaks(last.programme, reading.programme)
    return Checked(reading.programme, reading.warnings[:FINDINGS_MAX], tuple(found))


def told(ask: Ask, checked: Checked) -> dict[str, object]:
    """Return what the part beside the editor shows."""
    programme = checked.programme
    words: list[Part] = []
    if programme is not None:
        lang = ask.language
        currencies = [each for _, each in currencies_of(programme, lang)]
        ladders = [Told(each.code, each.name, each.words) for each in ladders_of(programme, lang)]
        words = [Part("currencies", currencies), Part("ladders", ladders)]
        words = [part for part in words if part.entries] + parts_of(programme, lang)
    return {
        "usable": programme is not None,
        "wrong": [each for each in checked.findings if not each.warning],
        "odd": [each for each in checked.findings if each.warning],
        "problems": checked.breaks,
        "words": words,
    }


def _write(
    ask: Ask,
    status: int,
    found: Draft,
    entry: Entry,
    theirs: list[tuple[str, str]] | None = None,
) -> Reply:
    checked = checked_text(ask, entry.raw.get("text", ""))
    return ask.page(
        "console/draft.html",
        status,
        draft=found,
        entry=entry,
        theirs=theirs,
        names=names_of(ask),
        **told(ask, checked),
    )


def _conflict(ask: Ask, opened: Draft, entry: Entry, refusal: DraftChanged) -> Reply:
    """Show what was typed, what the other person saved instead, and let one decide."""
    found = read_draft(ask.db, opened.draft_id)
    entry.refusal = refusal
    # Who has seen the difference may save again, over the other one.
    entry.raw["revision"] = str(found.revision)
    theirs = text_diff(found.text, entry["text"] + "\n", ("theirs", "yours"))
    return _write(ask, 409, found, entry, theirs)


def _new(ask: Ask, status: int, entry: Entry) -> Reply:
    return ask.page(
        "console/draft_new.html",
        status,
        entry=entry,
        versions=versions(ask.db, limit=50),
        templates=templates(),
    )


def _origin(ask: Ask, entry: Entry) -> tuple[str, int | None] | None:
    """Return the text a draft begins with and the version it is of; None: the entry says why."""
    if entry["origin"] == "file":
        upload = entry["file"]
        if not isinstance(upload, Upload):
            entry.refuse("file", "form.missing")
            return None
        try:
            return upload.content.decode("utf-8-sig").replace("\r\n", "\n"), None
        except UnicodeDecodeError:
            entry.refuse("file", "draft.no_text")
            return None
    if entry["origin"] == "template":
        known = {each.name: each for each in templates()}
        if entry["template"] not in known:
            entry.refuse("template", "form.not_offered")
            return None
        return (known[entry["template"]].folder / "programme.yaml").read_text("utf-8"), None
    number = entry["version"] or ""
    if not number.isdecimal() or len(number) > 9:
        entry.refuse("version", "form.not_offered")
        return None
    found = version_numbered(ask.db, int(number))
    if found is None:
        raise VersionUnknown(f"There is no version {number}.")
    return readable_text(found.programme), found.version
