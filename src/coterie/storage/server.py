"""Is there a live server, and is it ours? Asked with a real connection first, files second."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from coterie.storage.cluster import SUPERUSER

CONNECT_TIMEOUT_S = 5
FAST_STOP_TIMEOUT_S = 300.0
IMMEDIATE_STOP_TIMEOUT_S = 30.0


def conninfo(sockets: Path | str, database: str) -> str:
    """Return how to reach a database of the embedded server."""
    return make_conninfo(host=str(sockets), port=5432, user=SUPERUSER, dbname=database)


def answering_version(sockets: Path | str) -> str | None:
    """Return the version of the server that answers there now, or nothing.

    Only a question answered counts: a pid that exists may be a zombie, another program or a
    server that shuts down. A server whose connections are all in use answers as well, with a
    refusal; then the version is empty.
    """
    try:
        with psycopg.connect(
            conninfo(sockets, "postgres"), connect_timeout=CONNECT_TIMEOUT_S, autocommit=True
        ) as connection:
            row = connection.execute("show server_version").fetchone()
    except psycopg.Error as trouble:
        full = any(words in str(trouble) for words in ("too many clients", "connection slots"))
        return "" if full else None
    return str(row[0]).split(" ", maxsplit=1)[0] if row else None


def written_pid(data: Path) -> int | None:
    """Return the pid in ``postmaster.pid``, which nobody removes after a crash."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    return None


def living_pid(data: Path) -> int | None:
    """Return the pid of a server process that really runs on this cluster, or nothing.

    The number in the file may be a zombie's or, after a restart of the machine or the container,
    anybody's. The server's working folder is its cluster, which tells them apart on Linux; other
    systems show the command line.
    """
    pid = written_pid(data)
    if pid is None or pid <= 0 or pid == os.getpid():
        return None
    if Path("/proc/self/cwd").exists():
        return pid if _works_in(pid, data) else None
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-p", str(pid), "-o", "stat=,command="],
        check=False,
        capture_output=True,
    ).stdout.decode(errors="replace")
    alive = shown.strip() != "" and not shown.lstrip().startswith("Z")
    return pid if alive and str(data) in shown else None


def disown(data: Path) -> None:
    """Make the next server ignore a stale ``postmaster.pid`` that names a living stranger.

    The file is not removed: it also names the shared memory of the dead server, by which
    PostgreSQL sees surviving children and refuses to start beside them. Our own pid is written
    in its first line, because a server never takes its parent for another server.
    """
    path = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError), open(path, "r+b", opener=_no_links) as file:
        rest = file.read().split(b"\n", 1)[1:]
        file.seek(0)
        file.write(b"\n".join([str(os.getpid()).encode(), *rest]))
        file.truncate()


def stop(data: Path, child: subprocess.Popen[bytes] | None) -> bool:
    """Stop the server cleanly (fast: clients are told, everything is written); tell success.

    Only when that hangs is it stopped at once, which loses nothing either but makes the next
    start recover.
    """
    steps = (
        (signal.SIGINT, FAST_STOP_TIMEOUT_S),
        (signal.SIGQUIT, IMMEDIATE_STOP_TIMEOUT_S),
    )
    for how, patience_s in steps:
        pid = child.pid if child else living_pid(data)
        if pid is None:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if (child.poll() is not None) if child else (living_pid(data) is None):
                return True
            time.sleep(0.02)
    return False


def _no_links(path: str, flags: int) -> int:
    """Open without following a link: the folder is the server's user's, and we may be root."""
    return os.open(path, flags | os.O_NOFOLLOW)


def _works_in(pid: int, data: Path) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_bytes().rpartition(b")")[2].split()[0]
        if state in (b"Z", b"X"):
            return False
        with contextlib.suppress(PermissionError):
            return (process / "cwd").samefile(data)
        # Root in a container may not look into another user's process; its command line and its
        # owner are open to everybody.
        words = (process / "cmdline").read_bytes().split(b"\0")
        return os.fsencode(data) in words and process.stat().st_uid == data.stat().st_uid
    except (OSError, IndexError):
        return False
