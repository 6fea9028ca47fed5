"""The fixtures everybody leans on do what they say."""

from pathlib import Path

from coterie.storage import Connection, StorageSettings, open_storage


def test_a_test_gets_a_migrated_database(db: Connection) -> None:
    rows = db.execute("select version, name from storage.migration order by version").fetchall()
    assert rows[0] == (1, "storage")
    assert db.execute("show timezone").fetchone() == ("UTC",)
    db.execute("create table left_behind (x integer)")


def test_nothing_is_left_behind_for_the_next_test(db: Connection) -> None:
    assert db.execute("select to_regclass('left_behind')").fetchone() == (None,)


def test_a_given_server_is_used_as_it_is(database_url: str, tmp_path: Path) -> None:
    settings = StorageSettings(home=tmp_path / "unused", database_url=database_url)
    with open_storage(settings) as storage, storage.connect() as connection:
        assert storage.embedded is None
        assert connection.execute("select 1").fetchone() == (1,)
    assert not (tmp_path / "unused").exists()
