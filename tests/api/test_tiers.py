"""Tiers over HTTP: where a member stands, what is missing, every change, all as of now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from coterie.kernel.time import DAY_US
from tests.api.serving import NOW, NOW_US, Place, client_of, served
from tests.api.test_refusals import check
from tests.programme.ladder_texts import hotel

TEXT = hotel().replace("keep: {nights: 20}", "benefits: [{zh: 早餐, en: Breakfast}]")


@pytest.fixture
def place(database_url: str) -> Place:
    return Place(database_url, programme=TEXT)


@pytest.fixture
def api(place: Place) -> Iterator[httpx.Client]:
    with served(place.app()) as where, client_of(where, place.key("shop")) as client:
        yield client


def stay(api: httpx.Client, key: str, nights: int) -> dict[str, Any]:
    event = {
        "kind": "activity",
        "key": key,
        "occurred_at": NOW,
        "member": {"card": "A1000"},
        "activity": "stay",
        "fields": {"nights": nights},
    }
    answer = api.post("/v1/events", json=event)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_member_reads_where_it_stands_and_what_is_missing(api: httpx.Client, place: Place):
    path = f"/v1/members/{place.member_id}/tiers"
    (begun,) = api.get(path).json()["tiers"]
    assert (begun["tier"], begun["rise"]["missing"]["zh"]) == ("member", "房晚还差10")
    sent = stay(api, "s1", 12)
    assert sent["tiers"] == [
        {
            "ladder": "status",
            "tier": "silver",
            "reason": "reached",
            "before": "member",
            "until": "2026-12-31",
        }
    ]
    again = stay(api, "s1", 12)
    assert (again["tiers"], again["replayed"]) == (sent["tiers"], True)
    (told,) = api.get(path).json()["tiers"]
    rise = told.pop("rise")
    assert told == {
        "ladder": "status",
        "name": {"zh": "会籍", "en": "Status"},
        "tier": "silver",
        "tier_name": {"zh": "银卡", "en": "Silver"},
        "projected": "gold",
        "since_on": "2026-03-01",
        "until_on": "2026-12-31",
        "review_on": "2027-01-01",
        "reason": "reached",
        "keep": {
            "tier": "silver",
            "name": {"zh": "银卡", "en": "Silver"},
            "met": True,
            "missing": {"zh": "", "en": ""},
            "need": {
                "kind": "metric",
                "met": True,
                "metric": "nights",
                "name": {"zh": "房晚", "en": "nights"},
                "have": "12",
                "wanted": "10",
                "missing": "0",
            },
        },
    }
    assert rise["missing"] == {
        "zh": "房晚还差13，或入住次数还差19",
        "en": "13 nights to go or 19 stays to go",
    }
    assert [part["missing"] for part in rise["need"]["of"]] == ["13", "19"]


def test_reads_show_reviews_without_any_worker_page_by_page(api: httpx.Client, place: Place):
    path = f"/v1/members/{place.member_id}/tiers"
    stay(api, "s1", 12)
    stay(api, "s2", 13)
    place.move_clock(NOW_US + 800 * DAY_US)
    (told,) = api.get(path).json()["tiers"]
    assert (told["tier"], told["reason"]) == ("member", "demoted")
    changes = []
    query = "?limit=1"
    for _ in range(9):
        page = api.get(f"{path}/changes{query}").json()
        changes += page["changes"]
        if "cursor" not in page:
            break
        query = f"?limit=1&cursor={page['cursor']}"
    assert [(each.get("tier"), each["reason"]) for each in changes] == [
        ("member", "demoted"),
        ("gold", "kept"),
        ("gold", "reached"),
        ("silver", "reached"),
    ]
    assert changes[2]["evidence"]["values"] == {"nights": 25, "stays": 2}
    assert changes[0]["judged_on"] == "2027-12-31"
    assert api.get(f"{path}/changes?ladder=other").json()["changes"] == []


def test_a_status_is_granted_and_wrong_ones_are_refused(api: httpx.Client, place: Place):
    event: dict[str, Any] = {
        "kind": "status_change",
        "key": "g1",
        "occurred_at": NOW,
        "member": {"id": place.member_id},
        "ladder": "status",
        "action": "grant",
        "tier": "gold",
        "until": "2026-05-31",
        "reason": "行业协会名单",
    }
    granted = api.post("/v1/events", json=event).json()
    assert [(t["tier"], t["until"]) for t in granted["tiers"]] == [("gold", "2026-05-31")]
    (told,) = api.get(f"/v1/members/{place.member_id}/tiers").json()["tiers"]
    assert (told["earned"], told["granted_until"]) == ("member", "2026-05-31")
    assert told["benefits"] == [{"zh": "早餐", "en": "Breakfast"}]
    for number, (field, wrong, code) in enumerate(
        [
            ("ladder", "states", "ladder_unknown"),
            ("tier", "golden", "tier_unknown"),
            ("until", "2026-02-01", "bad_status_change"),
        ]
    ):
        check(api.post("/v1/events", json={**event, "key": f"w{number}", field: wrong}), 400, code)
    resume = {**event, "key": "r1", "action": "resume", "tier": None, "until": None}
    refused = api.post("/v1/events", json=resume)
    assert refused.json()["code"] == "status_unchanged"
    check(api.get("/v1/members/5/tiers"), 404, "member_unknown")
