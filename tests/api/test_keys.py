"""Who may call: keys, their scopes, their end."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from coterie.access import revoke_key
from coterie.api.endpoints import ENDPOINTS
from coterie.kernel.time import DAY_US
from coterie.storage import transaction
from tests.api.serving import NOW_US, Place, client_of, order
from tests.api.test_refusals import check

CLOSED = [each.operation for each in ENDPOINTS if each.operation.scope is not None]


def filled(path: str, place: Place) -> str:
    path = path.replace("{member_id}", str(place.member_id)).replace("{product}", "p")
    return path.replace("{event}", f"{place.member_id}:1")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Basic abc", "Bearer nonsense", "ctr_x", "Bearer ctr_é"],
)
def test_nobody_known_is_401_everywhere(place: Place, address: str, header: str | None):
    with client_of(address) as client:
        for operation in CLOSED:
            headers = [] if header is None else [(b"Authorization", header.encode())]
            answer = client.request(
                operation.method, filled(operation.path, place), headers=headers
            )
            check(answer, 401, "key_unknown")
            assert answer.headers["www-authenticate"] == 'Bearer realm="coterie"'


def test_each_scope_opens_its_own_doors_only(place: Place, address: str):
    scopes = sorted({str(operation.scope) for operation in CLOSED})
    assert len(scopes) >= 5
    for scope in scopes:
        with client_of(address, place.key("shop", scope)) as client:
            for operation in CLOSED:
                answer = client.request(operation.method, filled(operation.path, place))
                if operation.scope == scope:
                    assert answer.status_code not in {401, 403}, operation.id
                else:
                    problem = check(answer, 403, "scope_missing")
                    assert problem["facts"] == {"scope": str(operation.scope)}


def test_a_wrong_secret_and_an_unknown_id_look_alike(place: Place, address: str):
    key = place.key("shop")
    wrong = key[:-4] + ("aaaa" if not key.endswith("aaaa") else "bbbb")
    unknown = "ctr_" + "0" * 12 + key[16:]
    told = []
    for text in (wrong, unknown):
        with client_of(address, text) as client:
            problem = check(client.get("/v1/catalogue/brands"), 401, "key_unknown")
            # Every request has an id of its own, whatever it asks.
            told.append({n: v for n, v in problem.items() if n != "request_id"})
    assert told[0] == told[1]


def test_a_key_ends_when_it_is_revoked_or_over(place: Place, address: str):
    key = place.key("shop")
    with client_of(address, key) as client:
        assert client.get("/v1/catalogue/brands").status_code == 200
        with place.storage.connect() as db, transaction(db):
            revoke_key(db, key.split("_")[1], now_us=NOW_US)
        until = time.monotonic() + 8
        while client.get("/v1/catalogue/brands").status_code == 200:
            assert time.monotonic() < until, "a revoked key goes on for too long"
            time.sleep(0.25)
        check(client.get("/v1/catalogue/brands"), 401, "key_revoked")


def test_time_ends_a_key_at_once(place: Place, address: str):
    from coterie.access import issue_key

    with place.storage.connect() as db, transaction(db):
        ends_us = NOW_US + DAY_US
        key = issue_key(db, "shop", ["admin"], now_us=NOW_US, expires_us=ends_us).text
    with client_of(address, key) as client:
        assert client.get("/v1/catalogue/brands").status_code == 200
        place.move_clock(NOW_US + DAY_US)
        check(client.get("/v1/catalogue/brands"), 401, "key_expired")


def test_many_calls_with_a_fresh_key_ask_the_database_once(place: Place, address: str):
    key = place.key("shop")
    with client_of(address, key) as client, ThreadPoolExecutor(32) as pool:
        answers = list(
            pool.map(lambda n: client.post("/v1/events", json=order(f"k{n}")), range(64))
        )
    assert {answer.status_code for answer in answers} == {201}


def test_a_key_in_another_case_of_the_scheme_is_the_same(place: Place, address: str):
    with client_of(address) as client:
        headers = {"authorization": f"bearer {place.key('shop')}"}
        assert client.get("/v1/catalogue/brands", headers=headers).status_code == 200


def test_what_is_open_needs_no_key(anyone: httpx.Client):
    for path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/docs/errors"):
        assert anyone.get(path).status_code == 200, path
