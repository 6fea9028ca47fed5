"""Why a rule applied or not: one line a rule, read off the decision and never changing it."""

import random
from datetime import date
from fractions import Fraction
from importlib import resources
from typing import Any

import pytest

from coterie.events import model as ev
from coterie.members.model import Member
from coterie.programme.decide import decide
from coterie.programme.model import (
    ActivityKind,
    Cap,
    Condition,
    Field,
    FieldType,
    Multiply,
    Programme,
    Rule,
    Window,
)
from coterie.programme.reading import read_programme
from coterie.programme.tracing import Trace, TraceLine, Verdict
from tests.ledger.driver import Drive, earn, programme, words

AT = "2026-03-10T12:00:00+00:00"


def tag(*names: str) -> Condition:
    return Condition("tag", {"in": list(names)})


def bench() -> Programme:
    text = resources.files("coterie.programme") / "library" / "bench.yaml"
    return read_programme("bench", text.read_text(encoding="utf-8"))


def traced(drive: Drive, kind: type[ev.Event], **parts: Any) -> tuple[dict[str, TraceLine], Any]:
    """Decide an event with a trace; give the lines by rule, and the decision."""
    drive.keys += 1
    event = kind(key=str(drive.keys), occurred_at=AT, member=ev.MemberRef(id=1), **parts)
    trace = Trace()
    decision = decide(drive.programmes, drive.standing, drive.place(event), trace=trace)
    rules = drive.programmes.versions[0].programme.rules
    assert [line.rule for line in trace.lines] == [rule.code for rule in rules]
    given = {grant.rule: grant.units for grant in decision.grants}
    assert {line.rule: line.units for line in trace.lines if line.units} == given
    return {line.rule: line for line in trace.lines}, decision


def shop(**parts: Any) -> Drive:
    """A shop with a rule for every reason not to apply."""
    gold = Condition("attribute", {"code": "level", "in": ["gold"]})
    day = date(2026, 4, 1).toordinal()
    rules = (
        earn("base", Fraction(1), 100),
        earn("capped", Fraction(1), 100, rule_caps=("small",)),
        earn("full", Fraction(1), 100, rule_caps=("small",)),
        earn("books", Fraction(5), 100, rule_lines=tag("book")),
        earn("crumbs", Fraction(1), 1_000_000),
        earn("april", Fraction(1), 100, rule_from_day=day),
        earn("web", Fraction(1), 100, rule_when=Condition("channel", {"in": ["web"]})),
        earn(
            "gold",
            Fraction(1),
            100,
            rule_when=Condition("all", {"of": [Condition("channel", {"in": ["pos"]}), gold]}),
        ),
        earn("visit", Fraction(3), rule_on="activity:visit"),
        earn("guests", Fraction(1), 1, rule_on="activity:visit", per_field="guests"),
    )
    bonus = Rule("bonus", words("bonus"), "order", Multiply(("books",), Fraction(2)))
    guests = {"guests": Field("guests", FieldType.INTEGER)}
    return Drive(
        programme(
            rules=(*rules, bonus),
            caps={"small": Cap("small", 30, "units", Window("day"))},
            attributes={"level": Field("level", values=("gold", "silver"))},
            activities={"visit": ActivityKind("visit", words("visit"), guests)},
        ),
        Member(1, **parts),
    )


def test_every_reason_not_to_apply_is_told():
    drive = shop(attributes={"level": "silver"})
    lines, _ = traced(drive, ev.Order, order_ref="A", channel="pos", lines=(ev.OrderLine(5_000),))
    verdicts = {rule: line.verdict for rule, line in lines.items()}
    assert verdicts == {
        "base": Verdict.APPLIED,
        "capped": Verdict.CUT,
        "full": Verdict.CAP,
        "books": Verdict.LINES,
        "crumbs": Verdict.TOO_LITTLE,
        "april": Verdict.DATES,
        "web": Verdict.CONDITION,
        "gold": Verdict.CONDITION,
        "visit": Verdict.OTHER_KIND,
        "guests": Verdict.OTHER_KIND,
        "bonus": Verdict.BASE,
    }
    assert (lines["capped"].units, lines["capped"].uncapped, lines["capped"].cap) == (
        30,
        50,
        "small",
    )
    assert (lines["full"].uncapped, lines["full"].cap) == (50, "small")
    assert lines["books"].condition == tag("book")
    # Of an "all", the part that fails.
    failing = lines["gold"].condition
    assert failing is not None
    assert failing.kind == "attribute"


def test_a_bonus_that_adds_nothing_for_this_member():
    bonus = Rule(
        "bonus",
        words("bonus"),
        "order",
        Multiply(("base",), attribute="level", factors={"gold": Fraction(2)}),
    )
    drive = Drive(
        programme(
            rules=(earn("base", Fraction(1), 100), bonus),
            attributes={"level": Field("level", values=("gold", "silver"))},
        ),
        Member(1, attributes={"level": "silver"}),
    )
    lines, _ = traced(drive, ev.Order, order_ref="A", lines=(ev.OrderLine(5_000),))
    assert lines["bonus"].verdict is Verdict.FACTOR


def test_an_activity_and_a_state_that_earns_nothing():
    lines, _ = traced(shop(), ev.Activity, activity="visit", fields={"guests": 0})
    assert lines["visit"].verdict is Verdict.APPLIED
    assert lines["guests"].verdict is Verdict.TOO_LITTLE
    assert lines["base"].verdict is Verdict.OTHER_KIND
    for kind, parts in (
        (ev.Order, {"order_ref": "A", "lines": (ev.OrderLine(5_000),)}),
        (ev.Activity, {"activity": "visit"}),
    ):
        lines, decision = traced(shop(state="closed"), kind, **parts)
        assert not decision.grants
        told = {line.verdict for line in lines.values()}
        assert told == {Verdict.STATE, Verdict.OTHER_KIND}


@pytest.mark.parametrize("seed", range(20))
def test_a_trace_changes_nothing_and_leaves_no_rule_out(seed: int):
    """The same orders with and without: the same decisions, the same state."""
    rng = random.Random(seed)
    plain, told = (Drive(bench(), Member(1, attributes={"level": "gold"})) for _ in "ab")
    for number in range(20):
        lines = tuple(
            ev.OrderLine(
                rng.randrange(1, 90_000),
                product=f"p{rng.randrange(50)}",
                categories=(f"c{rng.randrange(1, 21)}",),
                brand=f"b{rng.randrange(1, 11)}",
            )
            for _ in range(rng.randrange(1, 4))
        )
        parts: dict[str, Any] = {
            "order_ref": f"o{number}",
            "lines": lines,
            "channel": rng.choice(["pos", "app", "web"]),
            "store": f"s{rng.randrange(1, 30)}",
        }
        _, decision = traced(told, ev.Order, **parts)
        assert decision == plain.send(ev.Order, AT, **parts)
        assert plain.state() == told.state()
