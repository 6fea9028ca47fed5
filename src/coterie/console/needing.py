"""What needs a person today: counted in bounded time, and only what the reader may look into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from coterie import approvals
from coterie.approvals import State
from coterie.insight import waiting_by_reason
from coterie.jobs import JobState, list_jobs
from coterie.kernel.time import DAY_US, SECOND_US
from coterie.members import due_members
from coterie.programme.versions import open_backfills
from coterie.storage import Connection, outbox_backlog
from coterie.web import Ask
from coterie.webhooks import Backlog, backlog

LISTED_MAX = 100
"""So many requests and jobs are looked at; where there are more, the count says "or more"."""
DUE_MAX = 10_000
LATE_US = 300 * SECOND_US
"""Work that has been due for so long tells that no worker runs, or that it cannot keep up."""
FAILED_DAYS = 7


class Health(NamedTuple):
    """What waits; counts stop at 10,000. ``late_us``: for how long the oldest has been due."""

    due: int
    late_us: int
    facts: int
    follow_ups: int
    failed_follow_ups: int
    webhooks: Backlog
    counting: int

    @property
    def behind(self) -> bool:
        """Tell whether the worker does not keep up."""
        return self.late_us > LATE_US


class Need(NamedTuple):
    """Something to do: a key of words, how many (``more``: at least), where to, how urgent."""

    key: str
    number: int
    url: str
    tone: str
    more: bool = False


def health(db: Connection, now_us: int) -> Health:
    """Return how the work that goes on by itself stands."""
    due = due_members(db, now_us, None, DUE_MAX)
    late_us = max(0, now_us - due[0][0]) if due else 0
    return Health(len(due), late_us, *outbox_backlog(db), backlog(db), len(open_backfills(db)))


def needs(ask: Ask) -> list[Need]:
    """Return what needs somebody who may do something about it; nothing that is zero."""
    found: list[Need] = []
    if ask.may("approvals:decide"):
        rows, more = approvals.list_requests(ask.db, state=State.WAITING, limit=LISTED_MAX)
        found.append(Need("approvals", len(rows), "/approvals", "warn", more is not None))
    if ask.may("monitors:read"):
        found += _running(ask)
    return [need for need in found if need.number]


def _running(ask: Ask) -> Iterator[Need]:
    yield Need("waiting", sum(waiting_by_reason(ask.db).values()), "/waiting", "warn")
    failed, more = list_jobs(ask.db, state=JobState.FAILED, limit=LISTED_MAX)
    since_us = ask.now_us - FAILED_DAYS * DAY_US
    late = [job for job in failed if (job.finished_us or 0) >= since_us]
    every = more is not None and len(late) == len(failed)
    yield Need("jobs", len(late), "/jobs?state=failed", "bad", every)
    now = health(ask.db, ask.now_us)
    yield Need("dead", now.webhooks.dead, "/webhooks", "bad")
    yield Need("failing", now.webhooks.failing, "/webhooks", "warn")
    yield Need("behind", now.due if now.behind else 0, "/monitors", "bad", now.due == DUE_MAX)
    yield Need("follow_ups", now.failed_follow_ups, "/monitors", "bad")
    yield Need("versions", now.counting, "/monitors", "info")
