"""The one function that says what an event means.

``decide`` reads only its arguments. It raises a :class:`~coterie.kernel.errors.Refusal`,
:class:`~coterie.programme.errors.Waits` or :class:`~coterie.programme.standing.MoreNeeded` before
it changes anything; otherwise it advances the standing and returns what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import to_builtins

from coterie.events import Activity, AttributeChange, Happening, Order, StateChange, StateForbids
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.time import format_instant, is_day
from coterie.ledger import Book, held_parts
from coterie.metrics import add, peak
from coterie.programme import (
    asking,
    assigning,
    changing,
    correcting,
    joining,
    leaving,
    linking,
    merging,
    moving,
    permitting,
    pooling,
)
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.conditions import Scene
from coterie.programme.counting import take_backfill
from coterie.programme.due import decide_due
from coterie.programme.earning import CapRoom, Situation, activity_grants, order_grants
from coterie.programme.errors import UndeclaredName, WrongValue
from coterie.programme.giving import give_grants, note_activity
from coterie.programme.ladders.status import change_status
from coterie.programme.model import ActivityKind, Field, FieldType
from coterie.programme.standing import (
    HELD_OUT,
    MARKS_READ,
    NO_CLAIMS,
    Claims,
    Context,
    Decision,
    MoreNeeded,
    Sale,
    Standing,
    Undone,
    next_due,
    note_live_lots,
)
from coterie.programme.tallying import tally
from coterie.programme.tracing import Trace, trace_earning
from coterie.programme.trading_back import TRADES, recalled
from coterie.programme.turn import Turn, follow

Handler = Callable[[Programmes, CompiledProgramme, Standing, Happening, Book], Decision]


def decide(
    programmes: Programmes,
    standing: Standing,
    happening: Happening,
    claims: Claims = NO_CLAIMS,
    trace: Trace | None = None,
) -> Decision:
    """Decide one event and advance the member's standing; see the module for what may be raised.

    Everything due up to the event's ``as_of_us`` has been decided before (:func:`fall_due`).
    ``claims`` is what was secured for the event of supplies that can run out. A ``trace`` is filled
    with a line for every rule: applied, or why not.
    """
    kind = happening.kind
    cp = programmes.at(happening.at_us)
    book = Book(standing.accounts, standing.lots, happening.at_us)
    whole = kind in NEEDS_COMPLETE or cp.needs_complete or _empties(happening)
    if whole and not standing.complete:
        raise MoreNeeded
    if kind == "order":
        decision = _order(cp, standing, happening, book, trace)
        label = kind
    elif kind == "activity":
        decision = _activity(cp, standing, happening, book, trace)
        label = f"activity:{happening.event.activity}"
    else:
        decision = _HANDLERS[kind](programmes, cp, standing, happening, book)
        label = kind
    if cp.steps:
        follow(Turn(programmes, cp, standing, happening, book, decision, label))
    if cp.inactivity:
        note_activity(cp, standing, book, label, happening.day)
    decision.take_book(book)
    decision.version = cp.version
    if claims:
        decision.claims = claims
    if kind in _UNDOABLE:
        _remember(standing, happening, decision)
    member = standing.member
    member.seq = happening.seq
    member.clock_us = max(member.clock_us, happening.as_of_us)
    if whole:
        # What waits was promised by the version of today; a late event is of an earlier one.
        member.next_due_us = next_due(standing, programmes.at(member.clock_us).steps)
    if decision.touched:
        note_live_lots(standing)
    return decision


def _empties(happening: Happening) -> bool:
    return happening.kind == "state_change" and happening.event.state in ("merged", "erased")


def _remember(standing: Standing, happening: Happening, decision: Decision) -> None:
    """Keep what a later event of the same batch may undo, as a load from the record would."""
    kind, event = happening.kind, happening.event
    captured: list[tuple[int, int]] = []
    for hold in decision.holds:
        captured, _ = held_parts(hold, hold.captured)
    standing.undone[happening.seq] = Undone(
        happening.seq,
        kind,
        happening.day,
        decision.movements,
        decision.uses,
        decision.version,
        decision.grants,
        decision.counted,
        recalled(kind, to_builtins(event)) if kind in _RECALLED else getattr(event, "fields", {}),
        captured,
    )


def fall_due(programmes: Programmes, standing: Standing, happening: Happening) -> Decision | None:
    """Decide what fell due at ``happening.at_us``; None when nothing did and no event is made."""
    if not standing.complete:
        raise MoreNeeded
    cp = programmes.at(happening.at_us)
    book = Book(standing.accounts, standing.lots, happening.at_us)
    decision = decide_due(cp, standing, book, happening.day)
    if cp.steps:
        follow(Turn(programmes, cp, standing, happening, book, decision, "due"), due=True)
        if cp.inactivity and book.movements:
            note_activity(cp, standing, book, "due", happening.day)
    decision.take_book(book)
    decision.version = cp.version
    member = standing.member
    member.next_due_us = next_due(standing, cp.steps)
    if decision.touched:
        note_live_lots(standing)
    if not book.movements and not decision.holds and not decision.noted:
        return None
    member.seq = happening.seq
    member.clock_us = max(member.clock_us, happening.as_of_us)
    return decision


def _scene(happening: Happening) -> Scene:
    event = happening.event
    return Scene(
        event.store, event.channel, event.source, event.partner, event.campaign, happening.day
    )


def _order(
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
    trace: Trace | None,
) -> Decision:
    order: Order = happening.event
    if order.currency is not None and order.currency != cp.programme.money:
        raise WrongValue(
            f"The programme counts in {cp.programme.money}, not {order.currency}.",
            where="currency",
        )
    member = standing.member
    situation = Situation(cp, _scene(happening), standing, happening.at_us, order=order)
    decision = Decision()
    if cp.states[member.state].earn:
        caps = CapRoom(cp, standing.counters, situation)
        decision.grants = order_grants(cp, order, situation, caps)
        if cp.recomputes:
            decision.context = _context(cp, standing, situation)
        if trace is not None:
            trace.lines = trace_earning(cp, "order", situation, caps, decision.grants, order)
        _take_caps(standing, caps)
        give_grants(book, cp, standing, happening.seq, happening.day, decision.grants)
    elif trace is not None:
        trace.lines = trace_earning(cp, "order", situation, None, (), order)
    if cp.asks:
        decision.asked = _asked(cp, "order", situation)
    decision.counted = tally(cp, standing, "order", situation, decision.grants)
    standing.sales[happening.seq] = Sale(
        happening.seq,
        order,
        happening.at_us,
        happening.day,
        cp.version,
        decision.grants,
        decision.context,
        counted=decision.counted,
    )
    return decision


def _context(cp: CompiledProgramme, standing: Standing, situation: Situation) -> Context:
    used = {}
    for code, cap in cp.caps.items():
        if cap.period is not None:
            bucket = cp.bucket(cap.period, standing, situation.day)
            length = cap.period.length
            used[code] = peak(standing.counters, cap.counter, bucket, length)
            if cap.by is not None:
                for counter in [c for c in standing.counters if c.startswith(cap.prefix)]:
                    named = cap.named(counter.removeprefix(cap.prefix))
                    used[named] = peak(standing.counters, counter, bucket, length)
    return Context(
        dict(situation.attributes),
        {code: situation.metric(code) for code in cp.metrics},
        used,
        situation.enrolled_day,
        {
            code: buckets.get(0, 0)
            for code, buckets in standing.counters.items()
            if code.startswith(MARKS_READ)
        }
        | {HELD_OUT + code: 1 for code in cp.hold_outs if situation.held_out(code)},
        {code: situation.tier(code) for code in cp.ladders},
    )


def _take_caps(standing: Standing, caps: CapRoom) -> None:
    """Count once per cap what all grants of the event took."""
    for room in caps.taken():
        period = room.cap.period
        assert period is not None
        add(standing.counters, room.counter, room.bucket, room.taken, period.keep)
        if room.key:
            _tidy(standing, room.cap.prefix, room.bucket - period.keep)
        standing.counters_changed = True


def _asked(cp: CompiledProgramme, on: str, situation: Situation) -> frozenset[str]:
    """Return which conditions of steps hold before the event."""
    scene = situation.scene
    return frozenset([a.name for a in cp.asks if a.on == on and a.holds(scene, situation)])


def _tidy(standing: Standing, prefix: str, oldest: int) -> None:
    """Drop the counters of values that no window reaches any more."""
    for code in [code for code in standing.counters if code.startswith(prefix)]:
        if max(standing.counters[code], default=oldest) <= oldest:
            del standing.counters[code]


def _activity(
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
    trace: Trace | None,
) -> Decision:
    event: Activity = happening.event
    declared = cp.programme.activities.get(event.activity)
    if declared is None:
        known = cp.programme.activities
        raise UndeclaredName(
            f"There is no activity {event.activity!r}.{nearest(event.activity, known)}",
            where="activity",
        )
    check_fields(declared, event.fields)
    member = standing.member
    situation = Situation(cp, _scene(happening), standing, happening.at_us, fields=event.fields)
    decision = Decision()
    on = f"activity:{event.activity}"
    if cp.states[member.state].earn:
        caps = CapRoom(cp, standing.counters, situation)
        decision.grants = activity_grants(cp, event.activity, situation, caps)
        if trace is not None:
            trace.lines = trace_earning(cp, on, situation, caps, decision.grants, None)
        _take_caps(standing, caps)
        give_grants(book, cp, standing, happening.seq, happening.day, decision.grants)
    elif trace is not None:
        trace.lines = trace_earning(cp, on, situation, None, (), None)
    if cp.asks:
        decision.asked = _asked(cp, on, situation)
    decision.counted = tally(cp, standing, on, situation, decision.grants)
    return decision


def check_fields(declared: ActivityKind, fields: Mapping[str, Any]) -> None:
    """Refuse undeclared fields, missing ones and values that are not declared."""
    for name, value in fields.items():
        field = declared.fields.get(name)
        if field is None:
            raise UndeclaredName(
                f"{declared.code} has no field {name!r}.{nearest(name, declared.fields)}",
                where=f"fields.{name}",
            )
        check_value(field, value, f"fields.{name}")
    for name, field in declared.fields.items():
        if field.required and name not in fields:
            raise Malformed(f"{declared.code} needs the field {name!r}.", where="fields")


_TYPES: dict[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: str,
}


def check_value(field: Field, value: Any, where: str) -> None:
    """Refuse a value that a declared field may not have."""
    if type(value) is not _TYPES[field.type]:
        raise WrongValue(f"{field.code} is {field.type.value}.", where=where)
    if field.type is FieldType.DATE and not is_day(str(value)):
        raise WrongValue(f"{field.code} is a date such as 2026-01-31.", where=where)
    if field.values and value not in field.values:
        raise WrongValue(
            f"{field.code} cannot be {value!r}.{nearest(str(value), field.values)}", where=where
        )
    if not isinstance(value, int):
        return
    if (field.minimum is not None and value < field.minimum) or (
        field.maximum is not None and value > field.maximum
    ):
        raise WrongValue(
            f"{field.code} lies between {field.minimum} and {field.maximum}.", where=where
        )


def _attributes(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    event: AttributeChange = happening.event
    declared = cp.programme.attributes
    for name, value in event.attributes.items():
        field = declared.get(name)
        if field is None:
            raise UndeclaredName(
                f"There is no attribute {name!r}.{nearest(name, declared)}",
                where=f"attributes.{name}",
            )
        if value is not None:
            check_value(field, value, f"attributes.{name}")
    attributes = dict(standing.member.attributes)
    for name, value in event.attributes.items():
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    standing.member.attributes = attributes
    return Decision()


def _state(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    event: StateChange = happening.event
    if event.state not in cp.states:
        raise UndeclaredName(
            f"There is no state {event.state!r}.{nearest(event.state, cp.states)}", where="state"
        )
    if (event.state == "merged") != (event.merged_into is not None):
        raise Malformed("merged_into goes with the state merged.", where="merged_into")
    member = standing.member
    if event.merged_into == member.member_id:
        raise Malformed("A member is not merged into itself.", where="merged_into")
    if member.state in ("merged", "erased"):
        raise StateForbids(f"The member is {member.state} since {format_instant(member.clock_us)}.")
    if event.state == "erased":
        return leaving.erase(cp, standing, happening, book)
    if event.merged_into is not None:
        return merging.merge_away(cp, standing, book, event.merged_into)
    member.state = event.state
    return Decision()


_HANDLERS: dict[str, Handler] = {
    "backfill": take_backfill,
    "attribute_change": _attributes,
    "state_change": _state,
    "status_change": change_status,
    "return": changing.decide_return,
    "reversal": changing.decide_reversal,
    "adjustment": correcting.adjust,
    "opening_balance": correcting.open_balance,
    "opening_metrics": leaving.open_metrics,
    "extend": correcting.extend,
    "reinstate": correcting.reinstate,
    "spend": moving.spend,
    "convert": asking.convert,
    "exchange": asking.exchange,
    "redeem": asking.redeem,
    "choose": asking.choose,
    "hold": moving.hold,
    "capture": moving.capture,
    "release": moving.release,
    "confirm": moving.confirm,
    "transfer": moving.transfer,
    "transfer_in": moving.transfer_in,
    "transfer_back": moving.transfer_back,
    "link": linking.link,
    "opt_in": joining.opt_in,
    "assign": assigning.assign,
    "tag_change": joining.tag,
    "referral": linking.refer,
    "referral_back": linking.unrefer,
    "merge_in": merging.merge_in,
    "unmerge": merging.unmerge,
    "unmerge_in": merging.unmerge_in,
    "pool_join": pooling.join,
    "pool_leave": pooling.leave,
    "pool_change": permitting.change,
    "pool_in": pooling.take_in,
    "pool_out": pooling.let_out,
    "pool_share": pooling.share,
    "pool_back": pooling.give_back,
    "pool_take": pooling.take,
    "pool_repay": pooling.repay,
}

_RECALLED = TRADES | {"merge_in"}
_UNDOABLE = (
    frozenset({"activity", "opening_balance", "spend", "capture", "adjustment", "transfer"})
    | frozenset({"referral"})
    | _RECALLED
)

_NO_LOTS = frozenset(
    {"backfill", "attribute_change", "state_change", "status_change", "link", "opt_in", "assign"}
    | {"tag_change", "opening_metrics"}
)
NEEDS_COMPLETE = frozenset(_HANDLERS) - _NO_LOTS
"""Kinds that look at lots or holds; earning alone needs none."""
