"""Each command against a real database: what it prints, and what it leaves behind."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from coterie.storage import Connection

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str) -> Run:
    """Call the command line on a fresh database."""

    def call(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments])
        assert result.exit_code == code, result.output
        return result

    return call


def lines(result: Result) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_a_member_is_added_found_shown_and_changed(run: Run):
    added = run(
        *("members", "add", "--phone", "138 0013 8000", "--email", "Li@Example.com"),
        *("--name", "李伟", "--attribute", "city=上海", "--attribute", "children=2"),
        *("--attribute", "news=true", "--state", "prospect", "--store", "SH01"),
    )
    member_id = added.stdout.strip()
    assert run("members", "find", "--phone", "+8613800138000").stdout.strip() == member_id
    shown = json.loads(run("members", "show", member_id, "--json").stdout)
    assert (shown["name"], shown["state"]) == ("李伟", "prospect")
    assert shown["attributes"] == {"city": "上海", "children": 2, "news": True}
    run("members", "change", member_id, "--name", "王芳", "--language", "zh-CN")
    run("members", "change", member_id, "--language", "")
    table = dict(lines(run("members", "show", member_id)))
    assert table["name"] == "王芳"
    assert "language" not in table
    [_, row] = lines(run("members", "list"))
    assert row[:4] == [member_id, "王芳", "person", "prospect"]


def test_refusals_of_members_are_one_line(run: Run):
    run("members", "add", "--phone", "13800138000")
    for arguments, code in [
        (["members", "add", "--phone", "13800138000"], "identity_taken"),
        (["members", "add", "--phone", "12"], "bad_identity"),
        (["members", "add", "--kind", "robot"], "bad_newcomer"),
        (["members", "find"], "bad_member_reference"),
        (["members", "find", "--card", "NOBODY"], "member_unknown"),
        (["members", "show", "5"], "member_unknown"),
        (["members", "change", "5", "--name", "x"], "member_unknown"),
        (["members", "list", "--after", "nonsense"], "bad_cursor"),
    ]:
        result = run(*arguments, code=1)
        assert result.stderr.startswith(f"Refused ({code}): "), result.stderr
        assert result.stderr.count("\n") == 1
    run("members", "add", "--attribute", "x", code=2)
    assert len(lines(run("members", "list"))) == 2


def test_identities_are_added_ended_and_shown(run: Run):
    member_id = run("members", "add", "--card", "VIP0001").stdout.strip()
    run("members", "identities", member_id, "--add", "phone=13800138000", "--add", "card=VIP0002")
    changed = run("members", "identities", member_id, "--end", "card=vip-0001")
    assert [row[:2] for row in lines(changed)[1:]] == [
        ["phone", "+8613800138000"],
        ["card", "VIP0002"],
        ["card", "VIP0001"],
    ]
    refused = run(
        "members", "identities", member_id, "--add", "card=N1EW", "--end", "card=x", code=1
    )
    assert "bad_identity" in refused.stderr
    run("members", "find", "--card", "N1EW", code=1)
    run("members", "identities", member_id, "--add", "phone", code=2)


def test_keys_are_issued_listed_and_revoked(run: Run):
    issued = run("keys", "issue", "shop", "--scope", "events:write", "--days", "30", "--note", "x")
    text = issued.stdout.strip()
    key_id = text.split("_")[1]
    assert key_id in issued.stderr
    assert text not in issued.stderr
    [_, row] = lines(run("keys", "list"))
    assert row[:4] == [key_id, "shop", "events:write", "x"]
    assert "revoked since" in run("keys", "revoke", key_id).stdout
    assert lines(run("keys", "list"))[1][6] != ""
    assert "key_not_found" in run("keys", "revoke", "nothing", code=1).stderr
    refused = run("keys", "issue", "shop", "--scope", "event:write", code=1)
    assert "Did you mean 'events:write'?" in refused.stderr


def test_master_data_is_saved_and_listed(run: Run):
    run("categories", "save", "wear", "--name-zh", "服饰")
    run("categories", "save", "shoes", "--parent", "wear")
    run("brands", "save", "acme", "--name-en", "Acme")
    run(
        "products",
        "save",
        "P1",
        "--category",
        "shoes",
        "--brand",
        "acme",
        "--tag",
        "a",
        "--tag",
        "b",
    )
    run("places", "save", "EAST", "--kind", "region")
    run("places", "save", "SH01", "--parent", "EAST", "--day-cut", "120")
    run("sellers", "save", "S1", "--store", "SH01", "--left")
    assert lines(run("categories", "list"))[1:] == [
        ["shoes", "wear", "", ""],
        ["wear", "", "服饰", ""],
    ]
    assert lines(run("brands", "list"))[1:] == [["acme", "", "Acme"]]
    assert lines(run("products", "list"))[1:] == [["P1", "", "shoes", "acme", "a, b"]]
    assert lines(run("places", "list"))[1] == ["EAST", "region", "", "", "0"]
    assert lines(run("sellers", "list"))[1:] == [["S1", "", "SH01", "no"]]
    for arguments, code in [
        (["categories", "save", "wear", "--parent", "shoes"], "tree_cycle"),
        (["products", "save", "P2", "--category", "shose"], "category_unknown"),
        (["places", "save", "X", "--parent", "SH01"], "place_misplaced"),
        (["sellers", "save", "S2", "--store", "EAST"], "store_unknown"),
        (["brands", "save", " x"], "bad_master_data"),
    ]:
        assert f"({code})" in run(*arguments, code=1).stderr


def test_lists_say_how_to_go_on(run: Run):
    for name in ("a", "b", "c"):
        run("brands", "save", name)
    first = run("brands", "list", "--limit", "2")
    cursor = first.stderr.split("--after ")[1].strip()
    assert [row[0] for row in lines(run("brands", "list", "--after", cursor))[1:]] == ["c"]


def test_the_clock_is_set_stepped_run_and_cleared(run: Run):
    assert "the machine's time" in run("clock", "show").stdout
    assert "clock_not_set" in run("clock", "step", "1d", code=1).stderr
    assert run("clock", "set", "2026-01-01T08:00:00+08:00").stdout == (
        "2026-01-01T00:00:00Z (standing still)\n"
    )
    assert run("clock", "step", "36h").stdout.startswith("2026-01-02T12:00:00Z")
    member_id = run("members", "add").stdout.strip()
    assert "enrolled\t2026-01-02T12:00:00Z" in run("members", "show", member_id).stdout
    assert "running 3600.000 times" in run("clock", "run", "3600").stdout
    for verb, wrong in [("step", "1y"), ("step", "0d"), ("run", "-1"), ("run", "x"), ("set", "x")]:
        assert "malformed" in run("clock", verb, "--", wrong, code=1).stderr
    assert "the machine's time" in run("clock", "clear").stdout


def test_the_database_is_told_migrated_and_opened(
    run: Run, empty_database_url: str, capfd: pytest.CaptureFixture[str]
):
    assert run("database", "where").stdout.startswith("PostgreSQL ")
    assert run("database", "migrate").stdout == "Nothing to do.\n"
    fresh = CliRunner().invoke(main, ["--database-url", empty_database_url, "database", "migrate"])
    assert fresh.stdout.startswith("Applied 0001 storage.")
    run("database", "psql", "--", "-Atc", "select 6 * 7")
    assert capfd.readouterr().out == "42\n"
    run("database", "psql", "--", "-v", "ON_ERROR_STOP=1", "-qc", "select no", code=1)


def test_no_database_is_one_line_too():
    url = "postgresql://nobody@127.0.0.1:1/none"
    result = CliRunner().invoke(main, ["--database-url", url, "members", "list"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Refused (storage_unavailable): PostgreSQL cannot be reached.")
    assert result.stderr.count("\n") == 1


def test_the_installed_command_works_on_a_terminal_less_pipe(database_url: str, db: Connection):
    done = subprocess.run(
        [sys.executable, "-c", "from coterie.cli import main; main()", "members", "list"],
        env={"COTERIE_DATABASE_URL": database_url, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "member\tname\tkind\tstate\tenrolled\n"
