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
    the next run goes on behind it. Raises :class:`~coterie.replay.RecordDiffers` where a member's
    past cannot be decided again: the version waits until that is repaired.
    """
    ready: list[int] = []
    for row in open_backfills(db):
        if not _count_all(db, engine, row, now_us, on_progress, stopped):
            return ready
        with transaction(db):
            finish_backfill(db, row.version, now_us)
        ready.append(row.version)
    return ready


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
        draws = load_draws(db)
        versions = [CompiledProgramme(p, n, us, draws) for n, us, p in load_versions(db)]
        self._versions = {version.version: version for version in versions}
        self._newest = self._versions[row.version]
        self._programmes: Programmes = engine.surroundings(db).programmes
        self._counting = counting_also(self._programmes, self._newest)
        self._days = self._newest.programme.return_days

    def count(self, ids: Sequence[int], now_us: int) -> None:
        """Count members, again for those to whom something happened meanwhile."""
        waiting = list(ids)
        for _ in range(TRIES_MAX):
            arrivals = list(self._arrivals(waiting, now_us))
            answers = self._engine.submit(self._db, arrivals)
            again = []
            for arrival, answer in zip(arrivals, answers, strict=True):
                if answer.code in _AGAIN:
                    again.append(arrival.event.member.id)
                elif answer.status != "accepted":
                    raise RecordDiffers(f"{arrival.key}: {answer.code} {answer.detail or ''}")
            waiting = again
            if not waiting:
                return
        raise RecordDiffers(f"Member {waiting[0]} never holds still.")

    def _arrivals(self, ids: Sequence[int], now_us: int) -> Iterator[Arrival]:
        wanted = set(ids)
        for past in load_pasts(self._db, ids[0], ids[-1] + 1):
            if past.start.member_id in wanted and past.records:
                event = self._event(past, now_us)
                if event is not None:
                    yield arrival_of(event, received_us=now_us)

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
