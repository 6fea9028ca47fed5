"""What an event would bring is what it brings; trying it leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from click.testing import CliRunner

from coterie import events as ev
from coterie.cli import main
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival
from coterie.kernel.errors import Malformed
from coterie.programme.errors import VersionRefused
from coterie.programme.model import Programme
from coterie.programme.reading import read_programme
from coterie.programme.tracing import Verdict
from coterie.replay import ExplainedEvent, try_event
from coterie.storage import Connection, Storage, connect
from tests.intake.world import dump
from tests.replay.worlds import LATER_PROGRAMME, Traffic, build_world


def tried(db: Connection, arrival: Arrival, draft: Programme | None = None) -> ExplainedEvent:
    around, member_id = Engine().prepare(db, arrival)
    return try_event(db, around, member_id, arrival, draft)


@pytest.fixture(scope="module")
def world(
    postgres: Storage, template_database: str, worker_id: str
) -> Iterator[tuple[str, Traffic]]:
    name = f"tried_world_{worker_id}"
    postgres.create_database(name, template=template_database)
    with psycopg.connect(postgres.url_for(name), autocommit=True) as db:
        traffic = build_world(db, members=5, events=300, tail=False)
    yield postgres.url_for(name), traffic
    postgres.drop_database(name)


def test_what_is_tried_is_what_then_happens(world: tuple[str, Traffic]):
    url, traffic = world
    engine = Engine()
    tested = 0
    with connect(url) as db:
        for arrival in list(traffic.arrivals(120)):
            before = dump(db)
            try:
                told = tried(db, arrival)
            except Malformed:
                continue
            assert dump(db) == before
            (answer,) = engine.submit(db, [arrival])
            if arrival.kind == "transfer":
                continue  # What comes back to the sender is an event of its own.
            assert (told.status, told.code) == (answer.status, answer.code)
            effects = [(e.currency, e.units, e.reason, e.debit, e.rule) for e in answer.effects]
            moved = [(m.currency, m.units, m.reason, m.debit, m.rule) for m in told.movements]
            assert moved == effects
            tested += 1
    assert tested > 80


def an_order(member_id: int) -> bytes:
    return msgspec.json.encode(
        ev.Order(
            key="cart",
            occurred_at="2025-07-01T12:00:00+08:00",
            member=ev.MemberRef(id=member_id),
            order_ref="cart",
            lines=(ev.OrderLine(10_000),),
            mode=ev.Mode.HISTORICAL,
        )
    )


DRAFT = LATER_PROGRAMME.replace(
    "caps:\n", "  ever: {measure: count, window: lifetime}\ncaps:\n", 1
).replace(
    "  - code: check-in\n",
    "  - code: loyal\n    name: {zh: 老客, en: loyal}\n"
    "    when: {metric: {code: ever, min: 3}}\n    earn: {currency: points, units: 7}\n"
    "  - code: check-in\n",
    1,
)


def test_a_draft_is_tried_with_what_it_counts_anew(world: tuple[str, Traffic], tmp_path: Path):
    url, _ = world
    with connect(url) as db:
        found = db.execute(
            """select e.member_id, count(*) from events.event e join members.member m
            using (member_id) where e.kind = 'order' and e.status = 'accepted'
            and m.state = 'active' group by 1 having count(*) > 3 order by 1 limit 1"""
        ).fetchone()
    assert found is not None, "nobody is active and bought something"
    member_id, orders = found
    draft, event = tmp_path / "draft.yaml", tmp_path / "cart.json"
    draft.write_text(DRAFT, "utf-8")
    event.write_bytes(an_order(member_id))

    def run(*more: str, code: int = 0) -> str:
        told = CliRunner().invoke(main, ["--database-url", url, "events", "try", str(event), *more])
        assert told.exit_code == code, told.output
        return told.output

    told = msgspec.json.decode(run("--draft", str(draft), "--json"), type=ExplainedEvent)
    assert told.event == ""
    loyal = next(rule for rule in told.rules if rule.rule == "loyal")
    assert (loyal.verdict, loyal.units) == (Verdict.APPLIED, 7)
    assert 0 < told.metrics["ever"] <= orders
    assert "loyal" not in run()
    assert "老客”：给予7 积分" in run("--draft", str(draft), "--lang", "zh")
    draft.write_text("programme: x", "utf-8")
    assert "Refused (programme_invalid)" in run("--draft", str(draft), code=1)


def test_a_draft_that_cannot_follow_is_refused(world: tuple[str, Traffic]):
    url, traffic = world
    draft = read_programme("d", LATER_PROGRAMME.replace("code: base", "code: basis").replace(
        "rules: [base]", "rules: [basis]"))  # fmt: skip
    with connect(url) as db, pytest.raises(VersionRefused, match=r"rules\.base"):
        tried(db, next(traffic.arrivals(1)), draft)
