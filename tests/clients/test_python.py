"""The Python client against a live server: every group of operations, and what goes wrong."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import httpx
import msgspec
import pytest
from coterie_client import Coterie, Refused, errors
from coterie_client import sending as client_sending

from coterie.api.endpoints import openapi_bytes
from coterie.api.samples import ADDRESS, curl_of, python_of
from scripts.client import FOLDER, files
from scripts.pages import refusals
from tests.api.serving import NOW, PROGRAMME, Place, order
from tests.api.test_guide import curl

DESCRIBED: dict[str, Any] = msgspec.json.decode(openapi_bytes())
OPERATIONS = [
    (path, method, told)
    for path, methods in DESCRIBED["paths"].items()
    for method, told in methods.items()
]


@pytest.fixture
def coterie(place: Place, address: str) -> Iterator[Coterie]:
    with Coterie(address, place.key("shop")) as client:
        yield client


def test_what_is_committed_is_what_the_description_gives():
    for path, text in files(refusals()).items():
        assert path.is_relative_to(FOLDER)
        assert path.read_text("utf-8") == text, "run `make pages`"


def test_every_operation_is_a_method():
    told = [told["operationId"] for *_, told in OPERATIONS]
    names = {re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", each).lower() for each in told}
    assert names <= set(dir(Coterie))


def test_events_and_the_ledger(coterie: Coterie, place: Place):
    first: Any = order("k1")
    answer = coterie.send_event(first)
    assert answer["status"] == "accepted"
    assert coterie.get_event(f"{place.member_id}:1")["answer"]["effects"] == answer["effects"]
    both: Any = {"events": [order("k2"), first]}
    batch = coterie.send_events(both)
    assert [each["status"] for each in batch["answers"]] == ["accepted", "accepted"]
    balances = {b["currency"]: b for b in coterie.get_balances(place.member_id)["balances"]}
    assert balances["points"]["available"] == 200
    lots = list(coterie.every_lots(place.member_id))
    assert len(lots) == len(coterie.list_lots(place.member_id)["lots"]) > 1
    assert list(coterie.every_holds(place.member_id)) == []
    assert len(list(coterie.every_statement(place.member_id))) >= 2
    assert coterie.get_tiers(place.member_id)["tiers"] == []


def test_pages_follow_each_other_to_the_end(coterie: Coterie, monkeypatch: pytest.MonkeyPatch):
    for number in range(5):
        coterie.create_webhook({"url": f"https://example.com/{number}", "kinds": ["*"]})
    seen = []
    asked = coterie.list_webhooks

    def two(*, cursor: str | None = None, limit: int | None = None) -> Any:
        seen.append(cursor)
        assert limit == 200
        return asked(cursor=cursor, limit=2)

    monkeypatch.setattr(coterie, "list_webhooks", two)
    rows = list(coterie.every_webhooks())
    assert [row["url"][-1] for row in rows] == list("01234")
    assert len(seen) == 3


def test_members_catalogue_programme_service_webhooks(coterie: Coterie):
    member: Any = {"name": "Li", "identities": [{"kind": "card", "value": "B2000"}]}
    made = coterie.create_member(member, idempotency_key="m")
    assert made["member_id"] > 0
    assert coterie.get_member(made["member_id"])["member_id"] == made["member_id"]
    assert coterie.list_products()["products"] == []
    assert coterie.get_programme()["version"] == 1
    assert coterie.check_programme({"text": PROGRAMME})["findings"] == []
    assert coterie.get_health()["status"] == "ok"
    hook = coterie.create_webhook({"url": "https://example.com/h", "kinds": ["units.*"]})
    number = hook["webhook"]["webhook"]
    assert coterie.change_webhook(number, {"active": False})["active"] is False
    assert coterie.delete_webhook(number)["webhook"] == number


def test_refusals_are_exceptions_by_code(coterie: Coterie, address: str):
    with pytest.raises(errors.MemberUnknown) as caught:
        coterie.get_member(1)
    assert (caught.value.code, caught.value.status) == ("member_unknown", 404)
    assert caught.value.request_id
    coterie.create_webhook({"url": "https://example.com/a", "kinds": ["*"]}, idempotency_key="x")
    other: Any = {"url": "https://example.com/b", "kinds": ["*"]}
    with pytest.raises(errors.KeyReused):
        coterie.create_webhook(other, idempotency_key="x")
    with Coterie(address, "nonsense") as nobody, pytest.raises(Refused, match="not known"):
        nobody.get_programme()


class Moody(BaseHTTPRequestHandler):
    """Breaks off, then is busy, then answers: what a client meets on a bad day."""

    calls: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.calls.append(self.headers["Idempotency-Key"])
        self.rfile.read(int(self.headers["content-length"]))
        if len(self.calls) == 1:
            self.connection.close()
            return
        busy = len(self.calls) == 2
        text = b'{"member_id": 7}'
        self.send_response(503 if busy else 201)
        self.send_header("retry-after", "0")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


def test_a_call_that_may_be_lost_is_sent_again_with_its_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_sending, "PAUSE_S", 0.001)
    server = HTTPServer(("127.0.0.1", 0), Moody)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Coterie(f"http://127.0.0.1:{server.server_port}", "k") as coterie:
            assert coterie.create_member({"name": "Li"})["member_id"] == 7
        with (
            Coterie("http://127.0.0.1:1", "k", tries_max=2) as nobody,
            pytest.raises(httpx.ConnectError),
        ):
            nobody.get_health()
    finally:
        server.shutdown()
        server.server_close()
    assert len(Moody.calls) == 3
    assert len(set(Moody.calls)) == 1


def prepared(place: Place, api: httpx.Client) -> None:
    """What the examples speak of: two members, an order."""
    member = {"card": "88001234"}
    for number in range(2):
        body = {"name": "Li", "identities": [{"kind": "card", "value": f"8800123{4 + number}"}]}
        api.post("/v1/members", json=body, headers={"Idempotency-Key": f"m{number}"})
    api.post("/v1/events", json=order("k1", member=member, occurred_at=NOW))


@pytest.mark.parametrize("how", ["curl", "python"])
def test_examples_of_the_pages_are_understood(
    how: str, place: Place, address: str, api: httpx.Client
):
    """None is malformed, whatever it finds: 2xx, or what it names is not in this world."""
    key = place.key("reader")
    prepared(place, api)
    good, wrong = 0, []
    for path, method, told in OPERATIONS:
        if path in ("/v1/programme:rollback", "/v1/programme/versions", "/v1/jobs"):
            continue  # They change what the others read.
        if how == "curl":
            answer = curl(curl_of(path, method, told), api, key)
            told_status = answer.status_code
        else:
            text = python_of(path, told).replace(ADDRESS, address)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(text, path, "exec"), {"key": key})
                told_status = 200
            except Refused as refused:
                told_status = refused.status
        if told_status in (400, 401, 403, 405, 415, 500):
            wrong.append(f"{method} {path}: {told_status}")
        good += told_status < 300
    assert not wrong
    assert good >= 20


def test_examples_stand_on_the_page(anyone: httpx.Client):
    page = anyone.get("/docs?lang=en").text
    assert page.count("curl ") >= len(OPERATIONS)
    assert page.count("from coterie_client import Coterie") == len(OPERATIONS)
    assert shlex.split("curl x")
