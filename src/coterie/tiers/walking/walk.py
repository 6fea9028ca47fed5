"""One member on one ladder at one moment, and what an event changes."""

from __future__ import annotations

from coterie.tiers.model import Evidence, Policy, Reason, TierChange, TierStanding
from coterie.tiers.rules import Judge, next_review, period_start, reviewed, valid_through

_ALWAYS = 10**9


class Walk:
    """A member on a ladder at one moment; ``today`` is the day up to which all was decided.

    ``changes`` collects what changed, ``moved`` says whether the standing must be written.
    """

    def __init__(
        self, policy: Policy, judge: Judge, standing: TierStanding, version: int, today: int
    ) -> None:
        """Take the standing; it is changed in place."""
        self.policy = policy
        self.judge = judge
        self.standing = standing
        self.course = standing.course
        self.version = version
        self.today = today
        self.changes: list[TierChange] = []
        self.moved = False
        self._ranks = {code: rank for rank, code in enumerate(policy.tiers)}
        self._top = len(policy.tiers) - 1

    # -------------------------------------------------------------------------- after an event

    def observe(self, event_day: int, *, returned: bool = False) -> None:
        """Judge what an event of ``event_day`` changed; ``returned``: it took something back."""
        course = self.course
        if not course.active:
            return
        self._refresh()
        self._for_ever()
        self._challenge()
        days = self._days(event_day)
        if self._rise(days) or self._renew(days) or self._restore(event_day):
            return
        if returned and self.policy.returns == "judge":
            self._take_back()

    def rank_of(self, code: str | None) -> int:
        """Return the rank of a tier: -1 for none, the base for one that is no longer declared."""
        return -1 if code is None else self._ranks.get(code, 0)

    @property
    def earned(self) -> int:
        """Return the rank of what the member has earned."""
        return self.rank_of(self.course.earned)

    def _refresh(self) -> None:
        """Let time pass for somebody whose periods end unseen."""
        course = self.course
        if course.review_day is None or course.review_day > self.today:
            return
        if reviewed(self.policy, course) and course.paused_day is None:
            return
        self.next_period(self.today)
        course.fallen = course.fit = course.kept = None
        self.moved = True

    def next_period(self, day: int) -> None:
        """Begin the period that ``day`` lies in."""
        course, enrolled = self.course, self.judge.enrolled_day
        course.period_day = period_start(self.policy.review, day, enrolled)
        course.review_day = next_review(self.policy.review, day, enrolled)
        course.rose_from = None
        course.rose_until = None
        course.barred = False

    def _days(self, event_day: int) -> list[int]:
        """Return the days by which an event is judged: today's, and its own where it is late."""
        period_day = self.course.period_day
        days = [] if self.policy.promote == "at_review" else [self.today]
        if event_day < period_day:
            if self.policy.late == "again":
                days += [period_day - 1, event_day] if event_day != period_day - 1 else [event_day]
        elif event_day != self.today and days:
            days.append(event_day)
        return days

    def highest(self, test: str, day: int, above: int = 0) -> int:
        """Return the highest tier whose test is met, ``above`` where none over it is."""
        for rank in range(self._top, above, -1):
            if self.judge.holds(test, rank, day):
                return rank
        return above

    def _rise(self, days: list[int]) -> bool:
        course, earned = self.course, self.earned
        if course.barred:
            return False
        best, day = max(
            ((self.highest("reach", day, earned), -at) for at, day in enumerate(days)),
            default=(earned, 0),
        )
        if best <= earned:
            return False
        if course.rose_from is None:
            course.rose_from, course.rose_until = course.earned, course.earned_until
        self.gain(best, days[-day], Reason.REACHED, "reach")
        return True

    def gain(self, rank: int, day: int, reason: Reason, test: str) -> None:
        """Let the member have earned a tier by what was met on ``day``."""
        course = self.course
        evidence = self.judge.evidence(test, rank, day, met=True)
        course.earned = self.policy.tiers[rank]
        course.earned_until = self.through(day) if rank else None
        course.gained_day = day
        course.grace_day = None
        course.fallen = None
        self.settle(reason, evidence)

    def through(self, day: int) -> int | None:
        """Return the end of a validity that begins by ``day``; never one that has passed."""
        enrolled = self.judge.enrolled_day
        until = valid_through(self.policy, day, self.today, enrolled)
        if until is not None and until < self.today:
            ends = next_review(self.policy.review, self.today, enrolled)
            return self.today if ends is None else ends - 1
        return until

    def _renew(self, days: list[int]) -> bool:
        """Lengthen the validity of a tier that was met again; at most once in a period."""
        course, earned = self.course, self.earned
        if earned <= 0 or course.earned_until is None:
            return False
        valid = self.policy.valid is not None
        for day in days:
            fresh = valid and (not course.period_day or self.period(day) > course.gained_day)
            if (fresh or course.grace_day is not None) and self.judge.holds("keep", earned, day):
                until = self.through(day)
                if until is None or until > course.earned_until or course.grace_day is not None:
                    self.gain(earned, day, Reason.KEPT, "keep")
                    return True
        return False

    def period(self, day: int) -> int:
        """Return the first day of the period that ``day`` lies in; 0 where there are none."""
        return period_start(self.policy.review, day, self.judge.enrolled_day)

    def counts(self, period_day: int) -> bool:
        """Tell whether meeting the thresholds of a period means more validity.

        A validity longer than its period was already given for what was met in it.
        """
        return self.policy.valid is None or self.course.gained_day < (period_day or _ALWAYS)

    def _restore(self, event_day: int) -> bool:
        """Hold the last review again for an event that came after it."""
        course = self.course
        fallen, last = self.rank_of(course.fallen), course.period_day - 1
        again = self.policy.late == "again" and event_day <= last
        if not again or fallen <= self.earned or not self.judge.holds("keep", fallen, last):
            return False
        self.gain(fallen, last, Reason.RESTORED, "keep")
        return True

    def _take_back(self) -> None:
        """Undo a rise of this period whose thresholds are no longer met."""
        course, earned = self.course, self.earned
        if course.rose_from is None or self.judge.holds("reach", earned, self.today):
            return
        before = self.rank_of(course.rose_from)
        rank = max(self.highest("reach", self.today), before)
        if rank >= earned:
            return
        evidence = self.judge.evidence("reach", earned, self.today, met=False)
        course.earned = self.policy.tiers[rank]
        if rank == before:
            course.earned_until, course.rose_from = course.rose_until, None
        self.settle(Reason.RETURNED, evidence)

    def _for_ever(self) -> None:
        above = max(self.rank_of(self.course.lifetime), 0)
        rank = self.highest("lifetime", self.today, above)
        if rank > above:
            self.course.lifetime = self.policy.tiers[rank]
            evidence = self.judge.evidence("lifetime", rank, self.today, met=True)
            self.settle(Reason.LIFETIME, evidence)

    def _challenge(self) -> None:
        course = self.course
        rank = self.rank_of(course.granted)
        if course.matched and rank > 0 and self.judge.holds("challenge", rank, self.today):
            course.granted = course.granted_until = None
            course.matched = False
            if rank > self.earned:
                self.gain(rank, self.today, Reason.MATCH_KEPT, "challenge")
            else:
                evidence = self.judge.evidence("challenge", rank, self.today, met=True)
                self.settle(Reason.MATCH_KEPT, evidence)

    # ------------------------------------------------------------------------------ the outcome

    def effective(self) -> tuple[int, int | None]:
        """Return the rank that all of it comes to, and through when; -1: not on this ladder."""
        course = self.course
        if not course.active:
            return -1, None
        own = course.earned_until if course.grace_day is None else course.grace_day
        best = max(
            (self.earned, _ALWAYS if own is None else own),
            (self.rank_of(course.granted), course.granted_until or _ALWAYS),
            (self.rank_of(course.lifetime), _ALWAYS),
            (self.rank_of(course.pinned), _ALWAYS),
        )
        return best[0], None if best[1] == _ALWAYS else best[1]

    def settle(self, reason: Reason, evidence: Evidence, *, said: bool = False) -> None:
        """Take over what the course comes to; a change is what a member sees, or was told by hand.

        Nothing is told where what changed lies below what the member has anyhow.
        """
        standing = self.standing
        self.moved = True
        rank, until_day = self.effective()
        tier = self.policy.tiers[rank] if rank >= 0 else None
        same = (tier, until_day) == (standing.tier, standing.until_day)
        if same and not said and reason is not Reason.GRACE:
            return
        if tier != standing.tier:
            standing.since_day = self.today
        self.changes.append(
            TierChange(self.policy.ladder, standing.tier, tier, until_day, reason.value, evidence)
        )
        standing.tier, standing.until_day = tier, until_day
        standing.reason, standing.version = reason.value, self.version
        standing.changes += 1
