"""Members on PostgreSQL: made in batches, found through merges, raced for by two connections."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from coterie import members
from coterie.events import MemberRef, MemberUnknown
from coterie.kernel.errors import Malformed, Refusal
from coterie.members import Identity, Member, Newcomer, ProfileChange
from coterie.storage import Connection, transaction

NOW = 1_767_225_600_000_000


def person(number: int, **more: Any) -> Newcomer:
    return Newcomer(identities=(("card", f"CARD{number:04d}"),), **more)


def make(db: Connection, *newcomers: Newcomer) -> list[int]:
    answers = members.create_members(db, newcomers, now_us=NOW)
    assert all(isinstance(answer, int) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, int)]


def merge(db: Connection, member_id: int, into: int) -> None:
    loser = members.lock_and_load(db, [member_id])[member_id]
    loser.state, loser.merged_into = "merged", into
    members.write_members(db, [loser])


def test_a_member_is_made_and_read(db: Connection):
    newcomer = Newcomer(
        identities=(("phone", "138 0013 8000"), ("email", "Li@Example.com")),
        name=" 李伟 ",
        language="zh-CN",
        born_on="1990-01-31",
        state="prospect",
        enrolled_us=NOW - 5,
        channel="shop",
        store="SH01",
        attributes={"city": "上海", "children": 2, "newsletter": True},
    )
    [member_id] = make(db, newcomer)
    assert member_id >= 100_001
    record = members.read_member(db, member_id)
    assert record == members.MemberRecord(
        member_id=member_id,
        kind="person",
        state="prospect",
        merged_into=None,
        enrolled_us=NOW - 5,
        enrolled_channel="shop",
        enrolled_store="SH01",
        name="李伟",
        language="zh-CN",
        born_on="1990-01-31",
        attributes={"city": "上海", "children": 2, "newsletter": True},
        seq=0,
        clock_us=0,
        identities=(
            Identity("email", "li@example.com", NOW),
            Identity("phone", "+8613800138000", NOW),
        ),
    )
    assert members.find_member(db, MemberRef(phone="+86 138 0013 8000")) == member_id
    assert members.find_member(db, MemberRef(id=member_id)) == member_id
    with pytest.raises(MemberUnknown, match="this card"):
        members.find_member(db, MemberRef(card="NOBODY1"))
    with pytest.raises(MemberUnknown, match="id 7"):
        members.find_member(db, MemberRef(id=7))


def test_one_bad_newcomer_does_not_stop_the_others(db: Connection):
    [holder] = make(db, person(1))
    answers = members.create_members(
        db,
        [person(2), person(1), Newcomer(kind="robot"), person(3), person(3), Newcomer()],
        now_us=NOW,
    )
    codes = [answer if isinstance(answer, int) else answer.code for answer in answers]
    assert [code for code in codes if isinstance(code, str)] == [
        "identity_taken",
        "bad_newcomer",
        "identity_taken",
    ]
    assert [isinstance(code, int) for code in codes] == [True, False, False, True, False, True]
    page, cursor = members.list_newest(db)
    assert cursor is None
    assert {line.member_id for line in page} == {holder, codes[0], codes[3], codes[5]}


def test_of_two_connections_that_bring_the_same_identity_one_wins(database_url: str):
    """Both have looked and found it free; the index decides, and the loser leaves nothing."""
    with (
        psycopg.connect(database_url, autocommit=True) as first,
        psycopg.connect(database_url, autocommit=True) as second,
    ):
        newcomers = [Newcomer(identities=(("card", "RACE1"), ("phone", "13800138000"))), person(8)]
        with ThreadPoolExecutor(1) as pool:
            with transaction(first):
                mine = members.create_members(first, [newcomers[0]], now_us=NOW)

                def other() -> list[int | Refusal]:
                    with transaction(second):
                        rival = Newcomer(
                            name="Late", identities=(("card", "LATE1"), ("phone", "13800138000"))
                        )
                        return members.create_members(second, [rival, newcomers[1]], now_us=NOW)

                waiting = pool.submit(other)
                wait_for_a_blocked_backend(database_url)
            theirs = waiting.result(timeout=20)
        assert isinstance(mine[0], int)
        assert isinstance(theirs[0], members.IdentityTaken)
        assert isinstance(theirs[1], int)
        found = members.resolve(
            first, [("card", "RACE1"), ("phone", "+8613800138000"), ("card", "LATE1")]
        )
        assert found == {("card", "RACE1"): mine[0], ("phone", "+8613800138000"): mine[0]}
        count = first.execute("select count(*) from members.member").fetchone()
        assert count == (2,)
        assert first.execute("select count(*) from members.profile").fetchone() == (0,)


def wait_for_a_blocked_backend(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as watcher:
        for _ in range(2_000):
            row = watcher.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0]:
                return
            threading.Event().wait(0.005)
    pytest.fail("nobody waited for the other's identity")


def test_many_writers_with_the_same_identities_never_deadlock(database_url: str):
    """Batches in opposite orders: every identity ends with exactly one member."""
    numbers = list(range(40))

    def one(turn: int) -> int:
        order = numbers if turn % 2 else numbers[::-1]
        with psycopg.connect(database_url, autocommit=True) as db, transaction(db):
            answers = members.create_members(db, [person(n) for n in order], now_us=NOW)
        return sum(isinstance(answer, int) for answer in answers)

    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(one, range(4)))
    assert made == len(numbers)
    with psycopg.connect(database_url) as db:
        assert db.execute("select count(*) from members.member").fetchone() == (made,)
        assert db.execute("select count(*) from members.identity").fetchone() == (made,)


def test_an_identity_is_ended_and_recycled(db: Connection):
    one, other = make(db, person(1), person(2))
    members.add_identity(db, one, "phone", "13800138000", now_us=NOW)
    assert members.add_identity(db, one, "phone", "+8613800138000", now_us=NOW + 9) == (
        "phone",
        "+8613800138000",
    )
    with pytest.raises(members.IdentityTaken):
        members.add_identity(db, other, "phone", "13800138000", now_us=NOW)
    members.end_identity(db, one, "phone", "13800138000", now_us=NOW)
    with pytest.raises(members.IdentityUnknown):
        members.end_identity(db, one, "phone", "13800138000", now_us=NOW)
    members.add_identity(db, other, "phone", "13800138000", now_us=NOW + 10)
    assert members.find_member(db, MemberRef(phone="13800138000")) == other
    kept = members.read_member(db, one).identities
    assert kept == (
        Identity("card", "CARD0001", NOW),
        Identity("phone", "+8613800138000", NOW, NOW + 1),
    )


def test_nobody_is_found_by_a_new_identity_of_somebody_gone(db: Connection):
    one, other = make(db, person(1), person(2))
    merge(db, one, other)
    with pytest.raises(members.MemberGone):
        members.add_identity(db, one, "phone", "13800138000", now_us=NOW)
    with pytest.raises(MemberUnknown):
        members.add_identity(db, 5, "phone", "13800138000", now_us=NOW)


def test_a_chain_of_merges_is_followed_five_times_and_no_further(db: Connection):
    chain = make(db, *(person(n) for n in range(7)))
    for loser, winner in pairwise(chain):
        merge(db, loser, winner)
    cards = [("card", f"CARD{n:04d}") for n in range(7)]
    found = members.resolve(db, [*cards, ("card", "NOBODY1")])
    assert found == dict.fromkeys(cards[1:], chain[6])
    by_id = members.resolve_ids(db, [*chain, 5])
    assert by_id == dict.fromkeys(chain[1:], chain[6])
    assert members.resolve(db, []) == {}
    assert members.resolve_ids(db, []) == {}


def test_what_is_written_is_loaded_and_attributes_only_when_asked(db: Connection):
    ids = make(db, person(1, attributes={"tier": "gold", "n": 3}), person(2), person(3))
    with transaction(db):
        loaded = members.lock_and_load(db, [*ids[::-1], 5])
        assert set(loaded) == set(ids)
        first, second, third = (loaded[i] for i in ids)
        assert first == Member(
            member_id=ids[0], enrolled_us=NOW, attributes={"tier": "gold", "n": 3}
        )
        first.seq, first.lot_no, first.clock_us, first.next_due_us = 4, 2, NOW + 7, NOW + 50
        first.attributes = {"tier": "lost"}
        second.state, second.merged_into = "merged", ids[0]
        third.attributes = {"tier": 'a"b\\c,{}', "ok": False}
        members.write_members(db, [first, second, third], with_attributes={ids[2]})
        members.write_members(db, [])
    again = members.load_members(db, ids)
    first.attributes = {"tier": "gold", "n": 3}
    assert again == {ids[0]: first, ids[1]: second, ids[2]: third}
    began = members.beginnings(db, ids)
    assert began[ids[0]] == Member(
        member_id=ids[0], enrolled_us=NOW, attributes={"tier": "gold", "n": 3}
    )
    assert (began[ids[1]].state, began[ids[1]].seq) == ("active", 0)
    assert began[ids[2]].attributes == {}
    assert members.member_ids_after(db, 0, 2) == ids[:2]
    assert members.member_ids_after(db, ids[1], 2) == ids[2:]


def test_locks_are_taken_in_id_order(database_url: str):
    """Two batches that name the same members in opposite orders wait; they never deadlock."""
    with psycopg.connect(database_url, autocommit=True) as db:
        ids = make(db, *(person(n) for n in range(20)))

    def one(turn: int) -> None:
        order = ids if turn % 2 else ids[::-1]
        with psycopg.connect(database_url, autocommit=True) as db:
            for _ in range(20):
                with transaction(db):
                    loaded = members.lock_and_load(db, order)
                    for member in loaded.values():
                        member.seq += 1
                    members.write_members(db, list(loaded.values()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    with psycopg.connect(database_url) as db:
        assert {m.seq for m in members.load_members(db, ids).values()} == {80}


def test_who_is_due_comes_earliest_first_and_by_pages(db: Connection):
    ids = make(db, *(person(n) for n in range(5)))
    loaded = members.lock_and_load(db, ids)
    for member_id, due in zip(ids, [30, 10, None, 20, 20], strict=True):
        loaded[member_id].next_due_us = due
    members.write_members(db, list(loaded.values()))
    first = members.due_members(db, 30, None, 2)
    assert first == [(10, ids[1]), (20, ids[3])]
    assert members.due_members(db, 30, first[-1], 9) == [(20, ids[4]), (30, ids[0])]
    assert members.due_members(db, 29, first[-1], 9) == [(20, ids[4])]
    assert members.due_members(db, 9, None, 9) == []


def test_profiles_change_in_batches_and_keep_what_is_left_out(db: Connection):
    ids = make(db, person(1, name="Old", language="en"), person(2), person(3))
    merge(db, ids[2], ids[0])
    answers = members.change_profiles(
        db,
        [
            ProfileChange(ids[0], name="New"),
            ProfileChange(ids[1], born_on="1990-01-31"),
            ProfileChange(ids[0], language=None, name="Newer"),
            ProfileChange(ids[1], language="fr"),
            ProfileChange(ids[2], name="Gone"),
            ProfileChange(5, name="Nobody"),
        ],
        now_us=NOW,
    )
    assert [answer and answer.code for answer in answers] == [
        None,
        None,
        None,
        "bad_newcomer",
        "member_gone",
        "member_unknown",
    ]
    one, two = members.read_member(db, ids[0]), members.read_member(db, ids[1])
    assert (one.name, one.language, one.born_on) == ("Newer", None, None)
    assert (two.name, two.language, two.born_on) == (None, None, "1990-01-31")


def test_the_newest_come_first_and_by_pages(db: Connection):
    ids = make(db, *(person(n, enrolled_us=NOW - n // 2) for n in range(7)))
    seen: list[int] = []
    cursor = None
    for _ in range(4):
        page, cursor = members.list_newest(db, cursor=cursor, limit=2)
        seen += [line.member_id for line in page]
        if cursor is None:
            break
    assert cursor is None
    assert sorted(seen) == ids
    assert seen[:2] == [ids[1], ids[0]]
    with pytest.raises(Malformed):
        members.list_newest(db, cursor="nonsense")


def test_a_batch_has_a_bound(db: Connection):
    with pytest.raises(members.TooManyMembers):
        members.resolve_ids(db, range(1, 10_002))
    with pytest.raises(members.TooManyMembers):
        members.create_members(db, [Newcomer()] * 10_001, now_us=NOW)
