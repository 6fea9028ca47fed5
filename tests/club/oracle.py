"""Several members, the versions of their programme, and what they do for each other: naively.

It shares no code with the product; what a member does alone is in ``oracle_buyer.py``.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tests.club.oracle_buyer import Brought, Buyer, Told, Versions
from tests.club.terms import Shape, Terms
from tests.ledger.oracle import Lot, Refused

STAYING = {"due", "transfer_in"}


class Person(Buyer):
    """A member, or a household that holds the units of some."""

    def do(self, kind: str, at: datetime, now: datetime, parts: dict[str, Any]) -> None:
        """Decide what is due, then an event; raises :class:`Refused` after noting it."""
        self.advance(now)
        self.begin(at)
        try:
            getattr(self, "do_" + kind)(at, **parts)
        except Refused as refused:
            assert not self.log
            self.out = []
            self.write(kind, "refused", refused.code)
            raise
        self.follow(kind, at, self.day(now))
        self.write(kind)

    def moments(self) -> Iterator[datetime]:
        yield from super().moments()
        if self.place is not None and (day := self.place.due_day()) is not None:
            yield self.start(day)

    def advance(self, to: datetime) -> None:
        while (moment := min(self.moments(), default=None)) is not None and moment <= to:
            self.begin(moment)
            holds = [hold.state for hold in self.holds]
            self.fall_due(moment)
            today = self.day(moment)
            if self.place is not None and (self.place.due_day() or date.max) <= today:
                self.place.at(self.terms, self.version, today).day_breaks()
                self.tier_changes += self.place.changes
            if self.log or self.tier_changes or holds != [hold.state for hold in self.holds]:
                self.follow("due", moment, today)
                self.write("due")

    def follow(self, kind: str, at: datetime, today: date) -> None:
        """Let tiers, referrals and pools see what happened, until nothing more comes of it."""
        changed = True
        while changed:
            changed = self.look_at_tier(kind, today)
            changed = self.look_at_referral(kind, at) or changed
            changed = self.look_at_pool(kind) or changed

    # ------------------------------------------------------------------ pools

    def do_pool_join(self, _at: datetime, pool: int) -> None:
        if self.pool is not None or self.contributors:
            raise Refused("pooled")
        self.pool = pool
        self.send_to_pool([lot for lot in self.lots if lot.currency == "points"], joins=True)

    def send(self, lots: list[Lot]) -> list[dict[str, Any]]:
        """Let what is left of lots leave: open ones first, then those that wait."""
        sent = []
        for state, account in (("open", "available"), ("pending", "pending")):
            chosen = [lot for lot in lots if lot.state == state and lot.left]
            self.move("points", account, "in_transit", sum(lot.left for lot in chosen), "pool")
            for lot in chosen:
                opens = lot.opens if state == "pending" else None
                sent.append({"units": lot.left, "last": lot.last, "born": lot.born, "opens": opens})
                lot.left = 0
                if opens:
                    lot.state = "cancelled"
        return sent

    def send_to_pool(self, lots: list[Lot], *, joins: bool = False) -> bool:
        sent = self.send(lots)
        if not sent and not joins:
            return False
        assert self.pool is not None
        parts = {"who": self.number, "joins": joins, "lots": sent}
        self.out.append(("pool_in", self.pool, parts))
        return True

    def look_at_pool(self, kind: str) -> bool:
        if self.pool is None or kind in STAYING or kind.startswith("pool_"):
            return False
        new = [t for t in self.lots if t.seq == self.seq + 1 and t.currency == "points"]
        changed = self.send_to_pool(new)
        asked = any(sent[0] == "pool_take" for sent in self.out)
        if kind in ("return", "reversal", "referral_back") and not asked:
            units = sum(
                units
                for currency, of, to, units, _ in self.log
                if currency == "points" and of in ("owed", "written_off") and to == "issued"
            )
            if units:
                self.out.append(("pool_take", self.pool, {"who": self.number, "units": units}))
        return changed

    def take_lots(self, lots: list[dict[str, Any]], of: int | None) -> None:
        for lot in lots:
            rest = lot["units"]
            if lot["opens"] is None:
                rest = self.repaid("points", "in_transit", rest, "pool")
            self.move("points", "in_transit", "pending" if lot["opens"] else "available", rest,
                      "pool")  # fmt: skip
            if rest:
                self.open("points", rest, lot["last"], lot["born"], self.seq + 1, lot["opens"])
                self.from_whom[len(self.lots)] = of

    def do_pool_in(self, _at: datetime, who: int, joins: bool, lots: list[dict[str, Any]]) -> None:
        if not self.pools:
            raise Refused("not_a_pool")
        if joins and len(self.contributors) >= self.terms.members_max:
            raise Refused("pool_full")
        assert joins or who in self.contributors
        self.contributors.add(who)
        self.take_lots(lots, who)

    def do_pool_back(self, _at: datetime, joins: bool, lots: list[dict[str, Any]]) -> None:
        assert joins, "who belongs to a pool is always let in"
        self.pool = None
        self.take_lots(lots, None)

    def do_pool_leave(self, _at: datetime) -> None:
        if self.pool is None:
            raise Refused("pooled")
        self.out.append(("pool_out", self.pool, {"who": self.number}))
        self.pool = None

    def do_pool_out(self, _at: datetime, who: int) -> None:
        self.contributors.remove(who)
        own = [lot for lot in self.lots if self.from_whom.get(lot.no) == who]
        self.out.append(("pool_share", who, {"lots": self.send(own)}))

    def do_pool_share(self, _at: datetime, lots: list[dict[str, Any]]) -> None:
        self.take_lots(lots, None)

    def do_pool_take(self, _at: datetime, who: int, units: int) -> None:
        lots = self.burning("points")
        lots.sort(key=lambda lot: self.from_whom.get(lot.no) != who)
        left = self.balance("points", "available") - self.balance("points", "owed")
        units = min(units, max(left, 0))
        if units:
            self.move("points", "available", "in_transit", units, "pool")
            self.draw(units, lots)
            self.out.append(("pool_repay", who, {"units": units}))

    def do_pool_repay(self, _at: datetime, units: int) -> None:
        rest = self.repaid("points", "in_transit", units, "pool")
        self.move("points", "in_transit", "written_off", rest, "pool")

    # ------------------------------------------------------------------ referrals

    def do_link(self, _at: datetime, other: int | None) -> None:
        if other == self.number:
            raise Refused("self_link")
        self.referrer = other

    def look_at_referral(self, kind: str, at: datetime) -> bool:
        if kind in ("return", "reversal"):
            return self.undo_referral()
        terms = self.terms
        late = self.day(at) - self.club.enrolled > timedelta(days=terms.within_days)
        if kind != "order" or not self.first_purchase or self.qualified is not None:
            return False
        if self.referrer is None or late:
            return False
        self.qualified = (self.seq + 1, self.referrer, terms)
        if terms.friend is not None:
            self.reward(*terms.friend, at)
        if terms.referrer is not None:
            why = (self.number, self.seq + 1)
            self.out.append(("referral", self.referrer, {"gift": terms.referrer, "why": why}))
        return True

    def reward(self, currency: str, units: int, at: datetime) -> None:
        self.open_new(currency, self.earn(currency, units, "referral"), at)

    def undo_referral(self) -> bool:
        """Take back what was given for a sale of which nothing is left: what its version gave."""
        if self.qualified is None:
            return False
        seq, referrer, terms = self.qualified
        sale = next(sale for sale in self.sales if sale.seq == seq)
        if sale.left:
            return False
        self.qualified = None
        if terms.friend is not None:
            currency, units = terms.friend
            self.take_back(seq, currency, units, "referral_back", "issued")
        if terms.referrer is not None:
            why = (self.number, seq)
            self.out.append(("referral_back", referrer, {"gift": terms.referrer, "why": why}))
        return True

    def do_referral(self, at: datetime, gift: tuple[str, int], why: tuple[int, int]) -> None:
        day = self.day(at)
        month = (day.year, day.month)
        many = sum(b.alive and b.month == month for b in self.brought)
        if self.terms.referrer is not None and many >= self.terms.times:
            raise Refused("referral_limit")
        self.reward(*gift, at)
        self.brought.append(Brought(self.seq + 1, why, month))

    def do_referral_back(self, _at: datetime, gift: tuple[str, int], why: tuple[int, int]) -> None:
        found = [b for b in self.brought if b.why == why]
        if not found:
            raise Refused("nothing_to_undo")
        found[0].alive = False
        self.take_back(found[0].seq, *gift, "referral_back", "issued")


class Club(Versions):
    """All members, told one event after the other; consequences are delivered at once."""

    def __init__(self, shape: Shape, terms: Terms, enrolled: date) -> None:
        super().__init__(shape, terms, enrolled)
        self.people: dict[int, Person] = {}

    def add(self, number: int, *, pools: bool) -> None:
        self.people[number] = Person(self, number, pools=pools)

    def tell(self, kind: str, number: int, at: datetime, now: datetime, /, **parts: Any) -> Told:
        """Decide an event and everything that comes of it; return what its sender is told."""
        person = self.people[number]
        try:
            person.do(kind, at, now, parts)
        except Refused:
            return person.record[-1]
        told = person.record[-1]
        backs = []
        for next_kind, receiver, next_parts in list(person.out):
            answer = self.tell(next_kind, receiver, at, now, **next_parts)
            if answer.status == "refused" and next_kind == "pool_in":
                joins = {"joins": next_parts["joins"], "lots": next_parts["lots"]}
                backs.append(("pool_back", number, joins))
        for back_kind, sender, back_parts in backs:
            self.tell(back_kind, sender, at, now, **back_parts)
        return told
