"""One transaction's worth of events: lock, load, decide member by member, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from coterie.events import (
    Backfill,
    KeyReused,
    MemberRef,
    Recorded,
    StateChange,
    WaitingEvent,
    events_by_seq,
    insert_waiting,
    waiting_state,
)
from coterie.intake.answers import Answer
from coterie.intake.errors import BeingCounted
from coterie.intake.following import LAST_KINDS
from coterie.intake.loading import complete, load_past, load_standings_later, needs_lots
from coterie.intake.placing import check_punctual, due_happening, place
from coterie.intake.reading import INTERNAL_SOURCE, Arrival, arrival_of
from coterie.intake.recording import answer_from, outcome_decoder, outcome_of
from coterie.intake.writing import Before, Writer, before
from coterie.kernel.errors import Kind, Refusal
from coterie.ledger import Movement, closed_through_later, load_movements
from coterie.programme.compile import Programmes
from coterie.programme.counting import is_counted
from coterie.programme.decide import decide, fall_due
from coterie.programme.errors import Waits
from coterie.programme.standing import Decision, MoreNeeded, Standing
from coterie.programme.versions import last_version_number_later
from coterie.storage import Connection, KeyRow, find_keys_later, share_settings

TO_THE_MERGED = frozenset({"unmerge_in"})
"""Kinds of event for members who were merged; all others go to who took over."""
DUES_MAX = 10_000
"""Due moments of one member decided before one event; more means something is broken."""

Item = tuple[int, Arrival, int | None]
"""Place in the answers, arrival, member (None: nobody is known by its reference)."""


class MovedAway(Exception):
    """A member of the batch was merged between being found and being locked."""


class Outdated(Exception):
    """A version was published or books were closed since the surroundings were read."""


class Surroundings(msgspec.Struct):
    """What is the same for all events of a batch: read before it, confirmed inside it."""

    programmes: Programmes
    version: int
    day_cuts: Mapping[str, int]
    closed_through: int

    @property
    def return_days(self) -> int:
        """Return how far back any version looks for the sale of a return."""
        return max(v.programme.return_days for v in self.programmes.versions)

    def confirm(self, db: Connection) -> None:
        """Raise :class:`Outdated` unless they hold; they do not change until the commit."""
        self.confirm_later(db)()

    def confirm_later(self, db: Connection) -> Callable[[], None]:
        """As :meth:`confirm`, asked now and raised by calling the answer: for a pipeline."""
        share_settings(db)
        version, closed = last_version_number_later(db), closed_through_later(db)

        def confirm() -> None:
            if version() != self.version or closed() != self.closed_through:
                raise Outdated

        return confirm


class Batch:
    """The events of one transaction."""

    def __init__(self, around: Surroundings, answers: list[Answer | None]) -> None:
        """Answer into ``answers``, at the items' places."""
        self.around = around
        self.answers = answers
        self.writer = Writer()
        self.standings: dict[int, Standing] = {}
        self.befores: dict[int, Before] = {}
        self.known: dict[tuple[str, str], KeyRow] = {}
        self.recorded: dict[tuple[int, int], Recorded] = {}
        self.moved: dict[tuple[int, int], list[Movement]] = {}
        self.fresh: dict[tuple[str, str], tuple[bytes, Answer]] = {}
        self.changed: set[int] = set()
        self.concerned: set[int | None] = set()
        """Whom something that was sent on concerns, from either end."""
        self.open_ended = False
        """Whether what was sent on may be sent further, to members nobody here knows."""

    def run(self, db: Connection, items: Sequence[Item], settle: Mapping[int, int]) -> int:
        """Decide and write; ``settle`` are members whose dues up to an instant are wanted.

        Returns how many items are decided: it ends before one whose member must first see what an
        earlier one sent on, which happens after the commit.
        """
        ids = {member_id for _, _, member_id in items if member_id is not None} | set(settle)
        with db.pipeline():
            # Keys are looked up under the members' locks, or a twin's would be missed.
            confirm = self.around.confirm_later(db)
            ladders = self.around.programmes.has_ladders
            standings = load_standings_later(db, sorted(ids), tiers=ladders)
            known = find_keys_later(db, [(a.source, a.key) for _, a, _ in items])
        confirm()
        self.standings = standings()
        if any(s.member.merged_into is not None for s in self.standings.values()) and items:
            merged = {i for i, s in self.standings.items() if s.member.merged_into is not None}
            if any(i in merged and arrival.kind not in TO_THE_MERGED for _, arrival, i in items):
                raise MovedAway
        self.befores = {i: before(s) for i, s in self.standings.items()}
        if items:
            self.known = known()
            self._recall(db)
        self._prefetch(db, items, settle)
        for member_id, until_us in sorted(settle.items()):
            standing = self.standings.get(member_id)
            if standing is not None:
                self._dues(db, standing, until_us)
        done = 0
        for number, arrival, found in items:
            if found in self.concerned or (self.concerned and self.open_ended):
                break
            self.answers[number] = self._answer(db, arrival, found)
            done += 1
        self.writer.write(db, [(self.standings[i], self.befores[i]) for i in sorted(self.changed)])
        return done

    def _recall(self, db: Connection) -> None:
        """Load what was answered before, together: a file sent again is nothing else."""
        places = [
            (row.member_id, row.seq)
            for row in self.known.values()
            if row.member_id is not None and row.seq is not None
        ]
        if not places:
            return
        self.recorded = {(e.member_id, e.seq): e for e in events_by_seq(db, places)}
        for member_id, seq, movement in load_movements(db, places):
            self.moved.setdefault((member_id, seq), []).append(movement)

    def _prefetch(self, db: Connection, items: Sequence[Item], settle: Mapping[int, int]) -> None:
        """Load lots, holds and past events for all members that surely need them, together."""
        wanted = {i for i in settle if i in self.standings}
        past = []
        for _, arrival, member_id in items:
            if member_id is None or self._answered(arrival) is not None:
                continue
            due_us = self.standings[member_id].member.next_due_us
            latest_us = max(arrival.received_us, arrival.at_us)
            if self.around.programmes.needs_complete or needs_lots(arrival):
                past.append((member_id, arrival))
                wanted.add(member_id)
            elif due_us is not None and due_us <= latest_us:
                wanted.add(member_id)
        if wanted:
            complete(db, [self.standings[i] for i in sorted(wanted)], past)
        if past:
            zone = self.around.programmes.zone
            days = {n: zone.day(arrival.at_us) for n, (_, arrival) in enumerate(past)}
            window = self.around.return_days
            load_past(db, self.standings, past, return_days=window, day_of=days)

    # ------------------------------------------------------------------ one event

    def _answer(self, db: Connection, arrival: Arrival, member_id: int | None) -> Answer:
        key = (arrival.source, arrival.key)
        earlier = self.fresh.get(key)
        if earlier is not None:
            digest, answer = earlier
            if digest != arrival.digest:
                return refused(KeyReused(f"{key[1]!r} of {key[0]!r}."))
            return msgspec.structs.replace(answer, replayed=True)
        row = self._answered(arrival)
        if row is not None:
            return self._again(db, arrival, row)
        if member_id is None:
            answer = self._set_aside(db, arrival, "unknown_member")
        else:
            answer = self._decide(db, arrival, self.standings[member_id])
        if answer.event is not None or answer.status == "waiting":
            self.fresh[key] = (arrival.digest, answer)
        return answer

    def _answered(self, arrival: Arrival) -> KeyRow | None:
        """Return what the key was used for, unless it is this arrival's own waiting."""
        row = self.known.get((arrival.source, arrival.key))
        if row is not None and row.waiting_id == arrival.waiting_id is not None:
            return None
        return row

    def _again(self, db: Connection, arrival: Arrival, row: KeyRow) -> Answer:
        """Return the first answer, rebuilt from what was recorded."""
        if row.digest != arrival.digest:
            return refused(KeyReused(f"{row.key!r} of {row.source!r}."))
        if row.seq is None or row.member_id is None:
            assert row.waiting_id is not None
            reason, decided = waiting_state(db, row.waiting_id)
            if decided == "refused":
                return Answer("refused", code="not_approved", kind="business", replayed=True)
            return Answer("waiting", code=reason, replayed=True)
        recorded = self.recorded[row.member_id, row.seq]
        return answer_from(
            row.member_id,
            row.seq,
            recorded.status,
            recorded.code,
            outcome_decoder.decode(recorded.outcome),
            self.moved.get((row.member_id, row.seq), []),
            replayed=True,
        )

    def _decide(self, db: Connection, arrival: Arrival, standing: Standing) -> Answer:
        around = self.around
        member = standing.member
        if around.programmes.at(arrival.at_us).coming and arrival.kind != "backfill":
            self._count_from_here(db, arrival, standing)
            if self._leaves_uncounted(arrival, standing):
                return refused(BeingCounted())
        happening = place(
            arrival, member, around.programmes, around.day_cuts, around.closed_through
        )
        if member.next_due_us is not None and member.next_due_us <= happening.as_of_us:
            self._dues(db, standing, happening.as_of_us)
            happening.seq = member.seq + 1
        try:
            check_punctual(happening, around.programmes)
            try:
                decision = decide(around.programmes, standing, happening)
            except MoreNeeded:
                complete(db, [standing], [(member.member_id, arrival)])
                past = [(member.member_id, arrival)]
                days = {0: happening.day}
                window = around.return_days
                load_past(db, self.standings, past, return_days=window, day_of=days)
                decision = decide(around.programmes, standing, happening)
        except Waits as waits:
            return self._set_aside(db, arrival, waits.reason)
        except Refusal as refusal:
            if refusal.kind is not Kind.BUSINESS:
                return refused(refusal)
            # A business refusal is an event of its own: it keeps its answer.
            decision = Decision(
                "refused",
                refusal.code,
                refusal.message,
                refusal.where or None,
                version=around.programmes.at(happening.at_us).version,
            )
            member.seq = happening.seq
            member.clock_us = max(member.clock_us, happening.as_of_us)
        outcome = outcome_of(decision, standing.accounts, approved=happening.approved)
        self.writer.record(happening, decision, outcome, arrival.waiting_id)
        self.changed.add(member.member_id)
        self._sent(member.member_id, decision)
        return answer_from(
            member.member_id,
            happening.seq,
            decision.status,
            decision.code,
            outcome,
            decision.movements,
        )

    def _sent(self, member_id: int, decision: Decision) -> None:
        for what in decision.follow_ups:
            self.concerned |= {member_id, what.member_id}
            self.open_ended = self.open_ended or what.kind not in LAST_KINDS

    def _count_from_here(self, db: Connection, arrival: Arrival, standing: Standing) -> None:
        """Let metrics to come count a member from here on, where nothing is missing before.

        That is a new member, or one whose every event so far met a version with the metric: it
        began only when everybody who had a past was counted.
        """
        programmes, seq = self.around.programmes, standing.member.seq
        ready = {version.version for version in programmes.versions}
        metrics = {
            code: found.versions
            for code, found in programmes.at(arrival.at_us).coming.items()
            if (seq == 0 or found.versions[0] in ready)
            and not is_counted(standing, code, found.versions)
        }
        if not metrics:
            return
        event = Backfill(
            source=INTERNAL_SOURCE,
            key=f"backfill:{standing.member.member_id}:{seq}",
            occurred_at=arrival.event.occurred_at,
            member=MemberRef(id=standing.member.member_id),
            mode=arrival.event.mode,
            through_seq=seq,
            metrics=metrics,
        )
        self._decide(db, arrival_of(event, received_us=arrival.received_us), standing)

    def _leaves_uncounted(self, arrival: Arrival, standing: Standing) -> bool:
        """Tell whether a merge would take a member away whom a version still waits to count."""
        event = arrival.event
        if not isinstance(event, StateChange) or event.merged_into is None:
            return False
        coming = self.around.programmes.at(arrival.at_us).coming
        return any(not is_counted(standing, code, c.versions) for code, c in coming.items())

    def _dues(self, db: Connection, standing: Standing, until_us: int) -> None:
        """Decide everything due up to an instant, moment by moment."""
        member = standing.member
        if member.next_due_us is None or member.next_due_us > until_us:
            return
        complete(db, [standing])
        for _ in range(DUES_MAX):
            due_us: int | None = member.next_due_us
            if due_us is None or due_us > until_us:
                return
            self.changed.add(member.member_id)
            happening = due_happening(
                member, due_us, self.around.programmes, self.around.closed_through
            )
            decision = fall_due(self.around.programmes, standing, happening)
            if decision is not None:
                outcome = outcome_of(decision, standing.accounts)
                self.writer.record(happening, decision, outcome)
                self._sent(member.member_id, decision)
        raise AssertionError(f"member {member.member_id} has no end of due moments")

    def _set_aside(self, db: Connection, arrival: Arrival, reason: str) -> Answer:
        """Keep an event that waits, and its key."""
        if arrival.source == INTERNAL_SOURCE or arrival.waiting_id is not None:
            return Answer("waiting", code=reason)
        reference = arrival.reference
        kind, value = (None, None) if isinstance(reference, int) else reference
        waiting = WaitingEvent(
            0,
            reason,
            arrival.source,
            arrival.key,
            arrival.at_us,
            arrival.received_us,
            kind,
            value,
            arrival.payload.decode(),
        )
        number = insert_waiting(db, waiting)
        self.writer.keys.append(
            KeyRow(arrival.source, arrival.key, arrival.digest, None, None, number)
        )
        return Answer("waiting", code=reason)


def refused(refusal: Refusal) -> Answer:
    """Return the answer of a refusal that leaves no trace."""
    return Answer(
        "refused",
        code=refusal.code,
        detail=refusal.message,
        where=refusal.where or None,
        kind=refusal.kind.value,
    )
