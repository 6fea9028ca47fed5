"""``coterie import``: what it prints, its statuses, and what Ctrl-C does."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from coterie.cli.progress import Lines
from coterie.storage import connect
from tests.importing.support import write
from tests.importing.test_running import HEADER, SALES, many_sales, open_shop

Run = Callable[..., Result]
START = "from coterie.cli import main; main()"


@pytest.fixture
def run(database_url: str) -> Run:
    """Call ``coterie import`` on a shop's database."""
    open_shop(database_url)

    def call(*arguments: object, code: int = 0) -> Result:
        words = ["--database-url", database_url, "import", *map(str, arguments)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        return result

    return call


def test_an_import_is_previewed_done_and_repeated(run: Run, tmp_path: Path):
    mapping = write(tmp_path / "sales.yaml", SALES)
    path = write(
        tmp_path / "sales.csv",
        HEADER + "I1,C0001,2026-01-05 10:00,tea,2,10.00\n" + "I2,,2026-01-05 10:00,tea,2,10.00\n",
    )
    shown = run("events", path, "--mapping", mapping, "--preview").stdout.splitlines()
    assert shown[0].startswith('row 1: {"kind":"order"')
    assert shown[1] == "refused member_missing: 1 rows, the first is row 2: member missing"
    assert shown[-1] == "2 rows of events: 1 would be sent, 1 refused. Nothing was written."
    assert not path.with_name("sales.csv.refused.csv").exists()
    done = run("events", path, "--mapping", mapping, "--jobs", 1, code=3)
    assert done.stdout.splitlines() == [
        "accepted 1 rows (0 of them were there already)",
        "refused 1 rows",
        "  member_missing: 1",
        f"Refused rows with their reasons: {path}.refused.csv",
    ]
    again = run("events", path, "--mapping", mapping, "--jobs", 1, code=3)
    assert "(1 of them were there already)" in again.stdout


def test_a_file_without_refusals_ends_with_zero(run: Run, tmp_path: Path):
    path = write(tmp_path / "people.csv", "phone;name\n02012345678;Ann\n")
    shown = run("members", path, "--preview", 1)
    assert '"name":"Ann"' in shown.stdout
    done = run("members", path, "--region", "GB", "--delimiter", ";")
    assert done.stdout.splitlines()[0] == "accepted 1 rows (0 of them were there already)"
    assert not (tmp_path / "people.csv.refused.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["events", "sales.csv"], "mapping_malformed"),
        (["events", "sales.csv", "--format", "word"], "file_unreadable"),
        (["events", "sales.csv", "--encoding", "morse"], "file_unreadable"),
        (["events", "sales.csv", "--mapping", "bad.yaml"], "bad.yaml, line 2"),
        (["balances", "sales.csv"], "mapping_malformed"),
    ],
)
def test_what_cannot_be_imported_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "sales.csv", HEADER)
    write(tmp_path / "bad.yaml", "rows:\n  kinds: order\n")
    result = run(*arguments, code=1)
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_ctrl_c_stops_and_the_same_command_goes_on(run: Run, database_url: str, tmp_path: Path):
    mapping = write(tmp_path / "sales.yaml", SALES)
    path = many_sales(tmp_path / "sales.csv", 60_000)
    words = ["events", str(path), "--mapping", str(mapping), "--jobs", "2"]
    process = subprocess.Popen(
        [sys.executable, "-c", START, "--database-url", database_url, "import", *words],
        env=os.environ | {"PYTHONPATH": "src"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with connect(database_url) as db:
        question = "select coalesce(sum(done), 0) from intake.import_part"
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            row = db.execute(question).fetchone()
            if row and row[0]:
                break
            time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "The same command goes on from here." in err
    stopped = re.search(r"accepted (\d+) rows", out)
    assert stopped is not None
    assert 0 < int(stopped[1]) < 60_000
    done = run(*words)
    assert done.stdout.splitlines()[0] == "accepted 60000 rows (0 of them were there already)"


def test_progress_without_a_terminal_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    lines = Lines()
    now_s = time.monotonic()
    lines.begin("loading", 1000, 100, 100)
    lines.reach(200, 200)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(time, "monotonic", lambda: now_s + 10)
    lines.reach(400, 400)
    told = capsys.readouterr().err
    assert re.fullmatch(r"loading: 400 rows, 30/s, 0:00:(19|20) left\n", told), told
