"""Asking for jobs, looking at them, ending them."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from coterie.events import KeyReused
from coterie.jobs import store
from coterie.jobs.errors import JobArguments, JobKindUnknown, JobOver, JobsFull, JobUnknown
from coterie.jobs.kinds.registry import KINDS
from coterie.jobs.model import JobRow, JobState
from coterie.jobs.work import JobKind
from coterie.kernel.errors import nearest
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection

OPEN_MAX = 50
"""So many may wait or run; who wants more has made a mistake."""
KEPT_MAX = 1_000
"""So many of those that ended are remembered."""


def job_kind(code: str) -> JobKind:
    """Return a kind by its code. Raises :class:`JobKindUnknown`."""
    found = KINDS.get(code)
    if found is None:
        raise JobKindUnknown(f"{code[:60]!r}.{nearest(code[:60], KINDS)}", where="kind")
    return found


def read_arguments(kind: JobKind, given: Any) -> Any:
    """Return arguments as the kind's struct, checked. Raises :class:`JobArguments`, and others."""
    try:
        arguments: Any = msgspec.convert(given, kind.arguments)
    except msgspec.ValidationError as trouble:
        text, _, place = str(trouble).partition(" - at `$")
        where = "arguments" + place.strip("`")
        raise JobArguments(f"{text.rstrip('.')}.", where=where) from None
    kind.check(arguments)
    return arguments


def ask_job(
    db: Connection, kind: JobKind, arguments: Any, *, source: str, key: str, now_us: int
) -> tuple[int, bool]:
    """Let a job wait, and return its number and whether it was asked for before.

    To be called in a transaction. ``arguments`` are of the kind's type. Raises
    :class:`~coterie.events.KeyReused` where the key was used for something else, and
    :class:`JobsFull`.
    """
    text = msgspec.json.encode(arguments).decode()
    digest = hashlib.blake2b(f"{kind.code}\0{text}".encode(), digest_size=16).digest()
    store.lock_jobs(db)
    found = store.find_job_by_key(db, source, key)
    if found is not None:
        if found[1] != digest:
            raise KeyReused(f"{key!r} of {source!r}.", where="Idempotency-Key")
        return found[0], True
    if store.count_open(db) >= OPEN_MAX:
        raise JobsFull(f"{OPEN_MAX} wait or run.")
    store.forget_old(db, KEPT_MAX)
    return store.insert_job(db, kind.code, text, (source, key, digest), now_us), False


def get_job(db: Connection, job_id: int) -> JobRow:
    """Return a job. Raises :class:`JobUnknown`."""
    found = store.get_job(db, job_id) if 0 < job_id <= INT64_MAX else None
    if found is None:
        raise JobUnknown(f"Number {job_id}.")
    return found


def list_jobs(
    db: Connection,
    *,
    state: JobState | None = None,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[JobRow], str | None]:
    """Return a page of jobs, newest first, and the cursor of the next one."""
    size = page_size(limit)
    below = INT64_MAX if cursor is None else int(decode_cursor(cursor, int)[0])
    rows = store.list_jobs(db, below, state, kind, size + 1)
    if len(rows) <= size:
        return rows, None
    return rows[:size], encode_cursor(rows[size - 1].job_id)


def cancel_job(db: Connection, job_id: int, now_us: int) -> JobRow:
    """Let a job end: at once where it waits, within moments where it runs.

    Raises :class:`JobUnknown` and :class:`JobOver`.
    """
    ending = store.cancel_job(db, job_id, now_us)
    found = get_job(db, job_id)
    if not ending:
        raise JobOver(f"It is {found.state}.")
    return found
