"""Accounts, keys and tills on pages: what is told once, what waits, who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coterie import approvals, staff
from coterie.access import authenticate, list_keys
from coterie.console.visitors import machine_us
from coterie.storage import Connection
from tests.acts.house import House
from tests.console.staffed import Desk, desk_of

SECRET = re.compile(r'id="secret"[^>]*>([^<]+)<')
WHY = {"reason": "as agreed", "confirmed": "1", "key": "once-only-1"}


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    with desk_of(House(db), database_url) as desk:
        yield desk


def secret_in(page: str) -> str:
    found = SECRET.search(page)
    assert found is not None, page
    return found[1].strip()


def test_a_key_is_issued_shown_once_used_and_revoked(desk: Desk):
    desk.sit(desk.house.person("owner"))
    fields = {"source": "shop", "days": "30", "scope.members:read": "1"} | WHY
    at = "/keys/do/issue"
    shown = desk.send(at, at, fields | {"confirmed": ""})
    assert "members:read" in shown
    assert list_keys(desk.house.db)[0] == []
    text = secret_in(desk.send(at, at, fields))
    assert text not in desk.send(at, at, fields), "the same form again tells no secret"
    (line,) = list_keys(desk.house.db)[0]
    assert line.scopes == ("members:read",)
    assert authenticate(desk.house.db, text, now_us=line.created_us).key_id == line.key_id
    page = desk.get("/keys")
    assert line.key_id in page
    assert text not in page
    gone = f"/keys/do/revoke?key_id={line.key_id}"
    desk.send(gone, "/keys/do/revoke", {"key_id": line.key_id, **WHY, "key": "once-only-2"})
    assert list_keys(desk.house.db)[0][0].revoked_us is not None


def test_a_new_account_waits_for_a_second_person_where_there_is_one(desk: Desk):
    owner = desk.house.person("owner")
    desk.house.person("second", staff.RoleGrant("owner"))
    desk.sit(owner)
    fields = {"login": "lin@tea.example", "name": "Lin", "language": "zh", "role.care": "1"} | WHY
    desk.send("/staff/do/add", "/staff/do/add", fields)
    (waiting,), _ = approvals.list_requests(desk.house.db, state=approvals.State.WAITING)
    assert waiting.act == "staff.add"
    assert "lin@tea.example" not in desk.get("/staff")


def test_whoever_approves_a_new_account_is_told_its_code(desk: Desk):
    owner = desk.house.person("owner")
    second = desk.house.person("second", staff.RoleGrant("owner"))
    desk.house.machine.at_us = machine_us()
    desk.sit(owner)
    fields = {"login": "lin@tea.example", "name": "Lin", "language": "zh", "role.care": "1"} | WHY
    desk.send("/staff/do/add", "/staff/do/add", fields)
    (waiting,), _ = approvals.list_requests(desk.house.db, state=approvals.State.WAITING)
    desk.sit(second)
    page = f"/approvals/{waiting.request_id}"
    code = secret_in(desk.send(page, f"{page}/approve", {}))
    assert code
    assert "lin@tea.example" in desk.get("/staff")
    assert code not in desk.get(page)


def test_somebody_alone_adds_disables_and_enables(desk: Desk):
    desk.sit(desk.house.person("owner"))
    fields = {"login": "lin@tea.example", "name": "Lin", "language": "zh", "role.care": "1"} | WHY
    assert len(secret_in(desk.send("/staff/do/add", "/staff/do/add", fields))) > 10
    lin = staff.find_account(desk.house.db, "lin@tea.example")
    for what, state in (("disable", "disabled"), ("enable", "invited")):
        at = f"/staff/do/{what}?account_id={lin.account_id}"
        sent = {"account_id": str(lin.account_id), **WHY, "key": f"once-{what}"}
        desk.send(at, f"/staff/do/{what}", sent)
        assert staff.read_account(desk.house.db, lin.account_id).state.value == state
    assert "Lin" in desk.get(f"/staff/{lin.account_id}", "zh")


def test_nobody_changes_their_own_account_here(desk: Desk):
    owner = desk.house.person("owner")
    desk.sit(owner)
    at = f"/staff/do/disable?account_id={owner.actor}"
    told = desk.send(at, "/staff/do/disable", {"account_id": owner.actor, **WHY}, status=409)
    assert "changed by others" in told


def test_who_may_not_reaches_neither_the_lists_nor_the_acts(desk: Desk):
    desk.sit(desk.house.person("care"))
    for path in ("/staff", "/staff/1", "/staff/do/add", "/keys", "/keys/do/issue", "/tills"):
        assert desk.client.get(path).status_code == 403
    desk.sit(desk.house.person("auditor"))
    for path in ("/staff", "/tills"):
        assert "/do/" not in desk.get(path)
    assert desk.client.get("/tills/do/register").status_code == 403
