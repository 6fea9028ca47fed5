"""One member on one page: who it is, what it has and why, what happened, what staff noted."""

from __future__ import annotations

from typing import NamedTuple

from coterie.acts import World
from coterie.consent import consents_of, history_of, latest_wordings
from coterie.insight import progress_of, timeline
from coterie.intake.engine import Engine
from coterie.intake.errors import NoProgramme
from coterie.ledger import balances_of, lots_of
from coterie.members import (
    CATEGORIES,
    MemberRecord,
    file_of,
    look_up,
    masked_value,
    read_member,
    tags_of,
)
from coterie.programme.compile import Programmes
from coterie.replay import Question, explain
from coterie.web import Ask, Check, Choice, Pages, PageUnknown, Reply, Text, blank

PAGES = Pages()
LOTS_SHOWN = 50
LATEST = 8
SHOWS = {
    "all": frozenset({"event", "note", "consent", "contact"}),
    "events": frozenset({"event"}),
    "file": frozenset({"note", "consent", "contact"}),
}
NOTE = (
    Choice("category", CATEGORIES),
    Text("body", most=2_000, lines=True),
    Check("pinned"),
)
UNDOABLE = frozenset(
    {"order", "activity", "opening_balance", "spend", "capture", "adjustment", "convert"}
    | {"exchange", "redeem", "transfer"}
)
"""Kinds beside whose events the way to undo them stands; the engine judges each anyway."""
QUESTIONS = ("event", "currency", "missing", "tier")


class Named(NamedTuple):
    """An identity as this reader may see it."""

    kind: str
    value: str
    shown: str
    from_us: int
    to_us: int | None
    verified_us: int | None
    bounce: str | None


def engine_of(ask: Ask) -> Engine:
    """Return the engine of the world a page belongs to."""
    world = ask.site.world
    assert isinstance(world, World), "a console stands over a world with an engine"
    return world.engine


def settled(ask: Ask, member_id: int) -> Programmes | None:
    """Decide what fell due for a member, so that the page says what is so now."""
    engine = engine_of(ask)
    try:
        programmes = engine.programmes(ask.db)
    except NoProgramme:
        return None
    engine.settle(ask.db, [member_id], ask.now_us)
    return programmes


@PAGES.get("/members/{member_id:int}", needs="members:read")
def member(ask: Ask) -> Reply:
    """Show a member's page."""
    member_id = ask.number("member_id")
    record = read_member(ask.db, member_id)
    programmes = settled(ask, member_id)
    file = file_of(ask.db, member_id)
    money = ask.may("ledger:read")
    ladders = (
        progress_of(ask.db, programmes, member_id, ask.now_us) if programmes is not None else []
    )
    return ask.page(
        "console/member.html",
        member=record,
        tags=tags_of(record.attributes),
        attributes={k: v for k, v in record.attributes.items() if not k.startswith("tag:")},
        balances=balances_of(ask.db, member_id) if money else (),
        lots=lots_of(ask.db, member_id, limit=LOTS_SHOWN) if money else None,
        ladders=ladders,
        identities=_identities(ask, record),
        file=file,
        consents=consents_of(ask.db, member_id),
        undoable=UNDOABLE,
        latest=timeline(ask.db, programmes, member_id, limit=LATEST).entries,
        rules=() if programmes is None else programmes.at(ask.now_us).programme.rules,
    )


def _identities(ask: Ask, record: MemberRecord) -> list[Named]:
    personal = ask.may("members:personal")
    marks = {(m.kind, m.value): m for m in file_of(ask.db, record.member_id).marks}
    found = []
    for each in record.identities:
        mark = marks.get((each.kind, each.value))
        found.append(
            Named(
                each.kind,
                each.value,
                each.value if personal else masked_value(each.kind, each.value),
                each.valid_from_us,
                each.valid_to_us,
                None if mark is None else mark.verified_us,
                None if mark is None else mark.bounce,
            )
        )
    return found


@PAGES.get("/members/{member_id:int}/timeline", needs="members:read")
def line(ask: Ask) -> Reply:
    """Show everything about a member in one line of time."""
    member_id = ask.number("member_id")
    record = read_member(ask.db, member_id)
    programmes = settled(ask, member_id)
    show = ask.query.get("show")
    show = show if show in SHOWS else "all"
    page = timeline(
        ask.db, programmes, member_id, kinds=SHOWS[show], cursor=ask.query.get("after") or None
    )
    return ask.page(
        "console/member_timeline.html",
        member=record,
        entries=page.entries,
        next=page.cursor,
        show=show,
        shows=tuple(SHOWS),
        undoable=UNDOABLE,
    )


@PAGES.get("/members/{member_id:int}/file", needs="members:read")
def file(ask: Ask) -> Reply:
    """Show notes, traits, consents and the history of contact data."""
    member_id = ask.number("member_id")
    record = read_member(ask.db, member_id)
    return ask.page(
        "console/member_file.html",
        member=record,
        file=file_of(ask.db, member_id),
        identities=_identities(ask, record),
        personal=ask.may("members:personal"),
        consents=consents_of(ask.db, member_id),
        history=history_of(ask.db, member_id),
        wordings=latest_wordings(ask.db),
        categories=CATEGORIES,
        note=blank(NOTE, category="note"),
        mask=masked_value,
    )


@PAGES.get("/members/{member_id:int}/why", needs="ledger:read")
def why(ask: Ask) -> Reply:
    """Explain an event, a balance, a missing reward or a tier, from event to lots."""
    member_id = ask.number("member_id")
    asked = {name: ask.query.get(name) for name in QUESTIONS if ask.query.get(name)}
    if len(asked) != 1:
        raise PageUnknown
    record = read_member(ask.db, member_id)
    programmes = settled(ask, member_id)
    if programmes is None:
        raise PageUnknown
    found = explain(ask.db, programmes, member_id, Question(**asked), ask.now_us)
    answer = found.event or found.currency or found.missing or found.tier
    assert answer is not None, "a question has an answer"
    [(kind, _)] = asked.items()
    return ask.page(
        "console/member_why.html",
        member=record,
        kind=kind,
        found=found,
        lines=answer.words.zh if ask.language == "zh" else answer.words.en,
    )


@PAGES.post("/members/{member_id:int}/merge/find", needs="members:write")
def twins(ask: Ask) -> Reply:
    """Show who may be the same person, to merge with, side by side."""
    member_id = ask.number("member_id")
    typed = ask.form.get("q").strip()[:100]
    record = read_member(ask.db, member_id)
    hits = [hit for hit in look_up(ask.db, typed).hits if hit.member_id != member_id]
    personal = ask.may("members:personal")
    return ask.page(
        "console/member_twins.html",
        member=record,
        typed=typed,
        hits=[hit if personal else hit.masked(names=False) for hit in hits],
        mine=_identities(ask, record),
        balances={
            each: balances_of(ask.db, each)
            for each in (member_id, *(hit.member_id for hit in hits))
        },
    )
