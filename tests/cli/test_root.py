"""The root: quick help, one line for a refusal, 130 for Ctrl-C, commands that are not there."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from coterie import __version__
from coterie.access import Scope
from coterie.cli import main
from coterie.cli.registry import COMMANDS
from coterie.cli.root import Root
from coterie.kernel.errors import Malformed


@contextmanager
def registered(monkeypatch: pytest.MonkeyPatch, command: click.Command) -> Iterator[Root]:
    """Put a command of this test into the root."""
    assert isinstance(main, Root)
    get = Root.get_command

    def get_command(self: Root, ctx: click.Context, name: str) -> click.Command | None:
        return command if name == "probe" else get(self, ctx, name)

    monkeypatch.setattr(Root, "get_command", get_command)
    yield main


def test_the_version_is_told():
    result = CliRunner().invoke(main, ["--version"])
    assert (result.exit_code, result.output.strip()) == (0, f"coterie, version {__version__}")


def test_help_loads_no_driver_and_no_web():
    code = (
        "import sys; from coterie.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'psycopg', 'litestar', 'rich', 'msgspec', 'coterie.storage', 'coterie.members'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "members" in done.stdout


LISTED = sorted(n for n, (target, _) in COMMANDS.items() if find_spec(target.split(":")[0]))


@pytest.mark.parametrize("name", LISTED)
def test_what_the_list_says_is_what_the_command_says(name: str):
    target, told = COMMANDS[name]
    module, _, function = target.partition(":")
    command = getattr(importlib.import_module(module), function)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.get_short_help_str(200) == told


def test_a_command_whose_module_is_missing_does_not_break_the_others(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(COMMANDS, "ghost", ("coterie.cli.ghost:ghost", "Not there."))
    listed = CliRunner().invoke(main, ["--help"])
    assert listed.exit_code == 0
    assert "ghost" not in listed.output
    assert "keys" in listed.output
    called = CliRunner().invoke(main, ["ghost"])
    assert called.exit_code == 2
    assert "No such command 'ghost'" in called.output


def test_a_refusal_is_one_line_on_the_error_stream(monkeypatch: pytest.MonkeyPatch):
    @click.command("probe")
    def probe() -> None:
        raise Malformed("Two\nlines.", where="lines[0]")

    with registered(monkeypatch, probe) as root:
        result = CliRunner().invoke(root, ["probe"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        "Refused (malformed): The input cannot be understood. Two lines. (at lines[0])\n"
    )


@pytest.mark.parametrize("raised", [KeyboardInterrupt, click.Abort])
def test_an_interruption_is_130_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, raised: type[BaseException]
):
    @click.command("probe")
    def probe() -> None:
        raise raised

    with registered(monkeypatch, probe) as root:
        result = CliRunner().invoke(root, ["probe"])
    assert result.exit_code == 130
    assert result.output.strip() == ""


def test_global_options_are_said_in_the_environment_and_taken_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("COTERIE_DATABASE_URL", "before")
    seen: list[tuple[str | None, str | None]] = []

    @click.command("probe")
    def probe() -> None:
        seen.append((os.environ.get("COTERIE_HOME"), os.environ.get("COTERIE_DATABASE_URL")))

    with registered(monkeypatch, probe) as root:
        home = CliRunner().invoke(root, ["--home", str(tmp_path), "probe"])
        url = CliRunner().invoke(root, ["--database-url", "postgresql:///x", "probe"])
        both = CliRunner().invoke(
            root, ["--home", str(tmp_path), "--database-url", "postgresql:///x", "probe"]
        )
    assert (home.exit_code, url.exit_code, both.exit_code) == (0, 0, 2)
    assert seen[0] == (str(tmp_path), "")
    assert seen[1][1] == "postgresql:///x"
    assert os.environ["COTERIE_DATABASE_URL"] == "before"


def test_the_help_of_issue_names_every_scope():
    told = CliRunner().invoke(main, ["keys", "issue", "--help"]).output
    assert not [scope.value for scope in Scope if scope.value not in told]
