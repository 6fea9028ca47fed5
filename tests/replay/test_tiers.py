"""Lives on ladders in a database: proven, replayed, and the same whenever the worker comes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from coterie import events as ev
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.time import DAY_US, HOUR_US, format_instant, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.storage import Connection, Storage, transaction
from tests.programme.ladder_texts import hotel

START_US = parse_instant("2025-01-10T00:00:00+08:00")[0]
MEMBERS = 5
RULES = """\
rules:
  - code: base
    name: {zh: 消费积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: bonus
    name: {zh: 会籍奖励, en: Bonus}
    multiply: {rules: [base], ladder: status, factors: {silver: "1.5", gold: 2}}
"""
SECOND = """\
  spending:
    name: {zh: 消费等级, en: Spending}
    promote: at_review
    review: {at: quarter_end}
    demote: highest_kept
    late: next
    grace_days: 20
    tiers:
      - {code: low, name: {zh: 低, en: Low}}
      - {code: middle, name: {zh: 中, en: Middle}, reach: {spend: "200"}, keep: {spend: "50"}}
      - {code: high, name: {zh: 高, en: High}, reach: {spend: "600"}, keep: {spend: "400"}}
"""
TEXT = (
    hotel(valid="{months: 4, to: month_end}", rollover="[nights]", returns="judge", demote="one")
    .replace("{at: year_end}", "{at: quarter_end}")
    .replace("measure: nights, window: year", "measure: nights, window: quarter")
    .replace("measure: amount, window: year", "measure: amount, window: quarter")
    .replace("reach: {nights: 10}", 'reach: {any: [{nights: 10}, {spend: "500"}]}')
    .replace(
        "en: Points}}",
        "en: Points}, returns: recompute, expiry: {model: inactivity, months: 2, "
        "by: {ladder: status, months: {gold: null}}}}",
    )
    + SECOND
    + RULES
)
COMMANDS: list[dict[str, Any]] = [
    {"action": "grant", "tier": "gold", "until": "2025-06-30"},
    {"action": "match", "tier": "silver", "until": "2025-09-30"},
    {"action": "pin", "tier": "silver"},
    {"action": "unpin"},
    {"action": "unpin"},
    {"action": "resume"},
    {"action": "pause"},
    {"action": "resume"},
    {"action": "correct", "tier": "member"},
    {"action": "correct", "tier": "gold", "until": "2025-10-15"},
]


def traffic(ids: list[int], count: int, seed: int = 1) -> Iterator[Arrival]:
    """Stays, orders, returns and decisions by hand over three years, some of them late."""
    pick, now_us = random.Random(seed), START_US
    refs: dict[int, list[str]] = {i: [] for i in ids}
    for number in range(count):
        now_us += pick.randrange(100 * HOUR_US)
        member_id = pick.choice(ids)
        head: dict[str, Any] = {
            "key": f"k{number}",
            "member": ev.MemberRef(id=member_id),
            "occurred_at": format_instant(now_us - pick.choice((0,) * 8 + (DAY_US, 40 * DAY_US))),
        }
        kind = pick.choice(
            ("stay", "stay", "order", "order", "order", "return", "return", "status")
        )
        event: ev.Event
        if kind == "stay":
            event = ev.Activity(**head, activity="stay", fields={"nights": pick.randrange(1, 7)})
        elif kind == "order":
            refs[member_id].append(f"o{number}")
            lines = (ev.OrderLine(pick.randrange(40_000)), ev.OrderLine(pick.randrange(9_000)))
            event = ev.Order(**head, order_ref=f"o{number}", lines=lines)
        elif kind == "return":
            ref = pick.choice(refs[member_id] or ["none"])
            event = ev.Return(**head, order_ref=ref)
        else:
            command = pick.choice(COMMANDS)
            event = ev.StatusChange(**head, **command, ladder="status", reason="r")
        yield arrival_of(event, received_us=now_us)


def build(url: str, *, size: int, sweeps: bool) -> list[Any]:
    """Live everybody's life in batches of ``size``; return what is there at the end."""
    with psycopg.connect(url, autocommit=True) as db:
        with transaction(db):
            publish(db, TEXT, START_US - DAY_US, START_US - DAY_US)
            newcomers = [
                Newcomer((("card", f"card{n}"),), enrolled_us=START_US) for n in range(MEMBERS)
            ]
            ids = [i for i in create_members(db, newcomers, now_us=START_US) if isinstance(i, int)]
        engine = Engine()
        waiting = list(traffic(ids, 260))
        end_us = waiting[-1].received_us + 200 * DAY_US
        for first in range(0, len(waiting), size):
            if sweeps:
                engine.settle(db, ids, waiting[first].received_us - 1)
            answers = engine.submit(db, waiting[first : first + size])
            assert not [answer for answer in answers if answer.status == "failed"]
        engine.settle(db, ids, end_us)
        return state(db)


def state(db: Connection) -> list[Any]:
    found: list[Any] = []
    for statement in (
        """select member_id, ladder, tier, since_on, until_on, due_us, reason, version, changes,
            course::text from tiers.standing order by 1, 2""",
        """select member_id, seq, n, ladder, from_tier, to_tier, until_on, reason, evidence::text
            from tiers.change order by 1, 2, 3""",
        "select member_id, seq, kind, occurred_us, outcome::text from events.event order by 1, 2",
    ):
        found += db.execute(statement).fetchall()
    return found


@pytest.fixture
def new_database(
    postgres: Storage, template_database: str, worker_id: str
) -> Iterator[Callable[[], str]]:
    """Give fresh migrated databases."""
    made: list[str] = []

    def make() -> str:
        name = f"tiers_world_{worker_id}_{len(made)}"
        postgres.create_database(name, template=template_database)
        made.append(name)
        return postgres.url_for(name)

    yield make
    for name in made:
        postgres.drop_database(name)


def test_lives_on_ladders_are_proven_and_the_workers_punctuality_never_shows(
    new_database: Callable[[], str],
):
    url = new_database()
    lazy = build(url, size=40, sweeps=False)
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, [result.offenders for result in report.results if not result.clean]
    eager = build(new_database(), size=1, sweeps=True)
    assert lazy == eager
    with psycopg.connect(url) as db:
        told = db.execute(
            """select count(*) from storage.outbox o, json_array_elements(o.facts->4) fact
            where fact->>'fact' = 'tier.changed'"""
        ).fetchone()
        moved = db.execute(
            "select count(*) from tiers.change where from_tier <> to_tier"
        ).fetchone()
    assert told == moved
    reasons = {row[7] for row in lazy if len(row) == 9}
    assert reasons >= {
        *("reached", "kept", "demoted", "grace", "granted", "grant_ended", "pinned"),
        *("paused", "resumed", "corrected", "returned"),
    }


def test_a_tier_that_was_changed_behind_the_engine_is_found_by_the_replay(
    new_database: Callable[[], str],
):
    url = new_database()
    build(url, size=40, sweeps=False)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("set session_replication_role = replica")
        changed = db.execute(
            """update tiers.standing set course = (course::jsonb || '{"barred": true}')::json
            where (member_id, ladder) in (
                select member_id, ladder from tiers.standing order by 1, 2 limit 1)"""
        )
        assert changed.rowcount == 1
    (offender,) = verify(url, jobs=1, replayed=True).named("replay").offenders
    assert offender.name.startswith("tier ")
