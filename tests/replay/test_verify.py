"""How the proof behaves: beside live traffic, when it is interrupted, on the command line."""

from __future__ import annotations

import json
import threading

import psycopg
import pytest
from click.testing import CliRunner

from coterie.cli import main
from coterie.intake.engine import Engine
from coterie.replay import CHECKS, CheckResult, UnknownCheck, verify
from coterie.replay.checks import AUDIT
from coterie.storage import Connection
from tests.ledger.test_planted_damage import plant
from tests.replay.worlds import build_world

RUNNER = CliRunner()
UNBALANCE = "update ledger.balance set available = available + 1 where member_id = 100001"


def run(database_url: str, *arguments: str) -> tuple[int, str]:
    done = RUNNER.invoke(main, ["--database-url", database_url, "verify", *arguments])
    return done.exit_code, done.stdout


def test_it_looks_at_one_moment_of_live_traffic(database_url: str, db: Connection):
    traffic = build_world(db, members=6, events=200)
    ended = threading.Event()

    def go_on() -> None:
        engine = Engine()
        with psycopg.connect(database_url, autocommit=True) as other:
            while not ended.is_set():
                engine.submit(other, list(traffic.arrivals(10)))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        reports = [verify(database_url, jobs=2, replayed=number == 2) for number in range(3)]
    finally:
        ended.set()
        thread.join()
    assert [[r.offenders for r in report.results if not r.clean] for report in reports] == [[]] * 3
    assert reports[0].events < reports[2].events, "there was no traffic"


def test_an_interruption_ends_everything(database_url: str, db: Connection):
    build_world(db, members=2, events=20)

    def interrupt(result: CheckResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(database_url, jobs=2, on_result=interrupt)
    left = db.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
        " and state = 'active'"
    ).fetchone()
    assert left == (0,)


def test_each_check_is_told_when_it_is_done(database_url: str):
    told: list[str] = []
    report = verify(database_url, jobs=3, on_result=lambda result: told.append(result.check.name))
    assert sorted(told) == sorted(check.name for check in (*CHECKS, AUDIT))
    assert report.clean, "an empty world is a clean one"


def test_an_unknown_check_is_refused_with_the_nearest_name(database_url: str):
    with pytest.raises(UnknownCheck, match="balances"):
        verify(database_url, names=["balance"])


def test_every_check_is_told_in_both_languages():
    for check in CHECKS:
        assert check.en.endswith(".")
        assert check.zh.endswith("。")


def test_the_command_says_what_is_proven(database_url: str, db: Connection):
    build_world(db, members=3, events=40)
    code, said = run(database_url, "--replay", "--jobs", "1")
    assert code == 0, said
    for check in (*(check.name for check in CHECKS), "replay", "Nothing found."):
        assert check in said


def test_the_command_names_the_offenders(database_url: str, db: Connection):
    build_world(db, members=3, events=40)
    plant(database_url, UNBALANCE)
    code, said = run(database_url, "--check", "balances", "--check", "lots")
    assert code == 2
    assert "member 100001" in said
    assert "Damage found." in said
    code, said = run(database_url, "--json")
    told = json.loads(said)
    assert code == 2
    assert told["clean"] is False
    wrong = {check["check"]: check["offenders"] for check in told["checks"] if not check["clean"]}
    assert wrong.keys() == {"balances", "conservation", "lot_sums"}
    assert wrong["balances"][0]["member_id"] == 100001


def test_the_command_refuses_an_unknown_check(database_url: str):
    code, _ = run(database_url, "--check", "balance")
    assert code == 1
