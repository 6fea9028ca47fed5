"""Why, over HTTP: an event, a balance, a reward that did not come."""

from __future__ import annotations

import httpx

from tests.api.serving import PROGRAMME, Place, client_of, order
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


def test_a_cart_is_tried_before_it_is_bought(api: httpx.Client, place: Place):
    cart = order("cart", 5_000)
    told = api.post("/v1/events:dry-run", json={"event": cart}).json()
    assert (told["event"], told["status"]) == ("", "accepted")
    assert [(m["currency"], m["units"]) for m in told["movements"]] == [
        ("points", 50),
        ("miles", 100),
    ]
    draft = PROGRAMME.replace("currency: points, units: 1", "currency: points, units: 3")
    more = api.post("/v1/events:dry-run", json={"event": cart, "draft": draft}).json()
    assert more["movements"][0]["units"] == 150
    where = f"/v1/members/{place.member_id}"
    assert api.get(f"{where}/balances").json()["balances"] == []
    assert api.get(where).json()["sequence"] == 0
    spend = {**cart, "kind": "spend", "currency": "points", "units": 5}
    del spend["lines"]
    refused = api.post("/v1/events:dry-run", json={"event": spend}).json()
    assert (refused["status"], refused["code"]) == ("refused", "insufficient_units")
    assert refused["words"]["zh"]
    check(api.post("/v1/events:dry-run", json={"event": {"kind": "x"}}), 400, "unknown_kind")
    stranger = {**cart, "member": {"card": "nobody"}}
    check(api.post("/v1/events:dry-run", json={"event": stranger}), 404, "member_unknown")
    bad = {"event": cart, "draft": "programme: x"}
    check(api.post("/v1/events:dry-run", json=bad), 400, "programme_invalid")
