"""The audit trail proves itself, and whatever is done to it shows."""

from collections.abc import Callable

import psycopg
import pytest

from coterie import audit
from coterie.audit import ActorKind, Head, NewEntry, Outcome
from coterie.storage import Connection, transaction

NOW = 1_767_225_600_000_000


def entry(n: int, target: str = "member:1") -> NewEntry:
    after = {"units": n, "name": "李伟"}
    return NewEntry(
        *(NOW + n, NOW, ActorKind.PERSON, "3", "units.adjust", target, Outcome.DONE),
        *("Mei", "goodwill", "192.0.2.0/24", {"units": 0}, after),
    )


def write(db: Connection, count: int = 5) -> Head:
    for n in range(1, count + 1):
        with transaction(db):
            head = audit.append(db, entry(n, f"member:{n % 2}"))
    return head


def tamper(db: Connection, *statements: str) -> None:
    """Do what only who owns the database can: switch the triggers off."""
    with transaction(db):
        db.execute("set local session_replication_role = replica")
        for statement in statements:
            db.execute(statement)


def test_a_chain_holds_and_is_read_back(db: Connection):
    assert audit.check_chain(db) == []
    assert write(db) == audit.head(db)
    assert audit.check_chain(db) == []
    page, cursor = audit.list_entries(db, target="member:1", limit=2)
    assert [each.n for each in page] == [5, 3]
    rest, end = audit.list_entries(db, target="member:1", cursor=cursor)
    assert ([each.n for each in rest], end) == ([1], None)
    read = audit.read_entry(db, 5)
    assert (read.actor_name, read.reason, read.after) == (
        "Mei",
        "goodwill",
        {"units": 5, "name": "李伟"},
    )
    assert [e.n for e in audit.list_entries(db, from_us=NOW + 2, to_us=NOW + 4)[0]] == [3, 2]
    assert audit.list_entries(db, act="x")[0] == []
    with pytest.raises(audit.EntryUnknown):
        audit.read_entry(db, 6)


COPY = (
    "insert into audit.entry select {n}, at_us, world_us, actor_kind, actor, act, target, outcome,"
    " detail_sha256, previous, sha256('x') from audit.entry where n = 2"
)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit.entry set actor = '4'",
        "delete from audit.entry where n = 5",
        "truncate audit.entry cascade",
        "update audit.detail set body = '{}'",
        "truncate audit.detail",
        "delete from audit.detail where n = 2",
        "delete from audit.head",
        COPY.format(n=9),
    ],
)
def test_the_database_lets_nobody_change_it(db: Connection, statement: str):
    write(db)
    with pytest.raises(psycopg.errors.RestrictViolation):
        db.execute(statement)
    assert audit.check_chain(db) == []


def gone(n: int) -> tuple[str, ...]:
    return (f"delete from audit.detail where n = {n}", f"delete from audit.entry where n = {n}")


PLANTED: dict[str, tuple[str, ...]] = {
    "who did it": ("update audit.entry set actor = '4' where n = 3",),
    "when": ("update audit.entry set at_us = at_us + 1 where n = 3",),
    "the outcome": ("update audit.entry set outcome = 'refused' where n = 1",),
    "what was said": ("update audit.detail set body = replace(body, '3', '4') where n = 3",),
    "the salt": ("update audit.detail set salt = sha256('x') where n = 3",),
    "a detail gone": ("delete from audit.detail where n = 3",),
    "an entry gone": (
        "delete from audit.detail where n = 3",
        "delete from audit.entry where n = 3",
    ),
    "the first gone": (
        "delete from audit.detail where n = 1",
        "delete from audit.entry where n = 1",
    ),
    "an entry more": (COPY.format(n=6),),
    "the order": (
        "update audit.entry set n = 100 where n = 2",
        "update audit.entry set n = 2 where n = 3",
        "update audit.entry set n = 3 where n = 100",
    ),
    "the end cut off": (
        "delete from audit.detail where n = 5",
        "delete from audit.entry where n = 5",
    ),
    "the head": ("update audit.head set digest = sha256('x')",),
    "everything": ("truncate audit.entry cascade",),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_change_is_found(db: Connection, what: str):
    write(db)
    tamper(db, *PLANTED[what])
    assert audit.check_chain(db) != []


def test_a_chain_cut_off_with_its_head_is_found_by_a_head_that_was_kept(db: Connection):
    write(db, 4)
    kept = audit.head(db)
    write(db, 1)
    later = audit.head(db)
    assert audit.check_chain(db, kept) == audit.check_chain(db, later) == []
    tamper(
        db,
        "delete from audit.detail where n = 5",
        "delete from audit.entry where n = 5",
        "update audit.head set n = 4, digest = (select digest from audit.entry where n = 4)",
    )
    assert audit.check_chain(db) == []
    assert audit.check_chain(db, kept) == []
    [flaw] = audit.check_chain(db, later)
    assert flaw.n == 5


def test_what_is_forgotten_is_gone_and_the_chain_holds(db: Connection):
    write(db)
    before = audit.head(db)
    with transaction(db):
        asked = entry(9, "member:1")
        assert audit.forget(db, asked) == 3
    for n in (1, 3, 5):
        read = audit.read_entry(db, n)
        assert read.forgotten
        assert (read.actor_name, read.reason, read.after) == ("", "", {})
    kept = str(db.execute("select body from audit.detail").fetchall())
    assert kept.count("李伟") == 2
    assert audit.check_chain(db, before) == []
    # Nobody hides a detail behind what another entry forgot.
    tamper(db, "delete from audit.detail where n = 2")
    [flaw] = audit.check_chain(db)
    assert flaw.n == 2


def test_two_who_write_at_once_write_after_each_other(db: Connection, database_url: str):
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("set lock_timeout = '100ms'")
        attempt: Callable[[], object] = lambda: audit.append(other, entry(2))  # noqa: E731
        with transaction(db):
            audit.append(db, entry(1))
            with pytest.raises(psycopg.errors.LockNotAvailable), transaction(other):
                attempt()
        with transaction(other):
            attempt()
    assert audit.head(db).n == 2
    assert audit.check_chain(db) == []
