"""A world in memory: some members, one programme, a clock that moves with the events.

It runs events through the same functions as the engine, in the same order: what fell due first,
then the event, then what follows from it for others. Only the database is missing.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

from coterie.casebook.errors import CasesInvalid
from coterie.casebook.model import FIRST, Case, Given, Step
from coterie.events import (
    KINDS,
    Event,
    Happening,
    MemberRef,
    OpeningBalance,
    OpeningMetrics,
    StatusChange,
    TransferIn,
)
from coterie.intake.placing import check_punctual, due_happening, place
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of
from coterie.kernel.errors import Kind, Refusal
from coterie.kernel.time import format_day, format_instant, parse_day
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide, fall_due
from coterie.programme.drawing import ToldDraws
from coterie.programme.errors import Waits
from coterie.programme.findings import Finding
from coterie.programme.ladders.judging import CompiledLadder
from coterie.programme.standing import Decision, FollowUp, Standing, follow_up_key
from coterie.programme.tracing import Trace
from coterie.tiers import period_start, valid_through

DUES_MAX = 10_000
PERIODS_MAX = 50
"""How many periods back a given tier may have been reached."""
DEPTH_MAX = 10
"""How far a consequence may have consequences for others."""


class Played(Struct):
    """One event or due moment of a member, and what was decided; no decision where none was."""

    member_id: int
    happening: Happening
    status: str
    decision: Decision | None = None
    code: str | None = None
    detail: str | None = None
    trace: Trace = field(default_factory=Trace)


class World:
    """The members of one case."""

    def __init__(self, programme: CompiledProgramme, case: Case) -> None:
        """Let the members be as the case begins."""
        self.cp = programme
        programme.draws = ToldDraws({given.member_id: given.held_out for given in case.given})
        self.case = case
        self.programmes = Programmes([programme])
        self.standings: dict[int, Standing] = {}
        self.labels: dict[str, int] = {}
        self.sent: dict[str, int] = {}
        self.names = {given.member_id: given.name for given in case.given}
        for given in case.given:
            self._open(given, case.begins_us)

    def _open(self, given: Given, begins_us: int) -> None:
        member = Member(
            given.member_id,
            state="active",
            kind=given.kind,
            enrolled_us=min(given.enrolled_us, begins_us),
            attributes=dict(given.attributes),
        )
        standing = self.standings[given.member_id] = Standing(member)
        standing.complete = True
        counted = {code: value for code, value in given.metrics.items() if value}
        if counted:
            event: Event = OpeningMetrics(
                source=INTERNAL_SOURCE,
                key="opening:metrics",
                occurred_at=format_instant(begins_us),
                member=MemberRef(id=given.member_id),
                metrics=counted,
            )
            self._give(event, begins_us)
        for currency, lots in given.lots.items():
            event = OpeningBalance(
                source=INTERNAL_SOURCE,
                key=f"opening:{currency}",
                occurred_at=format_instant(begins_us),
                member=MemberRef(id=given.member_id),
                currency=currency,
                lots=lots,
            )
            self._give(event, begins_us)
        for ladder, said in given.tiers.items():
            self._stand(given, ladder, said, begins_us)
        member.state = given.state

    def _stand(self, given: Given, ladder: str, said: dict[str, Any], begins_us: int) -> None:
        """Let a member stand on a tier as on one of their own earning."""
        declared = self.cp.ladders[ladder].ladder
        parts: list[dict[str, Any]] = []
        if declared.track is not None:
            parts.append({"action": "select"})
        if said["tier"] != declared.tiers[0].code:
            ladder_of = self.cp.ladders[ladder]
            parts.append({"action": "correct", **self._earned(ladder_of, said, given, begins_us)})
        for part in parts:
            event = StatusChange(
                source=INTERNAL_SOURCE,
                key=f"opening:{ladder}:{part['action']}",
                occurred_at=format_instant(begins_us),
                member=MemberRef(id=given.member_id),
                ladder=ladder,
                reason="opening",
                **part,
            )
            self._give(event, begins_us)

    def _earned(
        self, ladder: CompiledLadder, said: dict[str, Any], given: Given, begins_us: int
    ) -> dict[str, Any]:
        """Return a given tier; unless told since when, it is one of the period it is valid by.

        What the member does in the present period then counts for the next.
        """
        if "since" in said:
            return {"tier": said["tier"], "until": said.get("until"), "since": said["since"]}
        policy, zone = ladder.policy, self.programmes.zone
        today, enrolled = zone.day(begins_us), zone.day(min(given.enrolled_us, begins_us))
        if said.get("until") is None:
            last = valid_through(policy, today, today, enrolled)
        else:
            last = parse_day(said["until"])
        gained = (period_start(policy.review, today, enrolled) or today) - 1
        for _ in range(PERIODS_MAX):
            began = period_start(policy.review, gained, enrolled)
            until = valid_through(policy, gained, gained, enrolled)
            if last is None or until is None or until <= last or not began:
                break
            gained = began - 1
        return {
            "tier": said["tier"],
            "until": None if last is None else format_day(last),
            "since": format_day(gained),
        }

    def _give(self, event: Event, begins_us: int) -> None:
        """Submit what a member is given as the case begins."""
        opened = self._submit(arrival_of(event, received_us=begins_us))
        if opened[-1].status != "accepted":
            raise CasesInvalid([self._impossible(event.member.id, opened[-1].detail or "")])

    def _impossible(self, member_id: int | None, detail: str) -> Finding:
        name = self.names[member_id or 1]
        path = f"{self.case.path}.{'given' if name == FIRST else f'members.{name}'}"
        file, line = self.case.place(path)
        return Finding(file, line, path, f"this cannot be given: {detail}")

    # ------------------------------------------------------------------ time

    def settle(self, until_us: int) -> list[Played]:
        """Decide for every member what fell due up to a moment."""
        found: list[Played] = []
        for member_id in self.standings:
            for played in self._dues(member_id, until_us):
                found += [played, *self._follow(played)]
        return found

    def _dues(self, member_id: int, until_us: int) -> list[Played]:
        standing = self.standings[member_id]
        member = standing.member
        found: list[Played] = []
        for _ in range(DUES_MAX):
            due_us: int | None = member.next_due_us
            if due_us is None or due_us > until_us:
                return found
            happening = due_happening(member, due_us, self.programmes, 0)
            decision = fall_due(self.programmes, standing, happening)
            if decision is not None:
                found.append(Played(member_id, happening, "accepted", decision))
        raise AssertionError(f"member {member_id} has no end of due moments")

    def tier(self, standing: Standing, ladder: str) -> dict[str, Any]:
        """Return where a member stands on a ladder, as a case writes it."""
        found = standing.tiers.get(ladder)
        if found is None:
            base = self.cp.ladders[ladder].ladder
            return {"tier": None if base.track else base.tiers[0].code}
        until = None if found.until_day is None else format_day(found.until_day)
        return {"tier": found.tier, "until": until, "reason": found.reason}

    # ------------------------------------------------------------------ events

    def play(self, step: Step) -> list[Played]:
        """Let a step happen and everything that follows from it; the step itself is the last."""
        if step.event is None:
            return self.settle(step.at_us)
        event: Any = step.event
        if step.labels:
            seqs = {name: self.labels.get(label, 1) for name, label in step.labels.items()}
            event = msgspec.structs.replace(event, **seqs)
        received_us = step.at_us if step.received_us is None else step.received_us
        played = self._submit(arrival_of(event, received_us=received_us))
        own = played[-1]
        if step.label is not None:
            self.labels[step.label] = own.happening.seq
        followed = [each for earlier in played for each in self._follow(earlier)]
        return [*played[:-1], *followed, own]

    def _submit(self, arrival: Arrival) -> list[Played]:
        """Decide an event after what fell due before it."""
        assert isinstance(arrival.reference, int)
        standing = self.standings[arrival.reference]
        member = standing.member
        happening = place(arrival, member, self.programmes, {}, 0)
        found = self._dues(member.member_id, happening.as_of_us)
        happening.seq = member.seq + 1
        played = Played(member.member_id, happening, "accepted")
        try:
            check_punctual(happening, self.programmes)
            played.decision = decide(self.programmes, standing, happening, trace=played.trace)
        except Waits as waits:
            played.status, played.code, played.detail = "waiting", waits.reason, waits.detail
        except Refusal as refusal:
            played.status, played.code, played.detail = "refused", refusal.code, refusal.detail
            if refusal.kind is Kind.BUSINESS:
                member.seq = happening.seq
                member.clock_us = max(member.clock_us, happening.as_of_us)
        return [*found, played]

    def _follow(self, played: Played, depth: int = 0) -> list[Played]:
        """Deliver what an event sends on to others, as the engine does after its commit."""
        if played.decision is None or not played.decision.follow_ups:
            return []
        if depth == DEPTH_MAX:
            raise AssertionError("consequences never end")
        found: list[Played] = []
        for what in played.decision.follow_ups:
            place = (played.member_id, played.happening.seq)
            fields = dict(what.fields)
            if what.undoes is not None:
                fields["undoes_seq"] = self.sent.get(what.undoes)
            arrival = self._sent(played, what, what.kind, what.member_id, fields)
            arrived = self._submit(arrival)
            self.sent[arrival.key] = arrived[-1].happening.seq
            event = arrival.event
            if arrived[-1].status == "refused" and isinstance(event, TransferIn):
                fields = {"currency": event.currency, "units": event.units}
                fields["transfer_seq"] = place[1]
                back = self._sent(played, what, "transfer_back", place[0], fields)
                arrived += self._submit(back)
            further = [each for own in arrived for each in self._follow(own, depth + 1)]
            found += [*arrived, *further]
        return found

    def _sent(
        self, played: Played, what: FollowUp, kind: str, member_id: int, fields: dict[str, Any]
    ) -> Arrival:
        cause = played.happening
        written = {
            **fields,
            "kind": kind,
            "source": INTERNAL_SOURCE,
            "key": follow_up_key(kind, played.member_id, cause.seq, what.name),
            "occurred_at": format_instant(cause.at_us),
            "member": MemberRef(id=member_id),
            "caused_by": f"{played.member_id}:{cause.seq}",
        }
        event: Event = msgspec.convert(written, KINDS[kind])
        return arrival_of(event, received_us=cause.received_us)
