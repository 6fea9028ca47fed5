"""Publishing a draft: what it would change, from when, why; sent through the one door of acts."""

from __future__ import annotations

import secrets

from coterie.console.drafts import checked_text, draft_of
from coterie.console.plans import plan_of
from coterie.console.programme import begins_at, went_on
from coterie.console.programme_words import differences, text_diff
from coterie.console.visitors import actor_of, acts_of
from coterie.kernel.errors import Refusal
from coterie.programme.readable import readable_text
from coterie.programme.versions import version_numbered, versions
from coterie.web import Ask, Entry, Pages, Reply, Text, blank, status_of

PAGES = Pages()
PUBLISH = (
    Text("reason", most=200),
    Text("at", required=False, most=16),
    Text("key", most=40),
    Text("revision", most=10),
)


@PAGES.get("/programme/drafts/{draft_id:int}/publish", needs="programme:publish")
def publish(ask: Ask) -> Reply:
    """Show what publishing a draft would do, and ask for a reason and a date."""
    entry = blank(PUBLISH, key=secrets.token_hex(16), revision=draft_of(ask).revision)
    return _page(ask, 200, entry)


@PAGES.post("/programme/drafts/{draft_id:int}/publish", needs="programme:publish")
def send(ask: Ask) -> Reply:
    """Publish, or ask a second person where the policy says so."""
    entry = ask.form.read(PUBLISH)
    draft = draft_of(ask)
    begins = begins_at(ask, entry) if entry.good else ""
    if entry.good and entry["revision"] != str(draft.revision):
        entry.refuse("reason", "publish.moved_on")
    if not entry.good:
        entry.raw["revision"] = str(draft.revision)
        return _page(ask, 422, entry)
    args = {"text": draft.text} | ({"active_from": begins} if begins else {})
    try:
        result = acts_of(ask).perform(
            ask.db,
            actor_of(ask),
            "programme.publish",
            args,
            reason=entry["reason"],
            key=entry["key"],
        )
    except Refusal as refusal:
        entry.refusal = refusal
        return _page(ask, status_of(refusal.code, refusal.kind), entry)
    return went_on(ask, result)


def _page(ask: Ask, status: int, entry: Entry) -> Reply:
    draft = draft_of(ask)
    checked = checked_text(ask, draft.text)
    newest = versions(ask.db, limit=1)
    last = version_numbered(ask.db, newest[0].version) if newest else None
    programme = checked.programme
    both = programme is not None and last is not None
    acts, waits = acts_of(ask), False
    if programme is not None:
        args = {"text": draft.text}
        preview = acts.preview(ask.db, actor_of(ask), "programme.publish", args)
        waits = acts.waits_for(ask.db, "programme.publish", args, preview) is not None
    job, report = plan_of(ask, draft)
    return ask.page(
        "console/draft_publish.html",
        status,
        draft=draft,
        entry=entry,
        usable=programme is not None,
        problems=checked.breaks,
        last=newest[0] if newest else None,
        changes=differences(last.programme, programme, ask.language)
        if last is not None and programme is not None
        else [],
        lines=text_diff(readable_text(last.programme), readable_text(programme), ("", ""))
        if last is not None and programme is not None
        else [],
        both=both,
        waits=waits,
        job=job,
        report=report,
    )
