"""What waits for a second person."""

from __future__ import annotations

import msgspec

from coterie import approvals
from coterie.acts import ACTS, Deciding, Preview, PreviewChanged
from coterie.approvals import State
from coterie.console.visitors import actor_of, acts_of, person_of
from coterie.kernel.errors import Refusal
from coterie.staff import list_accounts
from coterie.web import Ask, Entry, Pages, Reply, Text, blank, status_of

PAGES = Pages()
REFUSE = (Text("note", most=200),)


@PAGES.get("/approvals", needs="approvals:decide")
def inbox(ask: Ask) -> Reply:
    """List what waits, or everything that was asked for."""
    everything = ask.query.get("show") == "all"
    rows, after = approvals.list_requests(
        ask.db, state=None if everything else State.WAITING, cursor=ask.query.get("after") or None
    )
    names = {each.account_id: each.name for each in list_accounts(ask.db, limit=200)[0]}
    told = [(row, _verb(ask, row.act), names.get(row.asked_by, row.asked_by)) for row in rows]
    return ask.page("console/inbox.html", rows=told, next=after, everything=everything)


@PAGES.get("/approvals/{request_id:int}", needs="approvals:decide")
def request(ask: Ask) -> Reply:
    """Show a request and what it would do now."""
    return _page(ask, 200, blank(REFUSE))


@PAGES.post("/approvals/{request_id:int}/approve", needs="approvals:decide")
def approve(ask: Ask) -> Reply:
    """Approve and run."""
    number = ask.number("request_id")
    try:
        done = Deciding(acts_of(ask)).approve(ask.db, actor_of(ask), number)
    except PreviewChanged:
        return ask.redirect(f"/approvals/{number}", said="inbox.changed", tone="warning")
    except Refusal as refusal:
        entry = blank(REFUSE)
        entry.refusal = refusal
        return _page(ask, status_of(refusal.code, refusal.kind), entry)
    if done.secret is not None:
        # Whoever approved hands it over; in an address or a cookie it would be kept.
        verb = _verb(ask, done.act)
        return ask.page("console/told_once.html", verb=verb, secret=done.secret, back="/approvals")
    return ask.redirect("/approvals", said="inbox.approved")


@PAGES.post("/approvals/{request_id:int}/refuse", needs="approvals:decide")
def refuse(ask: Ask) -> Reply:
    """Refuse, with a reason."""
    entry = ask.form.read(REFUSE)
    if entry.good:
        try:
            Deciding(acts_of(ask)).refuse(
                ask.db, actor_of(ask), ask.number("request_id"), note=entry["note"]
            )
        except Refusal as refusal:
            entry.refusal = refusal
    if not entry.good:
        return _page(ask, 422, entry)
    return ask.redirect("/approvals", said="inbox.refused")


def _page(ask: Ask, status: int, entry: Entry) -> Reply:
    found, now = Deciding(acts_of(ask)).look(ask.db, actor_of(ask), ask.number("request_id"))
    shown = msgspec.json.decode(found.preview, type=Preview)
    return ask.page(
        "console/request.html",
        status,
        request=found,
        verb=_verb(ask, found.act),
        shown=shown,
        now=now,
        sentences=now.zh if ask.language == "zh" else now.en,
        own=found.asked_by == person_of(ask).account_id,
        waits=found.state is State.WAITING,
        entry=entry,
    )


def _verb(ask: Ask, code: str) -> str:
    kind = ACTS.get(code)
    if kind is None:
        return code
    return kind.zh if ask.language == "zh" else kind.en
