"""File locks the kernel releases when their process dies, however it dies.

``flock`` is used because nothing else survives ``kill -9`` in the right way: there is no file to
be left behind with a pid that lies, and a lock outlives neither its process nor the machine.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self


class FileLock:
    """One open file that may carry a shared or an exclusive lock."""

    def __init__(self, path: Path, *, owner: tuple[int, int] | None = None) -> None:
        """Open (and create, mode 0600) the lock file; ``owner`` is the uid and gid of a new one.

        The descriptor is not inherited by programs we start, so a child never holds our lock.
        """
        self.path = path
        existed = path.exists()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if owner is not None and not existed and os.geteuid() == 0:
            os.fchown(self._fd, *owner)

    def shared(self) -> bool:
        """Try to take the shared lock at once; tell whether we have it."""
        return self._take(fcntl.LOCK_SH)

    def exclusive(self) -> bool:
        """Try to take the exclusive lock at once; tell whether we have it."""
        return self._take(fcntl.LOCK_EX)

    def release(self) -> None:
        """Give the lock back and keep the file open."""
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def within(self, seconds: float, *, exclusive: bool) -> bool:
        """Try for some seconds, every 20 ms; tell whether we have it."""
        until = time.monotonic() + seconds
        while not (self.exclusive() if exclusive else self.shared()):
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        return True

    def is_current(self) -> bool:
        """Tell whether the path still names this very file (a removed folder makes it false)."""
        try:
            there = self.path.stat()
        except OSError:
            return False
        here = os.fstat(self._fd)
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def close(self) -> None:
        """Close the file, which releases the lock."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        """Return the lock file itself; it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def _take(self, how: int) -> bool:
        try:
            fcntl.flock(self._fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_locked(path: Path) -> bool:
    """Tell whether some process holds the exclusive lock on this file now."""
    if not path.exists():
        return False
    with FileLock(path) as probe:
        return not probe.shared()
