"""The one box: finds anyone and anything. What was typed stays out of every address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coterie.insight import Found, search
from coterie.members import Hit
from coterie.web import Ask, NavEntry, Pages, Reply

PAGES = Pages()
PARTS = {
    "rules": "rules",
    "currencies": "currencies",
    "metrics": "metrics",
    "ladders": "ladders",
    "tiers": "tiers",
    "rewards": "rewards",
}
"""Sections of a programme that have a word of their own in the list of what was found."""


class Line(NamedTuple):
    """A line of what was found: where it leads, its title, what is said beside it."""

    url: str
    title: str
    note: str


@PAGES.get("/search", needs="members:read")
def page(ask: Ask) -> Reply:
    """Show the box, before anything was typed."""
    return ask.page("console/search.html", groups=(), typed="", more=False)


@PAGES.post("/search", needs="members:read")
def find(ask: Ask) -> Reply:
    """Show what a text may mean, by groups; for htmx the list alone."""
    typed = ask.form.get("q").strip()[:100]
    found = search(ask.db, ask.programme, typed)
    groups = _groups(ask, found, typed)
    if ask.is_part:
        return ask.page("console/found.html", groups=groups, typed=typed, more=found.more_members)
    return ask.page("console/search.html", groups=groups, typed=typed, more=found.more_members)


def _groups(ask: Ask, found: Found, typed: str) -> list[tuple[str, list[Line]]]:
    groups = [
        ("search.members", [_member(ask, hit) for hit in found.members]),
        (
            "search.orders",
            [
                Line(
                    f"/members/{each.member_id}/why?event={each.member_id}:{each.seq}",
                    each.order_ref or f"{each.member_id}:{each.seq}",
                    ask.write.moment(each.occurred_us),
                )
                for each in (*found.orders, *found.events)
            ],
        ),
        (
            "search.programme",
            [
                Line("/", part.zh if ask.language == "zh" else part.en, part.code)
                for part in found.parts
            ],
        ),
        ("search.pages", _pages(ask, typed)),
    ]
    return [(key, lines) for key, lines in groups if lines]


def _member(ask: Ask, hit: Hit) -> Line:
    shown = hit if ask.may("members:personal") else hit.masked(names=False)
    note = " · ".join(
        [ask.t(f"members.state_{hit.state}"), *(value for _, value in shown.contacts[:2])]
    )
    leads = hit.member_id if hit.merged_into is None else hit.merged_into
    return Line(f"/members/{leads}", f"{shown.name or '–'} · {hit.member_id}", note)


def _pages(ask: Ask, typed: str) -> list[Line]:
    wanted = typed.casefold()
    ways: Sequence[NavEntry] = ask.face.navigation
    return [
        Line(way.url, ask.t(way.label), way.url)
        for way in ways
        if wanted and ask.may(way.needs) and wanted in ask.t(way.label).casefold()
    ][:5]
