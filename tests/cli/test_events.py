"""Events, balances, lots, statement and books from the command line, on a real database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from tests.intake.world import PROGRAMME

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """Call the command line on a world with a programme, one member and a clock that stands."""

    def call(*arguments: str, code: int = 0, given: str | None = None) -> Result:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments], input=given)
        assert result.exit_code == code, result.output
        return result

    path = tmp_path / "programme.yaml"
    path.write_text(PROGRAMME, encoding="utf-8")
    call("clock", "set", "2026-03-01T12:00:00+08:00")
    call("programme", "publish", str(path))
    call("members", "add", "--card", "C1000")
    return call


def event(kind: str, key: str, at: str = "2026-03-01T10:00:00+08:00", **fields: Any) -> str:
    return json.dumps(
        {"kind": kind, "key": key, "occurred_at": at, "member": {"card": "C1000"}, **fields}
    )


def order(key: str, **fields: Any) -> str:
    return event("order", key, order_ref=key, lines=[{"amount_minor": 12_345}], **fields)


def rows(result: Result) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()[1:]]


def test_an_order_is_sent_seen_and_reversed_with_a_reason(run: Run):
    sent = run("events", "send", given=order("o1") + "\n")
    answer = json.loads(sent.stdout)
    member, _ = answer["event"].split(":")
    balances = {row[0]: row for row in rows(run("balances", member))}
    assert balances["points"][1] == "123"
    assert balances["points"][6] == "2026-05-31"
    assert balances["stamps"][3] == "1"
    assert [row[1:5] for row in rows(run("lots", member, "--currency", "points"))] == [
        ["points", "open", "123", "123"]
    ]
    reversal = event("reversal", "r1", reverses_seq=1, reason="wrong till")
    run("events", "send", given=reversal)
    lines = rows(run("statement", member, "--currency", "points"))
    assert [(line[3], line[5], line[-1]) for line in lines] == [
        ("-123", "reversal", "0"),
        ("123", "earn", "123"),
    ]
    shown = json.loads(run("events", "show", f"{member}:2").stdout)
    assert shown["payload"]["reason"] == "wrong till"


def test_refused_lines_are_answered_in_their_place_and_the_others_count(run: Run):
    text = "\n".join([order("o1"), "{not json", order("o2"), ""])
    sent = run("events", "send", given=text, code=3)
    assert [json.loads(line)["status"] for line in sent.stdout.splitlines()] == [
        "accepted",
        "refused",
        "accepted",
    ]


def test_what_waits_is_listed_and_decided_once(run: Run):
    late = order("late", at="2026-01-15T10:00:00+08:00")
    assert json.loads(run("events", "send", given=late).stdout)["status"] == "waiting"
    later = order("later", at="2026-01-16T10:00:00+08:00")
    run("events", "send", given=later)
    first, second = (row[0] for row in rows(run("events", "waiting", "--reason", "late")))
    approved = json.loads(run("events", "approve", first, "--by", "anna").stdout)
    assert approved["status"] == "accepted"
    run("events", "refuse", second, "--by", "anna")
    run("events", "approve", second, "--by", "anna", code=1)
    assert rows(run("events", "waiting")) == []


def test_books_close_and_stay_closed(run: Run):
    assert run("books", "show").stdout == "no day is closed\n"
    run("books", "close", "2026-02-28")
    run("books", "close", "2026-01-31", code=1)
    assert run("books", "show").stdout == "closed through 2026-02-28\n"


def test_nobody_has_no_balances(run: Run):
    assert "member_unknown" in run("balances", "7", code=1).stderr
