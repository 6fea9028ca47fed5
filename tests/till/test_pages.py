"""A clerk at the counter: signs in, finds, enrols, rings up, takes back, and nothing doubles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from coterie.catalogue import Place as Shop
from coterie.catalogue import save_places
from coterie.consent import publish_wording
from coterie.console import visitors as console_visitors
from coterie.demo.house import furnish as furnish_demo
from coterie.kernel.clock import FixedClock
from coterie.kernel.time import MINUTE_US, SECOND_US
from coterie.members import add_note
from coterie.storage import transaction
from coterie.till import till, visitor_of, visitors
from tests.api.serving import NOW_US, Place
from tests.till.counter import CLERK, LADDER, PHONE, Counter, furnish, key_in
from tests.web.site import site_of_world


@pytest.fixture
def bare(database_url: str) -> Iterator[Counter]:
    """A browser that is no till yet."""
    place = Place(database_url, programme=LADDER)
    with place.storage.connect() as db:
        token = furnish(db)
    with site_of_world(place.world, [till(place.world)], visitor_of) as client:
        client.headers["accept-language"] = "en"
        yield Counter(client, place, token)


@pytest.fixture
def counter(bare: Counter) -> Counter:
    """A till with its clerk signed in."""
    bare.register()
    assert "Scan a member's code" in bare.enter()
    return bare


def test_a_browser_is_no_till_before_it_is_registered(bare: Counter):
    assert "not a till yet" in bare.get("/till")
    page = bare.post("/till/device", bare.get("/till/enter"), 422, token="made-up")
    assert "not a till yet" in page
    assert "This browser is a till now." in bare.register()
    assert "Till 1 · hz-01" in bare.get("/till/enter")


def test_a_wrong_pin_is_told_and_opens_nothing(bare: Counter):
    bare.register()
    assert "Not yet" in bare.enter(pin="111111", status=422)
    assert "Staff code" in bare.get("/till")


def test_the_clerk_is_changed_by_one_key_and_the_code_of_the_next(counter: Counter):
    page = counter.get("/till")
    assert 'data-key="F6"' in page
    page = counter.post("/till/leave", page)
    assert "黄小雨 is signed out." in page
    assert "autofocus" in page
    assert "Staff code" in counter.get("/till")
    assert "Scan a member's code" in counter.enter()


def test_a_till_nobody_touches_locks_itself(counter: Counter, monkeypatch: pytest.MonkeyPatch):
    at_us = visitors.MACHINE.now_us()
    later = FixedClock(at_us + (visitors.LOCK_S - 30) * SECOND_US)
    monkeypatch.setattr(visitors, "MACHINE", later)
    assert "Scan a member's code" in counter.get("/till")
    later = FixedClock(at_us + (2 * visitors.LOCK_S + 30) * SECOND_US)
    monkeypatch.setattr(visitors, "MACHINE", later)
    assert "Staff code" in counter.get("/till")


def test_nobody_comes_in_without_signing_in(bare: Counter):
    bare.register()
    member_id = bare.member()
    for path in ("/till", "/till/enrol", "/till/returns", "/till/today", f"/till/m/{member_id}"):
        answer = bare.client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/till/enter")


@pytest.mark.parametrize("asked", ["C-2001", PHONE, "8000", "王小明", "wxm"])
def test_one_field_finds_by_whatever_is_at_hand(counter: Counter, asked: str):
    counter.member()
    page = counter.find(asked)
    assert "Amount paid" in page
    assert "王**" in page


def test_a_screen_shows_no_more_of_a_person_than_is_needed(counter: Counter):
    member_id = counter.member()
    with counter.place.storage.connect() as db, transaction(db):
        add_note(db, member_id, "need", "no nuts", author="person:1", now_us=NOW_US)
        add_note(db, member_id, "complaint", "was rude", author="person:1", now_us=NOW_US)
    page = counter.find("C-2001")
    for private in ("小明", "13800138000", "138 0013 8000", "0013", "C-2001", "was rude"):
        assert private not in page
    for needed in ("王**", "8000", "2001", "no nuts", "Leaf", "A birthday cake"):
        assert needed in page


def test_several_are_chosen_from_by_a_digit(counter: Counter):
    first = counter.member()
    counter.member("李雷", "139 1111 8000", "C-2002")
    page = counter.find("8000")
    assert "Which of them?" in page
    assert f'href="/till/m/{first}" data-key="1"' in page
    assert 'data-key="2"' in page
    assert "雷" not in page


def test_somebody_new_is_taken_down_with_name_and_phone(counter: Counter):
    with counter.place.storage.connect() as db, transaction(db):
        publish_wording(db, "terms", "我同意会员条款", "I agree to the terms", now_us=NOW_US)
        publish_wording(db, "news", "可以发优惠", "You may send me offers", now_us=NOW_US)
    page = counter.find(PHONE)
    assert "No member found" in page
    page = counter.post("/till/enrol/begin", page, q=PHONE)
    assert f'value="{PHONE}"' in page
    values: dict[str, Any] = {"phone": PHONE, "name": "王小明", "key": key_in(page)}
    refused = counter.post("/till/enrol", page, 422, **values)
    assert "Membership rests on the needed terms." in refused
    assert 'value="王小明"' in refused
    done = counter.post("/till/enrol", refused, **values, consent=["terms"])
    assert "Enrolled, with a card number." in done
    assert "not confirmed by the member yet" in done
    found = re.search(r"/till/m/(\d+)/ring", done)
    assert found
    record = counter.record(int(found[1]))
    assert (record.name, record.state) == ("王小明", "unverified")
    assert (record.enrolled_store, record.enrolled_channel) == ("hz-01", "pos")
    kinds = {identity.kind: identity.value for identity in record.identities}
    assert kinds["phone"] == "+8613800138000"
    assert len(kinds["card"]) == 13
    # Pressed twice, or asked for again: the member is shown.
    again = counter.post("/till/enrol", done, **values, consent=["terms"])
    assert "They are a member already." in again
    assert f"/till/m/{record.member_id}/ring" in again
    with counter.place.storage.connect() as db:
        rows = db.execute("select kind, granted, channel, actor from consent.record").fetchall()
    assert [(kind, granted, channel) for kind, granted, channel, _ in rows] == [
        ("terms", True, "pos")
    ]
    assert rows[0][3].startswith("person:")


def test_a_number_that_is_none_is_refused_where_it_stands(counter: Counter):
    page = counter.get("/till/enrol")
    page = counter.post("/till/enrol", page, 422, phone="12", name="", key=key_in(page))
    assert "Check the phone number." in page


def test_what_a_sale_brings_is_seen_before_it_is_sent_and_at_once_after(counter: Counter):
    member_id = counter.member()
    page = counter.get(f"/till/m/{member_id}")
    form: dict[str, Any] = {"amount": "250.50", "tender": "card", "key": key_in(page)}
    seen = counter.part(f"/till/m/{member_id}/preview", page, **form)
    assert "+250 Points" in seen
    assert counter.kinds(member_id) == []
    whole = counter.post(f"/till/m/{member_id}/preview", page, **form)
    assert "+250 Points" in whole
    assert 'value="250.50"' in whole
    done = counter.post(f"/till/m/{member_id}/ring", page, **form)
    assert "+250 Points" in done
    assert "Points now: 250" in done
    assert "749.50" in done
    assert "Receipt hz-01-1-" in done
    with counter.place.storage.connect() as db:
        row = db.execute(
            "select source, store, operator, device, channel, actor, payload -> 'tenders'"
            " from events.event where member_id = %s and kind = 'order'",
            (member_id,),
        ).fetchone()
    assert row is not None
    assert row[:5] == ("counter", "hz-01", CLERK, "till-1", "pos")
    assert row[5].startswith("person:")
    assert row[6] == [{"kind": "card", "amount_minor": 25_050}]


def test_a_second_enter_is_answered_like_the_first_and_doubles_nothing(counter: Counter):
    member_id = counter.member()
    page = counter.get(f"/till/m/{member_id}")
    form: dict[str, Any] = {"amount": "100", "tender": "cash", "key": key_in(page)}
    counter.post(f"/till/m/{member_id}/ring", page, **form)
    counter.place.move_clock(NOW_US + 2 * SECOND_US)
    again = counter.post(f"/till/m/{member_id}/ring", page, **form)
    assert "nothing was doubled" in again
    assert "+100 Points" in again
    assert counter.points(member_id) == 100
    # The same page with something else on it is a mistake, and is told so.
    other = counter.post(f"/till/m/{member_id}/ring", page, 422, **(form | {"amount": "999"}))
    assert "begin again" in other
    assert counter.points(member_id) == 100


def test_lines_are_scanned_and_named(counter: Counter):
    member_id = counter.member()
    page = counter.get(f"/till/m/{member_id}")
    form: dict[str, Any] = {
        "tender": "cash",
        "key": key_in(page),
        "code": ["T-001", "X-9", ""],
        "count": ["2", "", ""],
        "sum": ["56.00", "12", ""],
    }
    seen = counter.part(f"/till/m/{member_id}/preview", page, **form)
    assert "T-001 · 龙井现泡" in seen
    assert "X-9: not in the catalogue" in seen
    assert "68.00 in all" in seen
    wrong: dict[str, Any] = {**form, "sum": ["56.00", "", ""]}
    assert "Line 2 has no sum." in counter.post(f"/till/m/{member_id}/ring", page, 422, **wrong)
    counter.post(f"/till/m/{member_id}/ring", page, **form)
    assert counter.points(member_id) == 68


@pytest.mark.parametrize("amount", ["", "0", "-3", "abc", "1.234", "1e30"])
def test_an_amount_that_is_none_changes_nothing(counter: Counter, amount: str):
    member_id = counter.member()
    page = counter.get(f"/till/m/{member_id}")
    sent: dict[str, Any] = {"amount": amount, "tender": "cash", "key": key_in(page)}
    counter.post(f"/till/m/{member_id}/ring", page, 422, **sent)
    assert counter.kinds(member_id) == []


def test_an_order_comes_back_by_its_slip_in_parts(counter: Counter):
    member_id = counter.member()
    lines: dict[str, Any] = {
        "code": ["T-001", "T-002"],
        "count": ["2", "1"],
        "sum": ["56.00", "15.00"],
    }
    done = counter.ring(member_id, "", **lines)
    slip = re.search(r"Receipt (hz-01-1-\w+)", done)
    assert slip
    page = counter.post("/till/returns", counter.get("/till/returns"), ref=slip[1])
    assert "bought 2, 2 left" in page
    path = re.search(r'action="(/till/m/\d+/returns/\d+)"', page)
    assert path
    form: dict[str, Any] = {"key": key_in(page), "back-1": "1", "back-2": ""}
    seen = counter.part(f"{path[1]}/preview", page, **form)
    assert "-28 Points" in seen
    assert counter.points(member_id) == 71
    too_many = counter.post(path[1], page, 422, **(form | {"back-1": "3"}))
    assert "2 can come back at most" in too_many
    done = counter.post(path[1], page, **form)
    assert "Returned" in done
    assert "-28 Points" in done
    assert counter.points(member_id) == 43
    again = counter.post(path[1], page, **form)
    assert "nothing was doubled" in again
    assert counter.points(member_id) == 43
    page = counter.get(path[1])
    assert "bought 2, 1 left" in page
    rest: dict[str, Any] = {"key": key_in(page), "back-1": "1", "back-2": "1"}
    counter.post(path[1], page, **rest)
    assert counter.points(member_id) == 0
    assert "all returned" in counter.get(f"/till/m/{member_id}/returns")


def test_without_a_slip_a_recent_order_is_chosen(counter: Counter):
    member_id = counter.member()
    counter.ring(member_id, "80")
    page = counter.get(f"/till/m/{member_id}/returns")
    path = re.search(r'href="(/till/m/\d+/returns/\d+)" data-key="1"', page)
    assert path
    page = counter.get(path[1])
    rest: dict[str, Any] = {"key": key_in(page), "back-9": "1"}
    counter.post(path[1], page, **rest)
    assert counter.points(member_id) == 0
    page = counter.post("/till/returns", counter.get("/till/returns"), 422, ref="nothing-1")
    assert "No member's order has this number" in page


def test_the_last_sales_of_this_till_are_undone_for_some_minutes(counter: Counter):
    member_id = counter.member()
    counter.ring(member_id, "60")
    page = counter.get("/till/today")
    assert "CN¥60.00 at this till today" in page.replace("\xa0", "")
    path = re.search(r'action="(/till/today/\d+/\d+/undo)"', page)
    assert path
    done = counter.post(path[1], page)
    assert "Undone." in done
    assert counter.points(member_id) == 0
    assert "CN¥0.00 at this till today" in done.replace("\xa0", "")
    assert "asked for already" in counter.post(path[1], page)
    counter.place.move_clock(NOW_US + SECOND_US)
    assert "asked for already" in counter.post(path[1], page)
    with counter.place.storage.connect() as db:
        rows = db.execute("select act, outcome from audit.entry order by n").fetchall()
    assert rows == [("till.undo", "done")]
    counter.ring(member_id, "70")
    counter.place.move_clock(NOW_US + 16 * MINUTE_US)
    page = counter.get("/till/today")
    late = re.findall(r"/till/m/\d+/done/(\d+)", page)[0]
    assert "/undo" not in page
    page = counter.post(f"/till/today/{member_id}/{late}/undo", page, 422)
    assert "A till undoes for 15 minutes." in page
    assert counter.points(member_id) == 70


def test_nothing_of_other_tills_is_undone_or_printed_here(counter: Counter):
    member_id = counter.member()
    key = counter.place.key("shop")
    event = {
        "kind": "order",
        "key": "o1",
        "occurred_at": "2026-03-01T12:00:00+08:00",
        "member": {"id": member_id},
        "order_ref": "A1",
        "lines": [{"amount_minor": 25_000}],
    }
    told = {"authorization": f"Bearer {key}"}
    answer = counter.client.post("/v1/events", json=event, headers=told)
    assert answer.status_code == 201, answer.text
    counter.get(f"/till/m/{member_id}/done/1", 404)
    counter.post(f"/till/today/{member_id}/1/undo", counter.get("/till/today"), 404)
    # An order of the web shop comes back at any counter.
    page = counter.post("/till/returns", counter.get("/till/returns"), ref="A1")
    assert "Order A1" in page


def test_a_demo_is_entered_by_one_click_and_nothing_else_is(bare: Counter):
    page = bare.get("/till/enter")
    assert "Demo shop" not in page
    bare.post("/till/demo", page, 404, store="hz-01")


def test_the_demo_door_makes_a_till_and_a_clerk(database_url: str, monkeypatch: pytest.MonkeyPatch):
    here = {"testclient", "127.0.0.1"}
    monkeypatch.setattr(console_visitors, "is_loopback", lambda name: name in here)
    place = Place(database_url, programme=LADDER)
    with place.storage.connect() as db, transaction(db):
        furnish_demo(db, NOW_US)
        save_places(db, [Shop("hz-01", name="西湖店")])
    with site_of_world(place.world, [till(place.world)], visitor_of) as client:
        client.headers["accept-language"] = "en"
        counter = Counter(client, place, "")
        page = counter.get("/till")
        assert "西湖店" in page
        page = counter.post("/till/demo", page, store="hz-01")
        assert "Scan a member's code" in page
        member_id = counter.member()
        assert "+20 Points" in counter.ring(member_id, "20")
        counter.post("/till/demo", counter.get("/till/enter"), 404, store="hz-99")


def test_every_page_speaks_chinese(counter: Counter):
    member_id = counter.member()
    counter.ring(member_id, "88")
    pages = ("/till", "/till/enrol", "/till/returns", "/till/today", f"/till/m/{member_id}")
    for path in (*pages, f"/till/m/{member_id}/returns", f"/till/m/{member_id}/done/1"):
        page = counter.get(path, lang="zh")
        assert 'lang="zh-CN"' in page
        assert "换人" in page
