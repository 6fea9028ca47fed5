"""A small world to send events into: a programme of every shape, members, a seeded stream."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival, read_event
from coterie.kernel.time import DAY_US, HOUR_US, format_instant, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Connection, transaction

START_US = parse_instant("2026-01-01T00:00:00+08:00")[0]

PROGRAMME = """
programme: test
name: {zh: 测试, en: Test}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    expiry: {model: fixed, months: 2, round_to: month}
    debt: {policy: allow, limit_units: 300}
    transferable: true
    hold_minutes: 60
  growth:
    name: {zh: 成长值, en: Growth}
    spendable: false
    returns: recompute
    debt: {policy: clamp}
  stamps:
    name: {zh: 印花, en: Stamps}
    expiry: {model: inactivity, days: 20}
    returns: keep
    pending: {days: 3}
attributes:
  level: {type: text, values: [basic, gold]}
activities:
  check_in:
    name: {zh: 签到, en: Check-in}
    fields: {city: {type: text}, minutes: {type: integer}}
metrics:
  orders_month: {on: order, measure: count, window: month}
  spend_half: {on: order, measure: amount, window: {rolling_months: 6}}
caps:
  day_points: {limit: 400, measure: units, window: day, on_return: release}
  month_growth: {limit: 900, measure: amount, window: month, on_return: keep}
rules:
  - code: base
    name: {zh: 消费积分, en: Points}
    on: order
    lines: {not: {category: [tobacco]}}
    earn: {currency: points, units: 1, per: "1.00"}
    caps: [day_points]
  - code: gold
    name: {zh: 金卡加倍, en: Gold}
    on: order
    multiply: {rules: [base], attribute: level, factors: {gold: "1.5"}}
  - code: growth
    name: {zh: 成长, en: Growth}
    on: order
    earn: {currency: growth, units: "0.3", per: "1.00", round_each: line, rounding: half_up}
    caps: [month_growth]
  - code: third
    name: {zh: 第三单, en: Third}
    on: order
    when: {nth: {metric: orders_month, every: 3}}
    earn: {currency: points, units: 20}
  - code: stamp
    name: {zh: 印花, en: Stamp}
    on: order
    earn: {currency: stamps, units: 1}
  - code: check-in
    name: {zh: 签到, en: Check-in}
    on: activity:check_in
    earn: {currency: points, units: 5}
sources:
  till: {on_unknown_member: park, unmatched_returns: match}
  shop: {on_unknown_member: enrol, unmatched_returns: refuse}
  office: {on_unknown_member: refuse, unmatched_returns: approve}
late: {days: 30, beyond: approve, future_minutes: 10}
"""


def open_world(db: Connection, members: int = 6, *, programme: str = PROGRAMME) -> list[int]:
    """Publish the programme and enrol ``members`` with the cards C1000, C1001, ..."""
    with transaction(db):
        publish(db, programme, 0, 0)
    newcomers = [
        Newcomer((("card", f"C{1000 + i}"),), enrolled_us=START_US) for i in range(members)
    ]
    with transaction(db):
        made = create_members(db, newcomers, now_us=START_US)
    assert all(isinstance(member, int) for member in made)
    return [member for member in made if isinstance(member, int)]


def arrival(
    at_us: int, *, source: str = "till", received_us: int | None = None, **fields: Any
) -> Arrival:
    """Read an event as a face would."""
    sent = {"occurred_at": format_instant(at_us, 480), **fields}
    received = at_us + 1_000_000 if received_us is None else received_us
    return read_event(json.dumps(sent).encode(), source=source, received_us=received)


class Stream:
    """A seeded stream of events of all kinds, in order of arrival."""

    def __init__(self, seed: int, members: int = 6) -> None:
        """Start on 1 January 2026."""
        self.random = random.Random(seed)
        self.cards = [f"C{1000 + i}" for i in range(members)]
        self.at_us = START_US
        self.number = 0
        self.orders: dict[str, list[str]] = {card: [] for card in self.cards}
        self.holds: dict[str, list[str]] = {card: [] for card in self.cards}

    def take(self, count: int) -> list[Arrival]:
        """Return the next arrivals."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Arrival:
        pick = self.random
        self.number += 1
        self.at_us += pick.randrange(1, 9 * HOUR_US)
        card = pick.choice(self.cards)
        kinds = "order order order return spend hold capture release transfer activity adjust level"
        make = getattr(self, f"_{pick.choice(kinds.split())}")
        fields = make(card)
        # Some events come late, and some tills are a little ahead.
        late_us = pick.choice((0, 0, 0, 2 * DAY_US, -60_000_000))
        at_us = self.at_us - late_us
        key = f"e{self.number}"
        return arrival(
            at_us, received_us=self.at_us + 1_000_000, key=key, member={"card": card}, **fields
        )

    def _order(self, card: str) -> dict[str, Any]:
        ref = f"O{self.number}"
        self.orders[card].append(ref)
        pick = self.random
        lines = [
            {
                "amount_minor": pick.randrange(0, 30_000),
                "product": pick.choice("pqrs"),
                "quantity_milli": pick.choice((1000, 2000, 3000, 1500)),
                "categories": [pick.choice(("food", "tobacco"))],
            }
            for _ in range(pick.randrange(1, 4))
        ]
        return {
            "kind": "order",
            "order_ref": ref,
            "lines": lines,
            "store": pick.choice(["s1", "s2"]),
        }

    def _return(self, card: str) -> dict[str, Any]:
        pick = self.random
        if self.orders[card] and pick.random() < 0.7:
            ref = pick.choice(self.orders[card])
            lines = pick.choice(([], [{"line": "1", "quantity_milli": 500}], [{"line": "1"}]))
            return {"kind": "return", "order_ref": ref, "lines": lines}
        product = pick.choice("pqrs")
        return {"kind": "return", "lines": [{"product": product, "quantity_milli": 1000}]}

    def _spend(self, card: str) -> dict[str, Any]:
        return {"kind": "spend", "currency": "points", "units": self.random.randrange(1, 300)}

    def _hold(self, card: str) -> dict[str, Any]:
        ref = f"H{self.number}"
        self.holds[card].append(ref)
        units = self.random.randrange(1, 150)
        return {"kind": "hold", "currency": "points", "units": units, "hold_ref": ref}

    def _capture(self, card: str) -> dict[str, Any]:
        ref = self.random.choice([*self.holds[card][-2:], "none"])
        units = self.random.choice((None, 1, 20))
        return {"kind": "capture", "hold_ref": ref, **({"units": units} if units else {})}

    def _release(self, card: str) -> dict[str, Any]:
        return {"kind": "release", "hold_ref": self.random.choice([*self.holds[card][-2:], "none"])}

    def _transfer(self, card: str) -> dict[str, Any]:
        receiver = {"card": self.random.choice(self.cards)}
        units = self.random.randrange(1, 100)
        return {"kind": "transfer", "currency": "points", "units": units, "receiver": receiver}

    def _activity(self, card: str) -> dict[str, Any]:
        return {"kind": "activity", "activity": "check_in", "fields": {"city": "上海"}}

    def _adjust(self, card: str) -> dict[str, Any]:
        units = self.random.choice((-200, -30, 15, 120))
        return {"kind": "adjustment", "currency": "points", "units": units, "reason": "test"}

    def _level(self, card: str) -> dict[str, Any]:
        level = self.random.choice(("basic", "gold", None))
        return {"kind": "attribute_change", "attributes": {"level": level}}


def submit(db: Connection, engine: Engine, batches: Sequence[Sequence[Arrival]]) -> list[Answer]:
    """Submit batch by batch and return all answers."""
    return [answer for batch in batches for answer in engine.submit(db, batch)]


TABLES = {
    "ledger.balance": "member_id, currency, available, pending, held, owed, inactive_us",
    "ledger.lot": (
        "member_id, lot_no, currency, earned_seq, units, remaining, held, lapsed, state, "
        "earned_us, expires_us, releases_us"
    ),
    "ledger.movement": (
        "member_id, seq, n, currency, debit, credit, units, reason, rule, version, booked_on, "
        "recorded_us"
    ),
    "ledger.lot_use": "member_id, seq, n, lot_no, units",
    "ledger.hold": "member_id, hold_ref, units, captured, state, placed_seq, expires_us",
    "events.event": (
        "member_id, seq, kind, source, key, occurred_us, received_us, as_of_us, day, status, "
        "code, outcome::text"
    ),
    "events.returned": "member_id, order_seq, lines::text",
    "metrics.counters": "member_id, buckets::jsonb::text",
    "members.member": "member_id, state, seq, lot_no, attributes::text",
}


def dump(db: Connection) -> dict[str, list[Any]]:
    """Return everything that a stream leaves behind, in a comparable form."""
    return {
        table: sorted(db.execute(f"select {columns} from {table}").fetchall(), key=repr)
        for table, columns in TABLES.items()
    }
