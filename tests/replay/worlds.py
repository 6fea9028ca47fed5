"""A small world with a lively past: what the proof is held to.

Everything goes through the engine. The traffic is random but the same for the same seed, and meets
every kind of event: what it asks for is often refused, which is part of the history too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from coterie import events as ev
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.time import DAY_US, HOUR_US, MINUTE_US, format_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Connection, transaction

START_US = 1_735_689_600_000_000  # 2025-01-01T00:00Z
PROGRAMME = """
programme: proof
name: {zh: 证明, en: Proof}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    expiry: {model: fixed, days: 45}
    debt: {policy: allow, limit_units: 300}
    transferable: true
    unit_cost: "0.01"
  coins:
    name: {zh: 金币, en: Coins}
    expiry: {model: fixed, days: 60}
    pending: {days: 5}
    returns: recompute
    lapsed_refund: extend_days
    extend_days: 20
    transferable: true
  miles:
    name: {zh: 里程, en: Miles}
    expiry: {model: inactivity, days: 40}
    debt: {policy: refuse}
attributes:
  level: {values: [basic, gold]}
activities:
  check_in:
    name: {zh: 签到, en: Check-in}
    fields:
      guests: {type: integer, minimum: 0, maximum: 9}
metrics:
  orders_month: {measure: count, window: month}
  spend_year: {measure: amount, window: {rolling_months: 12}}
caps:
  day: {limit: 400, measure: units, window: day}
  spend: {limit: 5000, measure: amount, window: month, on_return: keep}
ladders:
  club:
    name: {zh: 等级, en: Club}
    review: {at: month_end}
    demote: one
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: silver, name: {zh: 银卡, en: Silver}, reach: {orders_month: 3}}
      - {code: gold, name: {zh: 金卡, en: Gold}, reach: {orders_month: 6}, keep: {orders_month: 4}}
rules:
  - code: base
    name: {zh: 规则, en: base}
    earn: {currency: points, units: 1, per: "1.00"}
    caps: [day]
  - code: coins
    name: {zh: 规则, en: coins}
    earn: {currency: coins, units: 1, per: "2.00", rounding: half_up, round_each: line}
  - code: miles
    name: {zh: 规则, en: miles}
    earn: {currency: miles, units: 1, per: "3.00"}
    caps: [spend]
  - code: gold
    name: {zh: 规则, en: gold}
    when: {attribute: {code: level, is: gold}}
    multiply: {rules: [base], factor: 2}
  - code: third
    name: {zh: 规则, en: third}
    when: {nth: {metric: orders_month, every: 3}}
    earn: {currency: points, units: 30}
  - code: check-in
    name: {zh: 规则, en: check-in}
    on: activity:check_in
    earn: {currency: points, units: 5}
    caps: [day]
  - code: guests
    name: {zh: 规则, en: guests}
    on: activity:check_in
    earn: {currency: coins, units: 2, per_field: guests}
late: {days: 20, beyond: approve}
sources:
  pos: {on_unknown_member: park, unmatched_returns: approve}
  app: {on_unknown_member: enrol, unmatched_returns: match}
return_days: 90
"""
LATER_PROGRAMME = PROGRAMME.replace('units: 1, per: "1.00"', 'units: 3, per: "1.00"', 1)


class Traffic:
    """Random events of some members, in the order in which they arrive."""

    def __init__(self, seed: int, member_ids: list[int]) -> None:
        self.random = random.Random(seed)
        self.members = member_ids
        self.number = 0
        self.orders: dict[int, list[tuple[str, int]]] = {i: [] for i in member_ids}
        self.holds: dict[int, list[str]] = {i: [] for i in member_ids}
        self.sent: dict[int, int] = dict.fromkeys(member_ids, 0)
        self.now_us = START_US

    def arrivals(self, count: int) -> Iterator[Arrival]:
        for _ in range(count):
            self.now_us += self.random.randrange(6 * HOUR_US)
            member_id = self.random.choice(self.members)
            late_us = self.random.choice((0,) * 20 + (MINUTE_US, DAY_US, 9 * DAY_US, 30 * DAY_US))
            at_us = self.now_us - late_us
            self.number += 1
            event = self.event(member_id, at_us)
            self.sent[member_id] += 1
            yield arrival_of(event, received_us=self.now_us)

    def event(self, member_id: int, at_us: int) -> ev.Event:
        pick = self.random
        makers = [self.order] * 6 + [self.give_back] * 3 + [self.spend] * 3 + [self.hold] * 3
        makers += [self.end_hold] * 3 + [self.transfer, self.correct, self.undo, self.other] * 2
        source = pick.choice(("pos", "app"))
        head: dict[str, Any] = {
            "source": source,
            "key": f"k{self.number}",
            "occurred_at": format_instant(at_us, 480),
            "member": ev.MemberRef(id=member_id),
            "mode": ev.Mode.HISTORICAL if pick.random() < 0.05 else ev.Mode.LIVE,
        }
        return pick.choice(makers)(member_id, head)

    def order(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        ref = f"o{self.number}"
        lines = tuple(
            ev.OrderLine(
                self.random.randrange(20_000),
                product=self.random.choice("abc"),
                quantity_milli=2000,
            )
            for _ in range(self.random.randrange(1, 4))
        )
        self.orders[member_id].append((ref, len(lines)))
        return ev.Order(**head, order_ref=ref, lines=lines)

    def give_back(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        known = self.orders[member_id]
        if not known or self.random.random() < 0.2:
            line = ev.ReturnLine(product=self.random.choice("abc"), quantity_milli=1000)
            return ev.Return(**head, lines=(line,))
        ref, lines = self.random.choice(known)
        if self.random.random() < 0.4:
            return ev.Return(**head, order_ref=ref)
        number = str(self.random.randrange(lines) + 1)
        line = ev.ReturnLine(line=number, quantity_milli=self.random.choice((500, 1000, 2000)))
        return ev.Return(**head, order_ref=ref, lines=(line,))

    def currency(self) -> str:
        return self.random.choice(("points", "coins", "miles"))

    def spend(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        del member_id
        return ev.Spend(**head, currency=self.currency(), units=self.random.randrange(1, 500))

    def hold(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        ref = f"h{self.number}"
        self.holds[member_id].append(ref)
        ends = format_instant(self.now_us + self.random.choice((HOUR_US, 4 * DAY_US, 70 * DAY_US)))
        units = self.random.randrange(1, 100)
        return ev.Hold(**head, currency=self.currency(), units=units, hold_ref=ref, expires_at=ends)

    def end_hold(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        known = self.holds[member_id] or ["none"]
        ref = known.pop() if self.random.random() < 0.8 else known[0]
        self.holds[member_id] = known
        if self.random.random() < 0.5:
            return ev.Release(**head, hold_ref=ref)
        return ev.Capture(**head, hold_ref=ref, units=self.random.choice((None, 1, 20)))

    def transfer(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        del member_id
        receiver = ev.MemberRef(id=self.random.choice(self.members))
        units = self.random.randrange(1, 80)
        return ev.Transfer(
            **head, currency=self.random.choice(("points", "coins")), units=units, receiver=receiver
        )

    def correct(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        del member_id
        currency, units = self.currency(), self.random.randrange(1, 90)
        day = format_instant(self.now_us + 50 * DAY_US)[:10]
        return self.random.choice(
            (
                lambda: ev.Adjustment(**head, currency=currency, units=units, reason="r"),
                lambda: ev.Adjustment(**head, currency=currency, units=-units, reason="r"),
                lambda: ev.Reinstate(
                    **head, currency=currency, units=units, expires_on=day, reason="r"
                ),
                lambda: ev.Extend(**head, currency=currency, expires_on=day, reason="r"),
                lambda: ev.OpeningBalance(
                    **head, currency=currency, lots=(ev.OpeningLot(units), ev.OpeningLot(7))
                ),
            )
        )()

    def undo(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        seq = self.random.randrange(1, self.sent[member_id] + 2)
        return ev.Reversal(**head, reverses_seq=seq, reason="r")

    def other(self, member_id: int, head: dict[str, Any]) -> ev.Event:
        del member_id
        guests = self.random.randrange(4)
        state = self.random.choice(("active", "active", "paused", "closed"))
        return self.random.choice(
            (
                lambda: ev.Activity(**head, activity="check_in", fields={"guests": guests}),
                lambda: ev.AttributeChange(
                    **head, attributes={"level": self.random.choice(("basic", "gold", None))}
                ),
                lambda: ev.StateChange(**head, state=state),
            )
        )()


def build_world(
    db: Connection, *, seed: int = 1, members: int = 12, events: int = 600, tail: bool = True
) -> Traffic:
    """Fill a migrated, empty database with the past of some members.

    The second version of the programme begins in the middle. With ``tail``, an event waits for
    its member, some late ones are let in, and members are settled up to the end.
    """
    with transaction(db):
        publish(db, PROGRAMME, START_US - DAY_US, START_US)
    with transaction(db):
        publish(db, LATER_PROGRAMME, START_US + 40 * DAY_US, START_US)
    newcomers = [
        Newcomer((("card", f"card{number}"),), enrolled_us=START_US, attributes={"level": "basic"})
        for number in range(members)
    ]
    with transaction(db):
        made = create_members(db, newcomers, now_us=START_US)
    ids = [each for each in made if isinstance(each, int)]
    assert len(ids) == members, made
    engine = Engine()
    traffic = Traffic(seed, ids)
    waiting = list(traffic.arrivals(events))
    while waiting:
        size = traffic.random.choice((1, 5, 40))
        answers = engine.submit(db, waiting[:size])
        failed = [answer for answer in answers if answer.status == "failed"]
        assert not failed, failed
        del waiting[:size]
    if tail:
        stranger = ev.Spend(
            source="pos",
            key="stranger",
            occurred_at=format_instant(traffic.now_us),
            member=ev.MemberRef(card="nobody"),
            currency="points",
            units=1,
        )
        engine.submit(db, [arrival_of(stranger, received_us=traffic.now_us)])
        late = [row[0] for row in db.execute("select waiting_id from events.waiting").fetchall()]
        for waiting_id in late[::2]:
            engine.approve(db, waiting_id, traffic.now_us, "somebody")
        engine.refuse_waiting(db, late[1], traffic.now_us, "somebody")
        engine.settle(db, ids[::2], traffic.now_us + 10 * DAY_US)
    return traffic
