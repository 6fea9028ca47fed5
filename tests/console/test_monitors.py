"""What needs somebody, and helping it on: waiting events, jobs, webhooks, all in the trail."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from coterie import events as ev
from coterie import webhooks
from coterie.app import World
from coterie.console.texts.monitors import WORDS
from coterie.console.visitors import Staff
from coterie.intake.reading import arrival_of
from coterie.jobs import KINDS, JobState, ask_job, get_job, job_kind, list_jobs, read_arguments
from coterie.staff import Permission, Person
from coterie.storage import Connection, transaction
from coterie.storage.clock import world_clock
from coterie.webhooks import Wish
from tests.acts.house import NOW, House
from tests.api.serving import storage_at
from tests.web.site import TOKEN, site_of_world

Client = TestClient[Litestar]


class Door:
    """Lets whoever is set walk through the pages."""

    person: Person | None = None


@pytest.fixture
def house(db: Connection) -> House:
    return House(db)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def client(house: House, door: Door, database_url: str) -> Iterator[Client]:
    world = World(storage_at(database_url), world_clock(house.db), house.engine)
    with site_of_world(
        world, visitor_of=lambda ask: None if door.person is None else Staff(ask, door.person)
    ) as client:
        client.headers["accept-language"] = "en"
        yield client


def press(client: Client, at: str, to: str, **fields: str) -> str:
    """Press the button of a page that posts there; return what is shown then."""
    page = client.get(at).text
    assert f'action="{to}"' in page, f"{at} has no button for {to}"
    token = TOKEN.search(page)
    assert token is not None
    return client.post(to, data={"csrf": token[1], **fields}).text


def let_in(house: House, door: Door, role: str) -> None:
    door.person = house.person(role).person


def verify_job(db: Connection, key: str) -> int:
    kind = job_kind("verify")
    with transaction(db):
        made, _ = ask_job(db, kind, read_arguments(kind, {}), source="test", key=key, now_us=NOW)
    return made


def fail(db: Connection, job_id: int) -> None:
    db.execute(
        "update jobs.job set state = 'failed', runs = 1, started_us = %(now)s,"
        " finished_us = %(now)s, error_code = 'internal', error_detail = 'the disk was full'"
        " where job_id = %(job)s",
        {"now": NOW, "job": job_id},
    )


def stray(house: House, key: str) -> int:
    """Send an order of nobody who is known; return the number it waits under."""
    order = ev.Order(
        source="pos",
        key=key,
        occurred_at="2025-12-31T12:00:00+08:00",
        member=ev.MemberRef(card="UNKNOWN1"),
        order_ref=key,
        lines=(ev.OrderLine(1_000),),
    )
    [answer] = house.engine.submit(house.db, [arrival_of(order, received_us=NOW)])
    assert answer.status == "waiting"
    return ev.open_waiting(house.db, 0, 10)[-1].waiting_id


def test_every_kind_and_state_of_jobs_has_its_words():
    assert {f"jobs.kind_{code}" for code in KINDS} <= set(WORDS)
    assert {f"jobs.state_{state.value}" for state in JobState} <= set(WORDS)


def test_home_says_first_what_needs_somebody(house: House, client: Client, door: Door):
    let_in(house, door, "owner")
    assert "Nothing needs you right now." in client.get("/").text
    fail(house.db, verify_job(house.db, "k1"))
    # The world's clock is the machine's, later than the test's: the failure is of this week.
    house.db.execute("update jobs.job set finished_us = %s", (world_clock(house.db).now_us(),))
    stray(house, "s1")
    page = client.get("/").text
    assert page.index("Events that wait for a decision") < page.index("Jobs that failed")
    assert page.index("Jobs that failed") < page.index(
        ["The", "programme", "at", "a", "glance"][-1]
    ) or (page.index("Jobs that failed") < page.index("Events recorded"))
    assert 'href="/jobs?state=failed"' in page
    assert "今天需要处理" in client.get("/", params={"lang": "zh"}).text


def test_a_job_is_tried_again_once_and_cancelled(house: House, client: Client, door: Door):
    let_in(house, door, "owner")
    first = verify_job(house.db, "k1")
    fail(house.db, first)
    assert "the disk was full" in client.get(f"/jobs/{first}").text
    assert "It is queued again." in press(client, f"/jobs/{first}", f"/jobs/{first}/retry")
    press(client, f"/jobs/{first}", f"/jobs/{first}/retry")
    rows, _ = list_jobs(house.db)
    assert [(row.state, row.source) for row in rows] == [("queued", "console"), ("failed", "test")]
    made = rows[0].job_id
    assert get_job(house.db, made).arguments == get_job(house.db, first).arguments
    press(client, f"/jobs/{made}", f"/jobs/{made}/cancel")
    assert get_job(house.db, made).state == "cancelled"
    assert [act for _, act, _ in house.trail()] == ["job.retry", "job.retry", "job.cancel"]
    assert f"/jobs/{first}" in client.get("/jobs?state=failed").text
    assert f'href="/jobs/{made}"' not in client.get("/jobs?state=failed").text


def test_a_part_of_a_running_job_asks_again_until_it_ends(house: House, client: Client, door: Door):
    let_in(house, door, "owner")
    made = verify_job(house.db, "k1")
    part = client.get(f"/jobs/{made}", headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert f'hx-get="/jobs/{made}"' in part
    fail(house.db, made)
    assert "hx-get" not in client.get(f"/jobs/{made}", headers={"hx-request": "true"}).text


def test_an_event_is_kept_out_by_a_person(house: House, client: Client, door: Door):
    let_in(house, door, "owner")
    number = stray(house, "s1")
    page = press(client, "/waiting", f"/waiting/{number}", decision="out")
    assert "The event stays out." in page
    assert ev.open_waiting(house.db, 0, 10) == []
    [decided] = house.db.execute("select decided, decided_by from events.waiting").fetchall()
    assert decided[0] == "refused"
    assert re.fullmatch(r"person:\d+", decided[1])
    assert ("waiting.decide", "done") in [(act, outcome) for _, act, outcome in house.trail()]


def test_a_webhook_is_paused_tested_and_replayed(house: House, client: Client, door: Door):
    let_in(house, door, "owner")
    wish = Wish("https://shop.example/hook", ("units.*",), "Shop")
    with transaction(house.db):
        made, secret, _ = webhooks.subscribe(house.db, wish, source="t", key="k", now_us=NOW)
    at = f"/webhooks/{made.subscription_id}"
    press(client, at, f"{at}/pause")
    assert webhooks.read_subscription(house.db, made.subscription_id).paused == "by_hand"
    press(client, at, f"{at}/resume")
    assert webhooks.read_subscription(house.db, made.subscription_id).active
    press(client, at, f"{at}/ping")
    assert [d.kind for d in webhooks.list_deliveries(house.db, made.subscription_id)[0]] == ["ping"]
    house.db.execute("update webhooks.delivery set state = 'dead', settled_us = %s", (NOW,))
    assert 'href="/webhooks"' in client.get("/").text
    press(client, at, f"{at}/replay")
    [again] = webhooks.list_deliveries(house.db, made.subscription_id)[0]
    assert again.state == "waiting"
    assert secret.hex() not in client.get(at).text


def test_who_may_only_look_changes_nothing(house: House, client: Client, door: Door):
    let_in(house, door, "auditor")
    assert door.person is not None
    assert Permission.MONITORS_READ in door.person.grants
    made = verify_job(house.db, "k1")
    page = client.get(f"/jobs/{made}").text
    assert "/cancel" not in page
    token = TOKEN.search(page)
    assert token is not None
    for at in (f"/jobs/{made}/cancel", "/waiting/1", "/webhooks/1/pause"):
        assert client.post(at, data={"csrf": token[1]}).status_code == 403
    assert get_job(house.db, made).state == "queued"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_is_there_in_both_languages(house: House, client: Client, door: Door, language: str):
    let_in(house, door, "owner")
    verify_job(house.db, "k1")
    stray(house, "s1")
    for at in ("/", "/monitors", "/jobs", "/waiting", "/webhooks"):
        answer = client.get(at, params={"lang": language})
        assert answer.status_code == 200, at
    title = WORDS["jobs.title"][language == "en"]
    assert f">{title}</h1>" in client.get("/jobs", params={"lang": language}).text
