"""What happens to one person of the demo, day by day; seeded, typed, in the order it occurred."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from coterie.demo.people import Person
from coterie.demo.shop import ARTICLES, CITY_OF, STORES, Article
from coterie.events import (
    Activity,
    Adjustment,
    AttributeChange,
    Capture,
    Event,
    Extend,
    Hold,
    Link,
    MemberRef,
    Mode,
    OpeningBalance,
    OpeningLot,
    Order,
    OrderLine,
    Redeem,
    Release,
    Return,
    ReturnLine,
    Reversal,
    Spend,
    StateChange,
    Tender,
    Transfer,
)
from coterie.kernel.time import DAY_US, HOUR_US, MINUTE_US, Zone, format_day, format_instant

_WEIGHTS = {
    "brewed-tea": 10,
    "cakes": 5,
    "snacks": 4,
    "leaf-tea": 3,
    "teaware": 1,
    "gift-cards": 0.3,
    "tobacco": 0.4,
}
_POOL = [a for a in ARTICLES for _ in range(int(_WEIGHTS[a.category] * 10))]
_OFFSET_MINUTES = 480

STAMP_MINOR = 2_500
CUP_STAMPS = 9
STAMPS_ASKED = 12
"""Who asks for a cup has some more than it takes: some stamps will have lapsed or gone back."""
_BREWED = frozenset(a.product for a in ARTICLES if a.category == "brewed-tea")

Moment = tuple[int, dict[str, Any], type[Event]]


class Story:
    """One person's history; iterate over :meth:`events`."""

    def __init__(self, person: Person, first_day: int, days: int, seed: int, zone: Zone) -> None:
        """Prepare; ``first_day`` is the demo's first day, ``days`` how many there are."""
        self.person = person
        self.first_day = first_day
        self.days = days
        self.zone = zone
        # Repeatable, not secret.
        self.pick = random.Random(f"{seed}:story:{person.number}")  # noqa: S311
        self.number = 0
        self.points = 0
        self.refs: list[str] = []
        self.stamps = 0

    def events(self, member_id: int, friends: list[int]) -> Iterator[tuple[int, Event]]:
        """Yield (instant, event) in the order of time."""
        moments: list[Moment] = list(self._moments(friends))
        moments.sort(key=lambda moment: moment[0])
        for at_us, fields, kind in moments:
            self.number += 1
            yield (
                at_us,
                kind(
                    source="import" if kind is OpeningBalance else fields.pop("source", "pos"),
                    key=f"demo:{self.person.number}:{self.number}",
                    occurred_at=format_instant(at_us, _OFFSET_MINUTES),
                    member=MemberRef(id=member_id),
                    mode=Mode.HISTORICAL,
                    **fields,
                ),
            )

    # ------------------------------------------------------------------ what happens when

    def _moments(self, friends: list[int]) -> Iterator[Moment]:
        person, pick = self.person, self.pick
        if person.moved_in:
            yield self._at(0, 0), self._opening(), OpeningBalance
        elif friends and pick.random() < 0.25:
            other = MemberRef(id=pick.choice(friends))
            yield self._at(person.join_day, 0), {"role": "referrer", "other": other}, Link
        last = min(person.join_day + person.active_days, self.days)
        per_day = person.habit.orders_month / 30.4
        for day in range(person.join_day, last):
            rate = per_day * self._season(day)
            if pick.random() < rate:
                yield from self._visit(day)
            if pick.random() < rate * 0.22:
                yield self._at(day, pick.randrange(9, 21)), self._check_in(), Activity
            if self.points > 300 and pick.random() < 0.012:
                yield from self._spending(day)
            if self.stamps >= STAMPS_ASKED and pick.random() < 0.1:
                self.stamps -= CUP_STAMPS
                yield self._at(day, 18), {"reward": "free-cup", "source": "app"}, Redeem
            if friends and self.points > 800 and pick.random() < 0.0008:
                yield from self._gift(day, friends)
            if pick.random() < 0.0003:
                yield self._at(day, 15), self._correction(), Adjustment
        yield from self._later(last)

    def _season(self, day: int) -> float:
        # Festivals and winter bring people in; a quarter of all come for Singles' Day.
        month, of_month = self._month_day(day)
        if (month, of_month) == (11, 11):
            return 6.0
        if month in (1, 2, 9, 12):
            return 1.3
        return 0.9

    def _month_day(self, day: int) -> tuple[int, int]:
        text = format_day(self.first_day + day)
        return int(text[5:7]), int(text[8:10])

    def _at(self, day: int, hour: int) -> int:
        start_us = self.zone.day_start_us(self.first_day + day)
        return start_us + hour * HOUR_US + self.pick.randrange(60 * 60) * 1_000_000

    def _visit(self, day: int) -> Iterator[Moment]:
        pick = self.pick
        at_us = self._at(day, pick.choice((9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)))
        fields = self._order()
        yield at_us, fields, Order
        ref = fields["order_ref"]
        if pick.random() < 0.06:
            back_us = at_us + pick.randrange(1, 20) * DAY_US
            if back_us < self._at(self.days - 1, 20):
                yield back_us, self._goods_back(ref, fields["lines"]), Return
        if pick.random() < 0.05:
            review_us = at_us + pick.randrange(2, 60) * HOUR_US
            if review_us < self._at(self.days - 1, 20):
                stars = pick.choices((5, 4, 3, 2, 1), (60, 25, 8, 4, 3))[0]
                review = {"activity": "review", "fields": {"stars": stars}, "source": "app"}
                yield review_us, review, Activity
        if pick.random() < 0.02:
            taste = {"favourite": pick.choice(("green", "oolong", "black", "white"))}
            yield at_us + MINUTE_US, {"attributes": taste, "source": "app"}, AttributeChange

    def _order(self) -> dict[str, Any]:
        pick, person = self.pick, self.person
        online = pick.random() < person.habit.app_share
        store = person.home if pick.random() < 0.8 else pick.choice(STORES)
        count = pick.randrange(person.habit.lines[0], person.habit.lines[1] + 1)
        lines = tuple(self._line(article) for article in pick.choices(_POOL, k=count))
        ref = f"MT-{person.number:04d}-{len(self.refs) + 1:04d}"
        self.refs.append(ref)
        total = sum(line.amount_minor for line in lines)
        self.points += total // 100
        self.stamps += sum(line.amount_minor // STAMP_MINOR for line in lines if _brewed(line))
        fields: dict[str, Any] = {
            "order_ref": ref,
            "lines": lines,
            "channel": "app" if online else "pos",
            "source": "app" if online else "pos",
            "store": None if online else store,
            "operator": None if online else f"{store}-{pick.randrange(1, 4)}",
        }
        if online and total < 9_900:
            fields["shipping_minor"] = 800
        if pick.random() < 0.04:
            fields["tenders"] = (Tender("gift_card", min(total, 10_000)),)
        return fields

    def _line(self, article: Article) -> OrderLine:
        pieces = self.pick.choices((1, 2, 3, 6), (80, 14, 4, 2))[0]
        amount = article.price_minor * pieces
        discount = amount // 10 if self.pick.random() < 0.12 else 0
        return OrderLine(
            amount_minor=amount - discount,
            product=article.product,
            quantity_milli=pieces * 1000,
            tax_minor=(amount - discount) * 6 // 106,
            discount_minor=discount,
        )

    def _goods_back(self, ref: str, lines: tuple[OrderLine, ...]) -> dict[str, Any]:
        if self.pick.random() < 0.4:
            return {"order_ref": ref}
        if self.pick.random() < 0.3:
            product = self.pick.choice(lines).product
            return {"lines": (ReturnLine(product=product, quantity_milli=1000),)}
        number = self.pick.randrange(len(lines)) + 1
        return {"order_ref": ref, "lines": (ReturnLine(line=str(number)),)}

    def _check_in(self) -> dict[str, Any]:
        fields = {"city": CITY_OF[self.person.home], "guests": self.pick.choice((0, 0, 1, 2, 3))}
        return {
            "activity": "check_in",
            "fields": fields,
            "store": self.person.home,
            "source": "app",
        }

    def _spending(self, day: int) -> Iterator[Moment]:
        pick = self.pick
        units = pick.randrange(100, max(int(self.points * 0.7), 101))
        at_us = self._at(day, pick.randrange(9, 21))
        if pick.random() < 0.7:
            self.points -= units
            yield at_us, {"currency": "points", "units": units, "reason": "兑换礼品"}, Spend
            return
        ref = f"hold-{self.person.number}-{day}"
        hold = {"currency": "points", "units": units, "hold_ref": ref, "source": "app"}
        yield at_us, hold, Hold
        end_us = at_us + pick.randrange(2, 25) * MINUTE_US
        choice = pick.random()
        if choice < 0.6:
            self.points -= units
            yield end_us, {"hold_ref": ref, "source": "app"}, Capture
        elif choice < 0.8:
            yield end_us, {"hold_ref": ref, "source": "app"}, Release

    def _gift(self, day: int, friends: list[int]) -> Iterator[Moment]:
        units = self.pick.choice((50, 100, 200))
        self.points -= units
        receiver = MemberRef(id=self.pick.choice(friends))
        gift = {"currency": "points", "units": units, "receiver": receiver, "source": "app"}
        yield self._at(day, 20), gift, Transfer

    def _correction(self) -> dict[str, Any]:
        units = self.pick.choice((-50, 20, 50, 100))
        return {"currency": "points", "units": units, "reason": "客服补偿", "actor": "care"}

    def _opening(self) -> dict[str, Any]:
        units = self.pick.randrange(50, 3_000)
        self.points += units
        half = units // 2
        lots = (
            OpeningLot(units=units - half, expires_on=format_day(self.first_day + 90)),
            OpeningLot(units=half, expires_on=format_day(self.first_day + 300)),
        )
        return {"currency": "points", "lots": lots}

    def _later(self, last: int) -> Iterator[Moment]:
        """Yield the rare things at the end: a wrong grant undone, a closed account, a kindness."""
        pick = self.pick
        if last >= self.days:
            return
        dice = pick.random()
        if dice < 0.05:
            yield self._at(last, 10), {"state": "paused", "reason": "长期未消费"}, StateChange
        elif dice < 0.08:
            yield self._at(last, 10), {"state": "closed", "reason": "会员申请注销"}, StateChange
        elif dice < 0.12:
            kept = format_day(min(self.first_day + self.days, self.first_day + last + 200))
            kind = {"currency": "points", "expires_on": kept, "reason": "节日关怀"}
            yield self._at(last, 11), {**kind, "actor": "care"}, Extend
        elif dice < 0.15 and self.refs:
            undone = {"reverses_seq": 1, "reason": "重复录入", "actor": "care"}
            yield self._at(last, 12), undone, Reversal


def _brewed(line: OrderLine) -> bool:
    return line.product in _BREWED
