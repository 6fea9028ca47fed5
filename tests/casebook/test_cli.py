"""``coterie programme test`` prints what differs and why, and ends with 1 where something does."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from coterie.cli.root import main
from tests.casebook.books import write

GOOD = "cases: [{id: good, events: [{at: 2026-03-01, order: 2}], expect: {balances: {points: 2}}}]"
BAD = GOOD.replace("points: 2", "points: 3").replace("good", "bad")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["programme", "test", *arguments])
    return result.exit_code, result.output


def test_passing_cases_end_with_zero(tmp_path: Path):
    code, output = run(str(write(tmp_path, GOOD)))
    assert code == 0
    assert output.splitlines() == ["ok     good", "1 cases of cafe: none failed."]


def test_a_difference_is_explained(tmp_path: Path):
    code, output = run(str(write(tmp_path, BAD)))
    assert code == 1
    assert "FAILED bad" in output
    assert "expected 3.0, found 2.0" in output
    assert "Points for spending: gives 2.0 Points" in output
    assert "1 cases of cafe: 1 failed." in output


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_as_json(tmp_path: Path, lang: str):
    code, output = run(str(write(tmp_path, BAD)), "--json", "--lang", lang)
    told = json.loads(output)
    assert code == 1
    assert told["failed"] == 1
    (case,) = told["cases"]
    assert case["passed"] is False
    assert case["differences"][0]["expected"] == "3.0"
    assert case["story"][0]["lines"]


def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path):
    code, output = run(str(write(tmp_path, "cases: [{id: a, nothing: 1}]")))
    assert code == 1
    assert "cafe.cases.yaml:1: cases[0].nothing: unknown key" in output
    assert "cases_invalid" in output


def test_the_schema_is_printed():
    result = CliRunner().invoke(main, ["programme", "cases-schema"])
    assert json.loads(result.output)["title"] == "Worked cases of a Coterie programme"
