"""The programme over HTTP: read, checked, compared, published, rolled back."""

from __future__ import annotations

import json
from typing import Any

import httpx

from coterie.intake.engine import Engine
from coterie.jobs import run_backfills
from coterie.programme import store
from coterie.programme.schema import schema_text
from tests.api.serving import NOW_US, PROGRAMME, Place, client_of, order
from tests.api.test_refusals import check

DEARER = PROGRAMME.replace("currency: points, units: 1", "currency: points, units: 2")


def publish(api: httpx.Client, key: str = "p1", **more: Any) -> httpx.Response:
    body = {"text": DEARER, **more}
    return api.post("/v1/programme/versions", json=body, headers={"Idempotency-Key": key})


def roll_back(api: httpx.Client, key: str = "r1", **body: Any) -> httpx.Response:
    return api.post("/v1/programme:rollback", json=body, headers={"Idempotency-Key": key})


def test_what_is_in_force_is_read_as_text_and_in_both_languages(api: httpx.Client):
    found = api.get("/v1/programme").json()
    assert (found["version"], found["active_from"]) == (1, "1970-01-01T00:00:00Z")
    assert json.loads(found["text"])["programme"] == "api"
    assert "Points: for every order" in " ".join(found["words"]["en"])
    assert "消费积分：每笔订单" in " ".join(found["words"]["zh"])
    assert api.get("/v1/programme/versions/1").json() == found
    check(api.get("/v1/programme/versions/2"), 404, "version_unknown")
    check(api.get("/v1/programme/versions/one"), 404, "version_unknown")
    assert api.get("/v1/programme/schema").json() == json.loads(schema_text())


def test_a_text_is_checked_and_everything_wrong_is_data(api: httpx.Client):
    good = api.post("/v1/programme:check", json={"text": PROGRAMME}).json()
    assert good["usable"]
    assert good["sha256"] == api.get("/v1/programme").json()["sha256"]
    wrong = PROGRAMME.replace("CNY", "yuan").replace("days: 3", "days: three")
    bad = api.post("/v1/programme:check", json={"text": wrong}).json()
    assert not bad["usable"]
    assert {f["path"] for f in bad["findings"]} >= {"money", "currencies.miles.pending.days"}
    assert {f["line"] for f in bad["findings"]} >= {5, 14}
    check(api.post("/v1/programme:check", json={"text": ""}), 400, "malformed")


def test_two_programmes_are_compared(api: httpx.Client):
    told = api.post("/v1/programme:diff", json={"after": {"text": DEARER}}).json()
    (change,) = told["changes"]
    assert (change["section"], change["code"], change["what"]) == ("rules", "base", "changed")
    assert told["words"]["zh"][0] == "规则 base 有改动："
    same = api.post("/v1/programme:diff", json={"before": {"version": 1}, "after": {}}).json()
    assert same["changes"] == []
    both = {"after": {"version": 1, "text": DEARER}}
    check(api.post("/v1/programme:diff", json=both), 400, "malformed")
    check(api.post("/v1/programme:diff", json={"after": {"version": 7}}), 404, "version_unknown")
    check(api.post("/v1/programme:diff", json={"after": {"text": "x"}}), 400, "programme_invalid")


def test_a_running_server_decides_by_a_version_from_its_date_on(api: httpx.Client, place: Place):
    api.post("/v1/events", json=order("before"))
    made = publish(api, active_from="2026-03-01T12:00:10+08:00", note="dearer")
    assert (made.status_code, made.json()) == (201, {"version": 2})
    assert made.headers["location"] == "/v1/programme/versions/2"
    assert api.get("/v1/programme").json()["version"] == 1
    soon = api.post("/v1/events", json=order("soon")).json()
    place.move_clock(NOW_US + 20_000_000)
    then = order("then", occurred_at="2026-03-01T12:00:15+08:00")
    later = api.post("/v1/events", json=then).json()
    points = [
        sum(e["units"] for e in answer["effects"] if e["currency"] == "points")
        for answer in (soon, later)
    ]
    assert points == [100, 200]
    assert api.get("/v1/programme").json()["version"] == 2
    lines = api.get("/v1/programme/versions").json()["versions"]
    assert [(line["version"], line["note"]) for line in lines] == [(2, "dearer"), (1, None)]
    page = api.get("/v1/programme/versions?limit=1").json()
    assert page["below"] == 2
    last = api.get("/v1/programme/versions?below=2").json()
    assert [line["version"] for line in last["versions"]] == [1]
    assert "below" not in last


def test_a_publication_is_done_once(api: httpx.Client):
    first = publish(api)
    again = publish(api)
    assert (first.json(), again.json()) == ({"version": 2}, {"version": 2})
    assert again.headers["coterie-replayed"] == "true"
    check(publish(api, note="other"), 409, "key_reused")
    check(publish(api, "p2", active_from="2020-01-01T00:00:00Z"), 409, "version_refused")
    check(publish(api, "p3", text="programme: x"), 400, "programme_invalid")
    check(api.post("/v1/programme/versions", json={"text": "x"}), 400, "idempotency_key_missing")
    assert len(api.get("/v1/programme/versions").json()["versions"]) == 2


def test_a_rollback_is_a_new_version(api: httpx.Client):
    publish(api)
    assert roll_back(api, version=1).json() == {"version": 3}
    assert roll_back(api, version=1).json() == {"version": 3}
    now = api.get("/v1/programme").json()
    assert (now["version"], now["note"]) == (3, "rollback to version 1")
    assert now["sha256"] == api.get("/v1/programme/versions/1").json()["sha256"]
    check(roll_back(api, "r2", version=9), 404, "version_unknown")


def test_reading_needs_one_right_and_publishing_another(place: Place, address: str):
    with client_of(address, place.key("office", "programme:read")) as reader:
        assert reader.get("/v1/programme").status_code == 200
        check(publish(reader), 403, "scope_missing")
    with client_of(address, place.key("chief", "programme:write")) as writer:
        assert publish(writer).status_code == 201
        check(writer.get("/v1/programme"), 403, "scope_missing")


def test_a_version_with_a_new_metric_waits_until_a_worker_counted_it(
    api: httpx.Client, place: Place
):
    api.post("/v1/events", json=order("k1"))
    text = f"{PROGRAMME}metrics:\n  ever: {{measure: count, window: lifetime}}\n"
    assert publish(api, text=text).status_code == 201
    lines = api.get("/v1/programme/versions").json()["versions"]
    assert [line["counting"] for line in lines] == [["ever"], []]
    assert api.get("/v1/programme").json()["version"] == 1
    assert api.post("/v1/events", json=order("k2")).status_code == 201
    with place.storage.connect() as db:
        assert run_backfills(db, Engine(), NOW_US + 1) == [2]
        counted = db.execute("select buckets ->> 'ever' from metrics.counters").fetchall()
    assert counted == [('{"0":2}',)]
    assert api.get("/v1/programme").json()["version"] == 2
    assert api.get("/v1/programme/versions/2").json()["counting"] == []


def test_a_version_begins_without_who_cannot_be_counted_when_somebody_accepts_it(
    api: httpx.Client, place: Place, address: str
):
    api.post("/v1/events", json=order("k1"))
    text = f"{PROGRAMME}metrics:\n  ever: {{measure: count, window: lifetime}}\n"
    assert publish(api, text=text).status_code == 201
    aside = "/v1/programme/versions/2/aside"
    assert api.get(aside).json() == {"members": []}
    with place.storage.connect() as db:
        row = db.execute("select member_id from events.event where kind = 'order'").fetchone()
        assert row is not None
        store.set_aside(db, 2, row[0], "The record differs.", NOW_US)
        assert run_backfills(db, Engine(), NOW_US + 1) == []
        (told,) = api.get(aside).json()["members"]
        assert told["member_id"] == row[0]
        assert told["reason"] == "The record differs."
        with client_of(address, place.key("office", "programme:read")) as reader:
            check(reader.post(f"{aside}:accept"), 403, "scope_missing")
        assert api.post(f"{aside}:accept").json() == {"members": 1}
        assert run_backfills(db, Engine(), NOW_US + 2) == [2]
    assert api.get("/v1/programme").json()["version"] == 2
    check(api.post(f"{aside}:accept"), 404, "version_unknown")
    check(api.get("/v1/programme/versions/two/aside"), 404, "version_unknown")
