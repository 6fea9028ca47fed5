"""What a kind of job is handed, and how a kind is said."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from coterie.access import Scope
from coterie.jobs.errors import FileNameRefused
from coterie.storage import Connection, connect

TELL_EVERY_S = 1.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class JobCancelled(Exception):
    """Somebody wants the job to end; raised out of :meth:`Work.tell`."""


class Work:
    """One job under way: where its world is, what was asked, and whom to tell how it goes on."""

    def __init__(
        self,
        url: str,
        files: Path,
        arguments: Any,
        now_us: int,
        *,
        note: Callable[[str, int, int | None], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Keep what is handed down.

        ``url`` is the database, ``files`` the world's folder of files, ``arguments`` of the kind's
        type. ``note`` writes progress down, ``stopped`` tells whether the job is to end.
        """
        self.url = url
        self.files = files
        self.arguments = arguments
        self.now_us = now_us
        self.stopped = stopped
        self._note = note
        self._told_s = 0.0
        self._told_phase = ""

    def connect(self) -> Connection:
        """Return a connection in autocommit mode; the caller closes it."""
        return connect(self.url)

    def tell(self, phase: str, done: int, total: int | None = None) -> None:
        """Say how far it is; seldom is enough. Raises :class:`JobCancelled`."""
        if self.stopped():
            raise JobCancelled
        now_s = time.monotonic()
        if phase != self._told_phase or now_s - self._told_s >= TELL_EVERY_S:
            self._told_s, self._told_phase = now_s, phase
            self._note(phase, done, total)

    def file(self, name: str) -> Path:
        """Return where a file of the world lies.

        Raises :class:`~coterie.jobs.errors.FileNameRefused`.
        """
        return file_in(self.files, name)


def file_in(folder: Path, name: str) -> Path:
    """Return the path of a plain name in a folder; no name leads out of it.

    Raises :class:`~coterie.jobs.errors.FileNameRefused`.
    """
    path = folder / check_name(name)
    if path.is_symlink():
        raise FileNameRefused(f"{name} is a link.", where="file")
    return path


def check_name(name: str) -> str:
    """Return a plain file name. Raises :class:`~coterie.jobs.errors.FileNameRefused`."""
    if not _NAME.fullmatch(name):
        raise FileNameRefused(
            f"{name[:100]!r}: letters, digits, dot, dash and underscore, at most 100.", where="file"
        )
    return name


class JobKind(Struct, frozen=True, kw_only=True):
    """A kind of long work.

    ``arguments`` is the struct a job is asked with, ``scope`` what the asker needs beside the right
    to start jobs. ``check`` refuses early what could never be done. ``run`` does the work and
    returns what came of it, something that can be written as JSON; it may be killed anywhere and
    begun again.
    """

    code: str
    zh: str
    en: str
    arguments: type
    scope: Scope
    run: Callable[[Work], Any]
    check: Callable[[Any], None] = lambda _: None
