"""A member on the ladder, lived through with dates; it shares no code with the product.

Numbers come from a function that adds up purchases anew each time; tiers are ranks 0, 1, 2.
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.club.terms import TIERS, Shape, Terms

DAY = timedelta(days=1)
FOREVER = date.max
WIDTH = {"month": 1, "quarter": 3}


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@dataclass
class Change:
    before: str
    tier: str
    until: date | None
    reason: str
    version: int


@dataclass
class Place:
    """Where a member stands, and what decides it."""

    shape: Shape
    spent: Callable[[date, date], int]
    """what was bought, and not returned, from a day through a day"""
    since: date
    rank: int = 0
    until: date | None = None
    gained: date = date.min
    start: date = date.min
    granted: tuple[int, date] | None = None
    pinned: int | None = None
    grace: date | None = None
    carried: int = 0
    carried_before: int = 0
    fit: int = -1
    kept: int = -1
    fallen: int = -1
    rose: tuple[int, date | None] | None = None
    shown: tuple[int, date | None] = (0, None)
    reason: str = ""
    version: int = 0
    changes: list[Change] = field(default_factory=list)
    touched: bool = False
    terms: Terms | None = None
    today: date = date.min

    # ------------------------------------------------------------------ periods and numbers

    def first(self, day: date) -> date:
        width = WIDTH[self.shape.period]
        return date(day.year, (day.month - 1) // width * width + 1, 1)

    def last(self, day: date) -> date:
        day = self.first(day)
        for _ in range(WIDTH[self.shape.period] - 1):
            day = month_end(day) + DAY
        return month_end(day)

    @property
    def review(self) -> date:
        return self.last(self.start) + DAY

    def number(self, day: date) -> int:
        ahead = self.carried if day >= self.start else self.carried_before
        return self.spent(self.first(day), self.last(day)) + ahead

    def bars(self, test: str) -> tuple[int, int]:
        assert self.terms is not None
        return self.terms.reach if test == "reach" else self.terms.keep

    def meets(self, test: str, rank: int, day: date) -> bool:
        return rank > 0 and self.number(day) >= self.bars(test)[rank - 1]

    def best(self, test: str, day: date) -> int:
        return max((rank for rank in (1, 2) if self.meets(test, rank, day)), default=0)

    def through(self, day: date) -> date:
        """The last day of a tier that was met on a day."""
        ends = self.last(self.today)
        if self.shape.valid_months is None:
            return ends
        months = day.year * 12 + day.month - 1 + self.shape.valid_months
        found = month_end(date(months // 12, months % 12 + 1, 1))
        return ends if found < self.today else found

    # ------------------------------------------------------------------ what others ask

    def at(self, terms: Terms, version: int, today: date) -> "Place":
        self.terms, self.now, self.today, self.changes = terms, version, today, []
        return self

    now: int = 0

    def looked_at(self) -> bool:
        """Whether the end of a period means anything."""
        given = self.granted is not None or self.pinned is not None
        return self.shape.promote == "at_review" or self.rank > 0 or given or self.carried > 0

    def due_day(self) -> date | None:
        days = [self.review] if self.looked_at() else []
        ends = self.until if self.grace is None else self.grace
        if ends is not None:
            days.append(ends + DAY)
        if self.granted is not None:
            days.append(self.granted[1] + DAY)
        return min(days, default=None)

    # ------------------------------------------------------------------ after an event

    def observe(self, day: date, *, returned: bool) -> bool:
        """Look at a member after an event of a day; tell whether it changed what is seen."""
        before = len(self.changes)
        if self.review <= self.today and not self.looked_at():
            self.start, self.rose = self.first(self.today), None
            self.fallen = self.fit = self.kept = -1
            self.touched = True
        days = [] if self.shape.promote == "at_review" else [self.today]
        ended = self.start - DAY
        if day < self.start and self.shape.late == "again":
            days += [ended, day]
        elif self.start <= day != self.today and days:
            days.append(day)
        if not (self.rises(days) or self.renews(days) or self.stays_after_all(day)) and returned:
            self.undo_rise()
        return len(self.changes) > before

    def rises(self, days: list[date]) -> bool:
        met = [(self.best("reach", day), -n) for n, day in enumerate(days)]
        rank, place = max(met, default=(0, 0))
        if rank <= self.rank:
            return False
        if self.rose is None:
            self.rose = (self.rank, self.until)
        self.gain(rank, days[-place], "reached")
        return True

    def renews(self, days: list[date]) -> bool:
        if not self.rank or self.until is None:
            return False
        for day in days:
            fresh = self.shape.valid_months is not None and self.first(day) > self.gained
            if not (fresh or self.grace) or not self.meets("keep", self.rank, day):
                continue
            if self.grace or self.through(day) > self.until:
                self.gain(self.rank, day, "kept")
                return True
        return False

    def stays_after_all(self, day: date) -> bool:
        ended = self.start - DAY
        again = self.shape.late == "again" and day <= ended
        if not again or self.fallen <= self.rank or not self.meets("keep", self.fallen, ended):
            return False
        self.gain(self.fallen, ended, "restored")
        return True

    def undo_rise(self) -> None:
        if self.shape.judged == "keep" or self.rose is None:
            return
        if self.meets("reach", self.rank, self.today):
            return
        rank = max(self.best("reach", self.today), self.rose[0])
        if rank >= self.rank:
            return
        self.rank = rank
        if rank == self.rose[0]:
            self.until, self.rose = self.rose[1], None
        self.show("returned")

    def gain(self, rank: int, day: date, reason: str) -> None:
        self.rank, self.gained = rank, day
        self.until = self.through(day) if rank else None
        self.grace, self.fallen = None, -1
        self.show(reason)

    def show(self, reason: str, *, always: bool = False) -> None:
        """Take over what all of it comes to."""
        own = self.until if self.grace is None else self.grace
        found = [(self.rank, own or FOREVER)]
        if self.granted is not None:
            found.append(self.granted)
        if self.pinned is not None:
            found.append((self.pinned, FOREVER))
        rank, end = max(found)
        until = None if end == FOREVER else end
        self.touched = True
        if (rank, until) == self.shown and not always:
            return
        if rank != self.shown[0]:
            self.since = self.today
        self.changes.append(Change(TIERS[self.shown[0]], TIERS[rank], until, reason, self.now))
        self.shown, self.reason, self.version = (rank, until), reason, self.now
        self.told += 1

    told: int = 0
    begun: int = 0
    """the version in force when it began"""

    # ------------------------------------------------------------------ what ends

    def day_breaks(self) -> None:
        """Judge what ended with yesterday."""
        self.touched = True
        if self.granted is not None and self.granted[1] < self.today:
            self.granted = None
            self.show("grant_ended")
        if self.review <= self.today and self.looked_at():
            self.close()
        elif self.ended():
            self.judge()

    def ended(self) -> bool:
        end = self.until if self.grace is None else self.grace
        return self.rank > 0 and end is not None and end < self.today

    def counts(self, start: date) -> bool:
        """Whether a period may prolong a tier: not the one that it was met in already."""
        return self.shape.valid_months is None or self.gained < start

    def close(self) -> None:
        yesterday = self.today - DAY
        fit, kept = self.best("reach", yesterday), self.best("keep", yesterday)
        self.fallen = -1
        if fit > self.rank:
            self.gain(fit, yesterday, "reached")
        elif self.rank and self.counts(self.start) and self.meets("keep", self.rank, yesterday):
            self.gain(self.rank, yesterday, "kept")
        elif self.ended():
            self.lose(None)
        over = 0
        if self.shape.rollover and self.rank:
            bar = self.bars("reach" if fit >= self.rank else "keep")[self.rank - 1]
            over = max(self.number(yesterday) - bar, 0)
        self.carried_before, self.carried = self.carried, over
        self.fit, self.kept = fit, kept
        self.start, self.rose = self.first(self.today), None

    def judge(self) -> None:
        """A validity or a grace ended within a period."""
        days = [self.today - DAY] if self.counts(self.start) else []
        ended = self.start - DAY
        closed = ended if self.counts(self.first(ended)) else None
        if closed is not None:
            days.append(closed)
        for day in days:
            if self.meets("keep", self.rank, day):
                self.gain(self.rank, day, "kept")
                return
        self.lose(closed)

    def lose(self, closed: date | None) -> None:
        assert self.terms is not None
        yesterday = self.today - DAY
        if self.terms.grace_days and self.grace is None and self.until is not None:
            grace = self.until + timedelta(days=self.terms.grace_days)
            if grace >= self.today:
                self.grace = grace
                self.show("grace", always=True)
                return
        fits = max(self.best("reach", yesterday), -1 if closed is None else self.fit)
        keeps = max(self.best("keep", yesterday), -1 if closed is None else self.kept)
        to = {"one": self.rank - 1, "base": 0, "fit": fits, "highest_kept": keeps}
        self.fallen = self.rank
        self.rank = min(to[self.terms.demote], self.rank - 1)
        self.gained = yesterday if closed is None else closed
        self.grace = None
        self.until = self.through(self.gained) if self.rank else None
        self.show("demoted")
