"""Merging members over HTTP and on the command line: seen before, done once, taken back."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from coterie.cli import main
from tests.api.test_members import enrol


def _member(api: httpx.Client, card: str) -> int:
    body = {"identities": [{"kind": "card", "value": card}]}
    made = enrol(api, f"make-{card}", body)
    assert made.status_code == 201, made.text
    return int(made.json()["member_id"])


def _order(api: httpx.Client, card: str) -> None:
    sent = api.post(
        "/v1/events",
        json={
            "kind": "order",
            "key": f"o-{card}",
            "occurred_at": "2026-03-01T11:00:00+08:00",
            "member": {"card": card},
            "order_ref": f"o-{card}",
            "lines": [{"amount_minor": 10_000}],
        },
    )
    assert sent.status_code == 201, sent.text


def _points(api: httpx.Client, member_id: int) -> int:
    told = api.get(f"/v1/members/{member_id}/balances").json()["balances"]
    return sum(int(b["available"]) for b in told if b["currency"] == "points")


def test_a_merge_is_previewed_done_once_and_taken_back(api: httpx.Client) -> None:
    one, two = _member(api, "CARD1"), _member(api, "CARD2")
    _order(api, "CARD1")
    points = _points(api, one)
    assert points > 0
    plan = api.get(f"/v1/members/{one}/merge", params={"into": two}).json()
    assert (plan["into"], plan["identities"], plan["events"]) == (two, 1, 1)
    assert "blocked" not in plan
    key = {"Idempotency-Key": "join-1"}
    for replayed in (False, True):
        done = api.post(f"/v1/members/{one}/merge", json={"into": two}, headers=key)
        assert done.status_code == 201, done.text
        assert ("coterie-replayed" in done.headers) == replayed
    assert (_points(api, two), api.get(f"/v1/members/{one}").json()["merged_into"]) == (points, two)
    assert api.post("/v1/members:find", json={"card": "CARD1"}).json() == {"member_id": two}
    plan = api.get(f"/v1/members/{one}/merge", params={"into": two}).json()
    assert "merged" in plan["blocked"]
    other = api.post(f"/v1/members/{one}/merge", json={"into": one}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    back = {"Idempotency-Key": "join-2"}
    for replayed in (False, True):
        done = api.post(f"/v1/members/{one}/unmerge", json={}, headers=back)
        assert done.status_code == 201, done.text
        assert ("coterie-replayed" in done.headers) == replayed
    assert (_points(api, one), _points(api, two)) == (points, 0)
    never = api.post(f"/v1/members/{two}/unmerge", json={}, headers={"Idempotency-Key": "join-3"})
    assert never.json()["code"] == "nothing_to_undo"


def test_a_member_is_erased_once_and_a_till_cannot_do_it(api: httpx.Client) -> None:
    one = _member(api, "CARD1")
    _order(api, "CARD1")
    till = {
        "kind": "state_change",
        "key": "e0",
        "occurred_at": "2026-03-01T11:00:00+08:00",
        "member": {"id": one},
        "state": "erased",
    }
    refused = api.post("/v1/events", json=till)
    assert (refused.status_code, refused.json()["code"]) == (400, "internal_kind")
    key = {"Idempotency-Key": "erase-1"}
    for replayed in (False, True):
        done = api.post(f"/v1/members/{one}/erase", json={}, headers=key)
        assert done.status_code == 201, done.text
        assert ("coterie-replayed" in done.headers) == replayed
    told = api.get(f"/v1/members/{one}").json()
    assert (told["state"], told.get("identities", [])) == ("erased", [])
    assert api.post("/v1/members:find", json={"card": "CARD1"}).status_code == 404
    assert _points(api, one) == 0


@pytest.mark.usefixtures("place")
def test_the_commands_do_the_same(tmp_path: Path, database_url: str) -> None:
    def run(*arguments: str, code: int = 0, given: str | None = None) -> str:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments], input=given)
        assert result.exit_code == code, result.output
        return result.output

    one = run("members", "add", "--card", "CARD1").strip()
    two = run("members", "add", "--card", "CARD2").strip()
    assert f"from {one} into {two}" in run("members", "merge", one, two, "--preview")
    assert json.loads(run("members", "merge", one, two))["status"] == "accepted"
    assert run("members", "find", "--card", "CARD1").strip() == two
    assert json.loads(run("members", "unmerge", one))["status"] == "accepted"
    assert run("members", "find", "--card", "CARD1").strip() == one
    assert "nothing_to_undo" in run("members", "unmerge", two, code=1)
    assert "2 identities" in run("members", "erase", one, "--preview")
    run("members", "erase", one, code=130)
    assert run("members", "find", "--card", "CARD1").strip() == one
    run("members", "erase", one, "--yes")
    run("members", "find", "--card", "CARD1", code=1)
