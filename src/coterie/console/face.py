"""The console as a face: its areas, and the ways to them."""

from __future__ import annotations

from coterie.console import (
    account,
    brand,
    drafts,
    entry,
    finding,
    guarding,
    home,
    inbox,
    member,
    member_acts,
    members,
    monitors,
    plans,
    programme,
    publishing,
    trail,
)
from coterie.web import SIGNED_IN, Face, NavEntry

CONSOLE = Face(
    name="console",
    package="coterie.console",
    pages=[
        home.PAGES,
        finding.PAGES,
        members.PAGES,
        member.PAGES,
        member_acts.PAGES,
        entry.PAGES,
        account.PAGES,
        inbox.PAGES,
        trail.PAGES,
        programme.PAGES,
        drafts.PAGES,
        brand.PAGES,
        plans.PAGES,
        publishing.PAGES,
        monitors.PAGES,
        guarding.PAGES,
    ],
    navigation=[
        NavEntry("console.nav.home", "layout-dashboard", "/", SIGNED_IN),
        NavEntry("members.title", "users", "/members", "members:read"),
        NavEntry("members.prospects", "user-search", "/prospects", "members:read"),
        NavEntry("members.review", "user-check", "/members/review", "members:read"),
        NavEntry("programme.title", "file-text", "/programme", "programme:read"),
        NavEntry("inbox.title", "checks", "/approvals", "approvals:decide"),
        NavEntry("trail.title", "list-check", "/audit", "audit:read"),
        NavEntry("monitors.title", "activity", "/monitors", "monitors:read", "monitors.group"),
        NavEntry("waiting.title", "hourglass", "/waiting", "monitors:read", "monitors.group"),
        NavEntry("jobs.title", "checklist", "/jobs", "monitors:read", "monitors.group"),
        NavEntry("hooks.title", "webhook", "/webhooks", "monitors:read", "monitors.group"),
        NavEntry("staffing.staff", "id-badge", "/staff", "staff:read", "staffing.group"),
        NavEntry("staffing.keys", "key", "/keys", "keys:write", "staffing.group"),
        NavEntry("staffing.tills", "device-desktop", "/tills", "settings:read", "staffing.group"),
        NavEntry("brand.title", "palette", "/settings/brand", "settings:read", "staffing.group"),
        NavEntry("console.nav.api", "code", "/docs", group="console.nav.engineers"),
        NavEntry(
            "console.nav.errors", "alert-triangle", "/docs/errors", group="console.nav.engineers"
        ),
    ],
    search_url="/search",
    sign_in_url="/sign-in",
    account_url="/account",
    sign_out_url="/sign-out",
)
