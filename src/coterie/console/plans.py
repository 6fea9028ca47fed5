"""Plans: what a draft would have done with what happened, followed and read on a page."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from coterie.console.drafts import draft_of
from coterie.console.visitors import person_of
from coterie.drafts import Draft, note_plan
from coterie.jobs import JobRow, ask_job, cancel_job, get_job, job_kind, read_arguments
from coterie.kernel.errors import Refusal
from coterie.programme.errors import ProgrammeInvalid
from coterie.programme.model import Programme
from coterie.programme.reading import read_programme
from coterie.programme.versions import version_numbered
from coterie.replay import PlanReport
from coterie.replay.plan_words import Table, plan_tables
from coterie.replay.planned import Spread
from coterie.storage import transaction
from coterie.web import Ask, Choice, Pages, Reply, Text

PAGES = Pages()
ASKED = (Choice("role", ("draft", "rival")), Text("key", most=40))
ENDS = frozenset({"done", "failed", "cancelled"})


class Fate(NamedTuple):
    """How members fare in one measure: its name, the distribution, the bands' labels and counts."""

    name: str
    spread: Spread
    labels: list[str]
    members: list[int]


@PAGES.get("/programme/drafts/{draft_id:int}/plan", needs="programme:draft")
def plan(ask: Ask) -> Reply:
    """Show the plan of a draft: none yet, how far it is, or what it found."""
    draft = draft_of(ask)
    job, report = plan_of(ask, draft)
    return ask.page("console/draft_plan.html", 200, draft=draft, **_shown(ask, draft, job, report))


@PAGES.get("/programme/drafts/{draft_id:int}/plan/progress", needs="programme:draft")
def progress(ask: Ask) -> Reply:
    """Show how far a plan is; at its end, lead to the whole page."""
    draft = draft_of(ask)
    job, _ = plan_of(ask, draft)
    if job is None or job.state in ENDS:
        return ask.redirect(f"/programme/drafts/{draft.draft_id}/plan")
    return ask.page("console/draft_progress.html", 200, draft=draft, job=job)


@PAGES.post("/programme/drafts/{draft_id:int}/plan", needs="programme:draft")
def start(ask: Ask) -> Reply:
    """Let a plan of the draft wait for its turn."""
    draft = draft_of(ask)
    at = f"/programme/drafts/{draft.draft_id}/plan"
    entry = ask.form.read(ASKED)
    if not entry.good:
        return ask.redirect(at)
    kind = job_kind("plan")
    try:
        arguments = read_arguments(kind, {"text": draft.text, "role": entry["role"]})
    except ProgrammeInvalid:
        return ask.redirect(at, said="plan.unusable", tone="warning")
    source = f"person:{person_of(ask).account_id}"
    with transaction(ask.db):
        job_id, _ = ask_job(
            ask.db, kind, arguments, source=source, key=entry["key"], now_us=ask.now_us
        )
        note_plan(ask.db, draft.draft_id, job_id)
    return ask.redirect(at)


@PAGES.post("/programme/drafts/{draft_id:int}/plan/cancel", needs="programme:draft")
def cancel(ask: Ask) -> Reply:
    """Let the plan of the draft end."""
    draft = draft_of(ask)
    at = f"/programme/drafts/{draft.draft_id}/plan"
    if draft.plan_job is None:
        return ask.redirect(at)
    with transaction(ask.db):
        cancel_job(ask.db, draft.plan_job, ask.now_us)
    return ask.redirect(at, said="plan.ending")


@PAGES.get("/programme/drafts/{draft_id:int}/plan.csv", needs="programme:draft")
def export(ask: Ask) -> Reply:
    """Export every table of a plan."""
    draft = draft_of(ask)
    _, report = plan_of(ask, draft)
    tables = [] if report is None else _tables(ask, draft, report)
    rows = [(table.title, *row) for table in tables for row in (table.heads, *table.rows)]
    return ask.csv("plan", (ask.t("plan.table"),), rows)


def plan_of(ask: Ask, draft: Draft) -> tuple[JobRow | None, PlanReport | None]:
    """Return the last plan of a draft, and what it found once it is done."""
    if draft.plan_job is None:
        return None, None
    try:
        job = get_job(ask.db, draft.plan_job)
    except Refusal:
        # Jobs that ended long ago are forgotten.
        return None, None
    if job.state != "done" or job.result is None:
        return job, None
    return job, msgspec.json.decode(job.result, type=PlanReport)


def _sides(ask: Ask, draft: Draft, report: PlanReport) -> tuple[Programme, Programme] | None:
    live = version_numbered(ask.db, report.live_version)
    if live is None:
        return None
    try:
        return live.programme, read_programme("draft", draft.text)
    except ProgrammeInvalid:
        # It was written on since: codes are shown as the live version calls them.
        return live.programme, live.programme


def _tables(ask: Ask, draft: Draft, report: PlanReport) -> list[Table]:
    sides = _sides(ask, draft, report)
    return [] if sides is None else plan_tables(report, *sides, ask.language)


def _shown(
    ask: Ask, draft: Draft, job: JobRow | None, report: PlanReport | None
) -> dict[str, object]:
    tables = [] if report is None else _tables(ask, draft, report)
    money = "CNY" if ask.programme is None else ask.programme.money
    fate = None if report is None else _fate(ask, report, money)
    return {
        "job": job,
        "report": report,
        "tables": tables,
        "fate": fate,
        "money": money,
        "old": job is not None and draft.plan_revision != draft.revision,
    }


def _fate(ask: Ask, report: PlanReport, money: str) -> Fate:
    spread = report.value
    labels = []
    for band in spread.bands:
        low = "" if band.low is None else ask.write.money(band.low, money)
        high = "" if band.high is None else ask.write.money(band.high, money)
        labels.append(low if low == high else f"{low} … {high}".strip())
    return Fate(ask.t("plan.value"), spread, labels, [band.members for band in spread.bands])
