"""What is handed to other programs: units, a container, a proxy; their paths and commands exist."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from coterie.api.events import BATCH_BYTES_MAX
from coterie.cli import main
from coterie.cli.serving import KEEP_ALIVE_S

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINER = (DEPLOY / "container" / "Containerfile").read_text("utf-8")


def understood(words: list[str]) -> None:
    """A command line of ours is parsed to its end, without running it."""
    with main.make_context("coterie", list(words)) as root:
        name, command, rest = main.resolve_command(root, [*root._protected_args, *root.args])
        assert command is not None
        with command.make_context(name, list(rest), parent=root):
            pass


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_commands_that_there_are(unit: Path):
    started = re.findall(
        r"^ExecStart=/opt/coterie/bin/coterie (.*)$", unit.read_text("utf-8"), re.MULTILINE
    )
    assert len(started) == 1
    understood(shlex.split(started[0]))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_units(unit: Path, tmp_path: Path):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        # Elsewhere the sections are still read, as far as that goes without systemd.
        assert re.findall(r"^\[(\w+)\]$", unit.read_text("utf-8"), re.MULTILINE) == [
            *("Unit", "Service", "Install")
        ]
        return
    # The program is not installed where the unit looks for it: any program stands in.
    text = re.sub(
        r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text("utf-8"), flags=re.MULTILINE
    )
    name = unit.name.replace("@.", "@2.")
    (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        [tool, "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if name in line]
    assert not [line for line in said if "Unknown" in line or "Invalid" in line or "Failed" in line]
    assert done.returncode == 0, done.stderr


def test_the_environment_names_settings_that_are_read():
    text = (DEPLOY / "systemd" / "coterie.env").read_text("utf-8")
    names = re.findall(r"^(COTERIE_\w+)=", text, re.MULTILINE)
    source = "\n".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    assert names
    assert not [name for name in names if name not in source]


def test_the_container_copies_what_there_is_and_starts_what_there_is():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE)
    paths = [path for line in copied for path in line.split()]
    assert {"src", "pyproject.toml", "requirements/run.lock"} <= set(paths)
    assert not [path for path in paths if not (ROOT / path).exists()]
    [entry] = re.findall(r"^ENTRYPOINT (.*)$", CONTAINER, re.MULTILINE)
    [command] = re.findall(r"^CMD (.*)$", CONTAINER, re.MULTILINE)
    assert json.loads(entry) == ["/opt/coterie/bin/coterie"]
    understood(json.loads(command))


def test_the_proxy_lets_the_largest_body_through_and_hides_the_numbers():
    text = (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")
    [most] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(most) * 1024**2 >= BATCH_BYTES_MAX
    [kept] = re.findall(r"keepalive_timeout (\d+)s;", text)
    assert int(kept) < KEEP_ALIVE_S
    assert re.search(r"location = /metrics \{\s+return 404;", text)
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("page", ["deploy", "monitor", "runbook", "webhooks"])
def test_commands_of_the_guides_are_commands(page: str):
    """Every `coterie ...` of a guide is parsed as one; what stands for a value is filled in."""
    text = (ROOT / "docs" / "guides" / f"{page}.md").read_text("utf-8")
    said = re.findall(r"(?:^|`|: )(coterie [a-z][^`\n#]*)", text, re.MULTILINE)
    commands = [line for line in said if line.split()[1] in main.list_commands(main_context())]
    assert len(commands) >= 2
    for line in commands:
        words = shlex.split(line.replace("...", "2026-03-01T00:00:00Z"))[1:]
        if words[0] == "explain" and len(words) == 1:
            words += ["1", "--currency", "points"]
        understood(words)


def main_context() -> click.Context:
    """The context the names of commands are asked in."""
    return click.Context(main, info_name="coterie")
