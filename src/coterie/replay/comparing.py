"""Deciding recorded events again and saying where that differs from what is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec.structs import asdict, replace

from coterie.events import Happening
from coterie.intake.placing import check_punctual, due_happening
from coterie.intake.recording import (
    Outcome,
    Returned,
    encode,
    outcome_of,
    returned_of,
    returned_of_merge,
)
from coterie.kernel.errors import Refusal
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.time import format_instant
from coterie.ledger import Account
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide, fall_due
from coterie.programme.errors import Waits
from coterie.programme.merged_sales import merges_with_sales
from coterie.programme.returning import sales_of_merge
from coterie.programme.standing import NO_CLAIMS, Claims, Decision, Standing
from coterie.programme.tracing import Trace
from coterie.replay.history import Past, Record

DUES_MAX = 10_000
"""Due moments without effect before one event; more means that time does not pass."""
TOLD_MAX = 300
"""Characters of a value in a report."""


class Differs(Exception):
    """The decision is another than the recorded one."""

    def __init__(self, what: str, expected: object, found: object, seq: int | None = None) -> None:
        """Keep what differs: ``expected`` by the replay, ``found`` in the record."""
        self.what = what
        self.expected = _told(expected)
        self.found = _told(found)
        self.seq = seq
        super().__init__(f"{what}: {self.expected} / {self.found}")


def _told(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= TOLD_MAX else text[:TOLD_MAX] + " …"


class InForce(Programmes):
    """The versions as they were when one of them was the newest: later ones had not begun."""

    def __init__(self, programmes: Programmes, newest: int) -> None:
        """Look at ``programmes`` as somebody did who knew none after ``newest``."""
        super().__init__(programmes.versions)
        self._then = Programmes([v for v in programmes.versions if v.version <= newest])

    def at(self, at_us: int) -> CompiledProgramme:
        """Return the version that was in force."""
        return self._then.at(at_us)


@lru_cache(maxsize=256)
def _in_force(programmes: Programmes, newest: int) -> Programmes:
    return InForce(programmes, newest)


def programmes_then(programmes: Programmes, record: Record) -> Programmes:
    """Return the versions as the event met them."""
    if programmes.at(record.happening.at_us).version == record.version:
        return programmes
    return _in_force(programmes, record.version)


def claims_then(record: Record) -> Claims:
    """Return what was secured for the event."""
    return record.told().claims if '"claims"' in record.outcome else NO_CLAIMS


def begin(member: Member) -> Standing:
    """Return the standing of a member to whom nothing has happened."""
    standing = Standing(member)
    # Everything that ever was is in memory: there is nothing more to load.
    standing.complete = True
    return standing


def decide_again(
    programmes: Programmes,
    standing: Standing,
    happening: Happening,
    claims: Claims = NO_CLAIMS,
    trace: Trace | None = None,
) -> Decision:
    """Decide one recorded event as it was decided then; raises :class:`Differs` about due moments.

    ``claims`` are the recorded ones: what could run out then is not asked again. A ``trace`` is
    filled as :func:`~coterie.programme.decide.decide` does.

    Advances the standing. A refusal is a decision here, as it is in the record.
    """
    member = standing.member
    if happening.seq != member.seq + 1:
        raise Differs("number", member.seq + 1, happening.seq)
    is_due = happening.kind == "due"
    due_us = member.next_due_us
    if due_us is not None and due_us <= happening.as_of_us:
        until_us = happening.at_us if is_due else happening.as_of_us
        _pass_time(programmes, standing, until_us, stop=is_due)
    if is_due:
        if member.next_due_us != happening.at_us:
            raise Differs("due moment", _moment(member.next_due_us), _moment(happening.at_us))
        made = fall_due(programmes, standing, happening)
        if made is None:
            raise Differs("due moment", "nothing fell due", _moment(happening.at_us))
        return made
    try:
        check_punctual(happening, programmes)
        return decide(programmes, standing, happening, claims, trace)
    except Waits as waits:
        raise Differs("answer", f"it waits ({waits.reason})", "it was decided") from None
    except Refusal as refusal:
        member.seq = happening.seq
        member.clock_us = max(member.clock_us, happening.as_of_us)
        return Decision(
            "refused",
            refusal.code,
            refusal.message,
            refusal.where or None,
            version=programmes.at(happening.at_us).version,
        )


def _pass_time(programmes: Programmes, standing: Standing, until_us: int, *, stop: bool) -> None:
    """Look at the due moments before an event: any that has an effect should be on record.

    With ``stop``, the moment ``until_us`` itself is left: it is the recorded event.
    """
    member = standing.member
    for _ in range(DUES_MAX):
        due_us = member.next_due_us
        if due_us is None or due_us > until_us or (stop and due_us == until_us):
            return
        happening = due_happening(member, due_us, programmes, 0)
        if fall_due(programmes, standing, happening) is not None:
            raise Differs("due moment", f"something fell due {_moment(due_us)}", "no such event")
    raise Differs("due moment", "an end of due moments", f"more than {DUES_MAX}")


def _moment(at_us: int | None) -> str:
    return "never" if at_us is None else f"at {format_instant(at_us)}"


_TROUBLES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


def compare(programmes: Programmes, past: Past) -> Differs | None:
    """Live a member's life again; return the first difference, None when there is none."""
    if past.trouble is not None:
        return Differs("record", "values that can be read", past.trouble)
    standing = begin(past.start)
    seq: int | None = None
    try:
        for record in past.records:
            seq = record.happening.seq
            then = programmes_then(programmes, record)
            decision = decide_again(then, standing, record.happening, claims_then(record))
            _compare_event(standing, record, decision)
        seq = None
        # What came to nothing was decided up to the next moment that is noted, and left no event.
        due_us = past.member.next_due_us
        _pass_time(programmes, standing, INT64_MAX if due_us is None else due_us - 1, stop=False)
        _compare_end(standing, past)
    except Differs as differs:
        differs.seq = seq if differs.seq is None else differs.seq
        return differs
    except _TROUBLES as error:
        # What cannot be decided any more is a finding, too.
        return Differs("replay", "a decision", f"{type(error).__name__}: {error}", seq)
    return None


def _compare_event(standing: Standing, record: Record, decision: Decision) -> None:
    if (decision.status, decision.code) != (record.status, record.code):
        expected = (decision.status, decision.code, decision.detail)
        raise Differs("answer", expected, (record.status, record.code))
    if decision.version != record.version:
        raise Differs("version", decision.version, record.version)
    if decision.movements or record.movements:
        event = record.happening.event
        store = None if event is None else event.store
        moved = [
            (
                m.n, m.currency, m.debit, m.credit, m.units, m.reason, m.rule, m.unit_cost_micro,
                m.funder, m.campaign, store,
            )
            for m in decision.movements
        ]  # fmt: skip
        if moved != record.movements:
            raise _first("movement", moved, record.movements)
        used = sorted([(use.n, use.lot_no, use.units) for use in decision.uses])
        if used != record.uses:
            raise _first("lot use", used, record.uses)
    outcome = outcome_of(decision, standing.accounts, approved=record.happening.approved)
    if encode(outcome) != record.outcome:
        _compare_outcome(outcome, record.told())


def _first(what: str, expected: Sequence[Any], found: Sequence[Any]) -> Differs:
    """Return the first place at which two lists differ."""
    for wanted, there in zip(expected, found, strict=False):
        if wanted != there:
            return Differs(what, wanted, there)
    if len(expected) > len(found):
        return Differs(what, expected[len(found)], "none")
    return Differs(what, "none", found[len(expected)])


def _compare_outcome(expected: Outcome, found: Outcome) -> None:
    # What is said in words may be said better by a later program; numbers may not change.
    wanted = asdict(replace(expected, detail=None, where=None))
    there = asdict(replace(found, detail=None, where=None))
    for name, value in wanted.items():
        if value != there[name]:
            raise Differs(f"outcome, {name}", value, there[name])


def _compare_end(standing: Standing, past: Past) -> None:
    """Compare what is there after the last event."""
    member, now = standing.member, past.member
    for name in ("state", "merged_into", "seq", "lot_no", "lots_from", "clock_us", "attributes"):
        if getattr(member, name) != getattr(now, name):
            raise Differs(f"member, {name}", getattr(member, name), getattr(now, name))
    _compare_all("balance", _used(standing.accounts), _used(past.accounts))
    _compare_all("lot", standing.lots, past.lots)
    _compare_all("hold", standing.holds, past.holds)
    _compare_all("counter", standing.counters, past.counters)
    _compare_all("tier", standing.tiers, past.tiers)
    returned = {
        seq: returned_of(sale)
        for seq, sale in standing.sales.items()
        if sale.returned and not sale.merge_seq
    }
    for merge_seq in merges_with_sales(standing):
        back = returned_of_merge(sales_of_merge(standing, merge_seq))
        if back.sales:
            returned[merge_seq] = back
    returned |= {seq: Returned(undone=True) for seq, each in standing.undone.items() if each.undone}
    _compare_all("returned of event", returned, past.returned)


def _used(accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Leave out accounts in which there is nothing: whether they were opened tells nothing."""
    return {code: a for code, a in accounts.items() if a != Account(code)}


def _compare_all(what: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    if expected == found:
        return
    for key in sorted(expected.keys() | found.keys()):
        wanted, there = expected.get(key, "none"), found.get(key, "none")
        if wanted != there:
            raise Differs(f"{what} {key}", wanted, there)
