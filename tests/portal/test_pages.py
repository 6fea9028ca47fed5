"""A member on the phone: comes in by a code, joins, reads what there is and why, and goes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from coterie.consent import publish_wording
from coterie.intake.engine import Engine
from coterie.members import MemberRecord, Newcomer, create_members, read_member
from coterie.portal import Services, portal, visitor_of
from coterie.portal.messengers import WeChat
from coterie.portal.senders import CodeMessage
from coterie.storage import transaction
from tests.api.serving import NOW, NOW_US, Place
from tests.portal.fakes import FakeWeChat, running
from tests.web.site import site_of_world, token_in

PHONE = "138 0013 8000"
LADDER = """
programme: portal
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
      - {code: leaf, name: {zh: 青叶, en: Leaf}}
      - code: gold
        name: {zh: 金骏, en: Golden}
        reach: {spend: "1000.00"}
        benefits: [{zh: 专属茶席, en: A table of your own}]
"""


@dataclass
class Box:
    """Keeps what would be sent."""

    sent: list[CodeMessage] = field(default_factory=list)

    def reaches(self, kind: str) -> bool:
        return kind in {"phone", "email"}

    def send(self, message: CodeMessage) -> None:
        self.sent.append(message)


@dataclass
class Phone:
    """A browser, the world behind it, and the messages that arrive."""

    client: TestClient[Litestar]
    place: Place
    box: Box
    wechat: WeChat | None = None

    def get(self, path: str, status: int = 200, **query: str) -> str:
        answer = self.client.get(path, params=query)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def post(self, path: str, page: str, status: int = 200, **values: Any) -> str:
        """Send a form of a page, and follow where it leads."""
        answer = self.client.post(path, data={"csrf": token_in(page), **values})
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def code_for(self, contact: str) -> str:
        """Ask for a code; return the page on which it is typed."""
        return self.post("/me/enter", self.get("/me/enter"), contact=contact)

    def enter(self, contact: str) -> str:
        page = self.code_for(contact)
        return self.post("/me/code", page, code=self.box.sent[-1].code)

    def join(self, contact: str, name: str = "王小明") -> str:
        page = self.enter(contact)
        return self.post("/me/join", page, name=name, consent=["terms"])

    def member(self, member_id: int) -> MemberRecord:
        with self.place.storage.connect() as db:
            return read_member(db, member_id)

    def newest(self) -> MemberRecord:
        with self.place.storage.connect() as db:
            row = db.execute("select max(member_id) from members.member").fetchone()
            assert row is not None
            return read_member(db, row[0])


@pytest.fixture
def phone(database_url: str) -> Iterator[Phone]:
    place = Place(database_url, programme=LADDER)
    with place.storage.connect() as db, transaction(db):
        publish_wording(db, "terms", "我同意会员条款", "I agree to the terms", now_us=NOW_US)
        publish_wording(db, "news", "可以给我发优惠消息", "You may send me offers", now_us=NOW_US)
    box = Box()
    with running(FakeWeChat()) as fake:
        fake.accounts["c1"] = "oABC"
        fake.accounts["c2"] = "oABC"
        wechat = WeChat("wx-app", "wx-secret", open_url=fake.url, api_url=fake.url)
        face = portal(Services(Engine(), box, {"wechat": wechat}))
        with site_of_world(place.world, [face], visitor_of) as client:
            client.headers["accept-language"] = "en"
            yield Phone(client, place, box, wechat)


def test_somebody_new_joins_with_a_code_and_a_name(phone: Phone):
    page = phone.join(PHONE)
    assert "Your card is ready." in page
    record = phone.newest()
    assert (record.name, record.state, record.enrolled_channel) == ("王小明", "active", "portal")
    kinds = {identity.kind: identity.value for identity in record.identities}
    assert kinds["phone"] == "+8613800138000"
    number = kinds["card"]
    assert " ".join(number[i : i + 4] for i in range(0, 13, 4)) in page
    assert [message.to for message in phone.box.sent] == ["+8613800138000"]


def test_nobody_joins_without_the_terms(phone: Phone):
    page = phone.enter(PHONE)
    before = phone.newest().member_id
    again = phone.post("/me/join", page, 400, name="王小明", consent=["news"])
    assert "Membership rests on its terms" in again
    assert 'value="王小明"' in again
    assert phone.newest().member_id == before


def test_whom_a_clerk_took_down_is_confirmed_by_answering(phone: Phone):
    with phone.place.storage.connect() as db, transaction(db):
        newcomer = Newcomer((("phone", PHONE),), name="李雷", state="unverified", enrolled_us=0)
        [made] = create_members(db, [newcomer], now_us=NOW_US)
    assert isinstance(made, int)
    assert "李雷" in phone.enter(PHONE)
    assert phone.member(made).state == "active"


def test_known_and_unknown_people_see_the_same(phone: Phone):
    phone.join(PHONE)
    phone.post("/me/leave", phone.get("/me/profile"))
    known = phone.code_for("li@shop.test")
    # A second contact, so that neither has to wait for a minute.
    with phone.place.storage.connect() as db, transaction(db):
        newcomer = Newcomer((("email", "wu@shop.test"),), enrolled_us=0)
        create_members(db, [newcomer], now_us=NOW_US)
    unknown = phone.code_for("wu@shop.test")

    def bare(page: str) -> str:
        return re.sub(r"[lw]\*\*\*|name=\"csrf\" (content|value)=\"[^\"]*\"", "", page)

    assert bare(known) == bare(unknown)


def test_a_wrong_code_is_said_and_five_are_the_end(phone: Phone):
    page = phone.code_for(PHONE)
    right = phone.box.sent[-1].code
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(4):
        page = phone.post("/me/code", page, 400, code=wrong)
        assert "That is not the code" in page
    page = phone.post("/me/code", page, code=wrong)
    assert "no longer good" in page
    assert "Enter your phone number" in page


def test_a_contact_that_is_none_is_refused_where_it_stands(phone: Phone):
    page = phone.post("/me/enter", phone.get("/me/enter"), 400, contact="12")
    assert "does not look like" in page
    assert not phone.box.sent


def test_asking_again_at_once_has_to_wait(phone: Phone):
    phone.code_for(PHONE)
    again = phone.post("/me/enter", phone.get("/me/enter"), 503, contact=PHONE)
    assert "too often" in again
    assert len(phone.box.sent) == 1


def test_the_pages_tell_what_there_is_and_why(phone: Phone):
    phone.join(PHONE)
    member_id = phone.newest().member_id
    key = phone.place.key("till")
    event = {
        "kind": "order",
        "key": "o1",
        "occurred_at": NOW,
        "member": {"id": member_id},
        "order_ref": "A1",
        "lines": [{"amount_minor": 25_000, "product": "sku-1"}],
    }
    answer = phone.client.post("/v1/events", json=event, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text
    home = phone.get("/me")
    assert '<span class="big">250</span>' in home
    assert "worth about CN¥2.50" in home or "worth about CN¥2.50" in home.replace("\xa0", "")
    assert "To reach Golden" in home
    points = phone.get("/me/points")
    assert "31 Mar 2026" in points
    statement = phone.get("/me/statement")
    assert "Points for purchases" in statement
    assert "+250" in statement
    seq = re.search(rf"event={member_id}:(\d+)", statement)
    assert seq
    why = phone.get("/me/why", event=f"{member_id}:{seq[1]}")
    assert "Points for purchases: gives 250 Points" in why or "250" in why
    balance = phone.get("/me/why", currency="points")
    assert "250" in balance
    missing = phone.get("/me/why", missing="base")
    assert "Points for purchases" in missing
    tiers = phone.get("/me/tiers")
    assert "A table of your own" in tiers
    assert "locked" in tiers
    rules = phone.get("/me/rules", lang="zh")
    assert "消费积分" in rules
    assert "怎样获得" in rules


def test_nobody_reads_what_is_anothers(phone: Phone):
    phone.join(PHONE)
    other = phone.place.member_id
    phone.get("/me/why", 404, event=f"{other}:1")
    phone.get("/me/why", 404, currency="nothing")
    phone.get("/me/statement", 404, currency="nothing")


def test_without_a_visit_every_page_leads_to_the_door(phone: Phone):
    for path in ("/me", "/me/points", "/me/statement", "/me/why", "/me/tiers", "/me/profile"):
        answer = phone.client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/me/enter")
    answer = phone.client.get("/me/data.json", follow_redirects=False)
    assert answer.status_code == 303


def test_the_profile_is_changed_and_a_birthday_said_once(phone: Phone):
    phone.join(PHONE)
    page = phone.get("/me/profile")
    page = phone.post("/me/profile", page, name="王大明", born_on="1990-05-06")
    assert "Saved." in page
    page = phone.post("/me/profile", page, name="王大明", born_on="1991-01-01")
    record = phone.newest()
    assert (record.name, record.born_on) == ("王大明", "1990-05-06")


def test_contacts_are_added_by_a_code_and_the_last_one_stays(phone: Phone):
    phone.join(PHONE)
    page = phone.get("/me/profile")
    page = phone.post("/me/contacts/end", page, identity="phone:+8613800138000")
    assert "only way in" in page
    page = phone.post("/me/contacts", page, contact="Wang@Shop.test")
    page = phone.post("/me/contacts/code", page, code=phone.box.sent[-1].code)
    assert "Confirmed and added." in page
    page = phone.post("/me/contacts/end", page, identity="phone:+8613800138000")
    assert "Removed." in page
    active = {(i.kind, i.value) for i in phone.newest().identities if i.valid_to_us is None}
    assert ("email", "wang@shop.test") in active
    assert not any(kind == "phone" for kind, _ in active)


def test_a_messenger_is_bound_opens_the_door_and_is_unbound(phone: Phone):
    phone.join(PHONE)
    assert _by_wechat(phone, "c1").count("WeChat is connected.") == 1
    member_id = phone.newest().member_id
    phone.post("/me/leave", phone.get("/me/profile"))
    phone.get("/me/enter")
    assert "王小明" in _by_wechat(phone, "c2")
    page = phone.post(
        "/me/contacts/end", phone.get("/me/profile"), identity="messenger:wechat:oABC"
    )
    assert "Removed." in page
    assert phone.member(member_id).identities


def test_a_messenger_without_our_state_is_turned_away(phone: Phone):
    phone.get("/me/messenger/wechat/back", 401, code="c1", state="made-up")
    phone.get("/me/messenger/other", 404)


def _by_wechat(phone: Phone, code: str) -> str:
    """Go to the messenger and come back with its code, as a browser does."""
    away = phone.client.get("/me/messenger/wechat", follow_redirects=False)
    assert away.status_code == 303
    state = re.search(r"state=([^&#]+)", away.headers["location"])
    assert state
    return phone.get("/me/messenger/wechat/back", code=code, state=state[1])


def test_privacy_is_the_members_choice_and_leaves_a_record(phone: Phone):
    phone.join(PHONE)
    page = phone.get("/me/privacy")
    assert "I agree to the terms" in page
    page = phone.post("/me/privacy", page, consent=["news"])
    assert "Your choices are saved." in page
    page = phone.post("/me/privacy", page)
    with phone.place.storage.connect() as db:
        rows = db.execute(
            "select kind, version, granted, channel from consent.record order by record_no"
        ).fetchall()
    assert rows == [
        ("terms", 1, True, "portal"),
        ("news", 1, True, "portal"),
        ("news", 1, False, "portal"),
    ]


def test_other_devices_are_shown_and_ended(phone: Phone):
    phone.join(PHONE)
    kept = dict(phone.client.cookies)
    phone.client.cookies.clear()
    with phone.place.storage.connect() as db:
        db.execute("update signins.code set created_us = created_us - 120000000")
    phone.enter(PHONE)
    page = phone.get("/me/privacy")
    assert "this device" in page
    page = phone.post("/me/visits/end", page)
    assert "Signed out there." in page
    phone.client.cookies.clear()
    phone.client.cookies.update(kept)
    assert phone.client.get("/me", follow_redirects=False).status_code == 303


def test_a_member_takes_everything_along(phone: Phone):
    phone.join(PHONE)
    told = phone.client.get("/me/data.json").json()
    assert told["member"]["name"] == "王小明"
    assert told["statement_complete"] is True
    assert told["consents"][0]["granted"] in (True, False)


def test_the_demo_door_is_shut_in_any_other_world(phone: Phone):
    page = phone.get("/me/enter")
    assert "Demo" not in page
    phone.post(f"/me/demo/{phone.place.member_id}", page, 404)


def test_the_app_has_its_manifest_worker_and_icon(phone: Phone):
    manifest = phone.client.get("/me/app.webmanifest").json()
    assert manifest["name"] == "Tea House"
    assert manifest["start_url"] == "/me"
    icon = phone.client.get(manifest["icons"][0]["src"])
    assert icon.headers["content-type"] == "image/svg+xml"
    worker = phone.client.get("/me/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "You are offline" in phone.get("/me/offline")
