"""Why, over HTTP: an event, a balance, a reward that did not come."""

from __future__ import annotations

import httpx

from tests.api.serving import Place, client_of, order
from tests.api.test_refusals import check


def test_the_chain_from_event_to_lots_is_read(api: httpx.Client, place: Place):
    made = api.post("/v1/events", json=order("k1")).json()
    where = f"/v1/members/{place.member_id}/explanation"
    told = api.get(where, params={"event": made["event"]}).json()["event"]
    assert [rule["verdict"] for rule in told["rules"]] == ["applied", "applied"]
    assert told["version"] == 1
    assert told["movements"][0]["words"] == {
        "zh": "+100 积分：获得，“消费积分”",
        "en": "+100 Points: earned, by Points",
    }
    assert told["opened"][0]["event"] == made["event"]
    balance = api.get(where, params={"currency": "points"}).json()["currency"]
    assert balance["units"] == sum(each["change"] for each in balance["sums"]) == 100
    assert balance["events"][0]["event"] == made["event"]
    missing = api.get(where, params={"missing": "fly"}).json()["missing"]
    assert missing["verdicts"] == {"applied": 1}


def test_a_question_must_be_one_and_about_something(api: httpx.Client, place: Place, address: str):
    where = f"/v1/members/{place.member_id}/explanation"
    check(api.get(where), 400, "malformed")
    check(api.get(where, params={"currency": "points", "missing": "fly"}), 400, "malformed")
    check(api.get(where, params={"currency": "pints"}), 404, "name_undeclared")
    check(api.get(where, params={"event": "1:1"}), 404, "event_unknown")
    check(api.get("/v1/members/9/explanation?missing=fly"), 404, "member_unknown")
    with client_of(address, place.key("office", "programme:read")) as other:
        check(other.get(where, params={"missing": "fly"}), 403, "scope_missing")
