"""Conversions, exchanges, rewards, settlements, choices: any partition, any worker, and a replay.

The traffic is random, the same for the same seed, and often asks for what is refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival
from coterie.kernel.time import DAY_US, HOUR_US
from coterie.members import Newcomer, create_members
from coterie.programme.explaining import reason_words
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.storage import Connection, connect, transaction
from tests.intake.world import START_US, arrival, dump, submit

EVENTS = 220
PROGRAMME = """
programme: promises
name: {zh: 承诺, en: Promises}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    expiry: {model: fixed, days: 90}
    debt: {policy: allow, limit_units: 400}
  stamps: {name: {zh: 印花, en: Stamps}, pending: {days: 4}}
  vouchers:
    name: {zh: 礼券, en: Vouchers}
    scale: 2
    expiry: {model: fixed, days: 40}
    lapsed_refund: extend_days
    debt: {policy: refuse}
  cash: {name: {zh: 返利, en: Cash}, scale: 2, expiry: {model: inactivity, days: 70}}
activities:
  stay:
    name: {zh: 入住, en: Stay}
    fields: {nights: {type: integer, required: true}}
metrics:
  nights: {on: "activity:stay", measure: nights, window: year}
  stays: {on: "activity:stay", measure: count, window: month}
  spend: {measure: amount, window: month}
  orders: {measure: count, window: month}
  day_spend: {measure: amount, window: day}
rules:
  - code: base
    name: {zh: 积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: stamp
    name: {zh: 印花, en: Stamp}
    earn: {currency: stamps, units: 1}
  - code: stay
    name: {zh: 入住, en: Stay}
    on: activity:stay
    earn: {currency: points, units: 40, per_field: nights}
milestones:
  nights:
    name: {zh: 房晚, en: Nights}
    metric: nights
    every: 5
    options:
      points: {currency: points, units: 200}
      drink: {reward: drink}
      thanks: {benefit: {zh: 感谢, en: Thanks}}
    choose_days: 12
    otherwise: points
  second:
    name: {zh: 再来, en: Again}
    metric: stays
    at: 2
    when: {metric: {code: orders, min: 1}}
    after: [nights]
    currency: stamps
    units: 2
  gold_gift:
    name: {zh: 金卡礼, en: Gold gift}
    ladder: status
    tier: gold
    once_a: year
    also_granted: true
    currency: stamps
    units: 3
  from_seven:
    name: {zh: 七晚起, en: From seven on}
    metric: nights
    every: 2
    from: 7
    currency: points
    units: 11
ladders:
  status:
    name: {zh: 会籍, en: Status}
    review: {at: month_end}
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: gold, name: {zh: 金卡, en: Gold}, reach: {stays: 2}}
settlements:
  daily:
    name: {zh: 当日合并, en: Receipts of a day}
    every: day
    metric: day_spend
    bands: [{from: 0, rate: "0.01"}]
    currency: points
  rebate:
    name: {zh: 返利, en: Rebate}
    every: month
    metric: spend
    bands: [{from: "200.00", rate: "0.01"}, {from: "900.00", rate: "0.03"}]
    applies: marginal
    currency: cash
    days: 3
  often:
    name: {zh: 常客, en: Often}
    every: month
    best_of: [stays, orders]
    bands: [{from: 3, units: 30}, {from: 6, units: 100}]
    currency: points
conversions:
  by_itself:
    name: {zh: 自动, en: By itself}
    from: stamps
    to: points
    step: 4
    gives: 50
    at: threshold
    limit: {units: 12, window: month}
  monthly:
    name: {zh: 每月, en: Monthly}
    from: cash
    to: vouchers
    step: "0.50"
    gives: "0.50"
    at: month_end
    minimum: "2.00"
  asked:
    name: {zh: 申请, en: Asked}
    from: points
    to: vouchers
    step: 100
    gives: "1.00"
    limit: {units: 400, window: {rolling_days: 30}}
exchanges:
  out:
    name: {zh: 转出, en: Out}
    from: points
    partner: air
    rates: [{from: 2026-01-01, give: 3, get: 1}, {from: 2026-02-10, give: 2, get: 1}]
    minimum: 30
  in:
    name: {zh: 转入, en: In}
    to: points
    partner: air
    rates: [{from: 2026-01-15, give: 1, get: 2}]
rewards:
  drink:
    name: {zh: 饮品, en: Drink}
    price: {currency: points, units: 90}
    limit: {times: 3, window: week}
  card:
    name: {zh: 礼品卡, en: Card}
    price: {currency: points, rate: 11, step: 10, minimum: 50}
    minimum_balance: 150
late: {days: 40, beyond: refuse}
"""
LATER = PROGRAMME.replace('rate: "0.03"', 'rate: "0.05"').replace("step: 100\n", "step: 50\n")
NewDatabase = Callable[[], str]


class Traffic:
    """A seeded stream about some members, in order of arrival."""

    def __init__(self, seed: int, members: int = 4) -> None:
        self.random = random.Random(seed)
        self.cards = [f"C100{i}" for i in range(members)]
        self.at_us = START_US
        self.number = 0
        self.sent = dict.fromkeys(self.cards, 0)

    def take(self, count: int) -> list[Arrival]:
        return [self._next() for _ in range(count)]

    def _next(self) -> Arrival:
        pick = self.random
        self.number += 1
        self.at_us += pick.randrange(1, 30 * HOUR_US)
        card = pick.choice(self.cards)
        self.sent[card] += 1
        names = "order order order stay stay give_back convert convert exchange redeem redeem"
        names += " choose choose undo spend state"
        fields = getattr(self, f"_{pick.choice(names.split())}")(card)
        late_us = pick.choice((0, 0, 0, 0, 3 * DAY_US, 30 * DAY_US))
        return arrival(
            self.at_us - late_us,
            received_us=self.at_us + 1_000_000,
            key=f"e{self.number}",
            member={"card": card},
            **fields,
        )

    def _order(self, card: str) -> dict[str, Any]:
        lines = [{"amount_minor": self.random.randrange(60_000)}]
        return {"kind": "order", "order_ref": f"{card}-{self.sent[card]}", "lines": lines}

    def _give_back(self, card: str) -> dict[str, Any]:
        return {"kind": "return", "order_ref": f"{card}-{self.random.randrange(self.sent[card])}"}

    def _stay(self, _card: str) -> dict[str, Any]:
        nights = self.random.randrange(1, 5)
        return {"kind": "activity", "activity": "stay", "fields": {"nights": nights}}

    def _convert(self, _card: str) -> dict[str, Any]:
        code = self.random.choice(("asked", "asked", "asked", "monthly", "none"))
        return {"kind": "convert", "conversion": code} | self._units((100, 150, 200, 900))

    def _exchange(self, _card: str) -> dict[str, Any]:
        code = self.random.choice(("out", "in", "in"))
        return {"kind": "exchange", "exchange": code} | self._units((20, 31, 60, 500))

    def _units(self, some: tuple[int, ...]) -> dict[str, Any]:
        units = self.random.choice((None, *some))
        return {} if units is None else {"units": units}

    def _redeem(self, _card: str) -> dict[str, Any]:
        if self.random.random() < 0.3:
            return {
                "kind": "redeem",
                "reward": "card",
                "value_minor": self.random.randrange(1, 3000),
            }
        quantity = self.random.choice((1, 1, 2))
        return {"kind": "redeem", "reward": "drink", "quantity": quantity}

    def _choose(self, _card: str) -> dict[str, Any]:
        option = self.random.choice(("points", "drink", "thanks"))
        return {"kind": "choose", "milestone": "nights", "option": option}

    def _undo(self, card: str) -> dict[str, Any]:
        seq = self.random.randrange(1, 2 * self.sent[card] + 2)
        return {"kind": "reversal", "reverses_seq": seq, "reason": "r"}

    def _spend(self, _card: str) -> dict[str, Any]:
        currency = self.random.choice(("points", "vouchers", "cash"))
        return {"kind": "spend", "currency": currency, "units": self.random.randrange(1, 200)}

    def _state(self, _card: str) -> dict[str, Any]:
        state = self.random.choice(("active", "active", "active", "paused"))
        return {"kind": "state_change", "state": state}


def open_promises(db: Connection, members: int = 4) -> list[int]:
    with transaction(db):
        publish(db, PROGRAMME, 0, 0)
    with transaction(db):
        publish(db, LATER, START_US + 60 * DAY_US, START_US)
    newcomers = [Newcomer((("card", f"C100{i}"),), enrolled_us=START_US) for i in range(members)]
    with transaction(db):
        made = create_members(db, newcomers, now_us=START_US)
    return [member for member in made if isinstance(member, int)]


def run(
    url: str, seed: int, sizes: Sequence[int], *, eager: bool = False
) -> tuple[list[Answer], dict[str, list[Any]]]:
    """Live some months; ``eager``: a worker looks for dues before every batch."""
    pick = random.Random(seed)
    with connect(url) as db:
        members = open_promises(db)
        engine = Engine()
        rest = Traffic(seed).take(EVENTS)
        answers = []
        while rest:
            size = pick.choice(sizes)
            if eager:
                while engine.sweep(db, rest[0].received_us - 1, limit=3):
                    pass
            answers += submit(db, engine, [rest[:size]])
            del rest[:size]
        assert not [a for a in answers if a.status == "failed"]
        engine.settle(db, members, START_US + 900 * DAY_US)
        return answers, dump(db)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_partition_and_any_worker_and_a_replay_tell_the_same(
    new_database: NewDatabase, seed: int
):
    url = new_database()
    alone = run(url, seed, (1,))
    for sizes, eager in (((1, 7, 40, 90), False), ((1,), True), ((5,), True)):
        other = run(new_database(), seed, sizes, eager=eager)
        assert other[0] == alone[0]
        assert other[1] == alone[1]
    report = verify(url, replayed=True)
    assert report.clean, report
    reasons = {row[7] for row in alone[1]["ledger.movement"]}
    assert not [reason for reason in reasons if reason_words(reason, "zh") == reason]
    assert reasons >= {"convert", "exchange", "redeem", "settle", "milestone", "reversal", "expire"}
