"""Doing jobs: a runner takes one after the other, each in a process of its own.

The process can be killed without harm to who runs it, has the interpreter to itself, and its memory
ends with it. The runner keeps the lease, hears of a cancellation and of the process's end. When the
runner itself is killed, its process ends with it and the lease runs out: another runner takes the
job and begins it again.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import msgspec

from coterie.jobs import store
from coterie.jobs.asking import get_job, job_kind
from coterie.jobs.errors import JobBroke, JobKeptDying
from coterie.jobs.model import JobState
from coterie.jobs.store import RUNS_MAX, Held
from coterie.jobs.work import JobCancelled, Work
from coterie.kernel.collecting import collect_seldom
from coterie.kernel.errors import Refusal
from coterie.kernel.processes import end_with_parent
from coterie.storage import Connection, connect, transaction
from coterie.storage.clock import world_clock

log = logging.getLogger(__name__)

BEAT_S = 5.0
"""How often the lease is renewed: some beats may be lost before it runs out."""
LOOK_S = 0.5
RESULT_BYTES_MAX = 8 * 1024 * 1024
"""What the table takes."""
PATIENCE_S = 10.0
"""How long a process that is to end may finish what it is at before it is killed."""


class Runner:
    """Takes jobs of one world and has them done, one at a time."""

    def __init__(self, url: str, files: Path) -> None:
        """Keep where the world and its folder of files are."""
        self._url = url
        self._files = files
        self._name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    def once(self, db: Connection, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Do one job if there is one, and tell whether there was.

        ``db`` is in autocommit mode. After ``stopped`` the job is left to another runner.
        """
        now_us = world_clock(db).now_us()
        with transaction(db):
            held = store.take_job(db, self._name, now_us)
        if held is None:
            return False
        log.info("job %d (%s) begins", held.job_id, held.kind)
        self._do(db, held, stopped)
        return True

    def _do(self, db: Connection, held: Held, stopped: Callable[[], bool]) -> None:
        # Spawned, because threads of ours may hold locks that a fork would copy locked.
        context = multiprocessing.get_context("spawn")
        stop = context.RawValue("b", 0)
        process = context.Process(
            target=run_job, args=(self._url, str(self._files), held, stop), name=f"job-{held.kind}"
        )
        process.start()
        try:
            ours = self._watch(db, held, process, stop, stopped)
        finally:
            _end(process)
        if not ours:
            return
        if stopped():
            store.give_back(db, held, counted=False)
        else:
            self._died(db, held)

    def _watch(
        self,
        db: Connection,
        held: Held,
        process: Any,
        stop: Any,
        stopped: Callable[[], bool],
    ) -> bool:
        """Keep the lease until the process ends or is to; tell whether the job is still ours."""
        beat_s, end_s = time.monotonic() + BEAT_S, 0.0
        while not wait([process.sentinel], LOOK_S) and not stopped():
            now_s = time.monotonic()
            if end_s and now_s >= end_s:
                break
            if now_s < beat_s:
                continue
            beat_s = now_s + BEAT_S
            cancel = store.renew_lease(db, held)
            if cancel is None:
                return False
            if cancel and not end_s:
                stop.value, end_s = 1, now_s + PATIENCE_S
        return True

    def _died(self, db: Connection, held: Held) -> None:
        """See to a job whose process is gone; usually it has ended, and nothing is left to do."""
        now_us = world_clock(db).now_us()
        if store.renew_lease(db, held):
            store.end_job(db, held, JobState.CANCELLED, now_us)
        elif get_job(db, held.job_id).runs < RUNS_MAX:
            store.give_back(db, held, counted=True)
        else:
            died = JobKeptDying(f"It was begun {RUNS_MAX} times.")
            store.end_job(db, held, JobState.FAILED, now_us, error=(died.code, died.message))


def _end(process: Any) -> None:
    if process.exitcode is None:
        process.terminate()
        process.join(PATIENCE_S)
    if process.exitcode is None:
        process.kill()
    process.join()


def run_job(url: str, files: str, held: Held, stop: Any) -> None:
    """Do a job in this process and write down how it ended."""
    # Ctrl-C in a terminal reaches everybody; the runner says what it means for its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    collect_seldom()
    logging.basicConfig(level=logging.INFO)
    with closing(connect(url)) as db:
        finish(db, held, url, Path(files), lambda: bool(stop.value))


def written(result: Any) -> str:
    """Return what came of a job as JSON. Raises :class:`JobBroke` where it is too much to keep."""
    text = msgspec.json.encode(result)
    if len(text) > RESULT_BYTES_MAX:
        raise JobBroke(f"What came of it has {len(text):,} bytes.")
    return text.decode()


def finish(db: Connection, held: Held, url: str, files: Path, stopped: Callable[[], bool]) -> None:
    """Do a job that was taken, and write down how it ended."""
    clock = world_clock(db)

    def note(phase: str, done: int, total: int | None) -> None:
        store.note_progress(db, held, phase, done, total)

    result: str | None = None
    error: tuple[str, str] | None = None
    try:
        kind = job_kind(held.kind)
        arguments: Any = msgspec.json.decode(
            get_job(db, held.job_id).arguments or "", type=kind.arguments
        )
        work = Work(url, files, arguments, clock.now_us(), note=note, stopped=stopped)
        work.tell("begin", 0)
        result = written(kind.run(work))
        state = JobState.DONE
    except JobCancelled:
        state = JobState.CANCELLED
    except Refusal as refusal:
        state, error = JobState.FAILED, (refusal.code, refusal.message)
    except Exception as trouble:
        log.exception("job %d (%s) broke", held.job_id, held.kind)
        broke = JobBroke(f"{type(trouble).__name__}.")
        state, error = JobState.FAILED, (broke.code, broke.message)
    if not store.end_job(db, held, state, clock.now_us(), result=result, error=error):
        log.warning("job %d was somebody else's when it ended here", held.job_id)
