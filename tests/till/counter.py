"""A till in a browser: a shop, its clerk, and a world whose time a test moves."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from coterie.catalogue import Place as Shop
from coterie.catalogue import Product, save_places, save_products
from coterie.members import MemberRecord, Newcomer, add_identity, create_members, read_member
from coterie.staff import NewAccount, RoleGrant, add_account, register_device, set_pin
from coterie.storage import Connection, transaction
from tests.api.serving import NOW_US, Place
from tests.web.site import token_in

PIN = "483920"
CLERK = "hz-01-1"
PHONE = "138 0013 8000"
LADDER = """
programme: till
name: {zh: 茶馆, en: Tea House}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    worth: "1.00"
    expiry: {model: fixed, days: 30}
metrics:
  spend: {measure: amount, on: order, window: year, name: {zh: 消费, en: Spend}}
rules:
  - code: base
    name: {zh: 消费积分, en: Points for purchases}
    on: order
    earn: {currency: points, units: 1, per: "1.00"}
ladders:
  status:
    name: {zh: 等级, en: Status}
    tiers:
      - {code: leaf, name: {zh: 青叶, en: Leaf}, benefits: [{zh: 生日糕点, en: A birthday cake}]}
      - {code: gold, name: {zh: 金骏, en: Golden}, reach: {spend: "1000.00"}}
"""
KEY = re.compile(r'name="key" value="([0-9a-f]+)"')


def furnish(db: Connection, place: str = "hz-01", staff_code: str = CLERK) -> str:
    """Make a store, its clerk with a PIN and its till; return the till's token."""
    with transaction(db):
        save_places(db, [Shop("hz-01", name="西湖店"), Shop("hz-02", name="武林店")])
        save_products(db, [Product("T-001", name="龙井现泡"), Product("T-002", name="桂花糕")])
        grants = (RoleGrant("clerk", (place,)),)
        account = add_account(
            db,
            NewAccount(f"{staff_code}@tea.example", "黄小雨", grants, staff_code=staff_code),
            now_us=NOW_US,
        )
        set_pin(db, account, PIN, now_us=NOW_US)
        return register_device(db, "Till 1", place, now_us=NOW_US)[1]


@dataclass
class Counter:
    """A browser at a counter, and the world behind it."""

    client: TestClient[Litestar]
    place: Place
    token: str

    def get(self, path: str, status: int = 200, **query: str) -> str:
        answer = self.client.get(path, params=query)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def post(self, path: str, page: str, status: int = 200, **values: Any) -> str:
        """Send a form of a page, and follow where it leads."""
        answer = self.client.post(path, data={"csrf": token_in(page), **values})
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def part(self, path: str, page: str, **values: Any) -> str:
        """Ask for a part as htmx does."""
        data = {"csrf": token_in(page), **values}
        answer = self.client.post(path, data=data, headers={"hx-request": "true"})
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    def enter(self, code: str = CLERK, pin: str = PIN, status: int = 200) -> str:
        return self.post("/till/enter", self.get("/till/enter"), status, code=code, pin=pin)

    def register(self) -> str:
        return self.post("/till/device", self.get("/till/enter"), token=self.token)

    def find(self, text: str) -> str:
        return self.post("/till/find", self.get("/till"), q=text)

    def member(self, name: str = "王小明", phone: str = PHONE, card: str = "C-2001") -> int:
        """Make a member who was there before."""
        with self.place.storage.connect() as db, transaction(db):
            newcomer = Newcomer((("phone", phone),), name=name, enrolled_us=0)
            [made] = create_members(db, [newcomer], now_us=NOW_US)
            assert isinstance(made, int)
            add_identity(db, made, "card", card, now_us=NOW_US)
        return made

    def record(self, member_id: int) -> MemberRecord:
        with self.place.storage.connect() as db:
            return read_member(db, member_id)

    def ring(self, member_id: int, amount: str, **values: Any) -> str:
        page = self.get(f"/till/m/{member_id}")
        sent = {"amount": amount, "tender": "cash", "key": key_in(page), **values}
        return self.post(f"/till/m/{member_id}/ring", page, **sent)

    def points(self, member_id: int) -> int:
        with self.place.storage.connect() as db:
            row = db.execute(
                "select coalesce(sum(remaining), 0) from ledger.lot where member_id = %s",
                (member_id,),
            ).fetchone()
        assert row is not None
        return int(row[0])

    def kinds(self, member_id: int) -> list[str]:
        with self.place.storage.connect() as db:
            rows = db.execute(
                "select kind from events.event where member_id = %s order by seq", (member_id,)
            ).fetchall()
        return [row[0] for row in rows]


def key_in(page: str) -> str:
    """The ticket of the form of a page."""
    found = KEY.search(page)
    assert found, "the page carries no ticket"
    return found[1]
