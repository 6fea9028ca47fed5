"""A plan: recorded history under the live version and under a draft, and what differs.

Both sides start with every member's enrolment and decide what came from outside anew, so what they
differ in is the draft and nothing else. Members who mean nothing for each other are dealt to all
cores in ranges, in bounded memory; the others are played in day rounds (:mod:`.rounds`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed

from msgspec.structs import replace

from coterie.programme.errors import VersionRefused
from coterie.programme.model import Programme
from coterie.programme.succession import breaks
from coterie.programme.versions import LoadedVersion, drawing_secret
from coterie.programme.writing import canonical_text, text_sha256
from coterie.replay.errors import RecordDiffers
from coterie.replay.history import range_starts
from coterie.replay.inputs import load_inputs, tied_members
from coterie.replay.planned import PlanReport, report_of
from coterie.replay.reading import reading
from coterie.replay.replaying import RANGE_MEMBERS, Progress, Range, processes
from coterie.replay.rounds import play_rounds
from coterie.replay.supposing import Pair
from coterie.replay.tallying import Tally
from coterie.replay.undertaking import Sides, Undertaking
from coterie.replay.verify import JOBS_MAX, default_jobs
from coterie.storage import Connection, load_queries

PARTS_PER_JOB = 8
"""So many ranges each job gets at least: the last of them should not keep one core waiting."""


def plan(
    url: str,
    live: LoadedVersion,
    draft: Programme,
    *,
    to_us: int,
    from_us: int | None = None,
    rival: bool = False,
    jobs: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> PlanReport:
    """Replay recorded history up to ``to_us`` under a draft and report against the live version.

    With ``from_us`` the draft begins then, and only what happens from then on is reported; else it
    is as if it had always been. A ``rival`` need not follow the live version, and always was.
    Nothing is written, and one moment of the database is looked at. Raises
    :class:`~coterie.programme.errors.VersionRefused` for a draft that could not be published, and
    :class:`~coterie.replay.errors.RecordDiffers`.
    """
    _check(live, draft, rival=rival)
    began = time.monotonic()
    workers = max(1, min(jobs or default_jobs(), JOBS_MAX))
    queries = load_queries("coterie.replay")
    with reading(url) as leader:
        row = leader.execute(queries.export_snapshot).fetchone()
        sizes = leader.execute(queries.sizes).fetchone()
        assert row is not None
        assert sizes is not None
        undertaking = Undertaking(
            url,
            str(row[0]),
            canonical_text(live.programme),
            canonical_text(draft),
            0 if from_us is None else from_us,
            to_us,
            drawing_secret(leader),
            from_us is not None and not rival,
        )
        tally = _tallied(leader, undertaking, sizes[0], workers, on_progress)
    made = report_of(tally, live.programme, draft)
    return replace(
        made,
        rival=rival,
        live_version=live.version,
        draft_sha256=text_sha256(undertaking.draft_text),
        from_us=from_us,
        to_us=to_us,
        seconds=time.monotonic() - began,
    )


def _check(live: LoadedVersion, draft: Programme, *, rival: bool) -> None:
    if rival:
        found = []
        if draft.money != live.programme.money:
            found = [f"money: {draft.money} cannot be compared with {live.programme.money}."]
    else:
        found = breaks(live.programme, draft)
    if found:
        raise VersionRefused("\n" + "\n".join(found), breaks=found, follows=live.version)


def _tallied(
    leader: Connection,
    undertaking: Undertaking,
    members: int,
    jobs: int,
    on_progress: Callable[[Progress], None] | None,
) -> Tally:
    tied = tied_members(leader)
    size = min(RANGE_MEMBERS, max(members // (jobs * PARTS_PER_JOB), 1))
    starts = range_starts(leader, size)
    ranges: list[Range] = [
        (first, starts[number + 1] if number + 1 < len(starts) else None)
        for number, first in enumerate(starts)
    ]
    tally = Tally()

    def told(done: int, events: int) -> None:
        if on_progress is not None:
            on_progress(Progress(done, events, members))

    for part in _parts(undertaking, ranges, tied, jobs):
        tally.add(part)
        told(tally.members, tally.events)
    if tied:
        untied = tally.members
        tally.add(
            play_rounds(
                undertaking,
                sorted(tied),
                jobs,
                lambda day, days: told(untied + len(tied) * day // days, tally.events),
            )
        )
    told(tally.members, tally.events)
    return tally


def _parts(
    undertaking: Undertaking, ranges: Sequence[Range], tied: set[int], jobs: int
) -> Iterator[Tally]:
    def skipped(members: Range) -> frozenset[int]:
        first, before = members
        return frozenset(i for i in tied if i >= first and (before is None or i < before))

    if jobs <= 1 or len(ranges) <= 1:
        for each in ranges:
            yield _play_range(undertaking, each, skipped(each))
        return
    with processes(min(jobs, len(ranges))) as pool:
        futures = [pool.submit(_play_range, undertaking, each, skipped(each)) for each in ranges]
        for future in as_completed(futures):
            yield future.result()


_sides: dict[Undertaking, Sides] = {}
"""Compiled once per process and plan, not once per range."""


def _play_range(undertaking: Undertaking, members: Range, skipped: frozenset[int]) -> Tally:
    sides = _sides.get(undertaking)
    if sides is None:
        _sides.clear()
        sides = _sides[undertaking] = undertaking.sides()
    tally = Tally()
    with reading(undertaking.url, undertaking.snapshot) as connection:
        for found in load_inputs(connection, *members, undertaking.to_us):
            if found.start.member_id in skipped:
                continue
            pair = Pair(found.start, *sides, undertaking.from_us, tally)
            for each in found.inputs:
                pair.happen(each)
            pair.close(undertaking.to_us)
            if pair.live.posts or pair.draft.posts:
                raise RecordDiffers(f"Member {pair.member_id} sends something nobody ever sent.")
            pair.count()
    return tally
