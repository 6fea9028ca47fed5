"""One parent that keeps processes alive: starts, restarts within bounds, ends them in order."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Any

log = logging.getLogger(__name__)

DEATHS_MAX = 8
DEATHS_WINDOW_S = 60.0
"""A process that dies more often than this will not be better next time: everything ends."""
PAUSE_S_MAX = 5.0
PATIENCE_S = 40.0
"""How long processes may finish what they began before they are killed."""
LOOK_S = 0.5


@dataclass
class Task:
    """A process that is to run: ``target(*args)`` in a fresh interpreter."""

    name: str
    target: Callable[..., None]
    args: tuple[Any, ...] = ()
    process: multiprocessing.process.BaseProcess | None = None
    deaths: list[float] = field(default_factory=list)
    start_at_s: float = 0.0


class Supervisor:
    """Runs tasks until it is told to stop or one of them cannot be kept alive."""

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        deaths_max: int = DEATHS_MAX,
        on_death: Callable[[int], object] = lambda _pid: None,
    ) -> None:
        """Keep what is to run; nothing is started before :meth:`run`.

        ``on_death`` hears the number of every process that died.
        """
        self._on_death = on_death
        self._tasks = list(tasks)
        self._deaths_max = deaths_max
        self._stopping = False
        # Forking would copy threads, locks and connections halfway; a fresh interpreter cannot.
        self._context = multiprocessing.get_context("spawn")

    def run(self) -> bool:
        """Run until SIGINT or SIGTERM; tell whether that was why it ended."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        healthy = True
        while healthy and not self._stopping:
            self._start_what_is_missing()
            wait([t.process.sentinel for t in self._tasks if t.process is not None], LOOK_S)
            healthy = not [task for task in self._tasks if not self._look_after(task)]
        self._end()
        return healthy

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start_what_is_missing(self) -> None:
        for task in self._tasks:
            if task.process is None and time.monotonic() >= task.start_at_s:
                task.process = self._context.Process(
                    target=task.target, args=task.args, name=task.name
                )
                task.process.start()
                log.info("%s runs as process %s", task.name, task.process.pid)

    def _look_after(self, task: Task) -> bool:
        """Note a death and when to start again; tell whether the task may be started again."""
        process = task.process
        if process is None or process.exitcode is None or self._stopping:
            return True
        process.join()
        task.process = None
        self._on_death(process.pid or 0)
        now_s = time.monotonic()
        task.deaths = [at_s for at_s in (*task.deaths, now_s) if now_s - at_s < DEATHS_WINDOW_S]
        log.error("%s ended with exit code %s", task.name, process.exitcode)
        recent = len(task.deaths)
        if recent >= self._deaths_max:
            log.error("%s ended %d times within a minute; giving up", task.name, recent)
            return False
        # The first restart is immediate: a single crash should cost as little as possible.
        task.start_at_s = now_s + min(PAUSE_S_MAX, 0.25 * (2 ** (recent - 1) - 1))
        return True

    def _end(self) -> None:
        """Ask every process to finish, in order of the tasks; kill what does not."""
        running = [task.process for task in self._tasks if task.process is not None]
        for process in running:
            process.terminate()
        until_s = time.monotonic() + PATIENCE_S
        for process in running:
            process.join(max(0.0, until_s - time.monotonic()))
            if process.exitcode is None:
                log.error("process %s does not end; killing it", process.pid)
                process.kill()
                process.join()


def end_with_parent() -> None:
    """Let this process get SIGTERM when its supervisor is gone, however that one died."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    # Ctrl-C in a terminal reaches everybody; the supervisor says what it means for its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
