"""Lists of members: who they are, who is only known yet, whose data needs care."""

from __future__ import annotations

from coterie.catalogue import list_places
from coterie.insight import (
    MemberFilter,
    bouncing,
    list_members,
    prospects,
    to_review,
    walk_members,
)
from coterie.kernel.time import Zone
from coterie.members import masked_value
from coterie.web import Ask, Choice, Day, Entry, Pages, Reply, Text

PAGES = Pages()
STATES = ("prospect", "unverified", "active", "paused", "closed", "merged", "erased")
LACKS = ("name", "contact", "confirmation")
EXPORT_MAX = 50_000
FILTERS = (
    Choice("state", STATES, required=False),
    Text("tier", most=130, required=False),
    Text("channel", most=64, required=False),
    Text("store", most=64, required=False),
    Text("tag", most=64, required=False),
    Text("trait", most=130, required=False),
    Day("since", required=False),
    Day("until", required=False),
)


@PAGES.get("/members", needs="members:read")
def members(ask: Ask) -> Reply:
    """List members that have something in common."""
    entry = ask.query.read(FILTERS)
    page = list_members(ask.db, wanted_of(ask, entry), cursor=ask.query.get("after") or None)
    return ask.page(
        "console/members.html",
        entry=entry,
        rows=page.members,
        next=page.cursor,
        tiers=_tiers(ask),
        stores=[
            place.place for place in list_places(ask.db, limit=200)[0] if place.kind == "store"
        ],
        states=STATES,
        export=ask.again(after=None).replace("/members", "/members/list.csv", 1),
    )


@PAGES.get("/members/list.csv", needs="exports:run")
def export(ask: Ask) -> Reply:
    """Take the same list out, without contact data."""
    wanted = wanted_of(ask, ask.query.read(FILTERS))
    header = [ask.t(f"members.{name}") for name in ("id", "name", "state", "joined", "channel")]
    rows = (
        (m.member_id, m.name, ask.t(f"members.state_{m.state}"), ask.write.date(m.enrolled_us),
         m.channel, m.store)
        for m in walk_members(ask.db, wanted, most=EXPORT_MAX)
    )  # fmt: skip
    return ask.csv("members", [*header, ask.t("members.store")], rows)


def wanted_of(ask: Ask, entry: Entry) -> MemberFilter:
    """Return what a list is narrowed to; what cannot be read narrows nothing."""

    def said(name: str) -> str | None:
        return None if name in entry.wrong else entry[name]

    def day_us(name: str, later: int) -> int | None:
        day = None if name in entry.wrong else entry[name]
        if day is None:
            return None
        zone = Zone("UTC" if ask.programme is None else ask.programme.zone)
        return zone.day_start_us(day + later)

    return MemberFilter(
        said("state"),
        said("channel"),
        said("store"),
        said("tier"),
        said("tag"),
        said("trait"),
        day_us("since", 0),
        day_us("until", 1),
    )


def _tiers(ask: Ask) -> list[tuple[str, str]]:
    found = []
    ladders = {} if ask.programme is None else ask.programme.parts.get("ladders", {})
    for code, ladder in ladders.items():
        for tier in ladder.tiers:
            name = tier.name.zh if ask.language == "zh" else tier.name.en
            found.append((f"{code}/{tier.code}", name))
    return found


@PAGES.get("/prospects", needs="members:read")
def leads(ask: Ask) -> Reply:
    """List who is only known yet, and what became of them."""
    rows, cursor = prospects(
        ask.db,
        open_only=ask.query.get("show") == "open",
        cursor=ask.query.get("after") or None,
    )
    return ask.page("console/prospects.html", rows=rows, next=cursor)


@PAGES.get("/members/review", needs="members:read")
def review(ask: Ask) -> Reply:
    """List contacts that came back, and data that is incomplete or old."""
    show = ask.query.get("show") or "bouncing"
    after = ask.query.get("after") or None
    if show == "bouncing":
        found, cursor = bouncing(ask.db, cursor=after)
        personal = ask.may("members:personal")
        told = [(c, c.value if personal else masked_value(c.kind, c.value)) for c in found]
        return ask.page("console/review.html", bounced=told, rows=(), next=cursor, show=show)
    lacking = show if show in LACKS else None
    rows, cursor = to_review(ask.db, now_us=ask.now_us, lacking=lacking, cursor=after)
    return ask.page("console/review.html", bounced=(), rows=rows, next=cursor, show=show)
