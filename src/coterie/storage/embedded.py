"""Use the embedded server of a data folder: be counted as a holder, find or start its keeper."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from coterie.storage import errors, server
from coterie.storage.folder import Folder, Note
from coterie.storage.locks import FileLock, is_locked

START_TIMEOUT_S = 120.0
PATIENCE_S = 3.0
"""After this long without an answer the waiting person is told, and then every ten seconds."""
REPORT_EVERY_S = 10.0
KEEPER_LOG_BYTES_MAX = 2**20
WATCH_EVERY_S = 1.0


def report_to_stderr(line: str) -> None:
    """Print one line of progress where it does not mix with a command's output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class EmbeddedServer:
    """One process's hold on the embedded server of a data folder.

    The server runs as long as any process holds it. The hold ends with :meth:`close` or with the
    process, however that ends. A thread looks every second whether the keeper lives and starts
    another when it was killed, so a long-running process never depends on one process's luck.
    """

    def __init__(
        self,
        home: Path,
        *,
        binaries: Path | None = None,
        start_timeout_s: float = START_TIMEOUT_S,
        linger_s: float | None = None,
        report: Callable[[str], None] = report_to_stderr,
    ) -> None:
        """Wait until the server of ``home`` answers; start it if need be.

        ``binaries`` is the bin folder of another PostgreSQL than the wheel's. ``linger_s`` is how
        long in seconds the server outlives its last holder (only heeded by a new keeper).

        Raises :class:`~coterie.storage.errors.StorageUnavailable` after ``start_timeout_s``
        seconds or when the server cannot start,
        :class:`~coterie.storage.errors.MajorVersionDiffers` for a cluster of another major
        version and :class:`~coterie.storage.errors.DataFolderRefused` for a folder of others.
        """
        self.folder = Folder(home)
        self._binaries = binaries
        self._linger_s = linger_s
        self._report = report
        self._keeper: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self.folder.create()
        self.first_start = self.folder.read_cluster() is None
        self._hold = FileLock(self.folder.holders_lock, owner=self.folder.owner())
        try:
            self.note = self._wait(time.monotonic() + start_timeout_s, start_timeout_s)
        except BaseException:
            self._hold.close()
            raise
        self._watcher = threading.Thread(target=self._watch, name="coterie-keeper", daemon=True)
        self._watcher.start()

    def conninfo(self, database: str) -> str:
        """Return how to reach a database of this server."""
        return server.conninfo(self.note.sockets, database)

    @property
    def where(self) -> str:
        """Return one line that says which server runs and where its data lies."""
        remark = f" {self.note.remark}" if self.note.remark else ""
        return f"PostgreSQL {self.note.version}, embedded, data in {self.note.data}.{remark}"

    def close(self) -> None:
        """Give up the hold; the server stops a few seconds after the last one."""
        self._closing.set()
        self._hold.close()

    def __enter__(self) -> Self:
        """Return this hold; it is given up at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give up the hold."""
        self.close()

    def _wait(self, until: float, timeout_s: float) -> Note:
        """Become a holder, then ask the server until it answers, with a keeper alive beside it."""
        began = time.monotonic()
        tell_at = began + PATIENCE_S
        holding = False
        pause_s = 0.02
        while True:
            # While a keeper stops the server it keeps this lock, so we wait instead of using a
            # server that is about to go.
            holding = holding or self._hold.shared()
            if holding and self._keeper_is_ready():
                note = self.folder.read_note()
                if note and note.state == "running" and server.answering_version(note.sockets):
                    return note
            now = time.monotonic()
            if now >= until:
                raise errors.StorageUnavailable(self._complaint(timeout_s))
            if now >= tell_at:
                tell_at = now + REPORT_EVERY_S
                self._report(
                    f"Waiting for PostgreSQL in {self.folder.home} ({now - began:.0f} s) ..."
                )
            time.sleep(pause_s)
            pause_s = min(0.2, pause_s * 1.2)

    def _keeper_is_ready(self) -> bool:
        """Tell whether a keeper lives; start one if not. Raise what our own one failed with."""
        if is_locked(self.folder.keeper_lock):
            return True
        if self._keeper is not None:
            code = self._keeper.poll()
            if code is None:
                return False
            if code > 0:
                self._raise_failure(self._keeper.pid)
            # Zero: another one was faster. Below zero: somebody killed it.
        self._start_keeper()
        return False

    def _raise_failure(self, pid: int) -> None:
        """Raise what the keeper with this pid wrote down; older notes are not believed."""
        note = self.folder.read_note()
        if note is None or note.pid != pid or not note.error_code:
            message = f"The keeper ended unexpectedly; see {self.folder.keeper_log}."
            raise errors.StorageUnavailable(message)
        for kind in (errors.MajorVersionDiffers, errors.DataFolderRefused, errors.ServerTooOld):
            if kind.code == note.error_code:
                raise kind(note.error)
        raise errors.StorageUnavailable(note.error)

    def _start_keeper(self) -> None:
        command = [sys.executable, "-m", "coterie.storage.keeper", str(self.folder.home)]
        if self._binaries is not None:
            command += ["--binaries", str(self._binaries)]
        if self._linger_s is not None:
            command += ["--linger-s", str(self._linger_s)]
        ours = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
        log_path = self.folder.keeper_log
        if log_path.exists() and log_path.stat().st_size > KEEPER_LOG_BYTES_MAX:
            log_path.unlink(missing_ok=True)
        with log_path.open("ab") as log:
            self._keeper = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder.home,
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,
            )

    def _complaint(self, timeout_s: float) -> str:
        note = self.folder.read_note()
        state = f"the keeper (pid {note.pid}) says {note.state!r}" if note else "there is no keeper"
        return (
            f"No answer from {self.folder.home} within {timeout_s:.0f} s; {state}. It may still be "
            f"recovering from a crash: see {self.folder.server_log}, then try again."
        )

    def _watch(self) -> None:
        """Replace a killed keeper, more and more patiently when that does not help."""
        pause_s = WATCH_EVERY_S
        while not self._closing.wait(pause_s):
            try:
                if is_locked(self.folder.keeper_lock):
                    pause_s = WATCH_EVERY_S
                elif self._keeper is None or self._keeper.poll() is not None:
                    pause_s = min(60.0, pause_s * 2)
                    self._start_keeper()
            except OSError:
                # The folder may be gone; whoever uses the server will hear of it.
                pause_s = 60.0
        if self._keeper is not None:
            # It outlives us by some seconds; asked for its end, it does not stay as a zombie.
            self._keeper.wait()
