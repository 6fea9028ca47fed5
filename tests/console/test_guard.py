"""Coming in by the pages, deciding, and reading the trail: nothing replaced but the hashes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from coterie import staff
from coterie.app import World
from coterie.console import staff_of, visitors
from coterie.console.visitors import machine_us
from coterie.staff.entry import hashing
from coterie.storage import Connection, transaction
from coterie.storage.clock import world_clock
from tests.acts.house import House
from tests.api.serving import storage_at
from tests.web.site import TOKEN, site_of_world

PASSWORD = "seven herons at dusk"
Client = TestClient[Litestar]


@pytest.fixture
def house(db: Connection, monkeypatch: pytest.MonkeyPatch) -> House:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(hashing, "_HASHER", cheap)
    return House(db)


@pytest.fixture
def client(house: House, database_url: str) -> Iterator[Client]:
    world = World(storage_at(database_url), world_clock(house.db), house.engine)
    with site_of_world(world, visitor_of=staff_of) as client:
        client.headers["accept-language"] = "en"
        yield client


def post(client: Client, at: str, to: str, **fields: str) -> str:
    """Send a form as the page at an address would; return what is shown then."""
    found = TOKEN.search(client.get(at).text)
    assert found is not None, f"{at} has no form"
    return client.post(to, data={"csrf": found[1], **fields}).text


def enter(client: Client, house: House, login: str) -> None:
    account = staff.find_account(house.db, f"{login}@tea.example")
    with transaction(house.db):
        code = staff.invite(house.db, account.account_id, now_us=machine_us()).code
    told = post(client, "/invitation", "/invitation", code=code, password=PASSWORD)
    assert "Your password is set" in told
    post(client, "/sign-in", "/sign-in", login=f"{login}@tea.example", password=PASSWORD)


def test_a_page_that_needs_somebody_leads_to_the_door_and_back(house: House, client: Client):
    house.person("owner")
    answer = client.get("/audit?act=units.adjust", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2Faudit")
    enter(client, house, "owner")
    assert client.get("/audit").status_code == 200
    post(client, "/account", "/sign-out")
    assert client.get("/audit", follow_redirects=False).status_code == 303


def test_the_cookie_is_out_of_reach_and_the_door_tells_nothing(house: House, client: Client):
    house.person("owner")
    known = post(client, "/sign-in", "/sign-in", login="owner@tea.example", password="wrong")
    unknown = post(client, "/sign-in", "/sign-in", login="nobody@tea.example", password="wrong")
    for told in (known, unknown):
        assert "is not right" in told
    enter(client, house, "owner")
    token = TOKEN.search(client.get("/sign-in").text)
    assert token is not None
    answer = client.post(
        "/sign-in",
        data={"csrf": token[1], "login": "owner@tea.example", "password": PASSWORD},
        follow_redirects=False,
    )
    [kept] = [each for each in answer.headers.get_list("set-cookie") if each.startswith("staff=")]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


def test_a_way_back_never_leads_away(house: House, client: Client):
    house.person("owner")
    enter(client, house, "owner")
    for away in ("//evil.example", "/\\evil.example", "https://evil.example"):
        token = TOKEN.search(client.get("/sign-in").text)
        assert token is not None
        form = {"csrf": token[1], "login": "owner@tea.example", "password": PASSWORD}
        answer = client.post("/sign-in", data={**form, "next": away}, follow_redirects=False)
        assert answer.headers["location"] == "/"


def test_a_form_of_somebody_else_does_nothing(house: House, client: Client):
    house.person("owner")
    enter(client, house, "owner")
    assert client.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert client.get("/account").status_code == 200


def test_who_may_not_see_a_page_does_not(house: House, client: Client):
    house.person("owner")
    house.person("analyst")
    enter(client, house, "analyst")
    for path in ("/audit", "/approvals", "/audit/entries.csv", "/audit/1", "/approvals/1"):
        assert client.get(path).status_code == 403
    assert 'href="/audit"' not in client.get("/account").text


def test_a_second_person_approves_on_the_page(house: House, client: Client):
    house.person("operator")
    house.machine.at_us = machine_us()
    asked = house.adjust(house.person("care"), 5_000)
    enter(client, house, "operator")
    assert "as asked" in client.get("/approvals").text
    page = f"/approvals/{asked.request_id}"
    assert "5000" in client.get(page).text
    assert "Approved and done." in post(client, page, f"{page}/approve")
    assert house.points() == 5_000


def test_the_trail_is_filtered_shown_and_exported(house: House, client: Client):
    owner = house.person("owner")
    house.adjust(owner, 40)
    enter(client, house, "owner")
    assert "as asked" in client.get("/audit?act=units.adjust").text
    assert "No entries" in client.get("/audit?act=key.issue").text
    assert "balance" in client.get("/audit/1").text
    assert "units.adjust" in client.get("/audit/entries.csv").text
    assert client.get("/audit/99").status_code == 404


def test_ones_own_password_and_sign_ins_are_changed_on_the_page(house: House, client: Client):
    house.person("owner")
    enter(client, house, "owner")
    told = post(client, "/account", "/account/password", old="wrong", new="nine cranes by noon")
    assert "is not right" in told
    told = post(client, "/account", "/account/password", old=PASSWORD, new="nine cranes by noon")
    assert "is changed" in told
    post(client, "/account", "/account/factor")
    page = client.get("/account").text
    assert "data:image/svg+xml" in page
    assert re.search(r"[A-Z2-7]{32}", page)


def test_a_demo_is_entered_with_one_click_and_no_other_world(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
):
    house.person("owner")
    house.db.execute("update staff.account set state = 'invited', password_hash = null")
    login, real = "owner@tea.example", visitors.is_loopback

    def entered() -> bool:
        post(client, "/sign-in", "/demo-entry", login=login)
        return client.get("/account", follow_redirects=False).status_code == 200

    # The client of the tests has no address: it stands for this machine from here on.
    monkeypatch.setattr(visitors, "is_loopback", lambda name: name == "testclient" or real(name))
    assert "Enter the demo" not in client.get("/sign-in").text
    assert not entered()
    with transaction(house.db):
        staff.open_house(house.db, now_us=1)
    # What a proxy brings along, and what asks from the network, stays outside.
    assert "Enter the demo" not in client.get("/sign-in", headers={"via": "1.1 x"}).text
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(visitors, "is_loopback", real)
        assert not entered()
    assert "Enter the demo" in client.get("/sign-in").text
    assert entered()


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("demo.localhost", True),
        ("192.0.2.1", False),
        ("tea.example", False),
        ("", False),
    ],
)
def test_only_this_machine_is_this_machine(name: str, here: bool):
    assert visitors.is_loopback(name) is here
