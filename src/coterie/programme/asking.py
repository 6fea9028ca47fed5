"""What a member asks for: units converted, exchanged, spent on a reward; a milestone's choice."""

from __future__ import annotations

from typing import Any

from coterie.events import Choose, Convert, Exchange, Happening, Redeem, StateForbids
from coterie.kernel.errors import nearest
from coterie.ledger import Book, InsufficientUnits
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.conditions import Scene, compile_condition
from coterie.programme.earning import Situation
from coterie.programme.errors import (
    BelowMinimum,
    LimitReached,
    NothingToChoose,
    NotOffered,
    ShareExceeded,
    UndeclaredName,
    WrongValue,
)
from coterie.programme.giving import issue
from coterie.programme.permitting import permit
from coterie.programme.pooling import burn
from coterie.programme.sections.conversions import Conversion, convertible
from coterie.programme.sections.exchanges import Exchange as Declared
from coterie.programme.sections.exchanges import Rate
from coterie.programme.sections.gifts import hand_over
from coterie.programme.sections.limits import room_left, take_room
from coterie.programme.sections.milestones import Milestone
from coterie.programme.sections.reaching import choice_of
from coterie.programme.sections.rewards import GRANTED, Reward, paid_pieces, price_of
from coterie.programme.standing import Decision, Standing
from coterie.programme.trading import require_threshold, spendable_units, trade


def declared(cp: CompiledProgramme, section: str, noun: str, code: str) -> Any:
    """Return a declared entry of a section, or refuse with the nearest name."""
    entries = cp.programme.parts.get(section, {})
    found = entries.get(code)
    if found is None:
        raise UndeclaredName(f"There is no {noun} {code!r}.{nearest(code, entries)}", where=noun)
    return found


def _may_spend(cp: CompiledProgramme, standing: Standing) -> None:
    state = standing.member.state
    if not cp.states[state].spend:
        raise StateForbids(f"A member who is {state} cannot spend.")


def _whole_steps(units: int, step: int, minimum: int, room: int, currency: str) -> None:
    """Refuse units that are no whole steps, too few, or more than a limit leaves."""
    if units % step:
        raise WrongValue(f"{units} is not a multiple of {step}.", where="units")
    if units < minimum:
        raise BelowMinimum(f"{units} {currency}; {minimum} is the least.", where="units")
    if units > room:
        raise LimitReached(f"{room} {currency} are left.", where="units", left=room)


def convert(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Turn units into another currency, as many as asked or as can be."""
    event: Convert = happening.event
    entry: Conversion = declared(cp, "conversions", "conversion", event.conversion)
    if entry.at != "request":
        raise NotOffered(f"{entry.code!r} happens by itself.", where="conversion")
    _may_spend(cp, standing)
    day = happening.day
    units = event.units
    if units is None:
        units = convertible(cp, entry, standing, day)
        if not units:
            _too_few(cp, entry, standing, day)
    room = room_left(cp, entry.limit, entry.counter, standing, day)
    _whole_steps(units, entry.step, entry.minimum, room, entry.source)
    book.require(entry.source, units)
    permit(cp, standing, happening, entry.source, units)
    gotten = (entry.target, units // entry.step * entry.gives)
    take_room(cp, entry.limit, entry.counter, standing, day, units)
    place = (happening.seq, day)
    trade(book, cp, standing, place, "convert", entry.code, (entry.source, units), gotten)
    return Decision()


def _too_few(cp: CompiledProgramme, entry: Conversion, standing: Standing, day: int) -> None:
    room = room_left(cp, entry.limit, entry.counter, standing, day)
    if room < entry.minimum:
        raise LimitReached(f"{room} {entry.source} are left.", left=room)
    has = spendable_units(standing, entry.source)
    raise InsufficientUnits(
        f"{entry.minimum} {entry.source} are needed, {has} can be spent.",
        currency=entry.source,
        needed=entry.minimum,
        available=has,
    )


def exchange(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Give units for others at the rate of the day; a partner stands in for what is not ours."""
    event: Exchange = happening.event
    entry: Declared = declared(cp, "exchanges", "exchange", event.exchange)
    rate = entry.rate_on(happening.day)
    if rate is None:
        raise NotOffered(f"{entry.code!r} has no rate yet.", where="exchange")
    day = happening.day
    room = room_left(cp, entry.limit, entry.counter, standing, day)
    asked = event.units
    if asked is None:
        asked = _all_of(entry, standing, room)
    _whole_steps(asked, entry.step, entry.minimum, room, entry.counted)
    gets = asked * rate.get // rate.give
    if gets == 0:
        raise BelowMinimum(f"{asked} are worth less than one unit.", where="units")
    units = _needed(entry, rate, gets)
    away, house = ("redeemed", "issued") if entry.partner is None else ("partner", "partner")
    if entry.source is not None:
        _may_spend(cp, standing)
        book.require(entry.source, asked)
        permit(cp, standing, happening, entry.source, units)
        burn(cp, standing, book, entry.source, away, units, "exchange", entry.code)
    elif not cp.states[standing.member.state].receive:
        raise StateForbids(f"A member who is {standing.member.state} cannot receive.")
    if entry.target is not None:
        seq = happening.seq
        issue(book, cp, standing, entry.target, gets, "exchange", entry.code, seq, day, house)
    take_room(cp, entry.limit, entry.counter, standing, day, units)
    return Decision()


def _all_of(entry: Declared, standing: Standing, room: int) -> int:
    """Return as many whole steps as there are."""
    if entry.source is None:
        raise WrongValue("Only the partner knows how many; say it.", where="units")
    most = min(spendable_units(standing, entry.source), room)
    units = most - most % entry.step
    if units < entry.minimum:
        raise InsufficientUnits(
            f"{entry.minimum} {entry.source} are needed, {most} can be given.",
            currency=entry.source,
            needed=entry.minimum,
            available=most,
        )
    return units


def _needed(entry: Declared, rate: Rate, gets: int) -> int:
    """Return the fewest units, in whole steps, for which so many come: the rest stays."""
    units = -(-gets * rate.give // rate.get)
    return units + -units % entry.step


def redeem(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Spend units on a reward; one that a milestone granted costs nothing."""
    event: Redeem = happening.event
    entry: Reward = declared(cp, "rewards", "reward", event.reward)
    value = _value(entry, event)
    _may_spend(cp, standing)
    _is_for(cp, standing, happening, entry)
    _within_share(entry, event, value)
    room = room_left(cp, entry.limit, entry.counter, standing, happening.day)
    if event.quantity > room:
        raise LimitReached(f"{room} more {entry.code} can be had.", where="quantity", left=room)
    mark = f"{GRANTED}{entry.code}"
    granted = standing.counters.get(mark, {}).get(0, 0)
    if granted >= event.quantity:
        standing.counters[mark][0] = granted - event.quantity
        standing.counters_changed = True
    else:
        has = spendable_units(standing, entry.currency)
        if has < entry.minimum_balance:
            least = entry.minimum_balance
            raise BelowMinimum(
                f"{least} {entry.currency} open it, {has} can be spent.", least=least
            )
        require_threshold(cp, standing, entry.currency)
        units = price_of(entry, value) * paid_pieces(entry, event.quantity)
        book.require(entry.currency, units)
        permit(cp, standing, happening, entry.currency, units)
        burn(cp, standing, book, entry.currency, "redeemed", units, "redeem", entry.code)
    take_room(cp, entry.limit, entry.counter, standing, happening.day, event.quantity)
    return Decision()


def _value(entry: Reward, event: Redeem) -> int:
    if entry.units is not None or entry.value_minor is not None:
        if event.value_minor is not None:
            raise WrongValue(f"{entry.code!r} has its value.", where="value_minor")
        return entry.value_minor or 0
    if event.value_minor is None:
        raise WrongValue(f"{entry.code!r} is worth what the event says.", where="value_minor")
    return event.value_minor


def _within_share(entry: Reward, event: Redeem, value: int) -> None:
    """Refuse pieces that together are worth more than the reward's share of the bill."""
    if entry.share is None:
        return
    if event.of_minor is None:
        raise WrongValue(f"{entry.code!r} pays a share of a bill; say it.", where="of_minor")
    allowed = event.of_minor * entry.share.numerator // entry.share.denominator
    asked = value * event.quantity
    if asked > allowed:
        what = f"{asked} of a bill of {event.of_minor}; {allowed} is the most."
        where = "quantity" if event.value_minor is None else "value_minor"
        raise ShareExceeded(what, where=where, allowed_minor=allowed)


def _is_for(cp: CompiledProgramme, standing: Standing, happening: Happening, entry: Reward) -> None:
    """Refuse a member to whom the reward is not offered."""
    if entry.when is None:
        return
    event = happening.event
    scene = Scene(
        event.store, event.channel, event.source, event.partner, event.campaign, happening.day
    )
    tests = compile_condition(entry.when, cp.programme)
    situation = Situation(cp, scene, standing, happening.at_us)
    if (tests.static is not None and not tests.static(scene)) or (
        tests.dynamic is not None and not tests.dynamic(situation)
    ):
        raise NotOffered(f"{entry.code!r} is for others.", where="reward")


def choose(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    book: Book,
) -> Decision:
    """Give what the member chooses of a milestone; of several that wait, the most urgent."""
    event: Choose = happening.event
    entry: Milestone = declared(cp, "milestones", "milestone", event.milestone)
    gift = entry.options.get(event.option)
    if gift is None and entry.options:
        hint = nearest(event.option, entry.options)
        raise UndeclaredName(f"There is no option {event.option!r}.{hint}", where="option")
    mark = choice_of(entry.code)
    waits = standing.counters.get(mark)
    if gift is None or not waits:
        raise NothingToChoose(f"{entry.code!r}.", where="milestone")
    if not cp.states[standing.member.state].earn:
        raise StateForbids(f"A member who is {standing.member.state} gets nothing.")
    day = min(waits)
    waits[day] -= 1
    if not waits[day]:
        del waits[day]
    if not waits:
        del standing.counters[mark]
    standing.counters_changed = True
    place = (happening.seq, happening.day)
    hand_over(gift, 1, book, cp, standing, place, "milestone", entry.code)
    return Decision()
