"""Webhooks over HTTP: from a subscription to a verified message, and everything one may ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest

from coterie.api.endpoints import openapi_bytes
from coterie.intake.engine import Engine
from coterie.webhooks import Sender
from tests.api.serving import NOW_US, Place, client_of, order
from tests.api.test_refusals import check
from tests.rooms.webhooks.receiver import Receiver, eventually, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, which the installation allows."""
    monkeypatch.setenv("COTERIE_WEBHOOK_NETWORKS", "127.0.0.0/8")
    with receiving() as made:
        yield made


@pytest.fixture
def sender(place: Place, receiver: Receiver) -> Iterator[Sender]:
    """What a worker does beside the server."""
    made = Sender(place.storage.connect)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.stop()
    thread.join(40)
    assert not thread.is_alive()


def deliver(place: Place) -> None:
    with place.storage.connect() as db:
        Engine().deliver(db, NOW_US)


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_an_order_is_told_to_who_subscribed(
    api: httpx.Client, place: Place, receiver: Receiver, sender: Sender
):
    wish = {"url": receiver.url, "kinds": ["units.earn", "member.*"]}
    made = api.post("/v1/webhooks", json=wish, headers=keyed("w1"))
    assert made.status_code == 201, made.text
    secret, number = made.json()["secret"], made.json()["webhook"]["webhook"]
    assert made.headers["location"] == f"/v1/webhooks/{number}"
    again = api.post("/v1/webhooks", json=wish, headers=keyed("w1"))
    assert (again.status_code, again.json()) == (201, made.json())
    assert again.headers["coterie-replayed"] == "true"
    answer = api.post("/v1/events", json=order("k1")).json()
    deliver(place)
    path = f"/v1/webhooks/{number}/deliveries"
    delivered = {"state": "delivered"}
    eventually(lambda: len(api.get(path, params=delivered).json()["deliveries"]) == 2)
    receiver.verify(secret)
    bodies = [body for _, body, _ in receiver.arrived]
    told = {body["data"]["currency"]: body["data"]["units"] for body in bodies}
    effects = {e["currency"]: e["units"] for e in answer["effects"]}
    assert told["points"] == effects["points"]
    described = msgspec.json.decode(openapi_bytes())
    for body in bodies:
        entry = described["webhooks"][body["type"]]["post"]["requestBody"]
        schema = entry["content"]["application/json"]["schema"]
        sent = msgspec.json.decode(body["raw"])
        jsonschema_rs.validate({"components": described["components"], **schema}, sent)
    name = api.get(path).json()["deliveries"][0]["message"]
    detail = api.get(f"{path}/{name}").json()
    assert detail["attempts"][0]["status"] == 200
    assert msgspec.json.decode(detail["body"])["data"]["event"] == answer["event"]


def test_facts_of_the_past_and_of_suppositions_never_leave(
    api: httpx.Client, place: Place, receiver: Receiver
):
    made = api.post("/v1/webhooks", json={"url": receiver.url, "kinds": ["*"]}, headers=keyed("w"))
    assert made.status_code == 201
    for number, mode in enumerate(("historical", "simulated")):
        answer = api.post("/v1/events", json=order(f"k{number}", mode=mode))
        assert answer.status_code == 201, answer.text
    deliver(place)
    with place.storage.connect() as db:
        assert db.execute("select count(*) from webhooks.delivery").fetchone() == (0,)
        assert db.execute("select count(*) from storage.outbox").fetchone() == (0,)


def test_a_life_of_a_webhook(api: httpx.Client, receiver: Receiver, sender: Sender):
    wish = {"url": receiver.url, "kinds": ["*"], "description": "warehouse"}
    first = api.post("/v1/webhooks", json=wish, headers=keyed("w")).json()
    path = f"/v1/webhooks/{first['webhook']['webhook']}"
    assert api.get(path).json() == first["webhook"]
    assert api.get("/v1/webhooks").json() == {"webhooks": [first["webhook"]]}
    paused = api.patch(path, json={"active": False}).json()
    assert (paused["active"], paused["paused"]) == (False, "by_hand")
    changed = api.patch(path, json={"active": True, "kinds": ["tier.changed"]}).json()
    assert (changed["active"], changed["kinds"]) == (True, ["tier.changed"])
    assert changed["description"] == "warehouse"
    fresh = api.post(f"{path}/secrets", json={"overlap_hours": 1}, headers=keyed("r"))
    assert fresh.status_code == 201
    assert api.post(f"{path}/secrets", json={"overlap_hours": 1}, headers=keyed("r")).json() == (
        fresh.json()
    )
    ping = api.post(f"{path}/pings")
    assert ping.status_code == 202
    eventually(lambda: receiver.messages == [ping.json()["message"]])
    receiver.verify(first["secret"])
    receiver.verify(fresh.json()["secret"])
    detail = f"{path}/deliveries/{ping.json()['message']}"
    eventually(lambda: api.get(detail).json()["delivery"]["state"] == "delivered")
    assert api.post(f"{detail}/replays").status_code == 202
    eventually(lambda: len(receiver.messages) == 2)
    eventually(lambda: api.get(detail).json()["delivery"]["state"] == "delivered")
    span = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z", "what": "all"}
    assert api.post(f"{path}/replays", json=span).json() == {"deliveries": 1}
    eventually(lambda: len(receiver.messages) == 3)
    assert api.delete(path).json()["webhook"] == first["webhook"]["webhook"]
    check(api.get(path), 404, "webhook_not_found")


@pytest.mark.parametrize(
    "wish",
    [
        {"url": "https://127.0.0.1/hook", "kinds": ["*"]},
        {"url": "http://example.com/hook", "kinds": ["*"]},
        {"url": "https://example.com/hook", "kinds": ["points.earned"]},
    ],
)
def test_what_cannot_be_sent_is_refused(api: httpx.Client, wish: dict[str, Any]):
    check(api.post("/v1/webhooks", json=wish, headers=keyed("w")), 400, "bad_webhook")


def test_what_is_not_there_is_said(api: httpx.Client):
    check(api.get("/v1/webhooks/9"), 404, "webhook_not_found")
    check(api.get("/v1/webhooks/x"), 404, "webhook_not_found")
    check(api.get("/v1/webhooks/9/deliveries/msg_1_1_1"), 404, "delivery_not_found")
    check(api.post("/v1/webhooks/9/deliveries/nonsense/replays"), 404, "delivery_not_found")
    check(
        api.post("/v1/webhooks", json={"url": "x" * 9, "kinds": []}), 400, "idempotency_key_missing"
    )


def test_scopes_decide_who_may(address: str, place: Place):
    wish = {"url": "https://example.com/hook", "kinds": ["*"]}
    with client_of(address, place.key("shop", "webhooks:read")) as reader:
        assert reader.get("/v1/webhooks").status_code == 200
        check(reader.post("/v1/webhooks", json=wish, headers=keyed("w")), 403, "scope_missing")
    with client_of(address, place.key("shop", "events:write")) as other:
        check(other.get("/v1/webhooks"), 403, "scope_missing")
