"""Rules for those who joined: the event, the rule's option, the condition, and why it did not."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.events import Happening
from coterie.events import model as ev
from coterie.events.kinds.choices import OptIn
from coterie.programme.decide import decide
from coterie.programme.errors import UndeclaredName
from coterie.programme.plain import rule_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.tracing import Trace, Verdict
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import with_rule

DAY = "2026-03-01T12:00:00+08:00"
BONUS = """\
code: spring
name: {zh: 春季加赠, en: Spring bonus}
opt_in: true
campaign: spring2026
when: {channel: app}
earn: {currency: points, units: 7}"""
CLUB = """\
code: club
name: {zh: 俱乐部, en: Club}
when: {has_opted_in: [wine_club]}
earn: {currency: points, units: 3}"""
TEXT = with_rule(CLUB, with_rule(BONUS)).replace("    caps: [daily]\n", "")
SHOP = read_programme("small.yaml", TEXT)


def buy(drive: Drive, **more: Any) -> dict[str, int]:
    drive.keys += 1
    lines = (ev.OrderLine(1_000),)
    sent = drive.send(ev.Order, DAY, order_ref=f"o{drive.keys}", lines=lines, channel="app", **more)
    return {grant.rule: grant.units for grant in sent.grants}


@pytest.mark.parametrize("code", ["spring", "spring2026"])
def test_a_rule_applies_to_those_who_joined_it_or_its_campaign(code: str):
    drive = Drive(SHOP)
    assert buy(drive) == {"base": 10}
    drive.send(OptIn, DAY, code=code)
    assert buy(drive) == {"base": 10, "spring": 7}
    drive.send(OptIn, DAY, code=code, joined=False)
    assert buy(drive) == {"base": 10}
    assert not [mark for mark in drive.standing.counters if mark.startswith("optin:")]


def test_a_condition_asks_for_it():
    drive = Drive(SHOP)
    drive.send(OptIn, DAY, code="wine_club")
    assert buy(drive) == {"base": 10, "club": 3}


def test_what_nobody_declares_cannot_be_joined():
    drive = Drive(SHOP)
    with pytest.raises(UndeclaredName, match="spring"):
        drive.send(OptIn, DAY, code="sprng")


def test_a_recomputed_return_remembers_who_had_joined():
    text = TEXT.replace("en: Points}\n", "en: Points}\n    returns: recompute\n", 1)
    drive = Drive(read_programme("small.yaml", text))
    drive.send(OptIn, DAY, code="spring")
    lines = (ev.OrderLine(1_000), ev.OrderLine(1_000))
    drive.send(ev.Order, DAY, order_ref="A", lines=lines, channel="app")
    drive.send(OptIn, DAY, code="spring", joined=False)
    drive.send(ev.Return, DAY, order_ref="A", lines=(ev.ReturnLine(line="1"),))
    assert drive.balances()[0] == 10 + 7


def test_a_trace_says_who_did_not_join():
    drive = Drive(SHOP)
    order = ev.Order(
        key="x", occurred_at=DAY, member=ev.MemberRef(id=1), order_ref="x", channel="app",
        lines=(ev.OrderLine(1_000),),
    )  # fmt: skip
    trace = Trace()
    happening: Happening = drive.place(order)
    decide(drive.programmes, drive.standing, happening, trace=trace)
    line = next(line for line in trace.lines if line.rule == "spring")
    assert line.verdict is Verdict.CONDITION
    assert line.condition is not None
    assert line.condition.kind == "has_opted_in"


def test_it_is_written_and_said():
    assert read_canonical(canonical_text(SHOP)) == SHOP
    spring = SHOP.rules[1]
    assert rule_words(spring, SHOP, "zh") == (
        "春季加赠：每笔订单，若会员已报名参加“春季加赠”或“spring2026”，且渠道为app，送 7 积分。"
    )
    assert "when the member has joined “Spring bonus” or “spring2026” and the channel is app" in (
        rule_words(spring, SHOP, "en")
    )
