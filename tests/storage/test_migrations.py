"""Goal: a database is at the version of the program, or the program says why it is not."""

import threading

import psycopg
import pytest

from coterie.storage import (
    DatabaseNewer,
    Migration,
    MigrationBlocked,
    MigrationChanged,
    connect,
    known_migrations,
    migrate,
)
from coterie.storage.migrations import pending

FIRST = known_migrations()[0]
SECOND = Migration(2, "thing", "create table thing (x integer); insert into thing values (1);")
THIRD = Migration(3, "more", "alter table thing add column y integer;")


def test_the_files_of_this_version_apply_once(empty_database_url: str):
    assert migrate(empty_database_url) == known_migrations()
    assert migrate(empty_database_url) == ()


def test_only_what_is_missing_is_applied(empty_database_url: str):
    assert migrate(empty_database_url, [FIRST, SECOND]) == (FIRST, SECOND)
    assert migrate(empty_database_url, [FIRST, SECOND, THIRD]) == (THIRD,)
    with connect(empty_database_url) as connection:
        assert connection.execute("select x, y from thing").fetchall() == [(1, None)]


def test_a_failing_migration_leaves_nothing_of_itself(empty_database_url: str):
    broken = Migration(3, "broken", "create table half (x integer); select nonsense;")
    with pytest.raises(psycopg.errors.UndefinedColumn):
        migrate(empty_database_url, [FIRST, SECOND, broken])
    with connect(empty_database_url) as connection:
        assert connection.execute("select to_regclass('half')").fetchone() == (None,)
        assert pending(connection, [FIRST, SECOND, THIRD]) == (THIRD,), "those before it stay"


def test_a_changed_file_is_refused(empty_database_url: str):
    migrate(empty_database_url, [FIRST, SECOND])
    changed = Migration(2, "thing", SECOND.text + " ")
    with pytest.raises(MigrationChanged, match="0002_thing"):
        migrate(empty_database_url, [FIRST, changed, THIRD])


def test_line_ends_are_no_change():
    windows = Migration(2, "a", "select 1;\r\nselect 2;")
    assert windows.sha256 == Migration(2, "a", "select 1;\nselect 2;").sha256


def test_a_newer_database_is_refused(empty_database_url: str):
    migrate(empty_database_url, [FIRST, SECOND, THIRD])
    with pytest.raises(DatabaseNewer, match="0003_more"):
        migrate(empty_database_url, [FIRST, SECOND])


def test_a_lock_somebody_holds_blocks_in_words(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("coterie.storage.migrations.LOCK_TIMEOUT_MS", 200)
    migrate(empty_database_url, [FIRST, SECOND])
    with connect(empty_database_url) as other, other.transaction():
        other.execute("select * from thing")
        with pytest.raises(MigrationBlocked, match="0003_more"):
            migrate(empty_database_url, [FIRST, SECOND, THIRD])
    assert migrate(empty_database_url, [FIRST, SECOND, THIRD]) == (THIRD,)


def test_many_at_once_apply_each_once(empty_database_url: str):
    applied: list[tuple[Migration, ...]] = []

    def run() -> None:
        applied.append(migrate(empty_database_url, [FIRST, SECOND, THIRD]))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, applied)) == [0, 0, 0, 0, 0, 3]


def test_another_migration_that_hangs_is_not_waited_for_without_end(empty_database_url: str):
    with connect(empty_database_url) as other:
        other.execute("select pg_advisory_lock(%s)", (0x636F746572696501,))
        with pytest.raises(MigrationBlocked, match="Another process"):
            migrate(empty_database_url, [FIRST], others_wait_s=0.2)
