"""Bad input gets one clear problem document, never a breakdown, and changes nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from coterie.kernel.errors import Kind
from coterie.web import STATUS, status_of
from scripts import pages
from tests.api.serving import Place, client_of, order

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "codes.txt"
JSON = {"Content-Type": "application/json"}
SHAPE = {"type", "title", "status", "code", "detail", "where", "instance"}


def check(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Hold a problem document to its one shape."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = dict(answer.json())
    assert set(problem) >= SHAPE
    assert set(problem) <= SHAPE | {"event", "member_id", "replayed", "facts", "request_id"}
    assert problem["status"] == status
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["title"].endswith(".")
    return problem


def raw(body: bytes) -> dict[str, Any]:
    return {"content": body, "headers": JSON}


EVENT = json.dumps(order("k1")).encode()
TOO_DEEP = b'{"kind":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        EVENT.replace(b"sku-1", b"\xff"),
        EVENT.replace(b"sku-1", b"\\u0000"),
        EVENT.replace(b"sku-1", b"\\ud800"),
        EVENT.replace(b"10000", b"9" * 400),
        EVENT.replace(b"10000", b"9223372036854775808"),
        EVENT.replace(b"10000", b"1e400"),
        EVENT.replace(b"10000", b"1.5"),
        EVENT.replace(b"10000", b"-1"),
        EVENT.replace(b"10000", b"NaN"),
        EVENT.replace(b'{"card": "A1000"}', b"{}"),
        EVENT.replace(b'{"card": "A1000"}', b'{"card": "A1000", "id": 1}'),
        EVENT.replace(b'{"card": "A1000"}', b'{"id": 9223372036854775808}'),
        EVENT.replace(b'{"card": "A1000"}', b'{"id": 0}'),
        EVENT.replace(b"2026-03-01T12:00:00+08:00", b"2026-03-01T12:00:00"),
        EVENT.replace(b"2026-03-01T12:00:00+08:00", b"0001-01-01T00:00:00+14:00"),
        EVENT.replace(b"2026-03-01T12:00:00+08:00", b"9999-12-31T23:59:59-14:00"),
        EVENT.replace(b"2026-03-01T12:00:00+08:00", b"yesterday"),
        EVENT.replace(b'"order_ref"', b'"order_reff"'),
        TOO_DEEP,
    ],
)
def test_a_malformed_event_is_400(api: httpx.Client, place: Place, body: bytes):
    answer = api.post("/v1/events", **raw(body))
    problem = check(answer, answer.status_code, answer.json()["code"])
    assert problem["status"] in {400, 422}, answer.text
    if problem["status"] == 400:
        assert "event" not in problem
        # It left no trace: the key is free.
        assert api.post("/v1/events", **raw(EVENT)).status_code == 201


def test_what_is_wrong_is_named_with_its_place(api: httpx.Client):
    event = order("k1")
    event["lines"][0]["quantity"] = 1
    problem = check(api.post("/v1/events", json=event), 400, "unknown_field")
    assert problem["where"].startswith("lines")
    assert "quantity_milli" in problem["detail"]
    problem = check(api.post("/v1/events", json={"kind": "ordr"}), 400, "unknown_kind")
    assert "order" in problem["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_only_json_is_read(api: httpx.Client, headers: dict[str, str]):
    check(api.post("/v1/events", content=EVENT, headers=headers), 415, "unsupported_media_type")


def test_bodies_have_a_bound(api: httpx.Client):
    big = b'{"kind":"' + b"x" * 600_000 + b'"}'
    answer = api.post("/v1/events", **raw(big))
    check(answer, 413, "body_too_large")
    assert answer.headers["connection"] == "close"

    def pieces() -> Iterator[bytes]:
        for _ in range(60):
            yield b"x" * 10_000

    check(api.post("/v1/events", content=pieces(), headers=JSON), 413, "body_too_large")
    huge = b"x" * (8 * 1024 * 1024 + 1)
    check(api.post("/v1/events:batch", **raw(huge)), 413, "body_too_large")


def test_unknown_paths_and_methods(api: httpx.Client, anyone: httpx.Client):
    for path in ("/", "/v1", "/v1/", "/v2/events", "/v1/nothing", "/v1x", "/v1/members/1/x", "/x"):
        problem = check(anyone.get(path), 404, "no_such_path")
        assert problem["instance"] == (path.rstrip("/") or "/")
    answer = api.delete("/v1/events")
    check(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
    answer = api.post("/v1/members/1")
    check(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD"
    check(anyone.options("/v1/events"), 405, "method_not_allowed")


def test_head_answers_without_a_body(anyone: httpx.Client):
    answer = anyone.head("/healthz")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0
    assert anyone.head("/nothing").content == b""


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=2", "unknown_parameter"),
        ("limits=2", "unknown_parameter"),
        ("limit=0", "bad_parameter"),
        ("limit=201", "bad_parameter"),
        ("limit=99999999999999999999999", "bad_parameter"),
        ("limit=ten", "bad_parameter"),
        ("limit=", "bad_parameter"),
        ("limit=1&limit=2", "bad_parameter"),
        ("limit", "bad_parameter"),
        ("&&", "bad_parameter"),
        ("currency=%00", "bad_parameter"),
        ("currency=%ff", "bad_parameter"),
        ("currency=a%20b", "bad_parameter"),
        ("cursor=", "bad_parameter"),
        ("cursor=nonsense", "bad_cursor"),
        ("cursor=%E4%B8%AD", "bad_cursor"),
        ("cursor=WzEsMl0", "bad_cursor"),
        ("cursor=WzEsMSwie30iXQ", "ok"),
        ("cursor=WzEsMSwie1wiYVx1MDAwMFwiOjF9Il0", "bad_cursor"),
        ("cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LDEsInt9Il0", "bad_cursor"),
        ("cursor=WzEsMSwie1wiYVwiOjk5OTk5OTk5OTk5OTk5OTk5OTl9Il0", "bad_cursor"),
    ],
)
def test_queries_are_taken_by_the_letter(api: httpx.Client, place: Place, query: str, code: str):
    answer = api.get(f"/v1/members/{place.member_id}/statement?{query}")
    if code == "ok":
        assert answer.status_code == 200, answer.text
    else:
        check(answer, 400, code)


@pytest.mark.parametrize("member", ["0", "x", "1", "9" * 30, "-1", "1%00", "%E4%BA%94", "1.0", "٣"])
def test_an_id_nobody_has(api: httpx.Client, member: str):
    for what in ("", "/balances", "/lots", "/holds", "/statement"):
        check(api.get(f"/v1/members/{member}{what}"), 404, "member_unknown")


def raw_request(address: str, text: bytes) -> bytes:
    """Send bytes as they are and return all that comes back."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(text)
        line.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := line.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def test_headers_that_stand_twice_are_refused(place: Place, address: str):
    key = place.key("shop").encode()
    for twice in (b"Authorization: Bearer " + key, b"Content-Type: application/json"):
        told = raw_request(
            address,
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
            b"Authorization: Bearer "
            + key
            + b"\r\nContent-Type: application/json\r\n"
            + twice
            + b"\r\n\r\n{}",
        )
        assert told.startswith(b"HTTP/1.1 400"), told
        assert b"bad_header" in told


def test_a_sender_that_goes_away_mid_body_harms_nobody(
    place: Place, address: str, api: httpx.Client
):
    key = place.key("shop").encode()
    raw_request(
        address,
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\nAuthorization: Bearer "
        + key
        + b"\r\nContent-Type: application/json\r\n\r\n{",
    )
    assert api.post("/v1/events", json=order("k1")).status_code == 201


def test_a_request_with_a_strange_host_is_refused_in_the_same_shape(address: str):
    told = raw_request(address, b"GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 400"), told


def test_nothing_in_front_of_the_door_tells_anything(anyone: httpx.Client, place: Place):
    for path in (f"/v1/members/{place.member_id}", "/v1/catalogue/products"):
        check(anyone.get(path), 401, "key_unknown")
    # Who is not known is not told either whether the body would do.
    check(anyone.post("/v1/events", **raw(b"{")), 401, "key_unknown")


def test_a_breakdown_says_nothing_about_its_inside(place: Place, caplog: pytest.LogCaptureFixture):
    from tests.api.serving import served

    class Broken:
        def submit(self, db: Any, arrivals: Any) -> Any:
            raise ZeroDivisionError("secret inside")

    with (
        served(place.app(Broken())) as where,
        client_of(where, place.key("shop")) as api,
    ):
        answer = api.post("/v1/events", json=order("k1"))
        problem = check(answer, 500, "internal_error")
        assert "secret" not in answer.text
        assert problem["detail"] == ""
    assert "secret inside" in caplog.text


def test_every_kind_has_a_status():
    assert {kind for kind in Kind if kind not in STATUS} == set()
    codes = {kind.code for kind in pages.refusals()} | {"internal_error"}
    assert {name for name in STATUS if name not in set(Kind)} <= codes


def test_the_codes_are_the_agreed_ones():
    """Codes are promises to programs: a change here is a change of the API.

    Write the file anew with: python -m tests.api.golden
    """
    assert GOLDEN.read_text("utf-8") == codes_text()


def codes_text() -> str:
    """Return every code with kind, status and sentence."""
    rows = [
        f"{each.code} {each.kind} {status_of(each.code, each.kind)} {each.title()}"
        for each in pages.refusals()
    ]
    return "\n".join(rows) + "\n"


def test_without_a_database_everything_is_503_and_the_process_lives(place: Place):
    from tests.api.serving import served

    key = place.key("shop")
    with served(place.app()) as address, client_of(address, key) as api:
        assert api.get(f"/v1/members/{place.member_id}").status_code == 200
        url = place.storage.url
        place.storage.url = "postgresql://nobody@127.0.0.1:1/nothing"
        assert api.get("/healthz").status_code == 200
        # Threads that hold a connection go on; new ones cannot be opened.
        answer = api.post("/v1/events", json=order("k1"))
        check(answer, 503, "storage_unavailable")
        assert answer.headers["retry-after"] == "1"
        check(
            api.post("/v1/events:batch", json={"events": [order("k1")]}), 503, "storage_unavailable"
        )
        place.storage.url = url
        assert api.post("/v1/events", json=order("k1")).status_code == 201
        assert api.get("/readyz").status_code == 200


def test_readiness_asks_the_database(place: Place):
    from tests.api.serving import served

    url = place.storage.url
    with served(place.app()) as address, client_of(address) as anyone:
        place.storage.url = "postgresql://nobody@127.0.0.1:1/nothing"
        check(anyone.get("/readyz"), 503, "not_ready")
        assert anyone.get("/healthz").status_code == 200
        place.storage.url = url
        assert anyone.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("accept", "title"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "输入无法识别。"),
        ("en;q=0.2,zh;q=0.9", "输入无法识别。"),
        ("de", "The input cannot be understood."),
        ("", "The input cannot be understood."),
    ],
)
def test_the_sentence_is_in_the_language_that_was_asked_for(
    api: httpx.Client, accept: str, title: str
):
    answer = api.post("/v1/events", content=b"{", headers=JSON | {"Accept-Language": accept})
    assert answer.json()["title"] == title
