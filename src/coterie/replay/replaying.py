"""The replay of everything: ranges of members on all cores, one snapshot, bounded memory."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager

from msgspec import Struct

from coterie.events import Happening
from coterie.kernel.collecting import collect_seldom
from coterie.kernel.processes import end_with_parent
from coterie.members import Member
from coterie.programme.compile import Programmes
from coterie.replay.checks import Check
from coterie.replay.comparing import begin, compare, decide_again
from coterie.replay.history import load_pasts, load_programmes, range_starts
from coterie.replay.reading import reading
from coterie.replay.report import OFFENDERS_MAX, CheckResult, Offender
from coterie.storage import Connection

RANGE_MEMBERS = 5_000
"""Members dealt to a process at a time: some seconds of work, so that progress is seen."""

REPLAY = Check(
    "replay",
    "按当时规则重演全部事件，结果与记录完全相同。",
    "Every recorded event, decided again, gives what is recorded.",
)


Range = tuple[int, int | None]
"""A first member, and the first one that is not in it any more (None: there is none)."""


class Progress(Struct, frozen=True):
    """How far a replay is: members and events done, all members."""

    members: int
    events: int
    members_all: int


class _Part(Struct, frozen=True):
    """What the replay of one range found."""

    members: int
    events: int
    count: int
    offenders: tuple[Offender, ...]


def replay(
    url: str,
    snapshot: str,
    *,
    jobs: int,
    members: int,
    on_progress: Callable[[Progress], None] | None = None,
) -> CheckResult:
    """Decide every recorded event again and compare with what is recorded.

    ``snapshot`` is one that somebody holds open, ``members`` how many there are, for the progress.
    One offender a member: the first difference, because what follows from it differs as well.
    """
    began = time.monotonic()
    with reading(url, snapshot) as connection:
        starts = range_starts(connection, RANGE_MEMBERS)
    ranges: list[Range] = [
        (first, starts[number + 1] if number + 1 < len(starts) else None)
        for number, first in enumerate(starts)
    ]
    done, events, count = 0, 0, 0
    offenders: list[Offender] = []
    for part in _parts(url, snapshot, ranges, min(jobs, len(ranges))):
        done, events, count = done + part.members, events + part.events, count + part.count
        offenders = sorted(
            [*offenders, *part.offenders], key=lambda offender: offender.member_id or 0
        )[:OFFENDERS_MAX]
        if on_progress is not None:
            on_progress(Progress(done, events, members))
    return CheckResult(REPLAY, count, tuple(offenders), time.monotonic() - began)


def _parts(url: str, snapshot: str, ranges: Sequence[Range], jobs: int) -> Iterator[_Part]:
    if jobs <= 1:
        for each in ranges:
            yield _replay_range(url, snapshot, each)
        return
    with processes(jobs) as pool:
        futures: list[Future[_Part]] = [
            pool.submit(_replay_range, url, snapshot, each) for each in ranges
        ]
        for future in as_completed(futures):
            yield future.result()


@contextmanager
def processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes that end with us, also when we are interrupted."""
    # Spawned, because threads of ours may hold locks that a fork would copy locked.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    pool.shutdown()


def _begin() -> None:
    """Make a process ready to decide many events."""
    # Ctrl-C reaches every process of a terminal; it is the parent that ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Killed without a word, it would leave them waiting for ranges that never come.
    end_with_parent()
    collect_seldom()


_programmes: dict[str, Programmes] = {}
"""Compiled once per process and snapshot, not once per range."""


def _replay_range(url: str, snapshot: str, members: Range) -> _Part:
    with reading(url, snapshot) as connection:
        return _replay_members(connection, _programmes_of(connection, snapshot), members)


def _programmes_of(connection: Connection, snapshot: str) -> Programmes:
    found = _programmes.get(snapshot)
    if found is None:
        _programmes.clear()
        found = _programmes[snapshot] = load_programmes(connection)
    return found


def _replay_members(connection: Connection, programmes: Programmes, members: Range) -> _Part:
    done, events, count = 0, 0, 0
    offenders: list[Offender] = []
    for past in load_pasts(connection, *members):
        done += 1
        events += len(past.records)
        differs = compare(programmes, past)
        if differs is not None:
            count += 1
            if len(offenders) < OFFENDERS_MAX:
                member_id = past.start.member_id
                offenders.append(
                    Offender(differs.what, differs.expected, differs.found, member_id, differs.seq)
                )
    return _Part(done, events, count, tuple(offenders))


def replay_speed(
    programmes: Programmes, pasts: Sequence[tuple[Member, Sequence[Happening]]]
) -> int:
    """Decide recorded events that are in memory again and return how many; nothing is compared.

    A past is a member as enrolled, and everything recorded about the member in order. The members
    are advanced: copy them to measure twice. Raises
    :class:`~coterie.replay.comparing.Differs` for events that no engine recorded.
    """
    events = 0
    for member, happenings in pasts:
        standing = begin(member)
        for happening in happenings:
            decide_again(programmes, standing, happening)
        events += len(happenings)
    return events
