"""Running the checks: one snapshot, several connections, the first offenders of each."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from msgspec import Struct
from psycopg import sql

from coterie.kernel.errors import nearest
from coterie.replay.checks import CHECKS, Check
from coterie.replay.errors import UnknownCheck
from coterie.storage import Connection, connect, load_queries

OFFENDERS_MAX = 10
JOBS_MAX = 16
WORK_MEMORY_MB = 128

# For this session alone: long statements are meant here, and memory is bounded per job. Parallel
# workers would multiply that memory, so the checks run beside each other instead.
_SETTINGS: tuple[LiteralString, ...] = (
    "set statement_timeout = 0",
    "set idle_in_transaction_session_timeout = 0",
    f"set work_mem = '{WORK_MEMORY_MB}MB'",
    "set hash_mem_multiplier = 1",
    "set max_parallel_workers_per_gather = 0",
    "set jit = off",
)


class Offender(Struct, frozen=True, omit_defaults=True):
    """One place where what is recorded contradicts itself.

    ``name`` says which part of the member (a currency, a lot) or of the event; ``member_id`` is
    absent where the place belongs to nobody.
    """

    name: str
    expected: str
    found: str
    member_id: int | None = None
    seq: int | None = None

    @property
    def place(self) -> str:
        """Return where it is, in one line."""
        if self.member_id is None:
            return self.name
        where = f"member {self.member_id}"
        if self.seq is not None:
            where += f", event {self.seq}"
        return f"{where}, {self.name}" if self.name else where


class CheckResult(Struct, frozen=True):
    """What one check found: how many offenders, the first of them, the time it took.

    Where a check first compares member by member, ``offenders_count`` counts members.
    """

    check: Check
    offenders_count: int
    offenders: tuple[Offender, ...]
    seconds: float

    @property
    def clean(self) -> bool:
        """Tell whether the check holds."""
        return self.offenders_count == 0


class Report(Struct, frozen=True):
    """All checks in their order, and what was looked at.

    ``events`` is what the members say they have, ``movements`` what the daily sums say.
    """

    results: tuple[CheckResult, ...]
    members: int
    events: int
    movements: int
    seconds: float

    @property
    def clean(self) -> bool:
        """Tell whether every check holds."""
        return all(result.clean for result in self.results)

    def named(self, name: str) -> CheckResult:
        """Return the result of one check. Raises KeyError when it was not asked."""
        for result in self.results:
            if result.check.name == name:
                return result
        raise KeyError(name)


def default_jobs() -> int:
    """Return how many checks run at once by default: one a core, within bounds."""
    return max(1, min(os.cpu_count() or 1, JOBS_MAX))


def chosen_checks(names: Sequence[str] | None) -> tuple[Check, ...]:
    """Return the named checks in their order, all of them for None, or refuse an unknown name."""
    if names is None:
        return CHECKS
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            raise UnknownCheck(f"There is no {name!r}.{nearest(name, known)}", where="check")
    return tuple(check for check in CHECKS if check.name in names)


def verify(
    url: str,
    *,
    jobs: int | None = None,
    names: Sequence[str] | None = None,
    on_result: Callable[[CheckResult], None] | None = None,
) -> Report:
    """Run the checks on one snapshot of the database at ``url`` and return what they found.

    ``jobs`` is how many run at once (each uses one core and a bounded part of the server's
    memory), ``on_result`` is called after each, from any thread but never by two at once. Nothing
    is written. An interrupt cancels what runs on the server. Raises
    :class:`~coterie.storage.StorageUnavailable` and :class:`UnknownCheck`.
    """
    checks = chosen_checks(names)
    workers = max(1, min(jobs or default_jobs(), JOBS_MAX))
    began = time.monotonic()
    queries = load_queries("coterie.replay")
    with _reading(url) as leader:
        row = leader.execute(queries.export_snapshot).fetchone()
        assert row is not None
        sizes = leader.execute(queries.sizes).fetchone()
        assert sizes is not None
        longest_first = sorted(checks, key=lambda check: -check.effort)
        found = _Run(url, str(row[0]), longest_first, on_result).all(workers)
    results = tuple(found[check.name] for check in checks)
    members, events, movements = sizes
    return Report(results, members, events, movements, time.monotonic() - began)


@contextmanager
def _reading(url: str, snapshot: str | None = None) -> Iterator[Connection]:
    """Open a connection inside a read-only transaction that sees one moment."""
    with connect(url) as connection:
        for setting in _SETTINGS:
            connection.execute(setting)
        _begin(connection, snapshot)
        yield connection
        connection.execute("rollback")


def _begin(connection: Connection, snapshot: str | None) -> None:
    connection.execute("begin isolation level repeatable read read only")
    if snapshot is not None:
        connection.execute(sql.SQL("set transaction snapshot {}").format(snapshot))


class _Run:
    """Checks on their way, on as many connections as there are jobs."""

    def __init__(
        self,
        url: str,
        snapshot: str,
        checks: Sequence[Check],
        on_result: Callable[[CheckResult], None] | None,
    ) -> None:
        self.url = url
        self.snapshot = snapshot
        self.on_result = on_result
        # Hashes are compared instead of rows in places; a salt of today cannot be prepared for.
        self.salt = random.SystemRandom().getrandbits(40)
        self.found: dict[str, CheckResult] = {}
        self._waiting = deque(checks)
        self._lock = threading.Lock()
        self._open: set[Connection] = set()

    def all(self, jobs: int) -> dict[str, CheckResult]:
        """Run them and return what they found, by name; the first trouble ends all of them."""
        with ThreadPoolExecutor(jobs, thread_name_prefix="verify") as pool:
            futures = [pool.submit(self._work) for _ in range(jobs)]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._stop()
                raise
        return self.found

    def _stop(self) -> None:
        """Cancel what runs on the server: leaving the pool waits for it."""
        with self._lock:
            self._waiting.clear()
            self.on_result = None
            for connection in self._open:
                connection.cancel_safe()

    def _work(self) -> None:
        """Take one check after the other until none is left."""
        with _reading(self.url, self.snapshot) as connection:
            with self._lock:
                self._open.add(connection)
            try:
                while (check := self._next()) is not None:
                    self._one(connection, check)
            finally:
                with self._lock:
                    self._open.discard(connection)

    def _next(self) -> Check | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def _one(self, connection: Connection, check: Check) -> None:
        began = time.monotonic()
        count, offenders = self._ask(connection, check)
        result = CheckResult(check, count, offenders, time.monotonic() - began)
        with self._lock:
            self.found[check.name] = result
            if self.on_result is not None:
                self.on_result(result)

    def _ask(self, connection: Connection, check: Check) -> tuple[int, tuple[Offender, ...]]:
        statement = getattr(load_queries("coterie.replay"), check.name)
        wanted = {"limit": OFFENDERS_MAX, "salt": self.salt}
        try:
            rows = connection.execute(statement, wanted).fetchall()
        except psycopg.DataError as trouble:
            # A value that cannot even be read (a broken list of parts, say) is a finding as well.
            connection.execute("rollback")
            _begin(connection, self.snapshot)
            told = str(trouble).strip().splitlines()[0]
            return 1, (Offender("some value", "values that can be read", told),)
        offenders = tuple(
            Offender(name or "", expected, found, member_id, seq)
            for member_id, seq, name, expected, found, _ in rows
        )
        return (int(rows[0][5]) if rows else 0), offenders
