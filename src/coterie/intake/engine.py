"""The one way in: a request is a batch of one, a file many batches, the worker a batch of none."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import psycopg

from coterie.catalogue import CatalogueCache
from coterie.events import (
    WaitingEvent,
    decide_waiting,
    open_waiting,
    waiting_by_id,
    waiting_by_identity,
)
from coterie.intake.answers import Answer
from coterie.intake.batch import Batch, Item, MovedAway, Outdated, Surroundings
from coterie.intake.errors import NoProgramme
from coterie.intake.finding import find_again, find_members, identify, resolve_lines
from coterie.intake.following import arrivals_of, way_back
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of, recorded_event
from coterie.ledger import closed_through
from coterie.members import due_members, resolve
from coterie.programme.compile import Programmes
from coterie.programme.versions import last_version_number, load_programmes
from coterie.storage import (
    Connection,
    FactRow,
    delete_facts,
    follow_ups,
    follow_ups_of,
    postpone_facts,
    transaction,
)
from coterie.webhooks import fan_out

log = logging.getLogger(__name__)
TRIES_MAX = 5
TOGETHER_MAX = 256
"""Events in one transaction. Transactions that share a member wait for each other: of a million
members, two batches of a thousand share one two times in three, two of these once in fifteen."""
TOGETHER_MIN = 16
"""Events tried in one transaction where the one before had to be cut short."""


class Engine:
    """Decides and records events. One per process; its methods may run in several threads."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._catalogue = CatalogueCache()
        self._programmes: Programmes | None = None
        self._version = -1

    # ------------------------------------------------------------------ surroundings

    def surroundings(self, db: Connection) -> Surroundings:
        """Return what a batch needs to know of the world; what it compiled once, it remembers."""
        version, programmes = self._newest(db)
        cuts = self._catalogue.day_cuts(db)
        return Surroundings(programmes, version, cuts, closed_through(db))

    def programmes(self, db: Connection) -> Programmes:
        """Return all versions, compiled once; a reader needs no more of the surroundings."""
        return self._newest(db)[1]

    def _newest(self, db: Connection) -> tuple[int, Programmes]:
        version = last_version_number(db)
        if version != self._version or self._programmes is None:
            if version == 0:
                raise NoProgramme
            self._programmes = load_programmes(db)
            self._version = version
        return version, self._programmes

    def prepare(self, db: Connection, arrival: Arrival) -> tuple[Surroundings, int]:
        """Return what an arrival would be decided in, and its member; nothing is recorded.

        Its products are resolved on the way. Raises :class:`~coterie.events.MemberUnknown`, also
        where its source would enrol or park whoever is unknown.
        """
        around = self.surroundings(db)
        resolve_lines(db, self._catalogue, [arrival])
        return around, identify(db, arrival)

    # ------------------------------------------------------------------ submitting

    def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Decide and record arrivals; committed on return, one answer each in their order.

        Raises :class:`psycopg.OperationalError` when the connection breaks: the caller may send the
        same arrivals again, their keys make that safe.
        """
        answers: list[Answer | None] = [None] * len(arrivals)
        around = self.surroundings(db)
        resolve_lines(db, self._catalogue, arrivals)
        items = find_members(db, arrivals, around, answers)
        self._run_all(db, around, items, answers)
        return [answer for answer in answers if answer is not None]

    def _run_all(
        self, db: Connection, around: Surroundings, items: list[Item], answers: list[Answer | None]
    ) -> None:
        """Run items in as many transactions as it takes.

        A transaction ends where it is long, and before a member's event that must see what an
        earlier event sends on: that is delivered in between, so that the answers do not depend on
        how events were gathered into batches.
        """
        size = TOGETHER_MAX
        while items:
            done = self._run(db, around, items[:size], answers)
            # What is cut off was loaded in vain: the next attempt is no longer than it must be.
            size = TOGETHER_MAX if done >= size else max(2 * done, TOGETHER_MIN)
            items = items[done:]

    def _run(
        self, db: Connection, around: Surroundings, items: list[Item], answers: list[Answer | None]
    ) -> int:
        """Run items in one transaction and return how many; deliver what they send on.

        After an unexpected error all of them run, in halves, along members.
        """
        whole = len(items)
        for attempt in range(TRIES_MAX):
            batch = Batch(around, answers)
            try:
                with transaction(db):
                    done = batch.run(db, items, {})
            except MovedAway:
                items = find_again(db, items)
                continue
            except Outdated:
                around = self.surroundings(db)
                continue
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                if attempt + 1 < TRIES_MAX:
                    continue
                raise
            except psycopg.OperationalError:
                raise
            except (psycopg.Error, AssertionError, ValueError, KeyError, TypeError) as error:
                if _once_more(error, attempt):
                    continue
                self._split(db, around, items, answers, error)
                return whole
            if batch.writer.follow_ups:
                self._follow(db, follow_ups_of(db, batch.writer.follow_ups))
            return done
        raise psycopg.OperationalError("what this batch stands on keeps moving")

    def _split(
        self,
        db: Connection,
        around: Surroundings,
        items: list[Item],
        answers: list[Answer | None],
        error: Exception,
    ) -> None:
        members = sorted({member_id or 0 for _, _, member_id in items})
        if len(members) > 1:
            first = set(members[: len(members) // 2])
            self._run_all(db, around, [i for i in items if (i[2] or 0) in first], answers)
            self._run_all(db, around, [i for i in items if (i[2] or 0) not in first], answers)
        elif len(items) > 1:
            # One member: its events stay in their order.
            for item in items:
                self._run(db, around, [item], answers)
        else:
            number, arrival, _ = items[0]
            log.error("event %s of %s failed", arrival.key, arrival.source, exc_info=error)
            answers[number] = Answer(
                "failed", code="internal_error", detail="Coterie failed; it has been logged."
            )

    # ------------------------------------------------------------------ time

    def settle(self, db: Connection, member_ids: Sequence[int], now_us: int) -> None:
        """Decide what fell due for members up to now, so that a reader sees the present."""
        if not member_ids:
            return
        for attempt in range(TRIES_MAX):
            around = self.surroundings(db)
            try:
                batch = Batch(around, [])
                with transaction(db):
                    batch.run(db, [], dict.fromkeys(member_ids, now_us))
            except (
                Outdated,
                psycopg.errors.DeadlockDetected,
                psycopg.errors.SerializationFailure,
            ):
                if attempt + 1 == TRIES_MAX:
                    raise
            else:
                if batch.writer.follow_ups:
                    self._follow(db, follow_ups_of(db, batch.writer.follow_ups))
                return

    def sweep(self, db: Connection, now_us: int, limit: int = 1_000) -> int:
        """Decide what fell due for up to ``limit`` members; return for how many."""
        ids = [member_id for _, member_id in due_members(db, now_us, None, limit)]
        self.settle(db, ids, now_us)
        return len(ids)

    # ------------------------------------------------------------------ consequences

    def deliver(self, db: Connection, now_us: int, limit: int = 500) -> int:
        """Deliver consequences for other members, and hand facts to those who subscribed.

        Returns how many there were; what could not be delivered is tried again later.
        """
        rows = follow_ups(db, now_us, limit)
        left = self._follow(db, rows)
        if left:
            with transaction(db):
                postpone_facts(db, left, now_us)
        return len(rows) + fan_out(db, limit)

    def _follow(self, db: Connection, rows: Sequence[FactRow]) -> list[FactRow]:
        """Turn consequences into events of their members, idempotent by derived keys.

        Returns those that failed; the others are forgotten.
        """
        if not rows:
            return []
        made = arrivals_of(db, rows)
        ready = [(row, arrival) for row, arrival in zip(rows, made, strict=True) if arrival]
        left = [row for row, arrival in zip(rows, made, strict=True) if arrival is None]
        answers = self.submit(db, [arrival for _, arrival in ready])
        backs = [
            (row, back)
            for (row, arrival), answer in zip(ready, answers, strict=True)
            if answer.status == "refused" and (back := way_back(arrival, row)) is not None
        ]
        answers += self.submit(db, [back for _, back in backs])
        left += [
            row
            for (row, _), answer in zip(ready + backs, answers, strict=True)
            if answer.status in ("failed", "waiting")
        ]
        gone = {row.fact_id for row in left}
        with transaction(db):
            delete_facts(db, [row for row in rows if row.fact_id not in gone])
        return left

    # ------------------------------------------------------------------ waiting events

    def approve(self, db: Connection, waiting_id: int, now_us: int, by: str) -> Answer | None:
        """Let a waiting event through; None when there is none of this number that waits."""
        waiting = waiting_by_id(db, waiting_id)
        if waiting is None:
            return None
        return self._resume(db, [waiting], "approved", now_us, by)[0]

    def refuse_waiting(self, db: Connection, waiting_id: int, now_us: int, by: str) -> bool:
        """Decide that a waiting event stays out."""
        with transaction(db):
            return decide_waiting(db, [waiting_id], "refused", now_us, by) == 1

    def unpark(
        self, db: Connection, identities: Sequence[tuple[str, str]], now_us: int
    ) -> list[Answer]:
        """Submit what waited for members who are now found by these identities."""
        return self._resume(
            db, waiting_by_identity(db, identities, 1_000), "found", now_us, INTERNAL_SOURCE
        )

    def unpark_any(self, db: Connection, now_us: int, limit: int = 500) -> int:
        """Look through what is parked for members who have appeared since."""
        after, count = 0, 0
        while rows := open_waiting(db, after, limit, "unknown_member"):
            after = rows[-1].waiting_id
            wanted = {(r.identity_kind or "", r.identity_value or "") for r in rows}
            known = resolve(db, sorted(wanted))
            found = [r for r in rows if (r.identity_kind, r.identity_value) in known]
            found.sort(key=lambda r: (r.occurred_us, r.waiting_id))
            count += len(self._resume(db, found, "found", now_us, INTERNAL_SOURCE))
        return count

    def _resume(
        self,
        db: Connection,
        rows: Sequence[WaitingEvent],
        decided: str,
        now_us: int,
        by: str,
    ) -> list[Answer]:
        """Send waiting events on their way; approval overrides lateness and unmatched returns."""
        arrivals = []
        for row in rows:
            arrival = arrival_of(recorded_event(row.payload), received_us=row.received_us)
            arrival.waiting_id = row.waiting_id
            arrival.approved = decided == "approved"
            arrivals.append(arrival)
        if not arrivals:
            return []
        answers = self.submit(db, arrivals)
        over = [
            row.waiting_id
            for row, answer in zip(rows, answers, strict=True)
            if answer.event is not None
        ]
        if over:
            with transaction(db):
                decide_waiting(db, over, decided, now_us, by)
        return answers


def _once_more(error: Exception, attempt: int) -> bool:
    """Tell whether somebody else's commit explains the error: their key is visible now."""
    return isinstance(error, psycopg.errors.UniqueViolation) and attempt == 0
