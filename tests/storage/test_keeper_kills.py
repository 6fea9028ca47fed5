"""Goal: whatever is killed, the server stops when nobody needs it and no answer is taken back.

Method: real processes that hold a real server in a folder of their own, and real SIGKILLs.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coterie.storage import StorageUnavailable
from coterie.storage.embedded import EmbeddedServer
from tests.storage.holding import ROOT, Home, within

pytestmark = pytest.mark.long

STOP_S_MAX = 10.0


def test_the_server_ends_with_its_last_holder_however_that_dies(home: Home):
    first, second = home.hold().opened(), home.hold().opened()
    first.ask("create table kept (x integer)")
    first.ask("insert into kept values (1)")
    first.kill()
    time.sleep(4)
    assert second.ask("select x from kept") == [[1]], "the other one still holds it"
    second.kill()
    assert within(STOP_S_MAX, home.quiet)
    assert "database system is shut down" in home.folder.server_log.read_text("utf-8")
    third = home.hold().opened()
    assert third.ask("select x from kept") == [[1]]
    third.finish()
    assert within(STOP_S_MAX, home.quiet), "an orderly end counts as well"


def test_a_killed_keeper_is_replaced_by_whoever_holds_the_server(home: Home):
    holder = home.hold().opened()
    keeper, postmaster = home.keeper_pid(), home.server_pid()
    os.kill(keeper, signal.SIGKILL)
    assert within(10, lambda: home.keeper_pid() != keeper), "a new keeper"
    assert holder.ask("select 1") == [[1]]
    assert home.server_pid() == postmaster, "the server was not disturbed"
    holder.kill()
    assert within(STOP_S_MAX, home.quiet), "the new keeper stops a server it did not start"


def test_the_next_command_adopts_what_killed_ones_left(home: Home):
    holder = home.hold().opened()
    keeper, postmaster = home.keeper_pid(), home.server_pid()
    os.kill(keeper, signal.SIGKILL)
    holder.kill()
    time.sleep(2)
    assert home.server_pid() == postmaster, "nobody is left to stop it"
    after = home.hold().opened()
    assert home.server_pid() == postmaster
    after.finish()
    assert within(STOP_S_MAX, home.quiet)


def test_a_killed_server_comes_back_under_its_holders(home: Home):
    holder = home.hold().opened()
    holder.ask("create table kept (x integer)")
    holder.ask("insert into kept values (7)")
    postmaster = home.server_pid()
    assert postmaster
    os.kill(postmaster, signal.SIGKILL)
    assert within(30, lambda: home.server_pid() not in (None, postmaster))
    assert holder.ask("select x from kept") == [[7]], "the pool replaced its dead connection"


def test_server_keeper_and_holder_killed_at_once_lose_nothing(home: Home):
    """Rounds of: write as fast as possible, kill everything at a random moment, start again."""
    acknowledged = 0
    randomness = random.Random(7)
    for number in range(6):
        holder = home.hold().opened()
        holder.ask("create table if not exists written (x integer primary key)")
        kept = holder.ask("select coalesce(max(x), 0), count(*) from written")[0]
        assert kept[0] >= acknowledged, f"round {number}"
        assert kept[0] == kept[1], "no hole"
        acknowledged = kept[0]
        until = time.monotonic() + randomness.uniform(0.05, 0.8)
        while time.monotonic() < until:
            holder.ask(f"insert into written values ({acknowledged + 1})")
            acknowledged += 1
        pids = [home.server_pid(), home.keeper_pid(), holder.pid]
        randomness.shuffle(pids)
        for pid in pids:
            os.kill(pid or holder.pid, signal.SIGKILL)
        holder.finish()
    assert acknowledged > 100


def test_ten_processes_at_once_share_one_keeper_and_one_server(home: Home):
    holders = [home.hold() for _ in range(10)]
    for holder in holders:
        holder.opened()
    seen = {tuple(h.ask("select pg_postmaster_start_time()::text")[0]) for h in holders}
    assert len(seen) == 1

    def keepers() -> int:
        wanted = f"coterie.storage.keeper\0{home.path}".encode()
        found = 0
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):  # It ended while we looked.
                found += wanted in path.read_bytes()
        return found

    assert within(5, lambda: keepers() == 1)
    for holder in holders:
        holder.kill()
    assert within(STOP_S_MAX, home.quiet)


def test_coming_and_going_never_meets_a_server_that_goes(home: Home):
    """The moment a keeper decides to stop is the moment somebody comes."""
    for number in range(8):
        pair = [home.hold(), home.hold()]
        for holder in pair:
            assert holder.opened().ask("select 1") == [[1]]
            holder.kill(signal.SIGKILL if number % 2 else signal.SIGTERM)
        time.sleep(1.9 + number * 0.07)


def test_a_reused_pid_is_not_taken_for_the_server(home: Home):
    """After a restart of the machine, the pid in postmaster.pid may be anybody's."""
    holder = home.hold().opened()
    holder.ask("create table kept as select 3 as x")
    cluster = home.folder.read_cluster()
    pid_file = cluster.data / "postmaster.pid" if cluster else None
    assert pid_file
    for pid in (home.keeper_pid(), home.server_pid(), holder.pid):
        os.kill(pid or holder.pid, signal.SIGKILL)
    holder.finish()
    owner = pid_file.stat()
    stranger = subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid)
    lines = pid_file.read_text("utf-8").split("\n")
    pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]), "utf-8")
    try:
        assert home.hold().opened().ask("select x from kept") == [[3]]
        assert stranger.poll() is None, "the stranger lives"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_does_not_answer_is_waited_for_as_long_as_we_say(home: Home):
    first = home.hold().opened()
    postmaster = home.server_pid()
    assert postmaster
    os.kill(postmaster, signal.SIGSTOP)
    began = time.monotonic()
    told: list[str] = []
    with pytest.raises(StorageUnavailable, match="within 6 s"):
        EmbeddedServer(home.path, start_timeout_s=6, report=told.append)
    assert time.monotonic() - began < 20
    assert told[0].startswith("Waiting for PostgreSQL"), "whoever waits is told so"
    os.kill(postmaster, signal.SIGCONT)
    assert first.ask("select 1") == [[1]]
    assert home.hold().opened().ask("select 1") == [[1]]


def test_a_keeper_asked_to_end_waits_for_its_holders_but_does_not_linger(home: Home):
    holder = home.hold().opened()
    os.kill(home.keeper_pid(), signal.SIGTERM)
    time.sleep(2)
    assert holder.ask("select 1") == [[1]]
    holder.kill()
    assert within(2.0, home.quiet)


def test_a_killed_test_run_leaves_neither_server_nor_folder(tmp_path: Path):
    """The fixtures of this very suite: their folder is disposable."""
    told = tmp_path / "home"
    (tmp_path / "test_it.py").write_text(
        "import time\n"
        "from pathlib import Path\n"
        "def test_it(postgres):\n"
        f"    Path({str(told)!r}).write_text(str(postgres.settings.home))\n"
        "    time.sleep(60)\n",
        encoding="utf-8",
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.fixtures_postgres", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    try:
        assert within(60, told.exists)
        home = Path(told.read_text(encoding="utf-8"))
        assert home.is_dir()
    finally:
        run.kill()
        run.wait()
    assert within(STOP_S_MAX, lambda: not home.exists())
