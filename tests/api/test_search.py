"""One box over HTTP: whoever types little finds people, receipts and rules."""

from __future__ import annotations

import httpx

from tests.api.test_members import enrol


def found(api: httpx.Client, text: str, **more: object) -> dict[str, list[dict[str, object]]]:
    answer = api.post("/v1/search", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, list[dict[str, object]]] = answer.json()
    return told


def test_one_text_finds_people_orders_events_and_rules(api: httpx.Client) -> None:
    person = {
        "identities": [{"kind": "phone", "value": "13800138000"}],
        "name": "王小明",
    }
    member_id = enrol(api, "s1", person).json()["member_id"]
    sale = {
        "kind": "order",
        "key": "s-1",
        "occurred_at": "2026-01-05T10:00:00+08:00",
        "member": {"id": member_id},
        "order_ref": "SO-2026-0042",
        "lines": [{"amount_minor": 10_000}],
    }
    event = api.post("/v1/events", json=sale, headers={"Idempotency-Key": "s-1"}).json()["event"]
    for text in ("王", "wxm", "wang 8000", "8000", "13800138000", str(member_id)):
        [hit] = found(api, text)["members"]
        assert (hit["member_id"], hit["name"]) == (member_id, "王小明")
    [masked] = found(api, "wxm", masked=True)["members"]
    assert masked["name"] == "王**"
    assert masked["contacts"] == [{"kind": "phone", "value": "+86138****8000"}]
    [order] = found(api, "SO-2026")["orders"]
    assert (order["event"], order["order_ref"]) == (event, "SO-2026-0042")
    assert found(api, event)["events"][0]["kind"] == "order"
    assert any(part["section"] == "currencies" for part in found(api, "points")["programme"])


def test_what_cannot_be_looked_for_is_refused(api: httpx.Client) -> None:
    for body in ({}, {"text": ""}, {"text": "x" * 101}, {"text": "x", "limit": 0}):
        assert api.post("/v1/search", json=body).status_code == 400
    assert found(api, "  ")["members"] == []
