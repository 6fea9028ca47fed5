"""What a brand promises beside points, over HTTP: their worth, thresholds, money off, choices."""

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
programme: promises
name: {zh: 承诺, en: Promises}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    worth: "0.50"
    redeem_from: 500
  money_off:
    name: {zh: 抵现金额, en: Money off}
    scale: 2
    worth: "100.00"
    expiry: {model: fixed, months: 3}
  rebate: {name: {zh: 返利, en: Rebate}, scale: 2}
metrics:
  spend_month: {name: {zh: 当月消费, en: spend of the month}, measure: amount, window: month}
  spend: {name: {zh: 累计消费, en: spend}, measure: amount, window: lifetime}
rules:
  - code: base
    name: {zh: 消费积分, en: Points for spending}
    earn: {currency: points, units: 1, per: "1.00"}
conversions:
  at_the_till:
    name: {zh: 积分抵现, en: Money off at the till}
    from: points
    to: money_off
    step: 500
    gives: "2.50"
    limit: {units: 1000, window: month}
rewards:
  welcome_voucher:
    name: {zh: 新人代金券, en: Welcome voucher}
    price: {currency: points, units: 100}
    value: "20.00"
    when: {new_member_days: 30}
    limit: {times: 1, window: lifetime}
  stylist:
    name: {zh: 私人造型师, en: Personal stylist}
    price: {currency: points, units: 20000}
milestones:
  good_customer:
    name: {zh: 优质顾客, en: Good customer}
    metric: spend
    at: "5000.00"
    options:
      stylist: {reward: stylist}
      lounge: {benefit: {zh: 贵宾休息室, en: Lounge}}
    choose_days: 14
    otherwise: lounge
settlements:
  monthly:
    name: {zh: 每月返利, en: Monthly rebate}
    every: month
    metric: spend_month
    bands: [{from: "1000.00", rate: "0.02"}]
    currency: rebate
"""


class Shop:
    """A world whose clock the test turns, and a member in it."""

    def __init__(self, api: httpx.Client, world: World) -> None:
        self.api = api
        self.world = world
        self.sent = 0
        body = {"identities": [{"kind": "card", "value": "C1000"}], "name": "王芳"}
        made = api.post("/v1/members", json=body, headers={"Idempotency-Key": "join"})
        self.member = made.json()["member_id"]

    def send(self, at: str, kind: str, status: int = 201, **fields: Any) -> dict[str, Any]:
        self.now(at)
        self.sent += 1
        event = {
            "kind": kind,
            "key": f"k{self.sent}",
            "occurred_at": f"{at}T12:00:00+08:00",
            "member": {"card": "C1000"},
            **fields,
        }
        answer = self.api.post("/v1/events", json=event)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def now(self, at: str) -> None:
        with self.world.storage.connect() as db:
            with transaction(db):
                set_clock(db, parse_instant(f"{at}T12:00:00+08:00")[0])
            self.world.clock.refresh(db)

    def buy(self, at: str, minor: int) -> None:
        lines = [{"amount_minor": minor}]
        self.send(at, "order", order_ref=f"o{self.sent}", lines=lines)

    def balances(self) -> dict[str, dict[str, Any]]:
        told = self.api.get(f"/v1/members/{self.member}/balances").json()["balances"]
        return {each["currency"]: each for each in told}

    def statement(self) -> list[dict[str, Any]]:
        return list(self.api.get(f"/v1/members/{self.member}/statement").json()["lines"])


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    storage = storage_at(database_url)
    start_us = parse_instant("2026-01-05T10:00:00+08:00")[0]
    with storage.connect() as db:
        with transaction(db):
            set_clock(db, start_us)
            publish(db, PROGRAMME, 0, 0)
            key = issue_key(db, "shop", ("admin",), now_us=start_us).text
        world = World(storage, world_clock(db))
    with served(create_app(world, Engine())) as address, client_of(address, key) as api:
        yield Shop(api, world)
    assert verify(database_url, replayed=True).clean


def test_a_balance_says_what_it_is_worth(shop: Shop) -> None:
    shop.buy("2026-01-10", 30_000)
    assert shop.balances()["points"]["worth_minor"] == 150, "100 points are worth 0.50"


def test_points_are_redeemed_from_the_threshold_on(shop: Shop) -> None:
    shop.buy("2026-01-10", 49_900)
    asked: dict[str, Any] = {"currency": "points", "units": 100}
    assert shop.send("2026-01-11", "spend", 422, **asked)["code"] == "below_minimum"
    shop.buy("2026-01-11", 100)
    shop.send("2026-01-12", "spend", **asked)
    assert shop.balances()["points"]["available"] == 400


def test_points_pay_a_part_of_an_order_up_to_a_limit(shop: Shop) -> None:
    shop.buy("2026-01-10", 180_000)
    made = shop.send("2026-01-12", "convert", conversion="at_the_till", units=1000)
    assert [(e["currency"], e["units"]) for e in made["effects"]] == [
        ("points", 1000),
        ("money_off", 500),
    ]
    again = {"conversion": "at_the_till", "units": 500}
    assert shop.send("2026-01-12", "convert", 422, **again)["code"] == "limit_reached"
    shop.send("2026-01-12", "spend", currency="money_off", units=500, order_ref="paid")
    assert shop.balances()["money_off"]["available"] == 0
    said = [(line["reason"], line["said"]["zh"]) for line in shop.statement()]
    assert said[:2] == [("spend", "消耗"), ("convert", "转换")]


def test_newcomers_get_money_and_good_customers_a_choice_of_services(shop: Shop) -> None:
    shop.buy("2026-01-10", 60_000)
    shop.send("2026-01-12", "redeem", reward="welcome_voucher")
    more = {"reward": "welcome_voucher"}
    assert shop.send("2026-01-13", "redeem", 422, **more)["code"] == "limit_reached"
    shop.buy("2026-03-01", 450_000)
    assert shop.send("2026-03-02", "redeem", 422, **more)["code"] == "not_offered"
    shop.send("2026-03-03", "choose", milestone="good_customer", option="stylist")
    assert "effects" not in shop.send("2026-03-04", "redeem", reward="stylist")
    told = shop.send("2026-03-04", "choose", 422, milestone="good_customer", option="lounge")
    assert told["code"] == "nothing_to_choose"


def test_a_month_is_settled_also_when_nobody_comes(shop: Shop) -> None:
    shop.buy("2026-01-10", 150_000)
    shop.now("2026-02-01")
    balance = shop.balances()["rebate"]
    assert balance["available"] == 3_000
    line = shop.statement()[0]
    assert (line["reason"], line["said"]) == ("settle", {"zh": "期末结算", "en": "settled"})
    shop.now("2026-12-01")
    assert shop.balances()["rebate"]["available"] == 3_000
