"""The file of a member: what staff note, who changed what, and that nothing outlives an erasure."""

import pytest

from coterie.events import MemberUnknown
from coterie.kernel.errors import Refusal
from coterie.members import (
    ContactEdit,
    Newcomer,
    add_note,
    create_members,
    drop_trait,
    edit_contact,
    file_of,
    forget_persons,
    look_up,
    mark_contact,
    pin_note,
    put_trait,
    read_member,
    settle_note,
)
from coterie.storage import Connection

NOW = 1_780_000_000_000_000


@pytest.fixture
def member(db: Connection) -> int:
    newcomer = Newcomer(name="王小明", identities=(("phone", "13800138000"),))
    [made] = create_members(db, [newcomer], now_us=NOW)
    assert isinstance(made, int)
    return made


def test_notes_are_pinned_settled_and_kept(db: Connection, member: int):
    first = add_note(db, member, "need", "needs a ramp", author="lin", now_us=NOW)
    second = add_note(db, member, "complaint", "waited an hour", author="lin", now_us=NOW + 1)
    assert [n.note_no for n in file_of(db, member).notes] == [second, first]
    pin_note(db, member, first, pinned=True)
    assert [n.note_no for n in file_of(db, member).notes] == [first, second]
    settle_note(db, member, first, actor="mei", now_us=NOW + 2)
    settled = next(n for n in file_of(db, member).notes if n.note_no == first)
    assert (settled.settled_by, settled.pinned, settled.body) == ("mei", False, "needs a ramp")
    with pytest.raises(Refusal, match=r"note_unknown|no open note"):
        settle_note(db, member, first, actor="mei", now_us=NOW + 3)


@pytest.mark.parametrize(
    ("category", "body"), [("rumour", "x"), ("note", "  "), ("note", "x" * 2001)]
)
def test_what_is_no_note_is_refused(db: Connection, member: int, category: str, body: str):
    with pytest.raises(Refusal) as refused:
        add_note(db, member, category, body, author="lin", now_us=NOW)
    assert refused.value.code == "bad_entry"
    with pytest.raises(MemberUnknown):
        add_note(db, 1, "note", "x", author="lin", now_us=NOW)


def test_contact_data_keeps_who_changed_it(db: Connection, member: int):
    edit = ContactEdit(
        name="王晓明", add=(("email", "Ming@Example.com"),), end=(("phone", "13800138000"),)
    )
    changes = edit_contact(db, member, edit, actor="person:3", now_us=NOW + 1)
    assert changes == (
        ("name", "王小明", "王晓明"),
        ("phone", "+8613800138000", None),
        ("email", None, "ming@example.com"),
    )
    told = [(c.field, c.before, c.after, c.actor) for c in file_of(db, member).changes]
    assert told == [(*change, "person:3") for change in reversed(changes)]
    assert edit_contact(db, member, edit.__class__(name="王晓明"), actor="x", now_us=NOW + 2) == ()


def test_contacts_are_confirmed_and_bounce(db: Connection, member: int):
    mark_contact(db, member, "phone", "13800138000", now_us=NOW)
    mark_contact(db, member, "phone", "13800138000", now_us=NOW + 1, bounce="not in service")
    [mark] = file_of(db, member).marks
    assert (mark.verified_us, mark.bounced_us, mark.bounce) == (NOW, NOW + 1, "not in service")
    mark_contact(db, member, "phone", "13800138000", now_us=NOW + 2)
    [mark] = file_of(db, member).marks
    assert (mark.verified_us, mark.bounced_us) == (NOW + 2, None)
    with pytest.raises(Refusal) as refused:
        mark_contact(db, member, "phone", "13900139000", now_us=NOW)
    assert refused.value.code == "identity_unknown"


def test_traits_find_their_members_and_what_is_declared_stands(db: Connection, member: int):
    put_trait(db, member, "interest", "Wine", basis="declared", actor="member", now_us=NOW)
    put_trait(db, member, "interest", "Wine", basis="inferred", actor="model", now_us=NOW + 1)
    [trait] = file_of(db, member).traits
    assert (trait.basis, trait.actor) == ("declared", "member")
    assert [hit.member_id for hit in look_up(db, "#interest=wine").hits] == [member]
    drop_trait(db, member, "interest", "Wine")
    assert look_up(db, "#interest=wine").hits == ()


def test_nothing_of_the_file_outlives_an_erasure(db: Connection, member: int):
    add_note(db, member, "note", "likes tea", author="lin", now_us=NOW)
    put_trait(db, member, "interest", "tea", basis="declared", actor="member", now_us=NOW)
    mark_contact(db, member, "phone", "13800138000", now_us=NOW)
    edit_contact(db, member, ContactEdit(name="王晓明"), actor="lin", now_us=NOW)
    forget_persons(db, member)
    assert file_of(db, member) == type(file_of(db, member))((), (), (), ())
    for table in ("note", "contact_change", "contact_mark", "trait", "token", "profile"):
        rows = db.execute(f"select 1 from members.{table} where member_id = %s", [member])
        assert rows.fetchone() is None, table
    assert read_member(db, member).name is None
