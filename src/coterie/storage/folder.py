"""The data folder: which file lies where, and what is remembered in it.

``COTERIE_HOME`` holds the locks, the logs and the keeper's notes. The PostgreSQL cluster lies in
it too, except when root starts Coterie and the user that must run PostgreSQL cannot reach the
folder; then it lies under ``/var/lib/coterie``. Where it lies is decided once and written down in
``cluster.json``: guessing again after permissions changed would start an empty database.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from coterie.storage.accounts import Account
from coterie.storage.errors import DataFolderRefused

SYSTEM_FOLDER = Path("/var/lib/coterie")
"""Where root keeps clusters and copies of the binaries the server's user cannot reach at home."""

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX = 103
"""107 bytes on Linux, 103 on macOS; the smaller one makes a folder mean the same on both."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the files of the PostgreSQL cluster lie, and whose they are."""

    data: Path
    sockets: Path
    user: str
    made: bool = False
    """Once true, a missing cluster is an error: an unmounted disk must not become an empty one."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the keeper says about itself and the server, for whoever waits for it."""

    pid: int
    state: str
    error_code: str = ""
    error: str = ""
    remark: str = ""
    sockets: str = ""
    data: str = ""
    version: str = ""


class Folder:
    """One data folder of one installation."""

    def __init__(self, home: Path) -> None:
        """Name the folder; nothing is created before :meth:`create`."""
        self.home = Path(os.path.realpath(home))
        self.keeper_lock = self.home / "keeper.lock"
        self.holders_lock = self.home / "holders.lock"
        self.keeper_log = self.home / "keeper.log"
        self.server_log = self.home / "server.log"
        self.own_settings = self.home / "server.conf"
        self.disposable = self.home / "disposable"

    def create(self) -> None:
        """Create the folder if it is missing, closed to other users.

        Root's is searchable (0711), because the user that runs PostgreSQL must reach its cluster.
        Raises :class:`DataFolderRefused` when it cannot be created or written.
        """
        try:
            if not self.home.is_dir():
                self.home.parent.mkdir(parents=True, exist_ok=True)
                self.home.mkdir(mode=0o700)
                if os.geteuid() == 0:
                    self.home.chmod(0o711)
        except FileExistsError:
            # Another process was faster. It takes care of the mode.
            pass
        except OSError as trouble:
            raise DataFolderRefused(f"{self.home}: {trouble.strerror}.") from trouble
        if not os.access(self.home, os.W_OK | os.X_OK):
            owner = Account.of_uid(self.home.stat().st_uid).name
            message = f"{self.home} belongs to {owner}: run as that user, or set COTERIE_HOME."
            raise DataFolderRefused(message)

    def owner(self) -> tuple[int, int]:
        """Return uid and gid of the folder."""
        about = self.home.stat()
        return about.st_uid, about.st_gid

    def read_note(self) -> Note | None:
        """Return what the keeper wrote last, or nothing."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Note(**json.loads((self.home / "keeper.json").read_text(encoding="utf-8")))
        return None

    def write_note(self, note: Note) -> None:
        """Write the keeper's note so that a reader sees the old or the new one, never half."""
        self._write_json("keeper.json", asdict(note))

    def read_cluster(self) -> Cluster | None:
        """Return where the cluster was put, or nothing before the first start."""
        try:
            text = (self.home / "cluster.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            found = json.loads(text)
            data, sockets = Path(found["data"]), Path(found["sockets"])
            return Cluster(data, sockets, str(found["user"]), bool(found["made"]))
        except (ValueError, KeyError, TypeError) as trouble:
            raise DataFolderRefused(f"{self.home / 'cluster.json'} is damaged.") from trouble

    def write_cluster(self, cluster: Cluster) -> None:
        """Write down where the cluster lies."""
        told = {
            "data": str(cluster.data),
            "sockets": str(cluster.sockets),
            "user": cluster.user,
            "made": cluster.made,
        }
        self._write_json("cluster.json", told)

    def digest(self) -> str:
        """Return a short name of this folder that is the same on every start."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]

    def remove(self) -> None:
        """Remove the folder and the cluster with everything in it (disposable folders only)."""
        if not self.disposable.exists():
            message = f"{self.home} is not disposable."
            raise DataFolderRefused(message)
        cluster = self.read_cluster()
        for path in [cluster.data, cluster.sockets] if cluster else []:
            shutil.rmtree(path, ignore_errors=True)
            if SYSTEM_FOLDER in path.parents:
                shutil.rmtree(SYSTEM_FOLDER / self.digest(), ignore_errors=True)
        with contextlib.suppress(OSError):
            SYSTEM_FOLDER.rmdir()  # Unless something else lies there.
        shutil.rmtree(self.home, ignore_errors=True)

    def _write_json(self, name: str, value: Mapping[str, object]) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.home, prefix=f".{name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
            if os.geteuid() == 0:
                os.fchown(file.fileno(), *self.owner())
        Path(temporary).replace(self.home / name)


def plan_cluster(folder: Folder, account: Account) -> Cluster:
    """Decide where a new cluster of this folder lies: in it if its user can reach it."""
    base = folder.home if _reachable(folder.home, account) else SYSTEM_FOLDER / folder.digest()
    return Cluster(base / "postgres", plan_sockets(folder, base, account), account.name)


def plan_sockets(folder: Folder, base: Path, account: Account) -> Path:
    """Choose the folder of the unix socket; a long path needs a short folder elsewhere.

    A comma means "another host" to every PostgreSQL client, so such a path is not used either.
    """
    inside = base / "run"
    length = len(os.fsencode(inside / SOCKET_NAME))
    if length <= SOCKET_PATH_BYTES_MAX and "," not in str(inside):
        return inside
    # Not $XDG_RUNTIME_DIR: it goes away when its user logs out, and the server may stay.
    return Path("/tmp") / f"coterie-{account.uid}-{folder.digest()}"  # noqa: S108 - see make_private


def make_private(path: Path, account: Account) -> None:
    """Create a folder only its owner (and root) may enter, or prove that it is one.

    In a shared place like ``/tmp`` another user may have put something there first; what is not a
    folder of our own is refused with :class:`DataFolderRefused` instead of trusted.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if account.uid != os.geteuid():
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    about = path.lstat()
    private = stat.S_ISDIR(about.st_mode) and stat.S_IMODE(about.st_mode) & 0o077 == 0
    if not private or about.st_uid != account.uid:
        message = f"{path} is not a folder that only {account.name} may enter."
        raise DataFolderRefused(message)


def _reachable(path: Path, account: Account) -> bool:
    """Ask the kernel, as that user: permission rules are richer than mode bits."""
    if account.uid == os.geteuid():
        return True
    probe = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)],
        check=False,
        cwd="/",
        capture_output=True,
        **account.become(),
    )
    return probe.returncode == 0
