"""Processes that use an embedded server, for tests that kill them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coterie.storage import server
from coterie.storage.accounts import Become
from coterie.storage.folder import Folder
from coterie.storage.locks import is_locked
from tests.fixtures_postgres import postgres_bin

ROOT = Path(__file__).resolve().parents[2]
PYTHONPATH = os.pathsep.join([str(ROOT / "src"), sysconfig.get_path("purelib")])

# One line in, one line out: statements to run, rows or the refusal as answer.
PROGRAM = """
import json, sys
from pathlib import Path
from typing import Any
from coterie.storage import StorageError, StorageSettings, open_storage
given = json.loads(sys.argv[1])
binaries = Path(given["bin"]) if given["bin"] else None
settings = StorageSettings(home=Path(given["home"]), postgres_bin=binaries,
                           start_timeout_s=given["timeout_s"])
try:
    storage = open_storage(settings)
except StorageError as refusal:
    sys.exit(print(json.dumps([refusal.code, refusal.message]), flush=True))
print(json.dumps(["open", storage.where]), flush=True)
with storage:
    for line in sys.stdin:
        with storage.pool.connection() as connection:
            cursor = connection.execute(json.loads(line))
            rows = cursor.fetchall() if cursor.description else []
        print(json.dumps(rows, default=str), flush=True)
"""


class Holder:
    """A process of its own that holds the server of a folder until told, or killed."""

    def __init__(
        self,
        home: Path,
        *,
        user: int | None = None,
        wrapper: tuple[str, ...] = (),
        timeout_s: float = 120,
    ) -> None:
        given = {"home": str(home), "bin": str(postgres_bin() or ""), "timeout_s": timeout_s}
        become: Become = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        self.process = subprocess.Popen(
            [*wrapper, python_for(user), "-c", PROGRAM, json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": PYTHONPATH},
            cwd="/",
            text=True,
            **become,
        )
        self.pid = self.process.pid

    def answer(self) -> list[Any]:
        """The next line it says; an empty list when it died instead."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        return json.loads(line) if line else []

    def opened(self) -> "Holder":
        """Wait until it holds the server."""
        said = self.answer()
        assert said[:1] == ["open"], said
        return self

    def ask(self, statement: str) -> list[Any]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(statement) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.finish()

    def finish(self) -> None:
        """Let it end by itself: no more questions."""
        if self.process.stdin:
            self.process.stdin.close()
        if self.process.stdout:
            self.process.stdout.close()
        self.process.wait()


class Home:
    """A disposable data folder and what lives in it."""

    def __init__(self, name: str = "") -> None:
        self.base = Path(tempfile.gettempdir()) / f"coterie-test-{uuid.uuid4().hex[:8]}"
        self.base.mkdir(mode=0o711)
        self.path = self.base / name if name else self.base
        self.folder = Folder(self.path)
        self.holders: list[Holder] = []

    def hold(self, **how: Any) -> Holder:
        self.holders.append(Holder(self.path, **how))
        return self.holders[-1]

    def server_pid(self) -> int | None:
        cluster = self.folder.read_cluster()
        return server.living_pid(cluster.data) if cluster else None

    def keeper_pid(self) -> int:
        note = self.folder.read_note()
        assert note
        return note.pid

    def quiet(self) -> bool:
        """Whether neither server nor keeper is left."""
        return self.server_pid() is None and not is_locked(self.folder.keeper_lock)

    def end(self) -> None:
        """Whatever a test did: no process and no file stays."""
        for holder in self.holders:
            holder.process.kill()
            holder.finish()
        if not self.path.is_dir():
            return
        (self.path / "disposable").touch()
        if (pid := self.server_pid()) is not None:
            os.kill(pid, signal.SIGCONT)
        if not within(10, self.quiet) and (pid := self.server_pid()) is not None:
            os.kill(pid, signal.SIGQUIT)
            within(10, self.quiet)
        if self.path.is_dir():
            self.folder.remove()


def within(seconds: float, condition: Callable[[], object]) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def python_for(user: int | None) -> str:
    """A Python this user can run Coterie with: ours may lie in a home that is closed to others."""
    if user is None:
        return sys.executable
    for program in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            probe = subprocess.run(
                [program, "-c", "import coterie.storage"],
                user=user,
                group=user,
                extra_groups=[],
                cwd="/",
                env={"PYTHONPATH": PYTHONPATH},
                check=False,
            )
            if probe.returncode == 0:
                return program
    pytest.skip("No Python here runs this checkout as another user.")


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("Only root can start a server as another user.")
