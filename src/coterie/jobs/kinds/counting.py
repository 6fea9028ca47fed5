"""``count``: recorded events counted in the metrics of versions that wait for it."""

from __future__ import annotations

from msgspec import Struct

from coterie.access import Scope
from coterie.intake.engine import Engine
from coterie.jobs.backfilling import Counting, run_backfills
from coterie.jobs.work import JobKind, Work


class CountArguments(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that waits is counted."""


class Counted(Struct, frozen=True):
    """The versions that wait for nothing any more."""

    ready: list[int]


def _run(work: Work) -> Counted:
    def told(counting: Counting) -> None:
        work.tell(f"version {counting.version}", counting.members, counting.members_all)

    with work.connect() as db:
        ready = run_backfills(db, Engine(), work.now_us, on_progress=told, stopped=work.stopped)
    work.tell("end", len(ready))
    return Counted(ready)


KIND = JobKind(
    code="count",
    zh="补计新指标",
    en="Count the past in new metrics",
    arguments=CountArguments,
    scope=Scope.PROGRAMME_WRITE,
    run=_run,
)
