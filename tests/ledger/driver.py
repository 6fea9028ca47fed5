"""Drives ``decide`` without a database: one member, every event in its place, all dues before it.

What a store would load stays in the standing: sales, finished lots and holds, events to reverse.
"""

import copy
from typing import Any

from coterie.events import Due, MemberRef
from coterie.events.model import Event, Happening
from coterie.kernel.errors import Refusal
from coterie.kernel.time import parse_instant
from coterie.members.model import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide, fall_due
from coterie.programme.errors import Waits
from coterie.programme.model import (
    Currency,
    Earn,
    Programme,
    Rule,
    StateRights,
    Words,
)
from coterie.programme.standing import Decision, Standing

DUES_MAX = 1000
REVERSIBLE = frozenset(
    {"activity", "opening_balance", "spend", "capture", "adjustment", "transfer"}
)
STATES = {
    "active": StateRights(earn=True, spend=True, receive=True),
    "paused": StateRights(earn=False, spend=False, receive=True),
    "closed": StateRights(earn=False, spend=False, receive=False),
    "merged": StateRights(earn=False, spend=False, receive=False),
}


def words(text: str) -> Words:
    return Words(text, text)


def currency(code: str = "points", **declared: Any) -> Currency:
    return Currency(code, words(code), **declared)


def earn(code: str, units: Any, per_minor: int | None = None, **more: Any) -> Rule:
    """A rule that gives points for orders; ``rule_...`` arguments are the rule's, others Earn's."""
    of_rule = {key[5:]: more.pop(key) for key in list(more) if key.startswith("rule_")}
    effect = Earn(more.pop("currency", "points"), units, per_minor, **more)
    return Rule(code, words(code), of_rule.pop("on", "order"), effect, **of_rule)


def programme(zone: str = "UTC", **parts: Any) -> Programme:
    parts.setdefault("currencies", {"points": currency()})
    parts.setdefault("states", STATES)
    return Programme("test", words("test"), zone, "CNY", **parts)


def compiled(*versions: Programme) -> Programmes:
    return Programmes([CompiledProgramme(p, n) for n, p in enumerate(versions, 1)])


class Drive:
    """A member and everything that happened to it."""

    def __init__(self, programmes: Programmes | Programme, member: Member | None = None) -> None:
        if isinstance(programmes, Programme):
            programmes = compiled(programmes)
        self.programmes = programmes
        self.standing = Standing(member or Member(1))
        self.standing.complete = True
        self.dues: list[Decision] = []
        self.keys = 0
        self.approved = False

    @property
    def member(self) -> Member:
        return self.standing.member

    def place(self, event: Event, received: str | None = None) -> Happening:
        """An event arrives when it occurs unless ``received`` says later."""
        at_us, offset = parse_instant(event.occurred_at)
        received_us = at_us if received is None else parse_instant(received)[0]
        kind = str(event.__struct_config__.tag)
        as_of_us = max(received_us, self.member.clock_us)
        day = self.programmes.zone.day(at_us)
        return Happening(
            event, kind, at_us, offset, received_us, as_of_us, day, day, 1, self.member.seq + 1,
            approved=self.approved,
        )  # fmt: skip

    def due(self, up_to_us: int) -> None:
        """What the worker does: everything that falls due up to a moment, at its own moment."""
        member = self.member
        for _ in range(DUES_MAX):
            at_us = member.next_due_us
            if at_us is None or at_us > up_to_us:
                return
            day = self.programmes.zone.day(at_us)
            event = Due(key="due", occurred_at="", member=MemberRef(id=1))
            happening = Happening(event, "due", at_us, 0, at_us, at_us, day, day, 1, member.seq + 1)
            decision = fall_due(self.programmes, self.standing, happening)
            if decision is not None:
                self.dues.append(decision)
        raise AssertionError("dues never end")

    def submit(self, event: Event, received: str | None = None, *, worker: bool = True) -> Decision:
        """Decide what is due, then the event; a refusal must leave no mark."""
        happening = self.place(event, received)
        if worker:
            self.due(happening.as_of_us)
            happening.seq = self.member.seq + 1
        before = self.state()
        try:
            decision = decide(self.programmes, self.standing, happening)
        except (Refusal, Waits):
            assert self.state() == before, "a refused event changed something"
            raise
        return decision

    def send(
        self, kind: type[Event], at: str, received: str | None = None, **parts: Any
    ) -> Decision:
        """Make an event and submit it."""
        self.keys += 1
        event = kind(key=str(self.keys), occurred_at=at, member=MemberRef(id=1), **parts)
        return self.submit(event, received)

    def state(self) -> dict[str, Any]:
        """A deep copy of everything a decision may change."""
        standing = self.standing
        names = ("member", "accounts", "lots", "holds", "counters", "sales", "undone")
        return {name: copy.deepcopy(getattr(standing, name)) for name in names}

    def balances(self, code: str = "points") -> tuple[int, int, int, int]:
        """Available, pending, held and owed units."""
        account = self.standing.accounts.get(code)
        if account is None:
            return 0, 0, 0, 0
        return account.available, account.pending, account.held, account.owed
