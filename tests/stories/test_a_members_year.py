"""A member's year over HTTP: earning, waiting, spending, lapsing, returning, owing, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from coterie.access import issue_key
from coterie.api import create_app
from coterie.app import World
from coterie.intake.engine import Engine
from coterie.kernel.time import parse_instant
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.storage import transaction
from coterie.storage.clock import set_clock, world_clock
from tests.api.serving import client_of, served, storage_at

PROGRAMME = """
programme: year
name: {zh: 一年, en: A year}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    expiry: {model: fixed, months: 6, round_to: month}
    pending: {days: 7}
    debt: {policy: allow, limit_units: 500}
    transferable: true
  growth: {name: {zh: 成长值, en: Growth}, spendable: false}
  stamps:
    name: {zh: 印花, en: Stamps}
    expiry: {model: calendar, dates: [06-30, 12-31], min_months: 1}
  cash:
    name: {zh: 返现, en: Cash back}
    scale: 2
    expiry: {model: inactivity, months: 3, activities: [order, "activity:visit"]}
activities:
  visit: {name: {zh: 到店, en: Visit}, fields: {}}
metrics:
  orders_month: {on: order, measure: count, window: month}
rules:
  - code: base
    name: {zh: 消费积分, en: Points for spending}
    on: order
    lines: {not: {category: [tobacco]}}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: third
    name: {zh: 每三单加赠, en: Every third order}
    on: order
    when: {nth: {metric: orders_month, every: 3}}
    earn: {currency: points, units: 50}
  - code: growth
    name: {zh: 成长, en: Growth}
    on: order
    earn: {currency: growth, units: 1, per: "1.00"}
  - code: stamp
    name: {zh: 印花, en: Stamp}
    on: order
    earn: {currency: stamps, units: 1, per: "50.00", blocks: true}
  - code: cash
    name: {zh: 返现, en: Cash back}
    on: order
    earn: {currency: cash, units: "0.01", per: "1.00"}
"""


class Year:
    """A world whose clock the test turns, and a member in it who shops over HTTP."""

    def __init__(self, api: httpx.Client, world: World) -> None:
        self.api = api
        self.world = world
        self.sent = 0
        body = {"identities": [{"kind": "phone", "value": "13800138000"}], "name": "李伟"}
        made = api.post("/v1/members", json=body, headers={"Idempotency-Key": "join"})
        assert made.status_code == 201, made.text
        self.member = made.json()["member_id"]

    def now(self, at: str) -> None:
        with self.world.storage.connect() as db:
            with transaction(db):
                set_clock(db, parse_instant(f"{at}+08:00")[0])
            self.world.clock.refresh(db)

    def send(self, at: str, kind: str, status: int = 201, **fields: Any) -> dict[str, Any]:
        """Let something happen now."""
        self.now(at)
        self.sent += 1
        event = {
            "kind": kind,
            "key": f"k{self.sent}",
            "occurred_at": f"{at}+08:00",
            "member": {"phone": "+86 138 0013 8000"},
            **fields,
        }
        answer = self.api.post("/v1/events", json=event)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def buy(self, at: str, ref: str, *amounts: int, category: str = "tea") -> dict[str, Any]:
        lines = [{"amount_minor": amount, "categories": [category]} for amount in amounts]
        return self.send(at, "order", order_ref=ref, lines=lines)

    def has(self, currency: str, key: str = "available") -> int:
        told = self.api.get(f"/v1/members/{self.member}/balances").json()["balances"]
        return int({each["currency"]: each for each in told}[currency][key])


@pytest.fixture
def year(database_url: str) -> Iterator[Year]:
    storage = storage_at(database_url)
    start_us = parse_instant("2026-01-05T10:00:00+08:00")[0]
    with storage.connect() as db:
        with transaction(db):
            set_clock(db, start_us)
            publish(db, PROGRAMME, 0, 0)
            key = issue_key(db, "shop", ("admin",), now_us=start_us).text
        world = World(storage, world_clock(db))
    with served(create_app(world, Engine())) as address, client_of(address, key) as api:
        yield Year(api, world)
    assert verify(database_url).clean


def test_four_currencies_earn_wait_and_lapse_each_in_their_own_way(year: Year) -> None:
    year.buy("2026-01-10T12:00:00", "A", 10_000, 5_050)
    assert (year.has("points"), year.has("points", "pending")) == (0, 150)
    assert year.has("growth") == 150
    assert year.has("stamps") == 3
    assert year.has("cash") == 150
    year.buy("2026-01-11T12:00:00", "B", 3_000, category="tobacco")
    assert year.has("points", "pending") == 150
    third = year.buy("2026-01-12T12:00:00", "C", 1_000)
    assert {e["rule"]: e["units"] for e in third["effects"] if e["currency"] == "points"} == {
        "base": 10,
        "third": 50,
    }
    year.now("2026-01-17T00:00:00")
    assert (year.has("points"), year.has("points", "pending")) == (150, 60)
    # Cash back lapses three months after the last order or visit, all at once.
    year.send("2026-02-20T12:00:00", "activity", activity="visit")
    year.now("2026-05-20T23:59:59")
    assert year.has("cash") == 190
    year.now("2026-05-21T00:00:00")
    assert year.has("cash") == 0
    # Stamps on 30 June, points six months after earning, at the end of that month.
    year.now("2026-06-30T23:59:59")
    assert year.has("stamps") == 3
    year.now("2026-07-01T00:00:00")
    assert year.has("stamps") == 0
    year.now("2026-07-31T23:59:59")
    assert year.has("points") == 210
    year.now("2026-08-01T00:00:00")
    assert year.has("points") == 0
    assert year.has("growth") == 190


def test_what_expires_first_is_spent_first_and_comes_back_where_it_came_from(year: Year) -> None:
    year.buy("2026-01-10T12:00:00", "A", 10_000)
    year.buy("2026-03-10T12:00:00", "B", 10_000)
    spent = year.send("2026-03-20T12:00:00", "spend", currency="points", units=120)

    def remaining() -> list[tuple[str, int]]:
        told = year.api.get(f"/v1/members/{year.member}/lots?currency=points&finished=true").json()
        return [(lot["expires_on"], lot["remaining"]) for lot in told["lots"]]

    assert remaining() == [("2026-07-31", 0), ("2026-09-30", 80)]
    seq = int(spent["event"].split(":")[1])
    year.send("2026-03-21T12:00:00", "reversal", reverses_seq=seq, reason="wrong member")
    assert remaining() == [("2026-07-31", 100), ("2026-09-30", 100)]
    short = year.send("2026-03-22T12:00:00", "spend", 422, currency="points", units=500)
    assert short["code"] == "insufficient_units"
    hold: dict[str, Any] = {"currency": "points", "units": 150, "hold_ref": "H"}
    year.send("2026-03-23T12:00:00", "hold", **hold)
    assert (year.has("points"), year.has("points", "held")) == (50, 150)
    year.send("2026-03-23T12:10:00", "capture", hold_ref="H", units=20)
    assert remaining() == [("2026-07-31", 80), ("2026-09-30", 100)]


def test_returns_in_parts_are_exact_and_may_leave_a_debt_that_earnings_repay(year: Year) -> None:
    year.buy("2026-01-10T12:00:00", "A", 10_000, 20_000)
    year.now("2026-01-20T00:00:00")
    year.send("2026-01-20T12:00:00", "spend", currency="points", units=250)
    half = [{"line": "2", "amount_minor": 10_000}]
    back = year.send("2026-01-21T12:00:00", "return", order_ref="A", lines=half)
    assert [(e["units"], e["debit"]) for e in back["effects"] if e["currency"] == "points"] == [
        (50, "available"),
        (50, "owed"),
    ]
    year.send("2026-01-22T12:00:00", "return", order_ref="A")
    assert (year.has("points"), year.has("points", "owed")) == (-250, 250)
    assert year.has("growth") == 0
    again = year.send("2026-01-23T12:00:00", "return", 422, order_ref="A")
    assert again["code"] == "return_unmatched"
    year.buy("2026-02-10T12:00:00", "B", 30_000)
    year.now("2026-02-18T00:00:00")
    assert (year.has("points"), year.has("points", "owed")) == (50, 0)


def test_a_wrong_grant_is_undone_with_its_reason_on_the_statement(year: Year) -> None:
    year.buy("2026-01-10T12:00:00", "A", 10_000)
    given = year.send(
        "2026-01-20T12:00:00", "adjustment", currency="points", units=77, reason="kindness"
    )
    seq = int(given["event"].split(":")[1])
    year.send("2026-01-20T13:00:00", "reversal", reverses_seq=seq, reason="typed twice")
    lines = year.api.get(f"/v1/members/{year.member}/statement?currency=points").json()["lines"]
    assert [(line["reason"], line["change"]) for line in lines] == [
        ("reversal", -77),
        ("adjustment", 77),
        ("release_pending", 100),
        ("earn", 0),
    ]
    shown = year.api.get(f"/v1/events/{lines[0]['event']}").json()
    assert shown["input"]["reason"] == "typed twice"
    twice = year.send(
        "2026-01-20T14:00:00", "reversal", 422, reverses_seq=seq, reason="typed twice"
    )
    assert twice["code"] == "already_undone"


def test_units_about_to_lapse_are_kept_and_lapsed_ones_come_back(year: Year) -> None:
    year.buy("2026-01-10T12:00:00", "A", 10_000)
    longer: dict[str, Any] = {"currency": "points", "expires_on": "2026-08-31", "reason": "flood"}
    year.send("2026-07-30T12:00:00", "extend", **longer)
    year.now("2026-08-31T23:00:00")
    assert year.has("points") == 100
    year.now("2026-09-01T00:00:00")
    assert year.has("points") == 0
    again: dict[str, Any] = {
        "currency": "points",
        "units": 60,
        "expires_on": "2026-12-31",
        "reason": "flood",
    }
    year.send("2026-09-02T12:00:00", "reinstate", **again)
    assert year.has("points") == 60
    too_many = {**again, "units": 41}
    assert year.send("2026-09-03T12:00:00", "reinstate", 422, **too_many)["code"] == "not_lapsed"
