"""The first page: true numbers, both languages, nothing inline."""

from __future__ import annotations

import re

from coterie import events as ev
from coterie.console.texts.home import WORDS
from coterie.insight import pulse
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.time import parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Connection, transaction
from tests.intake.world import Stream, open_world, submit
from tests.programme.writing_programmes import SMALL
from tests.web.site import page_of


def test_the_numbers_are_those_of_the_ledger(db: Connection, database_url: str) -> None:
    open_world(db)
    submit(db, Engine(), [Stream(3).take(150)])
    seen = {row.currency: row for row in pulse(db).currencies}
    for code, row in seen.items():
        balances = db.execute(
            "select sum(available), sum(pending), sum(held), sum(owed) "
            "from ledger.balance where currency = %s",
            (code,),
        ).fetchone()
        assert balances == (row.outstanding, row.pending, row.held, row.owed)
    points = seen["points"]
    flows = db.execute(
        "select sum(case when debit = 'issued' and credit <> 'written_off' then units "
        "when credit = 'issued' then -units else 0 end) from ledger.movement "
        "where currency = 'points'"
    ).fetchone()
    assert flows == (points.issued,)
    page = page_of(database_url, language="en")
    assert f"{points.issued:,}" in page


def test_an_empty_world_says_what_to_do(db: Connection, database_url: str) -> None:
    assert "coterie demo" in page_of(database_url, language="en")
    assert "coterie demo" in page_of(database_url, language="zh")


def test_nothing_is_inline_and_each_language_is_complete(db: Connection, database_url: str) -> None:
    open_world(db)
    for language in ("zh", "en"):
        page = page_of(database_url, language=language)
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)
    chinese = page_of(database_url, language="zh")
    for _, english in WORDS.values():
        if len(english) > 12 and english.isascii():
            assert f">{english}<" not in chinese


def test_tiers_are_counted_from_the_highest_with_those_nothing_moved(
    db: Connection, database_url: str
) -> None:
    ladders = """
ladders:
  status:
    name: {zh: 等级, en: Status}
    tiers:
      - {code: leaf, name: {zh: 青叶, en: Leaf}}
      - {code: gold, name: {zh: 金骏, en: Golden}, reach: {spend: "100.00"}}
"""
    with transaction(db):
        publish(db, SMALL + ladders, 0, 0)
        made = create_members(db, [Newcomer(enrolled_us=0) for _ in range(3)], now_us=0)
    order = ev.Order(
        source="pos",
        key="k1",
        occurred_at="2026-03-01T12:00:00+08:00",
        member=ev.MemberRef(id=int(str(made[0]))),
        order_ref="A",
        lines=(ev.OrderLine(20_000),),
    )
    at_us = parse_instant(order.occurred_at)[0]
    [answer] = Engine().submit(db, [arrival_of(order, received_us=at_us)])
    assert answer.status == "accepted"
    page = page_of(database_url, language="zh")
    gold, leaf = page.index("金骏"), page.index("青叶")
    assert gold < leaf
    assert '<th scope="row">金骏</th><td class="number">1</td>' in page
    assert '<th scope="row">青叶</th><td class="number">2</td>' in page
