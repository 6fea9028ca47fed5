"""One typed function a statement on the table of jobs."""

from __future__ import annotations

from msgspec import Struct

from coterie.jobs.errors import JobKeptDying
from coterie.jobs.model import JobRow, JobState
from coterie.storage import Connection, load_queries

LEASE_S = 30
"""After so long without a sign of life, a job is somebody else's."""
RUNS_MAX = 3
"""A job whose process died so often is not begun again; the table knows the number, too."""
RUNNING_MAX = 4
"""So many jobs run at once in a world, however many workers it has."""
DETAIL_MAX = 4000

_queries = load_queries("coterie.jobs")


class Held(Struct, frozen=True):
    """A job that a runner has taken."""

    job_id: int
    kind: str
    runner: str


def lock_jobs(db: Connection) -> None:
    """Keep others from asking and taking until the transaction ends."""
    db.execute(_queries.lock_jobs)


def find_job_by_key(db: Connection, source: str, key: str) -> tuple[int, bytes] | None:
    """Return the job that was asked for by a key, and the digest of what was asked."""
    row = db.execute(_queries.find_job_by_key, {"source": source, "key": key}).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def count_open(db: Connection) -> int:
    """Return how many wait or run."""
    row = db.execute(_queries.count_open).fetchone()
    assert row is not None
    return int(row[0])


def insert_job(
    db: Connection,
    kind: str,
    arguments: str,
    asked: tuple[str, str, bytes],
    created_us: int,
) -> int:
    """Let a job wait; ``asked`` is source, key and digest."""
    source, key, digest = asked
    given = {"kind": kind, "arguments": arguments, "source": source, "key": key}
    row = db.execute(
        _queries.insert_job, {**given, "digest": digest, "created_us": created_us}
    ).fetchone()
    assert row is not None
    return int(row[0])


def forget_old(db: Connection, kept: int) -> None:
    """Forget all jobs that ended but the newest ``kept``."""
    db.execute(_queries.forget_old, {"kept": kept})


def take_job(db: Connection, runner: str, now_us: int) -> Held | None:
    """Take a job, or return None when there is none for us. To be called in a transaction."""
    lock_jobs(db)
    lost = JobKeptDying(f"It was begun {RUNS_MAX} times.")
    given = {"now_us": now_us, "runs_max": RUNS_MAX, "code": lost.code, "detail": lost.message}
    db.execute(_queries.cancel_lost, {"now_us": now_us})
    db.execute(_queries.fail_lost, given)
    taken = {"runner": runner, "now_us": now_us, "lease_s": LEASE_S, "running_max": RUNNING_MAX}
    row = db.execute(_queries.take_job, taken).fetchone()
    return None if row is None else Held(row[0], row[1], runner)


def renew_lease(db: Connection, held: Held) -> bool | None:
    """Say that we live and return whether the job is to end; None: it is not ours any more."""
    given = {"job_id": held.job_id, "runner": held.runner, "lease_s": LEASE_S}
    row = db.execute(_queries.renew_lease, given).fetchone()
    return None if row is None else bool(row[0])


def note_progress(db: Connection, held: Held, phase: str, done: int, total: int | None) -> None:
    """Say how far it is."""
    given = {"job_id": held.job_id, "runner": held.runner, "phase": phase}
    db.execute(_queries.note_progress, {**given, "done": done, "total": total})


def end_job(
    db: Connection,
    held: Held,
    state: JobState,
    now_us: int,
    *,
    result: str | None = None,
    error: tuple[str, str] | None = None,
) -> bool:
    """End a job, and tell whether it was still ours."""
    code, detail = error or (None, None)
    given = {
        "job_id": held.job_id,
        "runner": held.runner,
        "state": state,
        "now_us": now_us,
        "result": result,
        "code": code,
        "detail": None if detail is None else detail.replace("\0", "")[:DETAIL_MAX],
    }
    return db.execute(_queries.end_job, given).rowcount == 1


def give_back(db: Connection, held: Held, *, counted: bool) -> None:
    """Leave a job to the next runner; ``counted``: this run was one of those it may have."""
    given = {"job_id": held.job_id, "runner": held.runner, "uncounted": 0 if counted else 1}
    db.execute(_queries.give_back, given)


def cancel_job(db: Connection, job_id: int, now_us: int) -> bool:
    """Let a job end; tell whether there was something to end."""
    given = {"job_id": job_id, "now_us": now_us}
    return db.execute(_queries.cancel_job, given).rowcount == 1


def get_job(db: Connection, job_id: int) -> JobRow | None:
    """Return a job, or None."""
    row = db.execute(_queries.get_job, {"job_id": job_id}).fetchone()
    return None if row is None else JobRow(*row)


def list_jobs(
    db: Connection, below: int, state: str | None, kind: str | None, limit: int
) -> list[JobRow]:
    """Return jobs under a number, newest first."""
    given = {"below": below, "state": state, "kind": kind, "limit": limit}
    return [JobRow(*row) for row in db.execute(_queries.list_jobs, given).fetchall()]
