"""The keeper: one small process per data folder that owns the PostgreSQL server.

Started by whoever needs the folder (``python -m coterie.storage.keeper FOLDER``). It holds
``keeper.lock`` as long as it lives, so there is one. Every process that uses the server holds a
shared lock on ``holders.lock``; when the keeper can take that lock exclusively, nobody is left,
and after a short linger it stops the server *while it keeps the lock*, so nobody can come in
between. The kernel releases the locks of a killed process, so ``kill -9`` is an ordinary end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.storage import server
from coterie.storage.accounts import Account, server_account
from coterie.storage.binaries import Binaries, find_binaries
from coterie.storage.cluster import ensure_cluster, launch, write_settings
from coterie.storage.errors import DataFolderRefused, StorageError, StorageUnavailable
from coterie.storage.folder import Cluster, Folder, Note, make_private, plan_cluster
from coterie.storage.locks import FileLock

if TYPE_CHECKING:
    from types import FrameType

ROUND_S = 0.25
LINGER_S = 2.0
"""How long the server outlives its last user: a script of ten commands pays for one start."""
RESTARTS_MAX = 5
START_FAILURES_S = 60.0
LOG_BYTES_MAX = 32 * 2**20
TAIL_LINES = 5


class Keeper:
    """The state of the one keeper of a folder."""

    def __init__(self, folder: Folder, *, binaries: Path | None, linger_s: float) -> None:
        """Prepare; ``linger_s`` is the time in seconds the server outlives its last holder."""
        self.folder = folder
        self.given = binaries
        self.linger_s = linger_s
        self.holders = FileLock(folder.holders_lock, owner=folder.owner())
        self.child: subprocess.Popen[bytes] | None = None
        self.note = Note(os.getpid(), "starting")
        self.hurried = False
        self.log_begins = 0

    def run(self) -> int:
        """Prepare, start or adopt, watch, stop; return the exit code."""
        self._tell(state="starting")
        try:
            cluster, account, binaries = self._prepare()
            self._settle(cluster, account, binaries)
            self._watch(cluster, account, binaries)
        except (StorageError, OSError, subprocess.SubprocessError) as trouble:
            code = trouble.code if isinstance(trouble, StorageError) else StorageUnavailable.code
            told = trouble.detail if isinstance(trouble, StorageError) else str(trouble)
            self._tell(state="failed", error_code=code, error=told)
            return 1
        stopped = server.stop(cluster.data, self.child)
        self._tell(state="stopped" if stopped else "failed")
        if stopped and self.folder.disposable.exists():
            self.folder.remove()
        return 0 if stopped else 1

    def hurry(self, _signal: int, _frame: FrameType | None) -> None:
        """On SIGTERM: do not linger. Holders are still served; a service manager ends them too."""
        self.hurried = True

    def _prepare(self) -> tuple[Cluster, Account, Binaries]:
        """Find account, binaries and cluster, as the folder remembers them."""
        account, remark = server_account()
        cluster = self.folder.read_cluster()
        if cluster is None:
            cluster = plan_cluster(self.folder, account)
            self.folder.write_cluster(cluster)
        elif os.geteuid() == 0 and cluster.user != account.name:
            # Whoever made the cluster runs it, also when root asks.
            found = Account.of_name(cluster.user)
            if found is None or found.uid == 0:
                message = f"Its user {cluster.user!r} does not exist here."
                raise DataFolderRefused(message)
            account = found
        elif os.geteuid() != 0 and cluster.user != account.name:
            message = (
                f"{cluster.data} is run by {cluster.user}: run Coterie as {cluster.user} or root."
            )
            raise DataFolderRefused(message)
        binaries = find_binaries(self.given, account)
        self._tell(
            remark=remark,
            data=str(cluster.data),
            sockets=str(cluster.sockets),
            version=binaries.version,
        )
        if server.answering_version(cluster.sockets) is None:
            ensure_cluster(cluster, account, binaries)
            make_private(cluster.sockets, account)
        if not cluster.made:
            cluster = replace(cluster, made=True)
            self.folder.write_cluster(cluster)
        return cluster, account, binaries

    def _settle(self, cluster: Cluster, account: Account, binaries: Binaries) -> None:
        """Return when a server answers: one that was left behind, or a new one.

        There is no time limit while a server lives: recovery after a crash may take long, and
        stopping it half-way would only make the next one begin again.
        """
        until = time.monotonic() + START_FAILURES_S
        pause_s = 0.1
        while True:
            version = server.answering_version(cluster.sockets)
            if version is not None:
                self._tell(state="running", version=version or self.note.version)
                return
            if self.child is not None and self.child.poll() is None:
                time.sleep(0.03)
                continue
            if server.living_pid(cluster.data) is not None:
                time.sleep(0.1)
                continue
            if self.child is not None:
                self._judge_failure(until)
                time.sleep(pause_s)
                pause_s = min(2.0, pause_s * 2)
            server.disown(cluster.data)
            write_settings(cluster, account, binaries, self.folder.own_settings)
            self.log_begins = self._log_bytes()
            self.child = launch(cluster, account, binaries, self.folder.server_log)

    def _judge_failure(self, until: float) -> None:
        """Try again only when what stands in the way goes by itself: a dead server's children."""
        tail = self._tail()
        passing = "shared memory block" in tail or "lock file" in tail
        if not passing or time.monotonic() > until:
            message = f"The server does not start; {self.folder.server_log} ends with: {tail}"
            raise StorageUnavailable(message)

    def _watch(self, cluster: Cluster, account: Account, binaries: Binaries) -> None:
        """Return, with the holders' lock taken, when nobody has needed the server for a while."""
        idle_since: float | None = None
        restarts: list[float] = []
        while True:
            now = time.monotonic()
            if not self.folder_is_there():
                return
            if self.holders.exclusive():
                idle_since = idle_since or now
                if self.hurried or now - idle_since >= self.linger_s:
                    return
                self.holders.release()
            else:
                idle_since = None
            if not self._alive(cluster):
                restarts = [then for then in restarts if now - then < START_FAILURES_S]
                if len(restarts) >= RESTARTS_MAX:
                    message = f"The server died {RESTARTS_MAX} times; see {self.folder.server_log}."
                    raise StorageUnavailable(message)
                restarts.append(now)
                self._tell(state="starting")
                self._settle(cluster, account, binaries)
            self._bound_log()
            time.sleep(ROUND_S)

    def folder_is_there(self) -> bool:
        """Tell whether the folder we keep still exists; without it nobody could find us."""
        return self.holders.is_current()

    def _alive(self, cluster: Cluster) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        if server.living_pid(cluster.data) is not None:
            return True
        # Another container's process is invisible here, yet it may answer.
        return server.answering_version(cluster.sockets) is not None

    def _tell(self, **changes: str) -> None:
        self.note = replace(self.note, **changes)  # type: ignore[arg-type]
        if self.folder.home.is_dir():
            self.folder.write_note(self.note)

    def _log_bytes(self) -> int:
        return self.folder.server_log.stat().st_size if self.folder.server_log.exists() else 0

    def _tail(self) -> str:
        """Return the last lines the server wrote since it was started last."""
        with self.folder.server_log.open("rb") as file:
            file.seek(max(self.log_begins, self._log_bytes() - 4096))
            lines = file.read().decode(errors="replace").splitlines()
        return " | ".join(line.strip() for line in lines[-TAIL_LINES:])

    def _bound_log(self) -> None:
        """Keep one older log; the server appends, so emptying the file under it is safe."""
        log = self.folder.server_log
        if self._log_bytes() > LOG_BYTES_MAX:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)


def main(arguments: list[str] | None = None) -> int:
    """Keep one folder until nobody needs it; return 0 also when another keeper does already."""
    parser = argparse.ArgumentParser(prog="coterie.storage.keeper")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--binaries", type=Path)
    parser.add_argument("--linger-s", type=float, default=LINGER_S)
    options = parser.parse_args(arguments)
    # Whatever the starter's was: folders of ours get the modes we mean.
    os.umask(0o022)
    folder = Folder(options.folder)
    lock = FileLock(folder.keeper_lock, owner=folder.owner())
    # Others try this lock for a moment to see whether a keeper lives; so one refusal says little.
    if not lock.within(2.0, exclusive=True):
        return 0
    keeper = Keeper(folder, binaries=options.binaries, linger_s=options.linger_s)
    signal.signal(signal.SIGTERM, keeper.hurry)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())
