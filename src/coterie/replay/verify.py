"""Running the checks: one snapshot, several connections, the first offenders of each."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import psycopg

from coterie.audit import check_chain
from coterie.kernel.errors import nearest
from coterie.replay.checks import AUDIT, CHECKS, Check
from coterie.replay.errors import UnknownCheck
from coterie.replay.reading import begin_reading, reading
from coterie.replay.replaying import Progress, replay
from coterie.replay.report import OFFENDERS_MAX, CheckResult, Offender, Report
from coterie.storage import Connection, load_queries

JOBS_MAX = 16


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
    replayed: bool = False,
    on_result: Callable[[CheckResult], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Run the checks on one snapshot of the database at ``url`` and return what they found.

    ``jobs`` is how many run at once (each uses one core and a bounded part of the server's
    memory), ``names`` which checks (None: all). With ``replayed``, every recorded event is decided
    again afterwards, on as many processes. ``on_result`` is called after each check, from any
    thread but never by two at once, ``on_progress`` as the replay goes on. Nothing is written. An
    interrupt cancels what runs on the server. Raises
    :class:`~coterie.storage.StorageUnavailable` and :class:`UnknownCheck`.
    """
    checks = chosen_checks(names)
    workers = max(1, min(jobs or default_jobs(), JOBS_MAX))
    began = time.monotonic()
    queries = load_queries("coterie.replay")
    with reading(url) as leader:
        row = leader.execute(queries.export_snapshot).fetchone()
        assert row is not None
        snapshot = str(row[0])
        sizes = leader.execute(queries.sizes).fetchone()
        assert sizes is not None
        members, events, movements = sizes
        longest_first = sorted(checks, key=lambda check: -check.effort)
        found = _Run(url, snapshot, longest_first, on_result).all(workers)
        results = [found[check.name] for check in checks]
        if names is None:
            results.append(_audit(leader))
            if on_result is not None:
                on_result(results[-1])
        if replayed:
            results.append(
                replay(url, snapshot, jobs=workers, members=members, on_progress=on_progress)
            )
            if on_result is not None:
                on_result(results[-1])
    return Report(tuple(results), members, events, movements, time.monotonic() - began)


def _audit(db: Connection) -> CheckResult:
    """Prove the audit trail, entry by entry: its digests are made here, not by the database."""
    began = time.monotonic()
    flaws = check_chain(db)
    offenders = tuple(
        Offender(f"entry {flaw.n}", flaw.expected, flaw.found) for flaw in flaws[:OFFENDERS_MAX]
    )
    return CheckResult(AUDIT, len(flaws), offenders, time.monotonic() - began)


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
        with reading(self.url, self.snapshot) as connection:
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
            begin_reading(connection, self.snapshot)
            told = str(trouble).strip().splitlines()[0]
            return 1, (Offender("some value", "values that can be read", told),)
        offenders = tuple(
            Offender(name or "", expected, found, member_id, seq)
            for member_id, seq, name, expected, found, _ in rows
        )
        return (int(rows[0][5]) if rows else 0), offenders
