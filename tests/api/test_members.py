"""Members over HTTP: enrolled once for each key, found without personal data in addresses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.serving import NOW, Place
from tests.api.test_refusals import check

PERSON = {
    "identities": [
        {"kind": "phone", "value": "138 0013 8000"},
        {"kind": "email", "value": "Wang@Example.com"},
    ],
    "name": "王小明",
    "language": "zh-CN",
    "born_on": "1990-05-04",
    "channel": "store",
    "store": "s1",
}


def enrol(api: httpx.Client, key: str, body: Any = PERSON) -> httpx.Response:
    return api.post("/v1/members", json=body, headers={"Idempotency-Key": key})


def test_a_member_is_enrolled_found_and_read(api: httpx.Client):
    made = enrol(api, "m1")
    assert made.status_code == 201, made.text
    member_id = made.json()["member_id"]
    assert made.headers["location"] == f"/v1/members/{member_id}"
    for reference in (
        {"phone": "+8613800138000"},
        {"email": "wang@example.com"},
        {"id": member_id},
    ):
        found = api.post("/v1/members:find", json=reference)
        assert (found.status_code, found.json()) == (200, {"member_id": member_id})
    told = api.get(made.headers["location"]).json()
    assert told["name"] == "王小明"
    assert told["born_on"] == "1990-05-04"
    assert told["channel"] == "store"
    assert told["state"] == "active"
    assert told["sequence"] == 0
    assert told["enrolled_at"] == "2026-03-01T04:00:00Z"
    assert {(i["kind"], i["value"]) for i in told["identities"]} == {
        ("phone", "+8613800138000"),
        ("email", "wang@example.com"),
    }


def test_the_same_key_enrols_once(api: httpx.Client):
    first = enrol(api, "m1")
    again = enrol(api, "m1")
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["coterie-replayed"] == "true"
    assert "coterie-replayed" not in first.headers


def test_another_body_under_the_same_key_is_a_conflict(api: httpx.Client):
    enrol(api, "m1")
    check(enrol(api, "m1", {"name": "Li"}), 409, "key_reused")


def test_an_events_key_is_no_key_for_a_member(api: httpx.Client, place: Place):
    event = {
        "kind": "adjustment",
        "key": "k1",
        "occurred_at": NOW,
        "member": {"id": place.member_id},
        "currency": "points",
        "units": 5,
        "reason": "test",
    }
    assert api.post("/v1/events", json=event).status_code == 201
    check(enrol(api, "k1"), 409, "key_reused")
    assert enrol(api, "k2").status_code == 201
    check(api.post("/v1/events", json=event | {"key": "k2"}), 409, "key_reused")


def test_two_sources_have_keys_of_their_own(api: httpx.Client, place: Place, address: str):
    from tests.api.serving import client_of

    mine = enrol(api, "m1", {"name": "A"})
    with client_of(address, place.key("till", "members:write")) as till:
        theirs = enrol(till, "m1", {"name": "B"})
    assert mine.json() != theirs.json()


def test_a_write_without_a_key_is_refused(api: httpx.Client):
    check(api.post("/v1/members", json=PERSON), 400, "idempotency_key_missing")
    for key in ("", "a b", "x" * 201):
        check(enrol(api, key), 400, "bad_header")


def test_a_refused_enrolment_leaves_the_key_free(api: httpx.Client):
    enrol(api, "m1")
    problem = check(enrol(api, "m2"), 409, "identity_taken")
    assert problem["where"] == "identities[0]"
    assert enrol(api, "m2", {"name": "Li"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"identities": [{"kind": "phone", "value": "x"}]}, "bad_identity"),
        ({"identities": [{"kind": "fax", "value": "1"}]}, "malformed"),
        ({"identities": [{"kind": "card", "value": "A1000"}] * 21}, "malformed"),
        ({"nickname": "x"}, "malformed"),
        ({"name": "a\0b"}, "malformed"),
        ({"name": ""}, "malformed"),
        ({"born_on": "yesterday"}, "malformed"),
        ({"born_on": "2026-02-30"}, "bad_newcomer"),
        ({"language": "fr"}, "malformed"),
        ({"state": "erased"}, "bad_newcomer"),
        ({"enrolled_at": "2026"}, "malformed"),
        ({"attributes": {"a": [1]}}, "malformed"),
        ({"attributes": {"a": 10**30}}, "bad_newcomer"),
        ([], "malformed"),
    ],
)
def test_who_cannot_be_a_member(api: httpx.Client, body: Any, code: str):
    check(enrol(api, "m1", body), 400, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_member_reference"),
        ({"card": "A1000", "phone": "1"}, 400, "bad_member_reference"),
        ({"phone": "nonsense"}, 400, "bad_identity"),
        ({"card": "B9999"}, 404, "member_unknown"),
        ({"id": 2**63 - 1}, 404, "member_unknown"),
        ({"id": 2**63}, 400, "malformed"),
        ({"id": "1"}, 400, "malformed"),
        ({"name": "x"}, 400, "malformed"),
    ],
)
def test_who_is_not_found(api: httpx.Client, body: Any, status: int, code: str):
    check(api.post("/v1/members:find", json=body), status, code)


def test_the_same_enrolment_from_many_sides_makes_one_member(api: httpx.Client):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: enrol(api, "m1"), range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["member_id"] for answer in answers}) == 1
    assert sum("coterie-replayed" not in answer.headers for answer in answers) == 1
