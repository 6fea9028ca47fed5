"""The first page: true numbers, both languages, nothing inline."""

from __future__ import annotations

import re

from coterie.console import home_page, home_style
from coterie.console.home import CHART_HEIGHT, CHART_WIDTH, bars
from coterie.console.words import PHRASES
from coterie.insight import MonthPulse, pulse
from coterie.intake.engine import Engine
from coterie.kernel.clock import FixedClock
from coterie.storage import Connection
from tests.intake.world import START_US, Stream, open_world, submit


def test_the_numbers_are_those_of_the_ledger(db: Connection) -> None:
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
    page = home_page(db, FixedClock(START_US), "en")
    assert f"{points.issued:,}" in page


def test_an_empty_world_says_what_to_do(db: Connection) -> None:
    assert "coterie demo" in home_page(db, FixedClock(START_US), "en")
    assert "coterie demo" in home_page(db, FixedClock(START_US), "zh")


def test_nothing_is_inline_and_each_language_is_complete(db: Connection) -> None:
    open_world(db)
    for language in ("zh", "en"):
        page = home_page(db, FixedClock(START_US), language)
        assert not re.search(r"<script|<style| style=| on[a-z]+=", page)
    chinese = home_page(db, FixedClock(START_US), "zh")
    for _, english in PHRASES.values():
        if len(english) > 12 and english.isascii():
            assert f">{english}<" not in chinese
    assert home_style().startswith(b":root")


def test_bars_fit_the_drawing() -> None:
    drawn = bars((MonthPulse("2026-01", 50, 100, 0), MonthPulse("2026-02", 0, 25, 1)))
    assert [bar.redeemed for bar in drawn] == [CHART_HEIGHT, CHART_HEIGHT / 4]
    assert drawn[-1].x + 2 * drawn[-1].width <= CHART_WIDTH
    assert bars(()) == []
