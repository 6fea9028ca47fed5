"""Who may do what, what is refused before anything changes, and which version decides."""

from fractions import Fraction
from typing import Any

import pytest

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.time import parse_instant
from coterie.members.model import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.model import (
    ActivityKind,
    Condition,
    Expiry,
    ExpiryModel,
    Field,
    FieldType,
    Metric,
    Pending,
    ReturnPolicy,
    Window,
)
from coterie.programme.standing import MoreNeeded
from tests.ledger.driver import Drive, currency, earn, programme, words

AT = "2026-03-10T12:00:00+00:00"
FIELDS = {
    "nights": Field("nights", FieldType.INTEGER, required=True, minimum=1, maximum=30),
    "room": Field("room", values=("single", "double")),
    "paid": Field("paid", FieldType.BOOLEAN),
}


def member(state: str = "active", **parts: Any) -> Drive:
    parts.setdefault("rules", (earn("base", Fraction(1), 100),))
    parts.setdefault("activities", {"stay": ActivityKind("stay", words("stay"), FIELDS)})
    parts.setdefault("attributes", {"level": Field("level", values=("gold", "silver"))})
    parts.setdefault("currencies", {"points": currency(transferable=True)})
    return Drive(programme(**parts), Member(1, state=state))


def order(amount_minor: int = 10_000, **more: Any) -> dict[str, Any]:
    return {"order_ref": "A", "lines": (ev.OrderLine(amount_minor),), **more}


def opening(*lots: ev.OpeningLot) -> dict[str, Any]:
    return {"currency": "points", "lots": lots}


BY_HAND = {"currency": "points", "units": 10}


@pytest.mark.parametrize(
    ("kind", "parts", "refused_to"),
    [
        (ev.Spend, BY_HAND, {"paused", "closed"}),
        (ev.Hold, {**BY_HAND, "hold_ref": "h"}, {"paused", "closed"}),
        (ev.Transfer, {**BY_HAND, "receiver": ev.MemberRef(id=2)}, {"paused", "closed"}),
        (ev.TransferIn, {**BY_HAND, "sender_id": 2}, {"closed"}),
        (ev.Adjustment, {**BY_HAND, "reason": "so"}, set()),
    ],
)
def test_what_a_state_forbids(kind: type[ev.Event], parts: dict[str, Any], refused_to: set[str]):
    for state in ("active", "paused", "closed"):
        drive = member(state)
        drive.send(ev.Adjustment, AT, currency="points", units=100, reason="so")
        if state in refused_to:
            with pytest.raises(Refusal) as refused:
                drive.send(kind, AT, **parts)
            assert refused.value.code == "state_forbids"
        else:
            drive.send(kind, AT, **parts)


@pytest.mark.parametrize(
    ("kind", "parts", "code", "where"),
    [
        (ev.Order, order(currency="USD"), "wrong_value", "currency"),
        (ev.Spend, {"currency": "pointz", "units": 1}, "undeclared_name", "currency"),
        (ev.Adjustment, {"currency": "x", "units": 1, "reason": "so"}, "undeclared_name",
         "currency"),
        (ev.Activity, {"activity": "stey"}, "undeclared_name", "activity"),
        (ev.Activity, {"activity": "stay"}, "malformed", "fields"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": 1, "beds": 1}}, "undeclared_name",
         "fields.beds"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": 0}}, "wrong_value",
         "fields.nights"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": 31}}, "wrong_value",
         "fields.nights"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": True}}, "wrong_value",
         "fields.nights"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": "2"}}, "wrong_value",
         "fields.nights"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": 2, "room": "suite"}}, "wrong_value",
         "fields.room"),
        (ev.Activity, {"activity": "stay", "fields": {"nights": 2, "paid": 1}}, "wrong_value",
         "fields.paid"),
        (ev.AttributeChange, {"attributes": {"tier": "gold"}}, "undeclared_name",
         "attributes.tier"),
        (ev.AttributeChange, {"attributes": {"level": "gold", "x": 1}}, "undeclared_name",
         "attributes.x"),
        (ev.AttributeChange, {"attributes": {"level": "lead"}}, "wrong_value", "attributes.level"),
        (ev.StateChange, {"state": "asleep"}, "undeclared_name", "state"),
        (ev.StateChange, {"state": "merged"}, "malformed", "merged_into"),
        (ev.StateChange, {"state": "paused", "merged_into": 2}, "malformed", "merged_into"),
        (ev.StateChange, {"state": "merged", "merged_into": 1}, "malformed", "merged_into"),
        (ev.Extend, {"currency": "points", "expires_on": "soon", "reason": "so"}, "malformed",
         "expires_on"),
        (ev.Extend, {"currency": "points", "expires_on": "9999-12-31", "reason": "so"}, "malformed",
         ""),
        (ev.OpeningBalance, opening(ev.OpeningLot(5, earned_on="9999-12-31")), "malformed",
         "lots[0].earned_on"),
        (ev.OpeningBalance, opening(ev.OpeningLot(5), ev.OpeningLot(5, "x")), "malformed",
         "lots[1].expires_on"),
    ],
)  # fmt: skip
def test_what_is_refused(kind: type[ev.Event], parts: dict[str, Any], code: str, where: str):
    with pytest.raises(Refusal) as refused:
        member().send(kind, AT, **parts)  # the driver looks that nothing has changed
    assert (refused.value.code, refused.value.where) == (code, where)


def test_attributes_change_and_go():
    drive = member()
    drive.send(ev.AttributeChange, AT, attributes={"level": "gold"})
    assert drive.member.attributes == {"level": "gold"}
    drive.send(ev.AttributeChange, AT, attributes={"level": None})
    assert drive.member.attributes == {}


def test_who_is_merged_stays_merged():
    drive = member()
    drive.send(ev.StateChange, AT, state="merged", merged_into=7)
    assert (drive.member.state, drive.member.merged_into) == ("merged", 7)
    with pytest.raises(Refusal, match="merged since 2026-03-10"):
        drive.send(ev.StateChange, AT, state="active")


def test_the_clock_of_a_member_never_goes_back():
    drive = member()
    drive.send(ev.Order, AT, **order())
    drive.send(ev.Order, "2026-03-01T12:00:00+00:00", **order())
    assert drive.member.clock_us == parse_instant(AT)[0]
    assert [lot.earned_us for lot in drive.standing.lots.values()] == [
        parse_instant(AT)[0],
        parse_instant("2026-03-01T12:00:00+00:00")[0],
    ]


def test_what_looks_at_lots_asks_for_them():
    drive = member()
    drive.standing.complete = False
    drive.send(ev.Order, AT, **order())
    with pytest.raises(MoreNeeded):
        drive.send(ev.Spend, AT, currency="points", units=1)
    assert drive.balances() == (100, 0, 0, 0)


def test_the_version_in_force_when_it_occurred_decides():
    def version(units: int, returns: ReturnPolicy) -> Any:
        rule = earn("base", Fraction(units), 100)
        return programme(rules=(rule,), currencies={"points": currency(returns=returns)})

    second_us = parse_instant("2026-02-01T00:00:00+00:00")[0]
    drive = Drive(
        Programmes(
            [
                CompiledProgramme(version(3, ReturnPolicy.KEEP), 2, second_us),
                CompiledProgramme(version(1, ReturnPolicy.RECOMPUTE), 1, 0),
            ]
        )
    )
    assert drive.send(ev.Order, "2026-02-01T00:00:00+00:00", **order()).grants[0].units == 300
    late = drive.send(ev.Order, "2026-01-31T23:59:59+00:00", AT, **{**order(), "order_ref": "B"})
    assert (late.version, late.grants[0].units) == (1, 100)
    # What remains of a sale follows the version that gave it, whatever is in force now.
    drive.send(ev.Return, AT, order_ref="B")
    drive.send(ev.Return, AT, order_ref="A")
    assert drive.balances()[0] == 300


def test_conditions_see_the_member_as_before_the_event():
    metrics = {"spend": Metric("spend", "order", "amount", Window("lifetime"))}
    rich = Condition("metric", {"code": "spend", "min": "100.00"})
    drive = member(metrics=metrics, rules=(earn("rich", Fraction(5), rule_when=rich),))
    assert drive.send(ev.Order, AT, **order()).grants == []
    assert [g.units for g in drive.send(ev.Order, AT, **order()).grants] == [5]


def test_days_are_those_of_the_zone():
    expiry = Expiry(ExpiryModel.FIXED, days=1)
    points = currency(expiry=expiry, pending=Pending(1))
    drive = member(zone="Asia/Shanghai", currencies={"points": points})
    drive.send(ev.Order, "2026-03-10T15:59:59Z", **order())  # still the 10th in Shanghai
    drive.send(ev.Order, "2026-03-10T16:00:00Z", **order())  # the 11th
    releases = [lot.releases_us for lot in drive.standing.lots.values()]
    assert releases == [
        parse_instant("2026-03-11T00:00:00+08:00")[0],
        parse_instant("2026-03-12T00:00:00+08:00")[0],
    ]
    ends = [lot.expires_us for lot in drive.standing.lots.values()]
    assert ends == [
        parse_instant("2026-03-12T00:00:00+08:00")[0],
        parse_instant("2026-03-13T00:00:00+08:00")[0],
    ]


def test_lots_open_in_the_order_of_the_first_rule_of_their_currency():
    """Also where the first rule's units all went into a debt."""
    both = {"points": currency(), "stars": currency("stars")}
    rules = (
        earn("a", Fraction(10)),
        earn("b", Fraction(5), currency="stars"),
        earn("c", Fraction(20)),
    )
    drive = member(currencies=both, rules=rules)
    drive.send(ev.Adjustment, AT, currency="points", units=1, reason="so")
    drive.standing.accounts["points"].available = 0
    drive.standing.lots.clear()
    drive.standing.accounts["points"].owed = 10
    sent = drive.send(ev.Order, AT, **order())
    assert [(lot.lot_no, lot.currency, lot.units) for lot in sent.opened] == [
        (2, "points", 20),
        (3, "stars", 5),
    ]
