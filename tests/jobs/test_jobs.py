"""Long work: asked for once, done by whoever lives, ended when nobody wants it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from coterie.cli import main
from coterie.events import KeyReused
from coterie.jobs import (
    JobRow,
    JobState,
    Runner,
    ask_job,
    cancel_job,
    file_in,
    get_job,
    job_kind,
    list_jobs,
    read_arguments,
    store,
)
from coterie.jobs.asking import OPEN_MAX
from coterie.jobs.errors import (
    FileNameRefused,
    JobArguments,
    JobKindUnknown,
    JobOver,
    JobsFull,
    JobUnknown,
)
from coterie.programme.errors import ProgrammeInvalid
from coterie.storage import Connection, connect, transaction
from tests.replay.worlds import PROGRAMME, build_world


def ask(db: Connection, kind: str = "count", key: str = "k1", **arguments: object) -> int:
    wanted = job_kind(kind)
    read = read_arguments(wanted, arguments)
    with transaction(db):
        return ask_job(db, wanted, read, source="shop", key=key, now_us=1)[0]


def until(found: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def test_a_job_is_asked_for_once_and_done(db: Connection, database_url: str, tmp_path: Path):
    build_world(db, members=3, events=40)
    job_id = ask(db, "verify", replay=True)
    assert ask(db, "verify", replay=True) == job_id
    with pytest.raises(KeyReused):
        ask(db, "verify", replay=False)
    assert Runner(database_url, tmp_path).once(db)
    row = get_job(db, job_id)
    assert (row.state, row.runs, row.error_code) == ("done", 1, None)
    told = json.loads(row.result or "")
    assert told["clean"]
    assert told["checks"][-1]["check"] == "replay"
    assert not Runner(database_url, tmp_path).once(db)
    with pytest.raises(JobOver):
        cancel_job(db, job_id, 2)


def test_a_plan_is_a_job(db: Connection, database_url: str, tmp_path: Path):
    build_world(db, members=3, events=60)
    job_id = ask(db, "plan", text=PROGRAMME, jobs=1)
    assert Runner(database_url, tmp_path).once(db)
    row = get_job(db, job_id)
    assert row.state == "done", row.error_detail
    assert json.loads(row.result or "")["members"] == 3
    assert (row.phase, row.total) == ("members", 3)


def test_what_could_never_be_done_is_refused_at_once(db: Connection):
    with pytest.raises(JobKindUnknown, match="Did you mean 'plan'"):
        job_kind("plann")
    with pytest.raises(ProgrammeInvalid):
        ask(db, "plan", text="programme: x")
    with pytest.raises(JobArguments, match=r"arguments\.jobs"):
        ask(db, "verify", jobs=99)
    with pytest.raises(JobArguments):
        ask(db, "verify", nonsense=1)
    with pytest.raises(JobUnknown):
        get_job(db, 7)
    assert list_jobs(db) == ([], None)


def test_a_job_that_fails_says_why(db: Connection, database_url: str, tmp_path: Path):
    job_id = ask(db, "plan", text=PROGRAMME)
    Runner(database_url, tmp_path).once(db)
    row = get_job(db, job_id)
    assert (row.state, row.error_code) == ("failed", "version_unknown")


def test_jobs_are_bounded_and_listed_by_pages(db: Connection):
    ids = [ask(db, key=f"k{n}") for n in range(OPEN_MAX)]
    with pytest.raises(JobsFull):
        ask(db, key="one more")
    first, cursor = list_jobs(db, limit=30, state=JobState.QUEUED)
    rest, end = list_jobs(db, limit=30, cursor=cursor)
    assert [row.job_id for row in (*first, *rest)] == ids[::-1]
    assert end is None
    assert cancel_job(db, ids[0], 5).state == "cancelled"
    assert ask(db, key="one more") == list_jobs(db, limit=1)[0][0].job_id
    assert len(list_jobs(db, state=JobState.CANCELLED, kind="count")[0]) == 1


def run_beside(url: str, folder: str) -> None:
    os.setpgrp()
    with connect(url) as db:
        Runner(url, Path(folder)).once(db)


def slowed(db: Connection, url: str) -> psycopg.Connection:
    """Let the checks of ``verify`` wait: for a lock that is held until the connection is closed."""
    del db
    other = psycopg.connect(url)
    other.execute("lock table ledger.movement in access exclusive mode")
    return other


def running(db: Connection, job_id: int) -> bool:
    return get_job(db, job_id).phase is not None


def test_a_job_whose_runner_was_killed_is_taken_over(
    db: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("coterie.jobs.store.LEASE_S", 1)
    job_id = ask(db, "verify")
    context = multiprocessing.get_context("spawn")
    first = context.Process(target=run_beside, args=(database_url, str(tmp_path)))
    with slowed(db, database_url):
        first.start()
        until(lambda: running(db, job_id))
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        assert get_job(db, job_id).state == "running"
    # The lease of the dead is over at once; a real one takes half a minute.
    db.execute("update jobs.job set leased_until = clock_timestamp() - interval '1 s'")
    assert Runner(database_url, tmp_path).once(db)
    row = get_job(db, job_id)
    assert (row.state, row.runs) == ("done", 2)


def test_a_running_job_is_cancelled(
    db: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in (("BEAT_S", 0.1), ("LOOK_S", 0.05), ("PATIENCE_S", 0.2)):
        monkeypatch.setattr(f"coterie.jobs.running.{name}", value)
    job_id = ask(db, "verify")

    def cancel_when_running() -> bool:
        with connect(database_url) as other:
            if running(other, job_id) and not get_job(other, job_id).cancel:
                cancel_job(other, job_id, 9)
        return False

    with slowed(db, database_url):
        assert Runner(database_url, tmp_path).once(db, stopped=cancel_when_running)
    row = get_job(db, job_id)
    assert (row.state, row.result) == ("cancelled", None)


def test_a_runner_that_ends_leaves_its_job_to_the_next(
    db: Connection, database_url: str, tmp_path: Path
):
    job_id = ask(db, "verify")
    with slowed(db, database_url):
        runner = Runner(database_url, tmp_path)
        assert runner.once(db, stopped=lambda: running(db, job_id))
    assert (get_job(db, job_id).state, get_job(db, job_id).runs) == ("queued", 0)
    assert Runner(database_url, tmp_path).once(db)
    assert get_job(db, job_id).state == "done"


def lapse(db: Connection) -> JobRow:
    db.execute("update jobs.job set leased_until = clock_timestamp() - interval '1 s'")
    return list_jobs(db)[0][0]


def test_a_job_that_kills_its_runners_is_not_begun_for_ever(db: Connection):
    job_id = ask(db)
    for run in range(1, 4):
        with transaction(db):
            held = store.take_job(db, f"r{run}", 10)
        assert held is not None
        assert lapse(db).runs == run
    with transaction(db):
        assert store.take_job(db, "r4", 11) is None
    row = get_job(db, job_id)
    assert (row.state, row.error_code) == ("failed", "job_kept_dying")
    # Who lost it cannot end it any more.
    lost = store.Held(job_id, "count", "r1")
    assert not store.end_job(db, lost, JobState.DONE, 12, result="{}")
    assert store.renew_lease(db, lost) is None


def test_a_cancelled_job_whose_runner_died_ends(db: Connection):
    job_id = ask(db)
    with transaction(db):
        assert store.take_job(db, "r1", 10)
    assert cancel_job(db, job_id, 11).state == "running"
    lapse(db)
    with transaction(db):
        assert store.take_job(db, "r2", 12) is None
    assert get_job(db, job_id).state == "cancelled"


def test_so_many_run_at_once_and_no_more(db: Connection):
    for n in range(store.RUNNING_MAX + 1):
        ask(db, key=f"k{n}")
    with transaction(db):
        taken = [store.take_job(db, f"r{n}", 1) for n in range(store.RUNNING_MAX + 1)]
    assert [held is None for held in taken] == [False] * store.RUNNING_MAX + [True]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "", ".hidden", "a\0b", "x" * 101])
def test_no_file_name_leads_out_of_the_folder(name: str, tmp_path: Path):
    with pytest.raises(FileNameRefused):
        file_in(tmp_path, name)


def test_no_link_leads_out_of_the_folder(tmp_path: Path):
    (tmp_path / "out.csv").symlink_to("/etc/passwd")
    with pytest.raises(FileNameRefused, match="link"):
        file_in(tmp_path, "out.csv")
    assert file_in(tmp_path, "in.csv") == tmp_path / "in.csv"


def test_from_the_command_line(database_url: str, db: Connection):
    build_world(db, members=2, events=20)

    def call(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, ["--database-url", database_url, *arguments])
        assert done.exit_code == code, done.output
        return done.output

    assert "plan" in call("jobs", "kinds")
    assert call("jobs", "start", "verify", '{"replay": true}', "--key", "x") == "Job 1 waits.\n"
    again = call("jobs", "start", "verify", '{"replay": true}', "--key", "x")
    assert again == "Job 1 was asked for before.\n"
    assert "not JSON" in call("jobs", "start", "verify", "replay", code=2)
    call("jobs", "start", "count")
    assert call("jobs", "cancel", "2") == "Job 2 is cancelled.\n"
    assert call("jobs", "run") == "1 jobs were done.\n"
    assert json.loads(call("jobs", "show", "1", "--result"))["clean"] is True
    assert "cancelled" in call("jobs", "show", "2", code=2)
    assert [line.split("\t")[2] for line in call("jobs", "list").splitlines()[1:]] == [
        "cancelled",
        "done",
    ]
