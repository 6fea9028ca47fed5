"""Goal: who loses a parent, a child or the database ends soon, says so in a line, leaves nothing.

Method: one SIGKILL each at the moment that hurts, in a world of its own.
"""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.crash.files import write_file
from tests.crash.site import Site, children, command_line, kill, rows
from tests.storage.holding import within

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

GONE_S = 10.0
PATIENCE_S = 60.0


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    print(f"The log of {made.home.path} ends with:\n{made.log_tail()}")
    made.end()


def test_a_server_whose_supervisor_dies_while_it_starts_gives_the_port_back(site: Site):
    serving = site.run("serve", "--processes", "2", "--port", str(site.port))
    assert within(PATIENCE_S, lambda: "worker runs as" in site.log_tail())
    started = children(serving.pid)
    kill(serving.pid)
    serving.wait()
    assert within(PATIENCE_S, lambda: not any(map(command_line, started))), "orphans stay"
    again = site.run("serve", "--port", str(site.port))
    assert within(PATIENCE_S, lambda: site.log_tail().count("Coterie at") == 2)
    again.terminate()
    assert again.wait(PATIENCE_S) == 0, "asked to end while it starts, it ends as well"
    assert within(GONE_S, lambda: not site.left_over()), site.left_over()


def test_the_processes_of_a_killed_import_end_with_it(site: Site):
    _, running = _loading(site)
    started = _started(running)
    assert len(started) == 2
    kill(running.pid)
    running.wait()
    assert within(GONE_S, lambda: not any(map(command_line, started))), "orphans go on importing"
    assert within(GONE_S, lambda: not site.left_over()), site.left_over()


@pytest.mark.parametrize(
    ("victim", "told"),
    [
        (lambda _, running: _started(running)[:1], "Refused (import_interrupted)"),
        (lambda site, _: [site.home.server_pid()], "Refused (storage_unavailable)"),
    ],
    ids=["one of its processes", "PostgreSQL"],
)
def test_an_import_that_was_hit_says_so_and_goes_on(
    site: Site, victim: Callable[[Site, subprocess.Popen[bytes]], list[int]], told: str
):
    path, running = _loading(site)
    kill(*victim(site, running))
    assert running.wait(PATIENCE_S) == 1
    said = site.log_tail()
    assert told in said
    assert "Traceback" not in said
    done = site.ask("import", "events", str(path))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    lines = len(path.read_text("utf-8").splitlines()) - 1
    assert f"accepted {lines} rows (" in done.stdout


def _loading(site: Site) -> tuple[Path, subprocess.Popen[bytes]]:
    """Begin an import and wait until it is in the middle of its work."""
    path = site.home.base / "events.csv"
    write_file(path, 1, 1, 6_000)
    running = site.run("import", "events", str(path), "--jobs", "2")
    begun = "select count(*) from intake.import_part"
    assert within(PATIENCE_S, lambda: _answers(site) and rows(site, begun)[0][0] > 0)
    assert running.poll() is None, "it was faster than we are"
    return path, running


def _answers(site: Site) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return rows(site, "select 1") == [(1,)]
    return False


def _started(running: subprocess.Popen[bytes]) -> list[int]:
    return [pid for pid in children(running.pid) if b"spawn_main" in command_line(pid)]
