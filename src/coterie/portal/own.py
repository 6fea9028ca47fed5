"""What is the member's own to change: profile, contacts, messengers, sign-ins, privacy."""

from __future__ import annotations

import msgspec

from coterie.kernel.time import format_day
from coterie.ledger import balances_of, statement_of
from coterie.members import (
    BadIdentity,
    IdentityTaken,
    ProfileChange,
    add_identity,
    change_profiles,
    end_identity,
    read_member,
)
from coterie.portal.entering import (
    CONTACT,
    carried_of,
    carry,
    code_page,
    contact_of,
    judged,
    masked,
    send_code,
)
from coterie.portal.services import Services
from coterie.portal.visitors import COOKIE, MACHINE, member_of
from coterie.signins import CodeOutcome, end_visit, end_visits, list_visits
from coterie.storage import transaction
from coterie.web.agreeing import choices_of, decide
from coterie.web.asking import Ask, Reply
from coterie.web.faces import SIGNED_IN, Pages
from coterie.web.forms import Day, Text, blank

PROFILE = (Text("name", most=80), Day("born_on", required=False))
EXPORTED_LINES_MAX = 10_000
PAGE = 200
_CONTACTS = frozenset({"phone", "email"})


def pages(services: Services) -> Pages:
    """Return the pages of what is one's own."""
    area = Pages()
    _profile_pages(area, services)
    _privacy_pages(area)
    return area


def _profile_pages(area: Pages, services: Services) -> None:
    @area.get("/me/profile", needs=SIGNED_IN)
    def profile(ask: Ask) -> Reply:
        record = member_of(ask).record
        return _profile(ask, services, blank(PROFILE, name=record.name, born_on=record.born_on))

    @area.post("/me/profile", needs=SIGNED_IN)
    def save(ask: Ask) -> Reply:
        entry = ask.form.read(PROFILE)
        if not entry.good:
            return _profile(ask, services, entry, 400)
        member = member_of(ask)
        # A birthday gift is given by it, so it is said once; a wrong one is put right by staff.
        day = entry.values["born_on"]
        born_on = member.record.born_on or (None if day is None else format_day(day))
        change = ProfileChange(member.member_id, name=entry.values["name"], born_on=born_on)
        with transaction(ask.db):
            [refusal] = change_profiles(ask.db, [change], now_us=ask.now_us)
        if refusal is not None:
            entry.refusal = refusal
            return _profile(ask, services, entry, 400)
        return ask.redirect("/me/profile", "profile.saved")

    @area.post("/me/contacts", needs=SIGNED_IN)
    def add(ask: Ask) -> Reply:
        entry = ask.form.read(CONTACT)
        record = member_of(ask).record
        if entry.good:
            try:
                kind, value = contact_of(entry.values["contact"])
            except BadIdentity:
                entry.refuse("contact", "enter.contact_unreadable")
            else:
                carry(ask, send_code(ask, services, kind, value))
                return ask.redirect("/me/contacts/code")
        shown = blank(PROFILE, name=record.name, born_on=record.born_on)
        return _profile(ask, services, shown, 400, contact=entry)

    @area.get("/me/contacts/code", needs=SIGNED_IN)
    def code(ask: Ask) -> Reply:
        carried = carried_of(ask)
        if carried is None:
            return ask.redirect("/me/profile", "enter.over", tone="warning")
        return code_page(ask, carried, "/me/contacts/code")

    @area.post("/me/contacts/code", needs=SIGNED_IN)
    def prove(ask: Ask) -> Reply:
        return _prove(ask)

    @area.post("/me/contacts/end", needs=SIGNED_IN)
    def end(ask: Ask) -> Reply:
        return _end_contact(ask)


def _privacy_pages(area: Pages) -> None:
    @area.get("/me/privacy", needs=SIGNED_IN)
    def privacy(ask: Ask) -> Reply:
        member = member_of(ask)
        return ask.page(
            "portal/privacy.html",
            visits=list_visits(ask.db, member.member_id, now_us=MACHINE.now_us()),
            here=member.visit.name,
            choices=choices_of(ask, member.member_id),
        )

    @area.post("/me/privacy", needs=SIGNED_IN)
    def choose(ask: Ask) -> Reply:
        with transaction(ask.db):
            member_id = member_of(ask).member_id
            granted = set(ask.form.all("consent"))
            decide(ask, member_id, granted, channel="portal", actor=f"member:{member_id}")
        return ask.redirect("/me/privacy", "privacy.saved")

    @area.post("/me/visits/end", needs=SIGNED_IN)
    def end_others(ask: Ask) -> Reply:
        member = member_of(ask)
        name = ask.form.get("visit")
        if name:
            end_visit(ask.db, member.member_id, name)
        else:
            end_visits(ask.db, member.member_id, keep=member.visit.token_digest)
        if name == member.visit.name:
            ask.set_cookie(COOKIE, "", seconds=0)
        return ask.redirect("/me/privacy", "privacy.ended")

    @area.get("/me/data.json", needs=SIGNED_IN)
    def data(ask: Ask) -> Reply:
        return _data(ask)


def _profile(
    ask: Ask,
    services: Services,
    entry: object,
    status: int = 200,
    contact: object | None = None,
) -> Reply:
    record = member_of(ask).record
    active = [i for i in record.identities if i.valid_to_us is None]
    return ask.page(
        "portal/profile.html",
        status,
        entry=entry,
        contact=contact or blank(CONTACT),
        record=record,
        contacts=[(i, masked(i.kind, i.value)) for i in active if i.kind in _CONTACTS],
        bound={i.value.partition(":")[0]: i for i in active if i.kind == "messenger"},
        messengers=sorted(services.messengers),
    )


def _prove(ask: Ask) -> Reply:
    """Let the member be found by a contact that answered with its code."""
    carried = carried_of(ask)
    if carried is None:
        return ask.redirect("/me/profile", "enter.over", tone="warning")
    outcome = judged(ask, carried)
    if outcome is CodeOutcome.WRONG:
        return code_page(ask, carried, "/me/contacts/code", "enter.code_wrong")
    carry(ask, None)
    if outcome is CodeOutcome.OVER:
        return ask.redirect("/me/profile", "enter.over", tone="warning")
    member_id = member_of(ask).member_id
    try:
        with transaction(ask.db):
            add_identity(ask.db, member_id, carried.kind, carried.value, now_us=ask.now_us)
    except IdentityTaken:
        # Who holds the phone may learn that much; a clerk or the same code at the door helps on.
        return ask.redirect("/me/profile", "profile.contact_taken", tone="warning")
    return ask.redirect("/me/profile", "profile.contact_added")


def _end_contact(ask: Ask) -> Reply:
    """Stop finding the member by a contact or messenger, as long as another way in stays."""
    member_id = member_of(ask).member_id
    kind, _, value = ask.form.get("identity").partition(":")
    with transaction(ask.db):
        record = read_member(ask.db, member_id)
        ways = [
            i
            for i in record.identities
            if i.valid_to_us is None and i.kind in _CONTACTS | {"messenger"}
        ]
        if len(ways) < 2:
            return ask.redirect("/me/profile", "profile.last_way", tone="warning")
        if (kind, value) not in {(i.kind, i.value) for i in ways}:
            return ask.redirect("/me/profile")
        end_identity(ask.db, member_id, kind, value, now_us=ask.now_us)
    return ask.redirect("/me/profile", "profile.contact_ended")


def _data(ask: Ask) -> Reply:
    """Return everything we keep about the member, for the member to take along."""
    member_id = member_of(ask).member_id
    record = read_member(ask.db, member_id)
    lines: list[object] = []
    cursor: str | None = None
    while len(lines) < EXPORTED_LINES_MAX:
        page = statement_of(ask.db, member_id, cursor=cursor, limit=PAGE)
        lines += page.lines
        cursor = page.cursor
        if cursor is None:
            break
    told = {
        "member": record,
        "balances": balances_of(ask.db, member_id),
        "statement": lines,
        "statement_complete": cursor is None,
        "consents": [
            {"kind": each.kind, "granted": each.granted, "version": each.version}
            for each in choices_of(ask, member_id)
        ],
    }
    body = msgspec.json.format(msgspec.json.encode(told), indent=2)
    headers = [
        ("content-disposition", 'attachment; filename="my-data.json"'),
        ("cache-control", "no-store"),
    ]
    return Reply(200, body, "application/json", headers)
