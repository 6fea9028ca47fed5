"""Sorted parts of a file on their way to the engine, chunk by chunk, in one process or several.

A chunk is submitted, then its place is kept. Between the two a process may die: the chunk is
submitted again, and its keys make the engine answer the same. The log keeps the two in their order
in a crash of the database as well, so that no commit but the last waits for the disk.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from queue import Empty
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from coterie.events import AnyEvent
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.importing import store
from coterie.intake.importing.errors import ImportInterrupted
from coterie.intake.importing.model import RefusedRow
from coterie.intake.importing.parts import PARTS, Assembled, read_part
from coterie.intake.importing.store import Tally
from coterie.intake.importing.targets import PART_FIELD
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.errors import Malformed, Refusal
from coterie.kernel.processes import end_with_parent
from coterie.storage import Connection, connect, plan_once, transaction

CHUNK_EVENTS = 1_000
JOBS_MAX = 64
LISTEN_S = 0.2
_decoder = msgspec.json.Decoder(AnyEvent)

Tell = Callable[[Tally], None]
Stopped = Callable[[], bool]


class Submitter(Protocol):
    """What decides and records arrivals; the engine, or in tests something that pretends."""

    def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Answer each arrival in its place, committed on return."""
        ...


class Load(Struct, frozen=True):
    """What is to be loaded: the sorted parts in ``folder``, for the import ``import_id``.

    ``received_us`` is the moment all events of the file count as received.
    """

    import_id: str
    folder: str
    received_us: int
    chunk_events: int = CHUNK_EVENTS


def load_part(
    db: Connection,
    submitter: Submitter,
    load: Load,
    part: int,
    *,
    tell: Tell,
    stopped: Stopped,
) -> None:
    """Load what is left of a part; after ``stopped`` the chunk under way is the last."""
    done = store.part_done(db, load.import_id, part).done
    events = islice(read_part(Path(load.folder), part, PART_FIELD), done, None)
    while not stopped() and (chunk := list(islice(events, load.chunk_events))):
        step, refused = _submit(db, submitter, chunk, load.received_us)
        with transaction(db):
            store.advance(db, load.import_id, part, done, step, refused)
        done += step.done
        tell(step)


def _submit(
    db: Connection, submitter: Submitter, chunk: Sequence[Assembled], received_us: int
) -> tuple[Tally, list[RefusedRow]]:
    step = Tally(done=len(chunk))
    refused: list[RefusedRow] = []
    arrivals: list[Arrival] = []
    sent: list[Assembled] = []
    for assembled in chunk:
        refused += assembled.refused
        try:
            arrivals.append(_arrival(assembled.event, received_us))
        except Refusal as refusal:
            reason = refusal.message
            refused += [RefusedRow(row, refusal.code, reason) for row in assembled.rows]
        else:
            sent.append(assembled)
    step.refused = len(refused)
    answers = submitter.submit(db, arrivals) if arrivals else []
    for assembled, answer in zip(sent, answers, strict=True):
        rows = len(assembled.rows)
        reason = answer.detail or answer.code or ""
        if answer.status in ("refused", "failed"):
            step.refused += rows
            code = answer.code or answer.status
            refused += [RefusedRow(row, code, reason) for row in assembled.rows]
            continue
        step.accepted += rows
        step.again += rows if answer.replayed else 0
        if answer.status == "waiting":
            step.waiting += rows
    return step, refused


def _arrival(event: bytes, received_us: int) -> Arrival:
    try:
        return arrival_of(_decoder.decode(event), received_us=received_us)
    except msgspec.ValidationError as trouble:
        raise Malformed(str(trouble)) from None


# ------------------------------------------------------------------------ several processes

_worker: dict[str, Any] = {}


def load_parts(
    url: str,
    load: Load,
    counts: Sequence[int],
    *,
    jobs: int,
    tell: Tell,
    stopped: Stopped,
    submitter: Callable[[], Submitter] = Engine,
) -> None:
    """Load all parts, the largest first, in ``jobs`` processes; ``counts`` are their rows."""
    assert len(counts) == PARTS, "an import has all its parts"
    parts = sorted((part for part in range(PARTS) if counts[part]), key=lambda p: -counts[p])
    if jobs <= 1 or len(parts) <= 1:
        engine = submitter()
        with connect(url) as db:
            plan_once(db)
            store.commit_lazily(db)
            for part in parts:
                load_part(db, engine, load, part, tell=tell, stopped=stopped)
        return
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    # Not an event: it has a lock, and who is killed while holding that would make all others wait.
    stop = context.RawValue("b", 0)
    with ProcessPoolExecutor(
        min(jobs, len(parts), JOBS_MAX),
        mp_context=context,
        initializer=_start_worker,
        initargs=(url, load, told, stop, submitter),
    ) as pool:
        waiting: set[Future[None]] = {pool.submit(_load_one, part) for part in parts}
        try:
            while waiting:
                if stopped():
                    stop.value = 1
                for step in _heard(told):
                    tell(step)
                done, waiting = wait(waiting, timeout=0, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        except BrokenProcessPool as trouble:
            raise ImportInterrupted from trouble
        finally:
            # A process that failed ends the import; the others finish their chunk.
            stop.value = 1
    for step in _heard(told):
        tell(step)


def _heard(told: Any) -> Iterator[Tally]:
    """Return what the workers told, waiting a moment for the first."""
    timeout_s = LISTEN_S
    while True:
        try:
            step = told.get(timeout=timeout_s)
        except Empty:
            return
        yield step
        timeout_s = 0.0


def _start_worker(
    url: str, load: Load, told: Any, stop: Any, submitter: Callable[[], Submitter]
) -> None:
    # Ctrl-C reaches the whole group of processes; the first one decides, at the end of a chunk.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    db = connect(url)
    plan_once(db)
    store.commit_lazily(db)
    _worker.update(db=db, load=load, told=told, stop=stop, submitter=submitter())


def _load_one(part: int) -> None:
    load_part(
        _worker["db"],
        _worker["submitter"],
        _worker["load"],
        part,
        tell=_worker["told"].put,
        stopped=lambda: bool(_worker["stop"].value),
    )
