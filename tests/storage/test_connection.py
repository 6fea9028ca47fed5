"""What a connection is like, wherever it comes from, and what is said when there is none."""

import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from coterie.storage import (
    Connection,
    DatabaseNameRefused,
    ServerTooOld,
    Storage,
    StorageSettings,
    StorageUnavailable,
    TransactionNested,
    open_storage,
    savepoint,
    transaction,
    tried_again,
)
from coterie.storage.connection import _check_version


def plain(url: str) -> str:
    """The address alone, as an operator would give it."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return psycopg.conninfo.make_conninfo(
        host=parts["host"], port=parts["port"], user=parts["user"], dbname=parts["dbname"]
    )


def test_session_settings_are_ours(database_url: str, tmp_path: Path):
    url = plain(database_url)
    settings = StorageSettings(
        home=tmp_path, database_url=url, lock_timeout_ms=1234, application_name="till"
    )
    with open_storage(settings) as storage, storage.pool.connection() as pooled:
        for connection in (pooled, storage.connect()):
            shown = [
                connection.execute(f"show {name}").fetchone()[0]  # type: ignore[index]
                for name in (
                    "timezone",
                    "transaction_isolation",
                    "statement_timeout",
                    "lock_timeout",
                    "idle_in_transaction_session_timeout",
                    "application_name",
                )
            ]
            assert shown == ["UTC", "read committed", "1min", "1234ms", "1min", "till"]
            assert connection.autocommit


def test_what_the_url_says_wins(postgres: Storage, tmp_path: Path):
    url = psycopg.conninfo.make_conninfo(postgres.url_for("postgres"), options="-c jit=on")
    settings = StorageSettings(home=tmp_path, database_url=url)
    with open_storage(settings) as storage, storage.connect() as connection:
        assert connection.execute("show jit").fetchone() == ("on",)
        assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_a_statement_that_takes_too_long_is_cancelled(database_url: str, tmp_path: Path):
    url = plain(database_url)
    settings = StorageSettings(home=tmp_path, database_url=url, statement_timeout_ms=50)
    cancelled = pytest.raises(psycopg.errors.QueryCanceled)
    with open_storage(settings) as storage, storage.connect() as connection, cancelled:
        connection.execute("select pg_sleep(5)")


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/nowhere", "host=/nowhere", "nonsense"])
def test_no_server_is_said_at_once(url: str, tmp_path: Path):
    with pytest.raises(StorageUnavailable):
        open_storage(StorageSettings(home=tmp_path, database_url=url))


def test_an_old_server_is_refused():
    with pytest.raises(ServerTooOld):
        _check_version(140_012)


def test_databases_come_and_go(postgres: Storage):
    assert postgres.create_database("sandbox_one")
    assert not postgres.create_database("sandbox_one")
    assert postgres.create_database("sandbox_two", template="sandbox_one")
    for name in ("sandbox_one", "sandbox_two"):
        postgres.drop_database(name)
        postgres.drop_database(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", "a" * 64, 'a"; drop', "données"])
def test_a_strange_name_of_a_database_is_refused(name: str, postgres: Storage):
    with pytest.raises(DatabaseNameRefused):
        postgres.create_database(name)


def test_where_is_one_line_for_a_person(postgres: Storage, database_url: str, tmp_path: Path):
    assert "embedded, data in" in postgres.where
    assert "\n" not in postgres.where
    with open_storage(StorageSettings(home=tmp_path, database_url=database_url)) as given:
        assert "one's own" in given.where


def test_settings_come_from_the_environment(tmp_path: Path):
    read = StorageSettings.from_environment
    assert read({"XDG_DATA_HOME": "/data"}).home == Path("/data/coterie")
    assert read({}).home == Path.home() / ".local/share/coterie"
    all_given = read(
        {
            "COTERIE_HOME": str(tmp_path),
            "COTERIE_DATABASE_URL": "postgresql:///x",
            "COTERIE_POSTGRES_BIN": "/bin",
        }
    )
    assert (all_given.home, all_given.database_url) == (tmp_path, "postgresql:///x")
    assert all_given.postgres_bin == Path("/bin")


def test_a_transaction_commits_or_leaves_nothing(db: Connection):
    db.execute("create table kept (x integer)")
    with transaction(db):
        db.execute("insert into kept values (1)")
    failing = "insert into kept values (2); select 1 / 0"
    with pytest.raises(psycopg.errors.DivisionByZero), transaction(db):
        db.execute(failing)
    with transaction(db):
        with pytest.raises(psycopg.errors.DivisionByZero), savepoint(db):
            db.execute(failing)
        db.execute("insert into kept values (4)")
    assert db.execute("select x from kept order by x").fetchall() == [(1,), (4,)]


def test_a_transaction_inside_another_is_refused(db: Connection):
    with transaction(db), pytest.raises(TransactionNested), transaction(db):
        pass


def test_a_deadlock_is_tried_again(database_url: str):
    """Two transactions take two rows in opposite order; both are done in the end."""
    with psycopg.connect(database_url, autocommit=True) as setup:
        setup.execute("create table pair (id integer primary key, x integer)")
        setup.execute("insert into pair values (1, 0), (2, 0)")
    meeting = threading.Barrier(2, timeout=20)
    tries = []

    def run(order: tuple[int, int]) -> None:
        met = False
        with psycopg.connect(database_url, autocommit=True) as connection:

            def both() -> None:
                nonlocal met
                tries.append(order)
                with transaction(connection):
                    connection.execute("update pair set x = x + 1 where id = %s", (order[0],))
                    if not met:
                        met = True
                        meeting.wait()
                    connection.execute("update pair set x = x + 1 where id = %s", (order[1],))

            tried_again(both)

    threads = [threading.Thread(target=run, args=(order,)) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select x from pair").fetchall() == [(2,), (2,)]
    assert len(tries) == 3


def test_trying_again_has_a_bound():
    tries = []

    def hopeless() -> None:
        tries.append(1)
        raise psycopg.errors.SerializationFailure

    with pytest.raises(psycopg.errors.SerializationFailure):
        tried_again(hopeless, tries_max=3)
    assert len(tries) == 3


def test_the_package_loads_without_file_locks():
    """Windows has none; with a server of one's own none is needed."""
    program = "import sys; sys.modules['fcntl'] = None; import coterie.storage"
    subprocess.run([sys.executable, "-c", program], check=True)
