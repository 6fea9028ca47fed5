"""What runs by itself: due work, events that wait, jobs, webhooks; and the way to help each on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from coterie import webhooks
from coterie.console.needing import health
from coterie.console.visitors import actor_of, acts_of
from coterie.events import open_waiting
from coterie.insight import waiting_by_reason
from coterie.jobs import JobState, get_job, list_jobs
from coterie.kernel.errors import Malformed
from coterie.kernel.paging import decode_cursor, encode_cursor
from coterie.web import Ask, Pages, Reply

PAGES = Pages()
PAGE = 50
LIVE = (JobState.QUEUED, JobState.RUNNING)
AGAIN = (JobState.FAILED, JobState.CANCELLED)
DELIVERY_STATES = ("waiting", "delivered", "dead")


@PAGES.get("/monitors", needs="monitors:read")
def monitors(ask: Ask) -> Reply:
    """Show how the work that goes on by itself stands."""
    return ask.page(
        "console/monitors.html",
        now=health(ask.db, ask.now_us),
        waiting=waiting_by_reason(ask.db),
        jobs=list_jobs(ask.db, limit=5)[0],
    )


# ---------------------------------------------------------------------- events that wait


@PAGES.get("/waiting", needs="monitors:read")
def waiting(ask: Ask) -> Reply:
    """List events that wait for their member or for a person, the oldest first."""
    after = ask.query.get("after")
    start = int(decode_cursor(after, int)[0]) if after else 0
    reason = ask.query.get("reason") or None
    rows = open_waiting(ask.db, start, PAGE + 1, reason)
    cursor = encode_cursor(rows[PAGE - 1].waiting_id) if len(rows) > PAGE else None
    reasons = waiting_by_reason(ask.db)
    return ask.page("console/waiting.html", rows=rows[:PAGE], next=cursor, reasons=reasons)


@PAGES.post("/waiting/{waiting_id:int}", needs="events:write")
def decide(ask: Ask) -> Reply:
    """Let an event in, or keep it out."""
    choice = ask.form.get("decision")
    if choice not in ("in", "out"):
        raise Malformed("It is 'in' or 'out'.", where="decision")
    args = {"waiting_id": ask.number("waiting_id"), "let_in": choice == "in"}
    return _do(ask, "waiting.decide", args, "/waiting", f"waiting.{choice}")


# ---------------------------------------------------------------------- jobs


@PAGES.get("/jobs", needs="monitors:read")
def jobs(ask: Ask) -> Reply:
    """List jobs, the newest first."""
    wanted = ask.query.get("state")
    state = JobState(wanted) if wanted in JobState.__members__.values() else None
    rows, cursor = list_jobs(ask.db, state=state, cursor=ask.query.get("after") or None, limit=PAGE)
    return ask.page(
        "console/jobs.html", rows=rows, next=cursor, states=[each.value for each in JobState]
    )


@PAGES.get("/jobs/{job_id:int}", needs="monitors:read")
def job(ask: Ask) -> Reply:
    """Show a job; while it runs, the part with its progress asks for itself again."""
    found = get_job(ask.db, ask.number("job_id"))
    return ask.page(
        "console/job_part.html" if ask.is_part else "console/job.html",
        job=found,
        live=found.state in LIVE,
        again=found.state in AGAIN,
    )


@PAGES.post("/jobs/{job_id:int}/cancel", needs="jobs:run")
def cancel(ask: Ask) -> Reply:
    """Let a job end."""
    number = ask.number("job_id")
    return _do(ask, "job.cancel", {"job_id": number}, f"/jobs/{number}", "jobs.cancelling")


@PAGES.post("/jobs/{job_id:int}/retry", needs="jobs:run")
def retry(ask: Ask) -> Reply:
    """Ask for the same once more."""
    return _do(ask, "job.retry", {"job_id": ask.number("job_id")}, "/jobs", "jobs.asked_again")


# ---------------------------------------------------------------------- webhooks


@PAGES.get("/webhooks", needs="monitors:read")
def hooks(ask: Ask) -> Reply:
    """List who is told what, and what waits to go out."""
    rows, cursor = webhooks.list_subscriptions(
        ask.db, cursor=ask.query.get("after") or None, limit=PAGE
    )
    return ask.page("console/hooks.html", rows=rows, next=cursor, backlog=webhooks.backlog(ask.db))


@PAGES.get("/webhooks/{subscription_id:int}", needs="monitors:read")
def hook(ask: Ask) -> Reply:
    """Show a subscription and its log, the newest first."""
    number = ask.number("subscription_id")
    wanted = ask.query.get("state")
    rows, cursor = webhooks.list_deliveries(
        ask.db,
        number,
        state=wanted if wanted in DELIVERY_STATES else None,
        cursor=ask.query.get("after") or None,
        limit=PAGE,
    )
    return ask.page(
        "console/hook.html",
        hook=webhooks.read_subscription(ask.db, number),
        rows=rows,
        next=cursor,
        states=DELIVERY_STATES,
    )


@PAGES.post("/webhooks/{subscription_id:int}/pause", needs="settings:write")
def pause(ask: Ask) -> Reply:
    """Send nothing for the time being."""
    number = ask.number("subscription_id")
    args = {"subscription_id": number, "active": False}
    return _do(ask, "webhook.switch", args, f"/webhooks/{number}", "hooks.paused")


@PAGES.post("/webhooks/{subscription_id:int}/resume", needs="settings:write")
def resume(ask: Ask) -> Reply:
    """Send again, at once what waits."""
    number = ask.number("subscription_id")
    args = {"subscription_id": number, "active": True}
    return _do(ask, "webhook.switch", args, f"/webhooks/{number}", "hooks.resumed")


@PAGES.post("/webhooks/{subscription_id:int}/ping", needs="settings:write")
def ping(ask: Ask) -> Reply:
    """Send a test message."""
    number = ask.number("subscription_id")
    args = {"subscription_id": number}
    return _do(ask, "webhook.ping", args, f"/webhooks/{number}", "hooks.pinged")


@PAGES.post("/webhooks/{subscription_id:int}/replay", needs="settings:write")
def replay(ask: Ask) -> Reply:
    """Send again what was given up."""
    number = ask.number("subscription_id")
    args = {"subscription_id": number}
    return _do(ask, "webhook.replay", args, f"/webhooks/{number}", "hooks.replayed")


def _do(ask: Ask, act: str, args: Mapping[str, Any], back: str, said: str) -> Reply:
    """Do an act of one button: none of them is dangerous enough to be asked for its reason."""
    acts_of(ask).perform(
        ask.db,
        actor_of(ask),
        act,
        args,
        reason=ask.t("monitors.reason"),
        key=secrets.token_urlsafe(12),
    )
    return ask.redirect(back, said=said)
