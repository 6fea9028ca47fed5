"""A programme of five hundred rules: how long it takes to compile, and an order against it."""

from __future__ import annotations

import time
from fractions import Fraction
from statistics import median

from bench.rows import Report, at_most
from coterie.events import Happening, MemberRef, Order, OrderLine
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide
from coterie.programme.model import (
    Condition,
    Currency,
    Earn,
    Field,
    Programme,
    Rule,
    StateRights,
    Words,
)
from coterie.programme.standing import Standing

RULES = 500
APPLYING = 10
COMPILE_BAR_S = 1
ORDER_BAR_US = 150
ORDERS = 2_000
AT_US = 1_772_000_000_000_000


def programme() -> Programme:
    """Rules by category, channel, store and attribute; ten of them are about what is bought."""
    rules = [_rule(n) for n in range(RULES)]
    return Programme(
        "many",
        Words("多", "many"),
        "Asia/Shanghai",
        "CNY",
        {"points": Currency("points", Words("积分", "Points"))},
        tuple(rules),
        attributes={"level": Field("level")},
        states={"active": StateRights(earn=True, spend=True, receive=True)},
    )


def _rule(n: int) -> Rule:
    name = Words(f"规则{n}", f"rule {n}")
    earn = Earn("points", Fraction(1, 3), 100)
    if n < APPLYING:
        lines = Condition("category", {"in": [f"bought{n % 3}"]})
        return Rule(f"r{n}", name, "order", earn, lines=lines)
    if n % 4 == 0:
        return Rule(f"r{n}", name, "order", earn, when=Condition("store", {"in": [f"s{n}"]}))
    if n % 4 == 1:
        level = Condition("attribute", {"code": "level", "is": f"l{n}"})
        scene = Condition("channel", {"in": [f"c{n}"]})
        return Rule(f"r{n}", name, "order", earn, when=Condition("all", {"of": [scene, level]}))
    return Rule(f"r{n}", name, "order", earn, lines=Condition("category", {"in": [f"x{n}"]}))


def measure(report: Report) -> None:
    """Add a row for each of the two bars."""
    many = programme()
    began = time.perf_counter()
    compiled = CompiledProgramme(many, 1)
    report.add(at_most("compile_500_rules", time.perf_counter() - began, "s", COMPILE_BAR_S))
    programmes = Programmes([compiled])
    standing = Standing(Member(1, attributes={"level": "gold"}))
    lines = tuple(OrderLine(1_000 + n, categories=(f"bought{n}",)) for n in range(3))
    took = []
    for seq in range(1, ORDERS + 1):
        order = Order(
            key=f"k{seq}", occurred_at="", member=MemberRef(id=1), order_ref=f"o{seq}",
            channel="app", store="s1", lines=lines,
        )  # fmt: skip
        day = programmes.zone.day(AT_US)
        happening = Happening(order, "order", AT_US, 480, AT_US, AT_US, day, day, 1, seq)
        began = time.perf_counter()
        decision = decide(programmes, standing, happening)
        took.append(time.perf_counter() - began)
        assert len(decision.grants) == APPLYING
    report.add(at_most("order_against_500_rules", median(took) * 1e6, "us", ORDER_BAR_US))
