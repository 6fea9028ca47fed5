"""Prospects over HTTP."""

from __future__ import annotations

import httpx

from tests.api.test_members import enrol


def test_prospects_are_noted_and_listed_by_pages(api: httpx.Client) -> None:
    for n in range(3):
        person = {
            "identities": [{"kind": "card", "value": f"CARD{n}"}],
            "state": "prospect",
            "origin": "fair",
            "channel": "event",
        }
        assert enrol(api, f"p{n}", person).status_code == 201
    first = api.get("/v1/prospects", params={"limit": 2, "origin": "fair", "open": True}).json()
    assert [p["state"] for p in first["prospects"]] == ["prospect", "prospect"]
    rest = api.get("/v1/prospects", params={"limit": 2, "cursor": first["cursor"]}).json()
    assert len(rest["prospects"]) == 1
    assert "cursor" not in rest
    assert rest["prospects"][0]["origin"] == "fair"
    assert api.get("/v1/prospects", params={"origin": "nobody"}).json() == {"prospects": []}
    told = api.get(f"/v1/members/{rest['prospects'][0]['member_id']}").json()
    assert told["origin"] == "fair"
