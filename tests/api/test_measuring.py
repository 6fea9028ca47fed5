"""What operators see: numbers, request ids, logs, readiness; and an end that loses nothing."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading

import httpx
from prometheus_client.parser import text_string_to_metric_families

from coterie.api.edge import METHODS
from coterie.cli.logs import JsonLines
from coterie.kernel.requests import REQUEST_ID, request_id
from coterie.storage import connect
from tests.api.serving import Place, client_of, order
from tests.api.test_processes import COMMAND, SOURCE, eventually, serving
from tests.api.test_refusals import check


def numbers(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def summed(text: str, name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(v for (n, have), v in numbers(text).items() if n == name and wanted <= have)


def test_numbers_are_given_to_who_may_see_them(api: httpx.Client, place: Place, address: str):
    check(httpx.get(f"{address}/metrics", trust_env=False), 401, "key_unknown")
    with client_of(address, place.key("monitor", "metrics:read")) as monitor:
        before = monitor.get("/metrics").text
        for number in range(3):
            assert api.post("/v1/events", json=order(f"k{number}")).status_code == 201
        api.get("/v1/members/1/balances")
        api.get("/v1/no/such/path/88001234")
        after = monitor.get("/metrics").text
        check(monitor.get("/v1/catalogue/products"), 403, "scope_missing")

    def grown(name: str, **labels: str) -> float:
        return summed(after, name, **labels) - summed(before, name, **labels)

    events = {"method": "POST", "route": "/v1/events", "status": "2xx"}
    assert grown("coterie_requests_total", **events) == 3
    assert grown("coterie_requests_total", route="/v1/members/{member_id}/balances") == 1
    assert grown("coterie_requests_total", route="none", status="4xx") == 1
    assert grown("coterie_request_seconds_count", route="/v1/events") == 3
    assert grown("coterie_batch_events_sum") == 3
    assert summed(after, "coterie_outbox_rows", kind="facts") == 3
    assert "88001234" not in after
    for name in ("coterie_due_members", "coterie_webhook_lanes", "coterie_versions_counting"):
        assert f"\n{name}" in after


def test_labels_cannot_be_made_to_grow(api: httpx.Client):
    for number in range(20):
        api.request(f"X{number}", "/v1/events")
        api.get(f"/v1/{number}")
        api.get(f"/v1/members/{number}/lots")
    found = numbers(api.get("/metrics").text)
    lines = {key for key in found if key[0] == "coterie_requests_total"}
    routes = {dict(labels)["route"] for _, labels in lines}
    assert not [route for route in routes if re.search(r"\d{2}|/\d", route)]
    assert {dict(labels)["method"] for _, labels in lines} <= {*METHODS, "other"}


def test_a_request_has_an_id_in_and_out(api: httpx.Client):
    answer = api.get("/v1/events/1:1", headers={"X-Request-Id": "till-7.42"})
    assert answer.headers["x-request-id"] == "till-7.42"
    assert answer.json()["request_id"] == "till-7.42"
    made = api.get("/v1/events/1:1", headers={"X-Request-Id": "no spaces, please"})
    assert re.fullmatch(r"[0-9a-f]{16}", made.headers["x-request-id"])
    assert made.json()["request_id"] == made.headers["x-request-id"]
    refused = api.post("/v1/events", json=order("k", member={"card": "Z999999"}))
    assert refused.json()["request_id"] == refused.headers["x-request-id"]
    assert api.get("/healthz").headers["x-request-id"] != made.headers["x-request-id"]


def test_log_lines_are_objects_with_the_requests_id():
    token = REQUEST_ID.set(request_id("abc-1"))
    try:
        record = logging.LogRecord("coterie.requests", 20, "f", 1, "%s %s", ("GET", "/x"), None)
        record.status = 200
        line = json.loads(JsonLines().format(record))
    finally:
        REQUEST_ID.reset(token)
    assert line["request_id"] == "abc-1"
    assert (line["message"], line["status"], line["level"]) == ("GET /x", 200, "info")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"])


def test_it_is_not_ready_before_the_tables_are_there(api: httpx.Client, place: Place):
    assert api.get("/readyz").status_code == 200
    with connect(place.url) as db:
        last = "where version = (select max(version) from storage.migration)"
        other = f"update storage.migration set sha256 = repeat('0', 64) {last}"
        db.execute(other.encode())
        check(api.get("/readyz"), 503, "not_ready")
        db.execute(f"delete from storage.migration {last}".encode())
        problem = check(api.get("/readyz"), 503, "not_ready")
        assert "lacks 1 migration" in problem["detail"]
        newer = "insert into storage.migration (version, name, sha256) values (9999, 'newer', %s)"
        db.execute(newer, ("0" * 64,))
        # A newer version runs beside us: what we need is there, whatever else there is.
        assert api.get("/readyz").status_code == 200
    assert api.get("/healthz").status_code == 200


class Caller(threading.Thread):
    """Sends events, each over a connection of its own, until it is refused."""

    def __init__(self, address: str, key: str, name: str) -> None:
        super().__init__(daemon=True)
        self.answered: dict[str, int] = {}
        self.unanswered: list[tuple[str, str]] = []
        self._address, self._key, self._prefix = address, key, name

    def run(self) -> None:
        for number in range(100_000):
            key = f"{self._prefix}-{number}"
            try:
                with client_of(self._address, self._key) as client:
                    answer = client.post(
                        "/v1/events", json=order(key, 100), headers={"Connection": "close"}
                    )
                self.answered[key] = answer.status_code
            except httpx.HTTPError as trouble:
                self.unanswered.append((key, type(trouble).__name__))
                return


def test_asked_to_end_under_load_it_answers_what_it_took(place: Place):
    """Several processes: every acknowledged event is there; who got no answer was never let in."""
    key = place.key("shop")
    arguments = ("--processes", "2", "--metrics-port", "0", "--log-format", "json")
    with serving(place, *arguments, "--log-requests") as served:
        callers = [Caller(served.address, key, f"c{number}") for number in range(6)]
        for caller in callers:
            caller.start()
        eventually(lambda: sum(len(c.answered) for c in callers) > 60)
        found = served.find(re.compile(r"Numbers for Prometheus at (http://\S+)"))
        assert found
        with client_of(served.address, key) as client:
            for _ in range(10):
                client.get("/healthz")
        text = httpx.get(found[1], trust_env=False).text
        done = sum(len(c.answered) for c in callers)
        assert 60 < summed(text, "coterie_requests_total", route="/v1/events") <= done + 6
        served.process.terminate()
        assert served.process.wait(60) == 0
        for caller in callers:
            caller.join(60)
            assert not caller.is_alive()
        lines = [json.loads(line) for line in served.lines if line.startswith("{")]
    answered = {k: status for caller in callers for k, status in caller.answered.items()}
    assert set(answered.values()) <= {201, 503}
    with connect(place.url) as db:
        recorded = {row[0] for row in db.execute("select key from events.event")}
    assert recorded == {k for k, status in answered.items() if status == 201}
    told = {why for caller in callers for _, why in caller.unanswered}
    assert told <= {"ConnectError", "ReadError", "RemoteProtocolError"}
    requests = [line for line in lines if line["logger"] == "coterie.requests"]
    assert len(requests) >= len(answered)
    assert {line["route"] for line in requests} >= {"/v1/events", "/healthz"}
    assert all(re.fullmatch(r"[0-9a-f]{16}", line["request_id"]) for line in requests)
    assert "A1000" not in "\n".join(served.lines)


def test_a_port_for_numbers_that_is_taken_is_said(place: Place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-c", COMMAND, "serve", "--port", "0", "--metrics-port", port],
            env=os.environ | {"COTERIE_DATABASE_URL": place.url, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 2
    assert "Cannot give numbers" in ended.stderr
