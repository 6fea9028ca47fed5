"""How long work shows that it goes on: a bar with rate and time left, or plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

LINE_EVERY_S = 5.0


class Shown(Protocol):
    """Where progress is told."""

    def begin(self, phase: str, total: float | None, done: float = 0, rows: int = 0) -> None:
        """Begin a phase of ``total`` (any unit); ``done`` of it, ``rows``, were done before."""
        ...

    def reach(self, done: float, rows: int) -> None:
        """Say how much is done now, and how many rows that is."""
        ...


@contextmanager
def progress_shown() -> Iterator[Shown]:
    """Give a bar on a terminal, a line every five seconds elsewhere; both on the error stream."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    bar = Progress(
        TextColumn("{task.description:9}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[told]}"),
        console=Console(stderr=True),
    )
    with bar:
        yield _Bar(bar)


class _Rate:
    """Rows a second and the time left, of what was done since the phase began."""

    def __init__(self, total: float | None = None, done: float = 0, rows: int = 0) -> None:
        self.total = total
        self._began_s = time.monotonic()
        # What an earlier run did was not done at this rate.
        self._before = (done, rows)

    def told(self, done: float, rows: int) -> str:
        """Return rows, rows a second and time left as one text."""
        spent_s = max(time.monotonic() - self._began_s, 1e-6)
        text = f"{rows:,} rows, {(rows - self._before[1]) / spent_s:,.0f}/s"
        gone = done - self._before[0]
        if self.total and gone > 0 and done < self.total:
            minutes, seconds = divmod(int((self.total - done) * spent_s / gone), 60)
            text += f", {minutes // 60}:{minutes % 60:02d}:{seconds:02d} left"
        return text


class _Bar:
    """The rich one."""

    def __init__(self, bar: object) -> None:
        from rich.progress import Progress, TaskID

        assert isinstance(bar, Progress)
        self._bar = bar
        self._task: TaskID | None = None
        self._rate = _Rate()

    def begin(self, phase: str, total: float | None, done: float = 0, rows: int = 0) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=self._rate.total or 0)
        self._task = self._bar.add_task(phase, total=total, told="")
        self._bar.update(self._task, completed=done)
        self._rate = _Rate(total, done, rows)

    def reach(self, done: float, rows: int) -> None:
        assert self._task is not None, "a phase begins before it goes on"
        self._bar.update(self._task, completed=done, told=self._rate.told(done, rows))


class Lines:
    """Plain lines for a log."""

    def __init__(self) -> None:
        """Say nothing yet."""
        self._phase = ""
        self._rate = _Rate()
        self._last_s = time.monotonic()

    def begin(self, phase: str, total: float | None, done: float = 0, rows: int = 0) -> None:
        """Remember the phase."""
        self._phase = phase
        self._rate = _Rate(total, done, rows)

    def reach(self, done: float, rows: int) -> None:
        """Print a line when the last one is old enough."""
        now_s = time.monotonic()
        if now_s - self._last_s >= LINE_EVERY_S:
            self._last_s = now_s
            click.echo(f"{self._phase}: {self._rate.told(done, rows)}", err=True)
