"""Counting recorded events in the metrics of a version before it begins.

Member by member: what fell due is decided, the member's past is decided again by versions that
count the new metrics too, and an event in the member's sequence takes over what they counted
(:mod:`coterie.programme.counting`). The past is read without a lock; if something happens to the
member meanwhile, the event is refused and the member counted again. So nobody waits longer than
for any other event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from coterie.events import Backfill, KeyReused, MemberRef
from coterie.intake.engine import Engine
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of
from coterie.kernel.time import format_instant
from coterie.programme import store
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import counting_also, is_counted
from coterie.programme.errors import BackfillOutdated
from coterie.programme.standing import Standing
from coterie.programme.store import BackfillRow
from coterie.programme.versions import (
    advance_backfill,
    finish_backfill,
    load_draws,
    load_versions,
    open_backfills,
)
from coterie.replay import Past, RecordDiffers, load_pasts, members_after, relive
from coterie.storage import Connection, transaction

TOGETHER = 50
"""Members whose past is read and whose events are written together."""
TRIES_MAX = 20
SET_ASIDE_MAX = 1_000
"""More members than that are no damage to single ones: the version waits, and counting stops."""
REASON_MAX = 500
MERGED = "merged"
"""Why somebody is set aside whose events are another member's now: nobody has to accept that."""
_AGAIN = frozenset({BackfillOutdated.code, KeyReused.code})
"""Something happened to the member, or another process has just counted it."""


class Counting(Struct, frozen=True):
    """How far a version is counted: members done, of all there are."""

    version: int
    members: int
    members_all: int


def run_backfills(
    db: Connection,
    engine: Engine,
    now_us: int,
    *,
    on_progress: Callable[[Counting], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[int]:
    """Count what waits, and let versions begin; return those that are ready now.

    ``db`` is in autocommit mode. ``stopped`` is asked between members: what is done stays done, and
    the next run goes on behind it. A member whose past cannot be decided again is set aside, and
    the version waits until somebody accepts that, or they were counted after all
    (:func:`count_set_aside`). Raises :class:`~coterie.replay.RecordDiffers` where there are more of
    them than damage to single members explains.
    """
    ready: list[int] = []
    for row in open_backfills(db):
        if not _count_all(db, engine, row, now_us, on_progress, stopped):
            return ready
        counted = store.backfill_of(db, row.version)
        if counted is not None and counted.set_aside and counted.accepted_us is None:
            return ready
        with transaction(db):
            finish_backfill(db, row.version, now_us)
        ready.append(row.version)
    return ready


def count_set_aside(db: Connection, engine: Engine, version: int, now_us: int) -> int:
    """Count members again who were set aside, also after the version began; return how many were.

    Who still cannot be counted stays set aside. ``db`` is in autocommit mode.
    """
    row = store.backfill_of(db, version)
    if row is None:
        return 0
    counter, after_id, counted = _Counter(db, engine, row), 0, 0
    while found := store.list_set_aside(db, version, after_id, TOGETHER):
        ids = [each.member_id for each in found]
        engine.settle(db, ids, now_us)
        still = counter.count(ids, now_us)
        done = [member_id for member_id in ids if member_id not in still]
        store.clear_set_aside(db, version, done)
        after_id, counted = ids[-1], counted + len(done)
    return counted


def _count_all(
    db: Connection,
    engine: Engine,
    row: BackfillRow,
    now_us: int,
    on_progress: Callable[[Counting], None] | None,
    stopped: Callable[[], bool],
) -> bool:
    """Count every member; False when stopped before the end."""
    counter = _Counter(db, engine, row)
    after_id, done = row.after_id, row.members_done
    while not stopped():
        ids, left = members_after(db, after_id, TOGETHER)
        if not ids:
            return True
        engine.settle(db, ids, now_us)
        counter.count(ids, now_us)
        if counter.set_aside > SET_ASIDE_MAX:
            raise RecordDiffers(f"More than {SET_ASIDE_MAX} members cannot be counted.")
        after_id, done = ids[-1], done + len(ids)
        advance_backfill(db, row.version, after_id, len(ids))
        if on_progress is not None:
            on_progress(Counting(row.version, done, done + left - len(ids)))
    return False


class _Counter:
    """Counts members for one version."""

    def __init__(self, db: Connection, engine: Engine, row: BackfillRow) -> None:
        self._db = db
        self._engine = engine
        self._row = row
        self._aside: dict[int, str] = {}
        self.set_aside = row.set_aside
        draws = load_draws(db)
        versions = [CompiledProgramme(p, n, us, draws) for n, us, p in load_versions(db)]
        self._versions = {version.version: version for version in versions}
        self._newest = self._versions[row.version]
        self._programmes: Programmes = engine.surroundings(db).programmes
        self._counting = counting_also(self._programmes, self._newest)
        self._days = self._newest.programme.return_days

    def count(self, ids: Sequence[int], now_us: int) -> dict[int, str]:
        """Count members, again for those to whom something happened meanwhile.

        Returns those who were set aside, with the reason.
        """
        self._aside = {}
        self._count(list(ids), now_us)
        for member_id, reason in self._aside.items():
            store.set_aside(self._db, self._row.version, member_id, reason[:REASON_MAX], now_us)
        self.set_aside += sum(reason != MERGED for reason in self._aside.values())
        return self._aside

    def _count(self, waiting: list[int], now_us: int) -> None:
        for _ in range(TRIES_MAX):
            arrivals = list(self._arrivals(waiting, now_us))
            answers = self._engine.submit(self._db, arrivals)
            again = []
            for arrival, answer in zip(arrivals, answers, strict=True):
                if answer.code in _AGAIN:
                    again.append(arrival.event.member.id)
                elif answer.status != "accepted" and arrival.event.member.id is not None:
                    told = f"{arrival.key}: {answer.code} {answer.detail or ''}"
                    self._aside[arrival.event.member.id] = told
            waiting = again
            if not waiting:
                return
        self._aside |= dict.fromkeys(waiting, "Something happens to the member all the time.")

    def _arrivals(self, ids: Sequence[int], now_us: int) -> Iterator[Arrival]:
        wanted = set(ids)
        for past in load_pasts(self._db, ids[0], ids[-1] + 1):
            if past.start.member_id in wanted and past.records:
                event = self._event_or_aside(past, now_us)
                if event is not None:
                    yield arrival_of(event, received_us=now_us)

    def _event_or_aside(self, past: Past, now_us: int) -> Backfill | None:
        try:
            return self._event(past, now_us)
        except RecordDiffers as differs:
            reason = differs.detail or differs.message
        except Exception as trouble:  # noqa: BLE001 - a record that is damaged may break anything
            reason = f"{type(trouble).__name__}: {trouble}"
        self._aside[past.start.member_id] = reason
        return None

    def _event(self, past: Past, now_us: int) -> Backfill | None:
        """Return what is counted of a member's past; None where all of it is counted already."""
        counted: dict[str, list[tuple[int, int]]] = {}
        standing: Standing | None = None
        for moment in relive(self._counting, past, lambda _: False):
            standing = moment.standing
            happening = moment.record.happening
            for code in moment.decision.counted:
                if code in self._row.metrics:
                    counted.setdefault(code, []).append((happening.seq, happening.day))
        assert standing is not None, "something happened to the member"
        if standing.member.state == MERGED:
            self._aside[past.start.member_id] = MERGED
            return None
        codes = [c for c in self._row.metrics if not self._is_counted(standing, c)]
        if not codes:
            return None
        counters = standing.counters
        seq = past.records[-1].happening.seq
        last_day = self._programmes.zone.day(now_us)
        return Backfill(
            source=INTERNAL_SOURCE,
            key=f"backfill:{past.start.member_id}:{seq}",
            occurred_at=format_instant(now_us),
            member=MemberRef(id=past.start.member_id),
            through_seq=seq,
            metrics=dict.fromkeys(codes, (self._row.version,)),
            counters={
                code: buckets
                for code, buckets in counters.items()
                if buckets != past.counters.get(code)
            },
            counted={
                code: tuple(seq for seq, day in counted[code] if day >= last_day - self._days)
                for code in codes
                if code in counted
            },
        )

    def _is_counted(self, standing: Standing, code: str) -> bool:
        """Tell whether the metric goes on from the mark of a version that had it all along."""
        run = []
        for number in range(self._row.version, 0, -1):
            if number not in self._versions or code not in self._versions[number].metrics:
                break
            run.append(number)
        return is_counted(standing, code, run)
