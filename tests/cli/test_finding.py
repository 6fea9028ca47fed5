"""``coterie find``: the box on the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from coterie.cli import main

Run = Callable[..., str]


@pytest.fixture
def run(database_url: str) -> Run:
    """Call the command line on a world without a programme."""

    def call(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    return call


def test_a_member_is_found_by_pinyin_and_the_last_four(run: Run) -> None:
    run("members", "add", "--name", "欧阳娜娜", "--phone", "13800138000")
    for typed in (("ouyang",), ("oynn", "8000"), ("娜",)):
        [_, line] = run("find", *typed).splitlines()
        assert line.split("\t")[2:5] == ["欧阳娜娜", "active", "+8613800138000"]
    masked = run("find", "--masked", "8000").splitlines()[1]
    assert masked.split("\t")[2:5] == ["欧***", "active", "+86138****8000"]


def test_short_lists_say_that_there_is_more(run: Run) -> None:
    for number in range(3):
        run("members", "add", "--name", "李伟", "--card", f"CARD{number}")
    assert "There may be more members" in run("find", "--limit", "2", "liwei")


def test_taking_in_has_nothing_to_do_where_all_were_made_with_it(run: Run) -> None:
    run("members", "add", "--name", "李伟")
    assert run("members", "take-in") == ""
