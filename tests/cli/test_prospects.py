"""Prospects from the command line: noted with their origin, followed to their first purchase."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from coterie.cli import main
from tests.intake.test_entry import CLUB

Run = Callable[..., str]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """Call the command line on a world with entry rules."""

    def call(*arguments: str, given: str | None = None) -> str:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments], input=given)
        assert result.exit_code == 0, result.output
        return result.output

    path = tmp_path / "programme.yaml"
    path.write_text(CLUB, encoding="utf-8")
    call("clock", "set", "2026-03-01T12:00:00+08:00")
    call("programme", "publish", str(path))
    return call


def _rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()[1:]]


def test_prospects_are_listed_with_their_origin_and_first_purchase(run: Run) -> None:
    for card, origin in (("CARD1", "fair-2026"), ("CARD2", "friend")):
        given = ("--state", "prospect", "--origin", origin, "--channel", "event")
        run("members", "add", "--card", card, *given)
    run("members", "add", "--card", "CARD3")
    assert [row[2:3] + row[4:] for row in _rows(run("members", "prospects"))] == [
        ["prospect", "event", "friend", "", ""],
        ["prospect", "event", "fair-2026", "", ""],
    ]
    sale = {
        "kind": "order",
        "key": "o1",
        "occurred_at": "2026-03-01T10:00:00+08:00",
        "member": {"card": "CARD1"},
        "order_ref": "o1",
        "lines": [{"amount_minor": 60_000}],
    }
    run("events", "send", given=json.dumps(sale) + "\n")
    (row,) = _rows(run("members", "prospects", "--origin", "fair-2026"))
    assert (row[2], row[6][:10], row[7][:10]) == ("active", "2026-03-01", "2026-03-01")
    (other,) = _rows(run("members", "prospects", "--open"))
    assert other[5] == "friend"
    shown = dict(line.split("\t") for line in run("members", "show", row[0]).splitlines())
    assert shown["origin"] == "fair-2026"
