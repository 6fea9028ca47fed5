"""Balances, lots, holds and the statement, as of the moment they are asked for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from coterie.kernel.time import DAY_US, format_instant
from tests.api.serving import NOW, NOW_US, Place, order
from tests.api.test_refusals import check


def send(api: httpx.Client, key: str, kind: str, member_id: int, **fields: Any) -> dict[str, Any]:
    event = {"kind": kind, "key": key, "occurred_at": NOW, "member": {"id": member_id}, **fields}
    answer = api.post("/v1/events", json=event)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def balances(api: httpx.Client, place: Place) -> dict[str, dict[str, Any]]:
    told = api.get(f"/v1/members/{place.member_id}/balances").json()
    return {each["currency"]: each for each in told["balances"]}


def test_a_member_without_units_has_no_balances(api: httpx.Client, place: Place):
    told = api.get(f"/v1/members/{place.member_id}/balances")
    assert told.json() == {
        "member_id": place.member_id,
        "as_of": "2026-03-01T04:00:00Z",
        "balances": [],
    }


def test_balances_show_what_waits_what_is_held_and_what_lapses_next(
    api: httpx.Client, place: Place
):
    api.post("/v1/events", json=order("k1"))
    send(api, "h1", "hold", place.member_id, currency="points", units=30, hold_ref="H1")
    told = balances(api, place)
    assert told["points"] == {
        "currency": "points",
        "available": 70,
        "pending": 0,
        "held": 30,
        "owed": 0,
        "next_expiry": {"units": 70, "expires_on": "2026-03-11"},
    }
    assert told["miles"]["pending"] == 200
    assert "next_expiry" not in told["miles"]


def test_reads_show_what_fell_due_without_any_worker(api: httpx.Client, place: Place):
    api.post("/v1/events", json=order("k1"))
    place.move_clock(NOW_US + 4 * DAY_US)
    assert balances(api, place)["miles"]["available"] == 200
    place.move_clock(NOW_US + 11 * DAY_US)
    lots = api.get(f"/v1/members/{place.member_id}/lots?finished=true&currency=points").json()
    assert [(lot["remaining"], lot["lapsed"]) for lot in lots["lots"]] == [(0, 100)]
    assert balances(api, place)["points"]["available"] == 0
    lines = api.get(f"/v1/members/{place.member_id}/statement").json()["lines"]
    assert [line["reason"] for line in lines] == ["expire", "release_pending", "earn", "earn"]


def test_lots_come_in_burn_order_page_by_page(api: httpx.Client, place: Place):
    for number in range(7):
        at = format_instant(NOW_US - (7 - number) * DAY_US)
        fields = {"order_ref": f"O{number}", "lines": [{"amount_minor": 1000 + number * 100}]}
        send(api, f"o{number}", "order", place.member_id, occurred_at=at, **fields)
    whole = api.get(f"/v1/members/{place.member_id}/lots").json()
    assert "cursor" not in whole
    keys = [(lot["currency"], lot.get("expires_on", "9"), lot["lot"]) for lot in whole["lots"]]
    assert keys == sorted(keys)
    assert len(keys) == 14
    paged: list[Any] = []
    cursor = ""
    for _ in range(10):
        page = api.get(f"/v1/members/{place.member_id}/lots?limit=4{cursor}").json()
        paged += page["lots"]
        if "cursor" not in page:
            break
        cursor = f"&cursor={page['cursor']}"
    assert paged == whole["lots"]
    points = api.get(f"/v1/members/{place.member_id}/lots?currency=points").json()["lots"]
    assert points == [lot for lot in whole["lots"] if lot["currency"] == "points"]
    assert points[0]["event"] == f"{place.member_id}:1"


def test_holds_are_listed_until_they_end(api: httpx.Client, place: Place):
    api.post("/v1/events", json=order("k1"))
    for number in range(3):
        ref = f"H{number}"
        send(api, ref, "hold", place.member_id, currency="points", units=10, hold_ref=ref)
    send(api, "c", "capture", place.member_id, hold_ref="H1", units=4)
    path = f"/v1/members/{place.member_id}/holds"
    assert [h["hold_ref"] for h in api.get(path).json()["holds"]] == ["H2", "H0"]
    page = api.get(path + "?finished=true&limit=2").json()
    assert [(h["hold_ref"], h["state"]) for h in page["holds"]] == [
        ("H2", "open"),
        ("H1", "captured"),
    ]
    assert page["holds"][1]["captured"] == 4
    rest = api.get(f"{path}?finished=true&cursor={page['cursor']}").json()
    assert [h["hold_ref"] for h in rest["holds"]] == ["H0"]
    assert "cursor" not in rest
    place.move_clock(NOW_US + DAY_US)
    assert api.get(path).json()["holds"] == []


def walk(api: httpx.Client, path: str, limit: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(100):
        page = api.get(f"{path}?limit={limit}{cursor}")
        assert page.status_code == 200, page.text
        lines += page.json()["lines"]
        if "cursor" not in page.json():
            return lines
        cursor = f"&cursor={page.json()['cursor']}"
    pytest.fail("the statement has no end")


def test_the_statement_runs_back_from_the_balance_to_zero(api: httpx.Client, place: Place):
    for number in range(1, 9):
        api.post("/v1/events", json=order(f"k{number}", 100 * number))
    send(api, "s", "spend", place.member_id, currency="points", units=7)
    send(api, "h", "hold", place.member_id, currency="points", units=5, hold_ref="H")
    send(api, "a", "adjustment", place.member_id, currency="miles", units=11, reason="gift")
    path = f"/v1/members/{place.member_id}/statement"
    whole = walk(api, path, 200)
    for limit in (1, 3, 7):
        assert walk(api, path, limit) == whole
    running: dict[str, int] = {}
    for line in reversed(whole):
        running[line["currency"]] = running.get(line["currency"], 0) + line["change"]
        assert line["running"] == running[line["currency"]]
    assert running == {c: each["available"] for c, each in balances(api, place).items()}
    earned = whole[-1]
    assert earned["event"] == f"{place.member_id}:1"
    assert (earned["reason"], earned["rule"], earned["booked_on"]) == ("earn", "base", "2026-03-01")


def test_new_movements_do_not_disturb_a_page_that_was_begun(api: httpx.Client, place: Place):
    for number in range(1, 5):
        api.post("/v1/events", json=order(f"k{number}", 100 * number))
    path = f"/v1/members/{place.member_id}/statement"
    whole = walk(api, path, 200)
    first = api.get(path + "?limit=3").json()
    api.post("/v1/events", json=order("k9", 9900))
    rest = api.get(f"{path}?limit=200&cursor={first['cursor']}").json()
    assert first["lines"] + rest["lines"] == whole


def test_units_that_wait_change_nothing_that_can_be_spent(api: httpx.Client, place: Place):
    api.post("/v1/events", json=order("k1"))
    only = api.get(f"/v1/members/{place.member_id}/statement?currency=miles").json()["lines"]
    assert [(line["currency"], line["change"], line["running"]) for line in only] == [
        ("miles", 0, 0)
    ]


def test_a_cursor_of_another_list_is_refused(api: httpx.Client, place: Place):
    for number in range(1, 4):
        api.post("/v1/events", json=order(f"k{number}"))
    cursor = api.get(f"/v1/members/{place.member_id}/lots?limit=1").json()["cursor"]
    for what in ("statement", "holds"):
        answer = api.get(f"/v1/members/{place.member_id}/{what}?cursor={cursor}")
        check(answer, 400, "bad_cursor")
