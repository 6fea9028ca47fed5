"""Long work over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from coterie.jobs import Runner
from tests.api.serving import NOW_US, PROGRAMME, Place, client_of, order
from tests.api.test_refusals import check

DEARER = PROGRAMME.replace("currency: points, units: 1", "currency: points, units: 2")


def ask(api: httpx.Client, path: str, key: str, **body: Any) -> httpx.Response:
    return api.post(path, json=body, headers={"Idempotency-Key": key})


def test_a_plan_is_asked_for_followed_and_read(api: httpx.Client, place: Place, tmp_path: Path):
    assert api.post("/v1/events", json=order("o1")).status_code == 201
    place.move_clock(NOW_US + 1_000_000)
    asked = ask(api, "/v1/programme/plans", "p1", text=DEARER, jobs=1)
    assert asked.status_code == 202
    where = asked.headers["location"]
    assert where == f"/v1/jobs/{asked.json()['job_id']}"
    again = ask(api, "/v1/programme/plans", "p1", text=DEARER, jobs=1)
    assert again.json() == asked.json()
    assert again.headers["coterie-replayed"] == "true"
    check(ask(api, "/v1/programme/plans", "p1", text=DEARER), 409, "key_reused")
    check(ask(api, "/v1/programme/plans", "p2", text="programme: x"), 400, "programme_invalid")
    waiting = api.get(where).json()
    assert (waiting["state"], waiting["arguments"]["text"]) == ("queued", DEARER)
    with place.storage.connect() as db:
        assert Runner(place.url, tmp_path).once(db)
    done = api.get(where).json()
    assert done["state"] == "done"
    assert done["result"]["members"] == 1
    points = next(c for c in done["result"]["currencies"] if c["currency"] == "points")
    assert points["members"]["winners"] == 1
    line = api.get("/v1/jobs", params={"kind": "plan", "limit": 1}).json()["jobs"][0]
    assert "result" not in line
    check(api.delete(where), 409, "job_over")


def test_a_job_is_cancelled_and_listed(api: httpx.Client):
    first = ask(api, "/v1/jobs", "j1", kind="verify", arguments={"replay": True}).json()["job_id"]
    ask(api, "/v1/jobs", "j2", kind="count")
    page = api.get("/v1/jobs", params={"limit": 1}).json()
    rest = api.get("/v1/jobs", params={"limit": 1, "cursor": page["cursor"]}).json()
    assert [each["kind"] for each in (*page["jobs"], *rest["jobs"])] == ["count", "verify"]
    gone = api.delete(f"/v1/jobs/{first}")
    assert (gone.status_code, gone.json()["state"]) == (202, "cancelled")
    check(api.get("/v1/jobs/99"), 404, "job_unknown")
    check(api.get("/v1/jobs/x"), 404, "job_unknown")
    check(ask(api, "/v1/jobs", "j3", kind="nonsense"), 400, "job_kind_unknown")
    check(ask(api, "/v1/jobs", "j4", kind="verify", arguments={"jobs": 0}), 400, "job_arguments")


def test_a_kind_asks_for_a_right_of_its_own(place: Place, address: str):
    with client_of(address, place.key("jobs", "jobs:write", "jobs:read")) as some:
        check(ask(some, "/v1/jobs", "j1", kind="verify"), 403, "scope_missing")
    with client_of(address, place.key("books", "jobs:write", "ledger:read")) as books:
        job_id = ask(books, "/v1/jobs", "j1", kind="verify").json()["job_id"]
        check(books.get("/v1/jobs"), 403, "scope_missing")
    with client_of(address, place.key("jobs2", "jobs:write", "jobs:read")) as some:
        assert some.get("/v1/jobs").status_code == 200
        check(some.get(f"/v1/jobs/{job_id}"), 403, "scope_missing")
        check(some.delete(f"/v1/jobs/{job_id}"), 403, "scope_missing")
