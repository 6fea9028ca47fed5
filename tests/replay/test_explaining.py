"""Explanations: decided again, equal to the record, and said in both languages."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from coterie import events as ev
from coterie.cli import main
from coterie.demo import build_demo
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.errors import Malformed, Refusal
from coterie.kernel.time import DAY_US, format_instant, parse_instant
from coterie.ledger import load_movements
from coterie.programme import explaining
from coterie.programme.compile import Programmes
from coterie.programme.tracing import Verdict
from coterie.replay import Explanation, NameUnknown, Question, RecordDiffers, explain
from coterie.replay.explained import ExplainedEvent
from coterie.replay.history import load_programmes
from coterie.storage import Connection, Storage, connect
from tests.replay.worlds import START_US, build_world

NOW_US = START_US + 200 * DAY_US


@pytest.fixture(scope="module")
def world(postgres: Storage, template_database: str, worker_id: str) -> Iterator[str]:
    name = f"explained_world_{worker_id}"
    postgres.create_database(name, template=template_database)
    with psycopg.connect(postgres.url_for(name), autocommit=True) as db:
        build_world(db, members=6, events=500)
    yield postgres.url_for(name)
    postgres.drop_database(name)


@pytest.fixture
def past(world: str) -> Iterator[Connection]:
    with connect(world) as db:
        yield db


def asked(db: Connection, member_id: int, **question: str) -> Explanation:
    return explain(db, load_programmes(db), member_id, Question(**question), NOW_US)


def event_of(db: Connection, programmes: Programmes, member_id: int, seq: int) -> ExplainedEvent:
    found = explain(db, programmes, member_id, Question(event=f"{member_id}:{seq}"), NOW_US)
    assert found.event is not None
    return found.event


def equals_the_record(db: Connection, count: int, seed: int) -> dict[str, int]:
    """Explain random events; return how many of each kind there were."""
    programmes = load_programmes(db)
    places = db.execute(
        "select member_id, seq, kind, status, code, version from events.event order by 1, 2"
    ).fetchall()
    chosen = random.Random(seed).sample(places, min(count, len(places)))
    kinds: dict[str, int] = {}
    for member_id, seq, kind, status, code, version in chosen:
        told = event_of(db, programmes, member_id, seq)
        assert (told.kind, told.status, told.code, told.version) == (kind, status, code, version)
        recorded = [
            (m.currency, m.units, m.debit, m.credit, m.reason, m.rule)
            for _, _, m in load_movements(db, [(member_id, seq)])
        ]
        moved = [(m.currency, m.units, m.debit, m.credit, m.reason, m.rule) for m in told.movements]
        assert moved == recorded
        given: dict[str | None, int] = {}
        for m in told.movements:
            if m.reason == "earn":
                given[m.rule] = given.get(m.rule, 0) + m.units
        if kind in {"order", "activity"}:
            assert {r.rule: r.units for r in told.rules if r.units} == given
        assert all(told.words.zh)
        assert len(told.words.zh) == len(told.words.en) - (bool(told.detail) or 0)
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def test_what_is_explained_is_what_was_recorded(past: Connection):
    kinds = equals_the_record(past, 150, 1)
    assert {"order", "return", "due", "spend"} <= set(kinds)


@pytest.mark.long
def test_a_thousand_events_of_the_demo_are_explained_as_they_were_recorded(database_url: str):
    now_us = parse_instant("2026-06-15T12:00:00+08:00")[0]
    build_demo(database_url, now_us=now_us, report=lambda _: None, people=60)
    with connect(database_url) as db:
        kinds = equals_the_record(db, 1_000, 7)
    assert sum(kinds.values()) == 1_000
    assert {"order", "return", "due", "spend", "activity"} <= set(kinds)


def places(db: Connection, kind: str, status: str = "accepted") -> list[tuple[int, int]]:
    return (
        db.execute(
            """select member_id, seq from events.event where kind = %s and status = %s
        and (outcome ->> 'n')::int > %s order by 1, 2""",
            (kind, status, 0 if status == "accepted" else -1),
        ).fetchall()
        or db.execute(
            "select member_id, seq from events.event where kind = %s and status = %s order by 1, 2",
            (kind, status),
        ).fetchall()
    )


def test_an_order_is_a_chain_from_event_to_lots(past: Connection):
    programmes = load_programmes(past)
    member_id, seq = places(past, "order")[0]
    told = event_of(past, programmes, member_id, seq)
    base = next(rule for rule in told.rules if rule.rule == "base")
    assert base.verdict == Verdict.APPLIED
    assert base.basis_minor
    assert set(told.metrics) == {"orders_month", "spend_year"}
    assert told.attributes["level"] in {"basic", "gold"}
    assert {lot.event for lot in told.opened} == {told.event}
    english, chinese = "\n".join(told.words.en), "\n".join(told.words.zh)
    assert "an order CNY" in english
    assert f"decided by version {told.version}." in english
    assert "base: gives" in english
    assert "订单 CNY" in chinese
    assert "“规则”：给予" in chinese
    assert "does not apply" in english
    assert "需要：" in chinese


def test_a_moment_that_fell_due_names_the_lots_that_lapsed(past: Connection):
    programmes = load_programmes(past)
    lapsing = past.execute(
        "select member_id, seq from ledger.movement where reason = 'expire' order by 1, 2 limit 1"
    ).fetchone()
    assert lapsing is not None
    told = event_of(past, programmes, *lapsing)
    movement = next(m for m in told.movements if m.reason == "expire")
    assert movement.lots
    assert sum(part.units for part in movement.lots) == -movement.units
    assert "lapsed" in movement.words.en
    assert "过期" in movement.words.zh
    assert f"lot {movement.lots[0].lot} (from event " in movement.words.en


def test_a_return_and_a_refusal_are_explained(past: Connection):
    programmes = load_programmes(past)
    told = event_of(past, programmes, *places(past, "return")[0])
    assert any("taken back for a return" in m.words.en for m in told.movements)
    refused = event_of(past, programmes, *places(past, "spend", "refused")[0])
    assert refused.status == "refused"
    assert not refused.movements
    assert refused.words.zh[1].endswith("。")


def test_an_order_that_earned_nothing_is_explained(db: Connection):
    traffic = build_world(db, members=1, events=1, tail=False)
    member_id = traffic.members[0]
    event = ev.Order(
        source="pos",
        key="small",
        occurred_at=format_instant(traffic.now_us),
        member=ev.MemberRef(id=member_id),
        order_ref="small",
        lines=(ev.OrderLine(30),),
    )
    answer = Engine().submit(db, [arrival_of(event, received_us=traffic.now_us)])[0]
    assert not answer.effects
    assert answer.event is not None
    told = asked(db, member_id, event=answer.event).event
    assert told is not None
    verdicts = {rule.rule: rule.verdict for rule in told.rules}
    assert verdicts["base"] == Verdict.TOO_LITTLE
    assert verdicts["third"] == Verdict.CONDITION
    assert told.words.en[-1] == "No units moved."
    assert told.words.zh[-1] == "没有积分变动。"
    missing = asked(db, member_id, missing="base").missing
    assert missing is not None
    assert missing.last[0].event == answer.event
    assert "too little for one unit" in missing.words.en[-1]


def test_a_balance_is_the_sum_of_its_reasons(past: Connection):
    ids = [row[0] for row in past.execute("select member_id from members.member").fetchall()]
    for member_id in ids:
        for currency in ("points", "coins", "miles"):
            told = asked(past, member_id, currency=currency).currency
            assert told is not None
            assert sum(each.change for each in told.sums) == told.units
            left = sum(lot.remaining + lot.held for lot in told.lots)
            assert left == told.available + told.pending + told.held
            assert {lot.event for lot in told.lots} == {event.event for event in told.events}
            assert len(told.words.zh) > 0


def test_a_missing_reward_is_told_by_verdicts_and_last_events(past: Connection):
    member_id = places(past, "order")[0][0]
    told = asked(past, member_id, missing="gold").missing
    assert told is not None
    assert sum(told.verdicts.values()) >= len(told.last)
    assert told.words_now is not None
    assert told.words.en[0].startswith("gold: it applied to ")
    assert all(each.rule.rule == "gold" for each in told.last)


def test_what_cannot_be_explained_is_refused(past: Connection, db: Connection):
    member_id = places(past, "order")[0][0]

    def refuses(kind: type[Refusal], **question: str) -> None:
        with pytest.raises(kind):
            asked(past, member_id, **question)

    refuses(Malformed)
    refuses(Malformed, currency="points", missing="base")
    refuses(NameUnknown, currency="pints")
    refuses(NameUnknown, missing="bass")
    refuses(ev.EventUnknown, event=f"{member_id}:99999")
    refuses(ev.EventUnknown, event="1:1")
    build_world(db, members=2, events=60)
    member_id, seq = places(db, "order")[0]
    db.execute("set session_replication_role = replica")
    db.execute(
        """update events.event set payload = replace(payload::text, '"amount_minor":',
        '"amount_minor":9')::json, occurred_us = occurred_us + 9 where member_id = %s
        and seq = %s""",
        (member_id, seq),
    )
    db.execute(
        "update events.event set seq = 99999 where (member_id, seq) = (%s, %s)", (member_id, seq)
    )
    with pytest.raises(RecordDiffers):
        asked(db, member_id, event=f"{member_id}:99999")


def test_it_is_asked_at_the_command_line(world: str, past: Connection):
    member_id, seq = places(past, "order")[0]

    def run(*arguments: str, code: int = 0) -> Any:
        told = CliRunner().invoke(
            main, ["--database-url", world, "explain", str(member_id), *arguments]
        )
        assert told.exit_code == code, told.output
        return told

    assert "an order CNY" in run("--event", f"{member_id}:{seq}").stdout
    assert "订单 CNY" in run("--event", str(seq), "--lang", "zh").stdout
    assert "in all, from:" in run("--currency", "points").stdout
    told = json.loads(run("--missing", "gold", "--json").stdout)
    assert told["missing"]["rule"] == "gold"
    assert "Refused (malformed)" in run(code=1).stderr


def test_every_kind_of_event_and_every_verdict_has_words():
    kinds = set(ev.KINDS) - {"activity"}  # An activity is called what the programme calls it.
    assert not kinds - set(explaining._EVENTS)
    verdicts = set(Verdict) - {Verdict.APPLIED, Verdict.CUT}  # They say numbers.
    assert not verdicts - set(explaining._VERDICTS)
