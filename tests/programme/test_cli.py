"""``coterie programme``, as a person at a terminal uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from coterie.events import Activity, MemberRef, Mode
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.time import parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.schema import schema_text
from coterie.storage import connect, transaction
from tests.programme.writing_programmes import SMALL

Run = Callable[..., Result]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, "utf-8")
    return path


def call(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def run(database_url: str) -> Run:
    def on_the_database(*arguments: str | Path, code: int = 0) -> Result:
        return call("--database-url", database_url, "programme", *arguments, code=code)

    return on_the_database


def test_a_programme_is_checked_without_a_database(small: Path):
    told = call("programme", "check", small)
    assert told.stdout.startswith("small can be used: 1 rules, 1 currencies, 3 metrics, 1 caps.")
    assert not told.stderr


def test_what_is_wrong_is_a_line_each(small: Path):
    small.write_text(SMALL.replace("CNY", "yuan").replace("[daily]", "[weekly]"), "utf-8")
    told = call("programme", "check", small, code=1)
    lines = told.stderr.splitlines()
    assert lines[0].startswith(f"{small}:4: money: 'yuan' is not an ISO 4217 currency.")
    assert lines[1].startswith(f"{small}:28: rules[0].caps[0]: unknown cap 'weekly'.")
    assert lines[-1] == (
        "Refused (programme_invalid): The programme cannot be used as it is written."
    )


def test_what_is_odd_is_told_and_allowed(small: Path):
    small.write_text(SMALL.replace("    caps: [daily]\n", ""), "utf-8")
    told = call("programme", "check", small)
    assert told.stderr.strip() == f"{small}:23: warning: caps.daily: no rule uses this cap."


def test_a_programme_is_said_in_both_languages(small: Path):
    assert "Points for spending: for every order" in call("programme", "show", small).stdout
    assert "积分：每笔订单" in call("programme", "show", small, "--lang", "zh").stdout
    assert call("programme", "show", small, "--text").stdout.startswith("{\n")
    call("programme", "show", small, "--version", "1", code=2)


def test_the_schema_is_printed():
    assert call("programme", "schema").stdout == schema_text()


def test_publishing_showing_and_listing(run: Run, small: Path):
    assert run("show", code=1).stderr.startswith("Refused (version_unknown): ")
    assert "Version 1 of small is in force from the beginning on." in run("publish", small).stdout
    small.write_text(SMALL.replace("limit: 100", "limit: 200"), "utf-8")
    run("publish", small, "--at", "2100-01-01T00:00:00+08:00", "--note", "more room")
    assert "at most 100 Points a day" in run("show").stdout
    assert "at most 200 Points a day" in run("show", "--version", "2").stdout
    rows = [line.split("\t") for line in run("list").stdout.splitlines()]
    assert [row[:2] for row in rows] == [
        ["version", "in force from"],
        ["2", "2099-12-31T16:00:00Z"],
        ["1", "1970-01-01T00:00:00Z"],
    ]
    assert rows[1][4] == "more room"
    assert run("list", "--below", "2", "--limit", "1").stdout.splitlines()[1].startswith("1\t")


def test_a_version_that_may_not_be_is_refused(run: Run, small: Path):
    run("publish", small)
    told = run("publish", small, "--at", "2020-01-01T00:00:00Z", code=1)
    assert told.stderr.startswith("Refused (version_refused): ")
    run("publish", small, "--at", "tomorrow", code=1)
    small.write_text(SMALL.replace("code: base", "code: basic"), "utf-8")
    assert "rules.base: is in use" in run("publish", small, code=1).stderr
    small.write_text("programme: x", "utf-8")
    assert f"{small}:0" not in run("publish", small, code=1).stderr
    assert len(run("list").stdout.splitlines()) == 2


def test_the_text_of_a_version_can_be_published_again(run: Run, small: Path):
    run("publish", small)
    small.write_text(run("show", "--text").stdout, "utf-8")
    run("publish", small)
    texts = [line.split("\t")[3] for line in run("list").stdout.splitlines()[1:]]
    assert len(texts) == 2
    assert len(set(texts)) == 1


def test_what_changes_is_said_before_it_is_published(run: Run, small: Path, tmp_path: Path):
    later = tmp_path / "later.yaml"
    later.write_text(SMALL.replace("units: 1, per", "units: 2, per"), "utf-8")
    assert call("programme", "diff", small, small).stdout == "Both mean the same.\n"
    told = call("programme", "diff", small, later).stdout
    assert told.splitlines()[0] == "rule base changes:"
    assert "规则 base 有改动" in call("programme", "diff", small, later, "--lang", "zh").stdout
    run("publish", small)
    assert run("diff", later).stdout == told
    assert run("diff", "1", later).stdout == told
    (change,) = json.loads(run("diff", "1", later, "--json").stdout)
    assert change["values"] == [{"path": "earn.units", "before": "1", "after": "2"}]
    assert run("diff", "7", later, code=1).stderr.startswith("Refused (version_unknown)")


def test_a_version_is_rolled_back(run: Run, small: Path):
    run("publish", small)
    small.write_text(SMALL.replace("units: 1, per", "units: 2, per"), "utf-8")
    run("publish", small)
    assert run("rollback", "1", "--note", "too dear").stdout.startswith("Version 3 of small")
    rows = [line.split("\t") for line in run("list").stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["3", "2", "1"]
    assert rows[0][3] == rows[2][3]
    assert rows[0][4] == "too dear"


def test_a_version_with_a_new_metric_is_counted_when_it_is_published(
    run: Run, small: Path, database_url: str
):
    run("publish", small)
    with connect(database_url) as db:
        with transaction(db):
            member_id = create_members(db, [Newcomer((("card", "A1000"),))], now_us=1)[0]
        assert isinstance(member_id, int)
        event = Activity(
            key="k",
            occurred_at="2026-01-01T00:00:00+08:00",
            member=MemberRef(id=member_id),
            activity="visit",
            mode=Mode.HISTORICAL,
        )
        Engine().submit(db, [arrival_of(event, received_us=parse_instant(event.occurred_at)[0])])
    metric = "  lately: {on: activity:visit, measure: count, window: lifetime}\ncaps:"
    small.write_text(SMALL.replace("caps:", metric, 1), "utf-8")
    assert run("publish", small).stdout.startswith("Version 2 of small is in force")
    assert run("count").stdout == "Nothing waits.\n"
    assert run("list").stdout.splitlines()[1].split("\t")[5:] in ([], [""])
    with connect(database_url) as db:
        counted = db.execute("select buckets ->> 'lately' from metrics.counters").fetchall()
    assert counted == [('{"0":1}',)]
