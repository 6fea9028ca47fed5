"""The line of time and the lists: complete, in order, page by page, and bounded."""

from __future__ import annotations

import pytest

from coterie.consent import publish_wording, record_consent
from coterie.insight import (
    MemberFilter,
    TimelineEntry,
    bouncing,
    list_members,
    timeline,
    to_review,
    walk_members,
)
from coterie.kernel.errors import Refusal
from coterie.kernel.time import DAY_US
from coterie.members import (
    ContactEdit,
    Newcomer,
    add_note,
    create_members,
    edit_contact,
    look_up,
    mark_contact,
    put_trait,
)
from coterie.storage import Connection
from tests.intake.test_merging import NOON_US, Desk


def pages(db: Connection, desk: Desk, member_id: int, limit: int) -> list[TimelineEntry]:
    programmes = desk.engine.programmes(db)
    found: list[TimelineEntry] = []
    cursor = None
    while True:
        page = timeline(db, programmes, member_id, cursor=cursor, limit=limit)
        assert len(page.entries) <= limit
        found += page.entries
        if page.cursor is None:
            return found
        cursor = page.cursor


def test_the_line_of_time_is_whole_however_it_is_paged(db: Connection) -> None:
    desk = Desk(db)
    member = desk.members[0]
    for _ in range(3):
        desk.earn(0)
    desk.send(0, "adjustment", currency="points", units=5, reason="sorry")
    add_note(db, member, "need", "needs a ramp", author="lin", now_us=NOON_US)
    edit_contact(db, member, ContactEdit(name="王小明"), actor="lin", now_us=NOON_US)
    publish_wording(db, "marketing", "可以吗？", "May we?", now_us=NOON_US)
    record_consent(
        db, member, "marketing", 1, granted=True, channel="till", actor="lin", now_us=NOON_US
    )
    whole = pages(db, desk, member, 200)
    assert {entry.what for entry in whole} == {"event", "note", "contact", "consent"}
    assert len(whole) == 7
    assert [e.number for e in whole if e.what == "event"] == [4, 3, 2, 1]
    for limit in (1, 2, 3):
        assert pages(db, desk, member, limit) == whole
    adjusted = next(entry for entry in whole if entry.kind == "adjustment")
    assert adjusted.reason == "sorry"
    assert "5" in adjusted.effects[0].words.en
    assert adjusted.effects[0].words.zh != adjusted.effects[0].words.en


def test_tags_change_by_events_and_members_are_found_by_them(db: Connection) -> None:
    desk = Desk(db)
    member = desk.members[0]
    assert desk.send(0, "tag_change", add=["vip", "press"]).status == "accepted"
    assert [hit.member_id for hit in look_up(db, "#vip").hits] == [member]
    found = list_members(db, MemberFilter(tag="vip"))
    assert [each.member_id for each in found.members] == [member]
    assert desk.send(0, "tag_change", remove=["vip"]).status == "accepted"
    assert list_members(db, MemberFilter(tag="vip")).members == ()
    assert list_members(db, MemberFilter(tag="press")).members != ()
    assert desk.send(0, "tag_change", add=["a"], remove=["a"]).status == "refused"
    many = [f"t{number}" for number in range(50)]
    assert desk.send(0, "tag_change", add=many).status == "refused"


def test_lists_hold_exactly_those_who_fit(db: Connection) -> None:
    newcomers = [
        Newcomer(
            name=f"n{number}",
            state="prospect" if number % 3 == 0 else "active",
            store=f"S{number % 2}",
            channel="web",
            enrolled_us=NOON_US - number * DAY_US,
        )
        for number in range(12)
    ]
    made = [i for i in create_members(db, newcomers, now_us=NOON_US) if isinstance(i, int)]
    everybody = MemberFilter()
    assert [m.member_id for m in walk_members(db, everybody, most=100)] == made
    for wanted in (
        MemberFilter(state="prospect"),
        MemberFilter(state="prospect", store="S0"),
        MemberFilter(state="active", channel="web", store="S1"),
        MemberFilter(from_us=NOON_US - 5 * DAY_US, before_us=NOON_US),
    ):
        fits = [
            member
            for member, new in zip(made, newcomers, strict=True)
            if wanted.state in (None, new.state)
            and wanted.store in (None, new.store)
            and (wanted.from_us is None or (new.enrolled_us or 0) >= wanted.from_us)
            and (wanted.before_us is None or (new.enrolled_us or 0) < wanted.before_us)
        ]
        assert fits
        found: list[int] = []
        cursor = None
        while True:
            page = list_members(db, wanted, cursor=cursor, limit=2)
            found += [member.member_id for member in page.members]
            if page.cursor is None:
                break
            cursor = page.cursor
        assert found == fits
    put_trait(db, made[3], "interest", "tea", basis="declared", actor="x", now_us=NOON_US)
    [fond] = list_members(db, MemberFilter(trait="interest=tea")).members
    assert fond.member_id == made[3]
    assert [m.member_id for m in walk_members(db, everybody, most=5)] == made[:5]
    for wrong in (MemberFilter(tag="a", trait="b=c"), MemberFilter(tier="gold")):
        with pytest.raises(Refusal):
            list_members(db, wrong)


def test_what_needs_care_is_listed(db: Connection) -> None:
    phone = (("phone", "13800138000"),)
    old, bare, fresh = (
        Newcomer(name="old", identities=phone, enrolled_us=NOON_US - 400 * DAY_US),
        Newcomer(),
        Newcomer(name="fresh", identities=(("phone", "13900139000"),)),
    )
    ids = create_members(db, [old, bare, fresh], now_us=NOON_US)
    found, cursor = to_review(db, now_us=NOON_US)
    assert cursor is None
    assert [(m.member_id, m.lacks) for m in found] == [
        (ids[1], ("name", "contact")),
        (ids[0], ("confirmation",)),
    ]
    assert [m.member_id for m in to_review(db, now_us=NOON_US, lacking="name")[0]] == [ids[1]]
    first = ids[0]
    assert isinstance(first, int)
    mark_contact(db, first, "phone", "13800138000", now_us=NOON_US, bounce="not in service")
    ([back], _) = bouncing(db)
    assert (back.member_id, back.value, back.bounce) == (first, "+8613800138000", "not in service")
    mark_contact(db, first, "phone", "13800138000", now_us=NOON_US)
    assert bouncing(db) == ((), None)
    assert [m.member_id for m in to_review(db, now_us=NOON_US)[0]] == [ids[1]]
