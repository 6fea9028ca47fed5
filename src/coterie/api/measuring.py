"""Numbers about the service, in the form that Prometheus reads.

Labels come from closed lists (methods, path templates, status classes, states), so that no caller
can make them grow. Where several processes answer, each writes its numbers into a file of a folder
(``PROMETHEUS_MULTIPROC_DIR``, set by ``coterie serve``), and whoever is asked reads all of them.
What waits in the database is counted when somebody asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from coterie.kernel.clock import SystemClock
from coterie.members import due_members
from coterie.programme.versions import open_backfills
from coterie.storage import Connection, outbox_backlog
from coterie.storage.clock import read_setting
from coterie.webhooks import backlog

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
DUE_MAX = 10_000
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

REQUESTS = Counter("coterie_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "coterie_request_seconds", "Time to answer a request.", ["route"], buckets=_SECONDS
)
BATCH_EVENTS = Histogram(
    "coterie_batch_events", "Events that shared a transaction.", buckets=_SIZES
)
BATCH_SECONDS = Histogram(
    "coterie_batch_seconds", "Time to decide and commit a batch.", buckets=_SECONDS
)
WAITING = Gauge(
    "coterie_waiting",
    "Calls that are worked on or wait for a thread.",
    ["pool"],
    multiprocess_mode="livesum",
)


def note_batch(events: int, seconds: float) -> None:
    """Note a batch of group commit."""
    BATCH_EVENTS.observe(events)
    BATCH_SECONDS.observe(seconds)


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    """Note an answered request; ``route`` is a path's template."""
    REQUESTS.labels(method, route, f"{status // 100}xx").inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


class InDatabase(Collector):
    """What waits in the database; counts stop at 10,000."""

    def __init__(self, ask: Callable[[], AbstractContextManager[Connection]]) -> None:
        """Take how to come by a connection."""
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        """Ask, and give one family after the other."""
        with self._ask() as db:
            yield from _families(db)


def _families(db: Connection) -> Iterator[Metric]:
    machine_us = SystemClock().now_us()
    setting = read_setting(db)
    now_us = machine_us if setting is None else setting.now_us(machine_us)
    due = due_members(db, now_us, None, DUE_MAX)
    first_us = min((at_us for at_us, _ in due), default=now_us)
    yield _gauge("coterie_due_members", "Members at whom something is due.", len(due))
    yield _gauge("coterie_due_age_seconds", "How long it is.", _seconds(now_us - first_us))
    facts, follow_ups, tried = outbox_backlog(db)
    kinds = {"facts": facts, "follow_ups": follow_ups, "failed_follow_ups": tried}
    outbox = GaugeMetricFamily("coterie_outbox_rows", "Rows that wait.", labels=["kind"])
    for kind, rows in kinds.items():
        outbox.add_metric([kind], rows)
    yield outbox
    waits = backlog(db)
    lanes = GaugeMetricFamily("coterie_webhook_lanes", "Lanes that wait.", labels=["state"])
    lanes.add_metric(["waiting"], waits.lanes - waits.failing)
    lanes.add_metric(["failing"], waits.failing)
    yield lanes
    age_us = 0 if waits.oldest_us is None else now_us - waits.oldest_us
    yield _gauge("coterie_webhook_age_seconds", "Age of the oldest.", _seconds(age_us))
    yield _gauge("coterie_webhook_dead", "Deliveries given up.", waits.dead)
    counting = len(open_backfills(db))
    yield _gauge("coterie_versions_counting", "Versions that wait to be counted.", counting)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _seconds(us: int) -> float:
    return max(0, us) / 1_000_000


def metrics_text(db: Connection) -> bytes:
    """Return all numbers of all processes, and of the database, as text."""
    counted = REGISTRY
    if os.environ.get(FOLDER):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    waiting = CollectorRegistry()
    waiting.register(InDatabase(lambda: nullcontext(db)))
    return generate_latest(counted) + generate_latest(waiting)
