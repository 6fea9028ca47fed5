"""Where a member stands, what is missing to rise and to stay, and what the present pace leads to.

Pure, for people: nothing is decided here. The standing must be one with everything due decided.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from coterie.programme.ladders.judging import CompiledLadder, DayLook, MemberJudge
from coterie.programme.ladders.model import Criterion
from coterie.programme.ladders.step import first_standing, walk_of
from coterie.programme.measures import told_number
from coterie.programme.model import Programme, Words
from coterie.tiers import Policy, TierStanding

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing

_YEAR_DAYS = 366
"""No window that fills up as its period passes is longer."""


class Need(Struct, frozen=True, omit_defaults=True):
    """A threshold and how far the member is: ``all`` or ``any`` ``of`` several, or one of its own.

    ``have``, ``wanted`` and ``missing`` are written in the unit of the ``metric`` (or ``score``);
    ``at_most``: the bound is from above, and nothing can be done about what exceeds it.
    """

    kind: str
    met: bool
    metric: str | None = None
    name: Words | None = None
    have: str | None = None
    wanted: str | None = None
    missing: str | None = None
    at_most: bool = False
    of: tuple[Need, ...] = ()


class NextTier(Struct, frozen=True):
    """A tier and what it takes."""

    tier: str
    name: Words
    need: Need


class LadderProgress(Struct, frozen=True, omit_defaults=True):
    """A member on one ladder.

    ``since_day`` and ``until_day`` (None: without end) are those of the tier, ``period_day`` and
    ``review_day`` the first days of this period and of the next. ``rise`` is the next tier above,
    ``keep`` what keeps the one that was earned, ``projected`` the tier that the present pace leads
    to at the next review. ``score`` with its ``parts`` where the ladder has one.
    """

    ladder: str
    name: Words
    tier: str
    tier_name: Words
    projected: str
    since_day: int | None = None
    until_day: int | None = None
    reason: str | None = None
    earned: str | None = None
    granted_until: int | None = None
    grace_until: int | None = None
    pinned: bool = False
    lifetime: str | None = None
    paused: bool = False
    period_day: int | None = None
    review_day: int | None = None
    rise: NextTier | None = None
    keep: NextTier | None = None
    score: int | None = None
    parts: dict[str, int] = {}
    benefits: tuple[Words, ...] = ()
    carried: dict[str, int] = {}


def progress(cp: CompiledProgramme, standing: Standing, now_us: int) -> list[LadderProgress]:
    """Return the member's place on every ladder that the member is on, as of an instant."""
    today = cp.zone.day(now_us)
    found = []
    for compiled in cp.ladders.values():
        tier = standing.tiers.get(compiled.policy.ladder)
        if tier is None:
            tier = first_standing(compiled, cp, standing, today)
        if tier.tier is not None:
            found.append(_one(compiled, cp, standing, tier, today))
    return found


def _one(
    compiled: CompiledLadder,
    cp: CompiledProgramme,
    standing: Standing,
    place: TierStanding,
    today: int,
) -> LadderProgress:
    ladder, course = compiled.ladder, place.course
    walk = walk_of(compiled, cp, standing, place, today)
    look = MemberJudge(compiled, cp, standing, course).on(today)
    rank = max(walk.effective()[0], 0)
    tier = ladder.tiers[rank]
    known = place.changes > 0
    scored = bool(ladder.score)

    def needed(test: str, of: int) -> NextTier | None:
        criterion = compiled.criteria[test][of]
        if criterion is None:
            return None
        wanted = ladder.tiers[of]
        return NextTier(wanted.code, wanted.name, need_of(criterion, look, cp.programme))

    higher = (needed("reach", above) for above in range(rank + 1, len(ladder.tiers)))
    return LadderProgress(
        ladder=ladder.code,
        name=ladder.name,
        tier=tier.code,
        tier_name=tier.name,
        since_day=place.since_day if known else None,
        until_day=place.until_day,
        reason=place.reason if known else None,
        earned=course.earned if course.earned != tier.code else None,
        granted_until=course.granted_until,
        grace_until=course.grace_day,
        pinned=course.pinned is not None,
        lifetime=course.lifetime,
        paused=course.paused_day is not None,
        period_day=course.period_day or None,
        review_day=course.review_day,
        rise=next((each for each in higher if each is not None), None),
        keep=needed("keep", walk.earned) if walk.earned else None,
        projected=ladder.tiers[_projected(compiled, cp, standing, place, today)].code,
        score=look.score() if scored else None,
        parts=look.parts() if scored else {},
        benefits=tuple(text for below in ladder.tiers[: rank + 1] for text in below.benefits),
        carried=dict(course.carried),
    )


def need_of(criterion: Criterion, look: DayLook, programme: Programme) -> Need:
    """Return how far a member is from thresholds."""
    if criterion.of:
        of = tuple(need_of(part, look, programme) for part in criterion.of)
        met = all(n.met for n in of) if criterion.kind == "all" else any(n.met for n in of)
        return Need(criterion.kind, met, of=of)
    metric, wanted = criterion.metric, criterion.value
    have = look.score() if metric is None else look.value(metric)
    declared = None if metric is None else programme.metrics.get(metric)

    def text(value: int) -> str:
        return str(value) if metric is None else told_number(programme, metric, value)

    met = have <= wanted if criterion.most else have >= wanted
    rest = None if criterion.most else text(max(wanted - have, 0))
    return Need(
        criterion.kind,
        met,
        metric,
        None if declared is None else declared.name,
        text(have),
        text(wanted),
        rest,
        at_most=criterion.most,
    )


class _PacedLook(DayLook):
    """A member's numbers at the end of the metrics' periods, if the pace stays."""

    def value(self, metric: str) -> int:
        """Return a metric, scaled up to its whole period."""
        counted = self._cp.metric_value(self._standing, metric, self._day)
        term = self._term(metric, self._day)
        if term and counted > 0:
            # A steady pace leaves windows that roll, and those without end, as they are.
            day, back = self._day, range(self._day - _YEAR_DAYS, self._day + 1)
            ahead = range(day, day + _YEAR_DAYS + 1)
            first = back[bisect_left(back, True, key=lambda d: self._term(metric, d) == term)]
            after = ahead[bisect_left(ahead, True, key=lambda d: self._term(metric, d) != term)]
            counted = counted * (after - first) // (day - first + 1)
        return counted + self.carried.get(metric, 0)

    def _term(self, metric: str, day: int) -> int:
        return self._cp.metric_term(self._standing, metric, day)


def _projected(
    compiled: CompiledLadder,
    cp: CompiledProgramme,
    standing: Standing,
    place: TierStanding,
    today: int,
) -> int:
    course, policy = place.course, compiled.policy
    walk = walk_of(compiled, cp, standing, place, today)
    look = _PacedLook(compiled.ladder.score, cp, standing, today, course.carried)

    def holds(test: str, rank: int) -> bool:
        found = compiled.tests[test][rank]
        return found is not None and found(look)

    def highest(test: str) -> int:
        return next((r for r in range(len(policy.tiers) - 1, 0, -1) if holds(test, r)), 0)

    earned, reached = walk.earned, highest("reach")
    ends = course.review_day
    lasts = course.earned_until is None or (ends is not None and course.earned_until >= ends)
    if reached >= earned or course.paused_day is not None:
        rank = max(reached, earned)
    elif lasts or holds("keep", earned):
        rank = earned
    else:
        rank = _fallen(policy, earned, highest)
    granted = walk.rank_of(course.granted)
    if ends is not None and course.granted_until is not None and course.granted_until < ends:
        granted = -1
    return max(rank, granted, walk.rank_of(course.lifetime), walk.rank_of(course.pinned))


def _fallen(policy: Policy, earned: int, highest: Callable[[str], int]) -> int:
    if policy.demote == "one":
        return earned - 1
    if policy.demote == "base":
        return 0
    return min(highest("reach" if policy.demote == "fit" else "keep"), earned - 1)


def missing_words(need: Need, lang: str) -> str:
    """Return what is missing as a clause; empty where nothing is."""
    zh = lang == "zh"
    if need.met:
        return ""
    if need.of:
        parts = [said for part in need.of if (said := missing_words(part, lang))]
        joint = ("，且" if zh else " and ") if need.kind == "all" else ("，或" if zh else " or ")
        return joint.join(parts)
    name = "评分" if zh and need.metric is None else "score" if need.metric is None else need.metric
    if need.name is not None:
        name = getattr(need.name, lang)
    if need.at_most:
        if zh:
            return f"{name}已达{need.have}，超过上限{need.wanted}"
        return f"{need.have} {name}, {need.wanted} at most"
    return f"{name}还差{need.missing}" if zh else f"{need.missing} {name} to go"
