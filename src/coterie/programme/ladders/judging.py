"""What the thresholds of a ladder say about a member: metrics, scores, what is carried over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from coterie.kernel.time import add_months, month_of
from coterie.programme.ladders.criteria import Test, compile_criterion, leaves
from coterie.programme.ladders.model import Criterion, Ladder, Part
from coterie.tiers import Course, Evidence, Policy

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.standing import Standing


class CompiledLadder:
    """A ladder made ready: a test by name and rank."""

    __slots__ = ("ahead", "criteria", "first", "ladder", "policy", "surplus", "tests")

    def __init__(self, ladder: Ladder) -> None:
        """Prepare a checked ladder."""
        self.ladder = ladder
        self.policy: Policy = ladder.policy
        self.first = ladder.tiers[0].code if ladder.track is None else None
        self.criteria: dict[str, list[Criterion | None]] = {
            test: [self._criterion(test, rank) for rank in range(len(ladder.tiers))]
            for test in ("reach", "keep", "lifetime", "challenge")
        }
        self.tests: dict[str, list[Test | None]] = {
            test: [None if c is None else compile_criterion(c) for c in found]
            for test, found in self.criteria.items()
        }
        self.ahead = [dict(tier.ahead) for tier in ladder.tiers]
        self.surplus = frozenset(ladder.rollover)

    def _criterion(self, test: str, rank: int) -> Criterion | None:
        tier = self.ladder.tiers[rank]
        if test == "lifetime":
            return tier.lifetime
        keep = tier.keep or tier.reach
        own = {"reach": tier.reach, "keep": keep, "challenge": tier.challenge or keep}[test]
        if own is None or rank == 0:
            return None
        # A challenge is a promise of its own; the rest needs what the ladder and the tier need.
        needs = [] if test == "challenge" else [n for n in (self.ladder.needs, tier.needs) if n]
        return Criterion("all", (own, *needs)) if needs else own


def years_between(first_day: int, day: int) -> int:
    """Return how many whole years lie between two days."""
    years = max((month_of(day) - month_of(first_day)) // 12, 0)
    return years - 1 if years and add_months(first_day, 12 * years) > day else years


class MemberJudge:
    """A member's numbers against one ladder; it remembers each day's."""

    def __init__(
        self, compiled: CompiledLadder, cp: CompiledProgramme, standing: Standing, course: Course
    ) -> None:
        """Look at a standing as it is now."""
        self._compiled = compiled
        self._cp = cp
        self._standing = standing
        self._course = course
        self._looks: dict[int, DayLook] = {}

    @property
    def enrolled_day(self) -> int:
        """Return the local day on which the member enrolled."""
        return self._cp.zone.day(self._standing.member.enrolled_us)

    def on(self, day: int) -> DayLook:
        """Return the member's numbers on a day."""
        look = self._looks.get(day)
        if look is None:
            course = self._course
            carried = course.carried if day >= course.period_day else course.carried_before
            look = self._looks[day] = DayLook(
                self._compiled.ladder.score,
                self._cp,
                self._standing,
                day,
                carried,
            )
        return look

    def holds(self, test: str, rank: int, day: int) -> bool:
        """Tell whether a test of a tier is met; one that is not written never is."""
        found = self._compiled.tests[test][rank]
        return found is not None and found(self.on(day))

    def surplus(self, test: str, rank: int, day: int) -> dict[str, int]:
        """Return what lies above a tier's thresholds in the metrics that roll over."""
        wanted = self._compiled.surplus
        if not wanted:
            return {}
        found: dict[str, int] = {}
        for leaf in leaves(self._compiled.criteria[test][rank]):
            if leaf.metric in wanted and not leaf.most:
                rest = self.on(day).value(leaf.metric) - leaf.value
                if rest > 0:
                    found[leaf.metric] = min(rest, found.get(leaf.metric, rest))
        return found

    def ahead(self, rank: int) -> dict[str, int]:
        """Return what a period of a tier begins with."""
        return dict(self._compiled.ahead[rank])

    def evidence(self, test: str, rank: int, day: int, *, met: bool) -> Evidence:
        """Return what a test looked at."""
        look, compiled = self.on(day), self._compiled
        found = list(leaves(compiled.criteria[test][rank]))
        metrics = {leaf.metric for leaf in found if leaf.metric is not None}
        scored = any(leaf.kind == "score" for leaf in found)
        metrics |= {p.metric for p in compiled.ladder.score if scored and p.metric is not None}
        return Evidence(
            day=day,
            test=test,
            of=compiled.policy.tiers[rank],
            met=met,
            values={metric: look.value(metric) for metric in sorted(metrics)},
            carried={m: v for m, v in sorted(look.carried.items()) if m in metrics},
            wanted={leaf.metric or "score": leaf.value for leaf in found},
            score=look.score() if scored else None,
            parts=look.parts() if scored else {},
        )


class DayLook:
    """A member's numbers on one day, with what was carried into the period."""

    __slots__ = ("_cp", "_day", "_parts", "_score", "_standing", "_values", "carried")

    def __init__(
        self,
        parts: Iterable[Part],
        cp: CompiledProgramme,
        standing: Standing,
        day: int,
        carried: dict[str, int],
    ) -> None:
        """Look at one day."""
        self._parts = parts
        self._cp = cp
        self._standing = standing
        self._day = day
        self._score: int | None = None
        self._values: dict[str, int] = {}
        self.carried = carried

    def value(self, metric: str) -> int:
        """Return a metric with what was carried over of it."""
        counted = self._values.get(metric)
        if counted is None:
            counted = self._cp.metric_value(self._standing, metric, self._day)
            self._values[metric] = counted
        return counted + self.carried.get(metric, 0)

    def parts(self) -> dict[str, int]:
        """Return what each part of the score gives or takes."""
        return {part.code: self._part(part) for part in self._parts}

    def _part(self, part: Part) -> int:
        if part.metric is None:
            counted = years_between(self._cp.zone.day(self._standing.member.enrolled_us), self._day)
        else:
            counted = self.value(part.metric)
        points = counted // part.per * part.points
        if part.most is None:
            return points
        return max(min(points, part.most), -part.most)

    def score(self) -> int:
        """Return the sum of the parts."""
        if self._score is None:
            self._score = sum(self.parts().values())
        return self._score
