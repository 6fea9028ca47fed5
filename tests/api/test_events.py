"""Events over HTTP: statuses, replays, batches, and what a key may send."""

from __future__ import annotations

import json
from collections.abc import Sequence

import httpx

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival
from coterie.storage import Connection
from tests.api.serving import NOW, Place, client_of, order, served


def test_an_event_is_accepted_and_can_be_read(api: httpx.Client, place: Place):
    sent = api.post("/v1/events", json=order("k1"))
    assert sent.status_code == 201, sent.text
    body = sent.json()
    assert body["status"] == "accepted"
    assert body["event"] == f"{place.member_id}:1"
    assert {e["currency"]: e["units"] for e in body["effects"]} == {"points": 100, "miles": 200}
    assert sent.headers["location"] == f"/v1/events/{place.member_id}:1"
    assert "coterie-replayed" not in sent.headers
    read = api.get(sent.headers["location"])
    assert read.status_code == 200, read.text
    told = read.json()
    assert told["source"] == "shop"
    assert told["key"] == "k1"
    assert told["occurred_at"] == NOW
    assert told["answer"]["effects"] == body["effects"]
    assert told["answer"]["balances"] == body["balances"]
    assert told["input"]["order_ref"] == "ref-k1"
    assert "member" not in told["input"]


def test_the_same_key_gets_the_first_answer_again(api: httpx.Client):
    first = api.post("/v1/events", json=order("k1"))
    again = api.post("/v1/events", json=order("k1"))
    assert again.status_code == first.status_code == 201
    assert again.headers["coterie-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    body = again.json()
    assert body.pop("replayed") is True
    assert body == first.json()


def test_another_event_under_the_same_key_is_a_conflict(api: httpx.Client):
    api.post("/v1/events", json=order("k1"))
    other = api.post("/v1/events", json=order("k1", 20_000))
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert other.json()["code"] == "key_reused"


def test_a_business_refusal_is_recorded_and_keeps_its_answer(api: httpx.Client, place: Place):
    event = {
        "kind": "spend",
        "key": "s1",
        "occurred_at": NOW,
        "member": {"id": place.member_id},
        "currency": "points",
        "units": 5,
    }
    first = api.post("/v1/events", json=event)
    assert first.status_code == 422
    problem = first.json()
    assert problem["code"] == "insufficient_units"
    assert problem["type"] == "/docs/errors#insufficient_units"
    assert problem["title"] == "The member has fewer units than this asks for."
    assert problem["status"] == 422
    assert problem["event"] == f"{place.member_id}:1"
    assert problem["instance"] == f"/v1/events/{place.member_id}:1"
    assert problem["member_id"] == place.member_id
    assert problem["detail"]
    again = api.post("/v1/events", json=event)
    assert again.status_code == 422
    assert again.headers["coterie-replayed"] == "true"
    # The id is of the request: each has its own.
    own = {"replayed": True, "request_id": again.json()["request_id"]}
    assert again.json() == problem | own
    assert api.get(problem["instance"]).json()["answer"]["status"] == "refused"


def test_an_unknown_member_leaves_no_trace(api: httpx.Client):
    event = order("k1", member={"card": "B2000"})
    assert api.post("/v1/events", json=event).status_code == 404
    made = api.post(
        "/v1/members",
        json={"identities": [{"kind": "card", "value": "B2000"}]},
        headers={"Idempotency-Key": "m1"},
    )
    assert made.status_code == 201
    assert api.post("/v1/events", json=event).status_code == 201


def test_an_event_that_waits_is_202_and_goes_on_when_its_member_comes(
    place: Place, address: str, api: httpx.Client
):
    with client_of(address, place.key("till", "events:write")) as till:
        event = order("w1", member={"card": "B2000"})
        waits = till.post("/v1/events", json=event)
        assert waits.status_code == 202, waits.text
        assert waits.json()["status"] == "waiting"
        made = api.post(
            "/v1/members",
            json={
                "identities": [{"kind": "card", "value": "B2000"}],
                "enrolled_at": "2026-02-01T00:00:00+08:00",
            },
            headers={"Idempotency-Key": "m1"},
        )
        assert made.status_code == 201
        again = till.post("/v1/events", json=event)
        assert again.status_code == 201
        assert again.headers["coterie-replayed"] == "true"
        assert again.json()["member_id"] == made.json()["member_id"]


def test_a_key_sends_events_of_its_own_source_only(place: Place, address: str):
    with client_of(address, place.key("till", "events:write")) as till:
        refused = till.post("/v1/events", json=order("k1", source="shop"))
        assert refused.status_code == 403
        assert refused.json()["code"] == "source_mismatch"
        assert till.post("/v1/events", json=order("k1", source="till")).status_code == 201
        replayed = till.post("/v1/events", json=order("k1"))
        assert replayed.headers["coterie-replayed"] == "true"


def test_an_admin_key_may_name_another_source(api: httpx.Client):
    sent = api.post("/v1/events", json=order("k1", source="till"))
    assert sent.status_code == 201
    assert api.get(sent.headers["location"]).json()["source"] == "till"


def test_without_a_source_an_admin_key_sends_its_own(api: httpx.Client):
    sent = api.post("/v1/events", json=order("k1"))
    assert api.get(sent.headers["location"]).json()["source"] == "shop"


def test_kinds_of_the_house_are_not_taken_from_outside(api: httpx.Client, place: Place):
    event = {
        "kind": "due",
        "key": "d",
        "occurred_at": NOW,
        "member": {"id": place.member_id},
    }
    refused = api.post("/v1/events", json=event)
    assert refused.status_code == 400
    assert refused.json()["code"] == "internal_kind"


def test_a_batch_answers_every_event_in_its_place(api: httpx.Client):
    events = [
        order("b1"),
        {"kind": "nonsense"},
        order("b2", member={"card": "nobody"}),
        order("b1"),
        order("b1", 20_000),
        order("b3", 300),
    ]
    sent = api.post("/v1/events:batch", json={"events": events})
    assert sent.status_code == 200, sent.text
    answers = sent.json()["answers"]
    assert [a["status"] for a in answers] == [
        "accepted",
        "refused",
        "refused",
        "accepted",
        "refused",
        "accepted",
    ]
    assert answers[1]["code"] == "unknown_kind"
    assert answers[1]["kind"] == "malformed"
    assert answers[1]["where"].startswith("events[1]")
    assert answers[2]["code"] == "member_unknown"
    assert answers[3]["replayed"] is True
    assert answers[3]["event"] == answers[0]["event"]
    assert answers[4]["code"] == "key_reused"
    assert answers[5]["event"].endswith(":2")


def test_a_batch_sent_again_changes_nothing(api: httpx.Client, place: Place):
    body = {"events": [order(f"b{n}", 100 * n) for n in range(1, 30)]}
    first = api.post("/v1/events:batch", json=body).json()["answers"]
    before = api.get(f"/v1/members/{place.member_id}/balances").json()
    again = api.post("/v1/events:batch", json=body).json()["answers"]
    assert [a | {"replayed": True} for a in first] == again
    assert api.get(f"/v1/members/{place.member_id}/balances").json() == before


def test_a_batch_holds_at_most_a_thousand(api: httpx.Client):
    events = [{"kind": "x"}] * 1001
    refused = api.post("/v1/events:batch", json={"events": events})
    assert refused.status_code == 413
    assert refused.json()["code"] == "batch_too_large"
    assert api.post("/v1/events:batch", json={"events": []}).json() == {"answers": []}


def test_a_batch_that_is_no_batch_is_malformed(api: httpx.Client):
    for body in ("[]", "{}", '{"events": 1}', '{"events": [], "more": 1}', "", "nope"):
        refused = api.post(
            "/v1/events:batch", content=body, headers={"Content-Type": "application/json"}
        )
        assert refused.status_code == 400, body
        assert refused.json()["code"] == "malformed"


def test_reading_an_event_that_is_not_there(api: httpx.Client, place: Place):
    for name in (f"{place.member_id}:9", "1:1", "x", "1", "1:2:3", f"{place.member_id}:", "1:-1"):
        refused = api.get(f"/v1/events/{name}")
        assert refused.status_code == 404, name
        assert refused.json()["code"] in {"event_unknown", "member_unknown"}


def test_a_line_is_resolved_and_the_input_shows_it(api: httpx.Client):
    event = order("k1")
    event["lines"][0]["tags"] = ["new"]
    sent = api.post(
        "/v1/events",
        content=json.dumps(event),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    assert api.get(sent.headers["location"]).json()["input"]["lines"][0]["tags"] == ["new"]


def test_an_admin_batch_may_mix_sources_and_others_may_not(
    api: httpx.Client, place: Place, address: str
):
    body = {"events": [order("m1"), order("m2", source="till"), order("m3", source="coterie")]}
    answers = api.post("/v1/events:batch", json=body).json()["answers"]
    assert [a["status"] for a in answers] == ["accepted", "accepted", "refused"]
    sources = [api.get(f"/v1/events/{a['event']}").json()["source"] for a in answers[:2]]
    assert sources == ["shop", "till"]
    with client_of(address, place.key("shop", "events:write")) as shop:
        answers = shop.post("/v1/events:batch", json=body).json()["answers"]
    assert answers[0]["replayed"] is True
    assert [a.get("code") for a in answers] == [None, "source_mismatch", "source_mismatch"]


def test_without_a_programme_events_are_to_come_again(database_url: str):
    place = Place(database_url, programme=None)
    with served(place.app()) as address, client_of(address, place.key("shop")) as api:
        answer = api.post("/v1/events", json=order("k1"))
        assert (answer.status_code, answer.json()["code"]) == (503, "no_programme")
        assert answer.headers["retry-after"] == "1"
        assert api.get("/readyz").status_code == 200


def test_an_event_that_coterie_failed_at_is_not_acknowledged(place: Place):
    class Failing(Engine):
        def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
            return [Answer("failed", code="internal_error") for _ in arrivals]

    with served(place.app(Failing())) as address, client_of(address, place.key("shop")) as client:
        sent = client.post("/v1/events", json=order("k1"))
    assert sent.status_code == 500, "a sender must not take it for done"
    assert sent.json()["code"] == "internal_error"
