"""A member's life under two programmes at once, from the same events."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coterie.events import KINDS, Event, Happening, MemberRef
from coterie.intake.placing import check_punctual, due_happening, place
from coterie.intake.reading import INTERNAL_SOURCE, arrival_of
from coterie.kernel.errors import Kind, Refusal
from coterie.kernel.time import format_instant
from coterie.ledger import InsufficientUnits
from coterie.members import Member
from coterie.programme.compile import Programmes
from coterie.programme.decide import decide, fall_due
from coterie.programme.errors import Waits
from coterie.programme.standing import (
    NO_CLAIMS,
    Claims,
    Decision,
    FollowUp,
    Standing,
    follow_up_key,
)
from coterie.replay.comparing import DUES_MAX, begin
from coterie.replay.errors import RecordDiffers
from coterie.replay.inputs import Input
from coterie.replay.tallying import VALUE, Differences, Side, Tally, Uncovered

_NOBODYS = 2**53
"""A sequence number that no event has."""
_SPENT = frozenset({"redeemed", "held", "in_transit", "partner"})
_SEQS = {
    kind: [each.name for each in msgspec.structs.fields(struct) if each.name.endswith("_seq")]
    for kind, struct in KINDS.items()
}


class Post(Struct, array_like=True):
    """Something for another member: what is sent, by which event, when it occurred and arrived."""

    what: FollowUp
    sender_id: int
    seq: int
    at_us: int
    received_us: int
    mode: str

    def order(self) -> tuple[int, int, int, str, str]:
        """Return the place among others: the order does not depend on who processed what."""
        return self.at_us, self.sender_id, self.seq, self.what.kind, self.what.name


class Life:
    """One member under one programme; events are decided as they come, dues before them."""

    def __init__(self, start: Member, programmes: Programmes, from_us: int) -> None:
        """Begin as enrolled; what happened before ``from_us`` is not counted."""
        self.programmes = programmes
        self.standing: Standing = begin(replace(start))
        self.side = Side()
        self.posts: list[Post] = []
        self._from_us = from_us
        self._seqs: dict[int, int] = {}
        self._keys: dict[str, int] = {}
        self._merges: dict[int, int] = {}

    def happen(self, recorded: Happening, claims: Claims = NO_CLAIMS) -> Decision:
        """Decide a recorded event anew; a refusal is a decision here."""
        member = self.standing.member
        as_of_us = max(recorded.as_of_us, member.clock_us)
        self.pass_time(as_of_us)
        happening = replace(
            recorded,
            event=self._renumbered(recorded.kind, recorded.event),
            seq=member.seq + 1,
            as_of_us=as_of_us,
        )
        decision = self._decide(happening, claims)
        self._seqs[recorded.seq] = happening.seq
        return decision

    def receive(self, post: Post) -> None:
        """Decide what another member's event means for this one."""
        what = post.what
        fields = dict(what.fields)
        if what.undoes is not None:
            fields["undoes_seq"] = self._keys.get(what.undoes)
        key = follow_up_key(what.kind, post.sender_id, post.seq, what.name)
        event: Event = msgspec.convert(
            {
                **fields,
                "kind": what.kind,
                "source": INTERNAL_SOURCE,
                "key": key,
                "occurred_at": format_instant(post.at_us),
                "member": MemberRef(id=what.member_id),
                "mode": post.mode,
                "caused_by": f"{post.sender_id}:{post.seq}",
            },
            KINDS[what.kind],
            str_keys=True,
        )
        arrival = arrival_of(event, received_us=post.received_us)
        happening = place(arrival, self.standing.member, self.programmes, {}, 0)
        self.pass_time(happening.as_of_us)
        happening.seq = self.standing.member.seq + 1
        decision = self._decide(happening, NO_CLAIMS)
        self._keys[key] = happening.seq
        if what.kind == "merge_in":
            self._merges[fields["merged_id"]] = happening.seq
        if decision.status == "refused" and what.kind == "transfer_in":
            back = {"currency": fields["currency"], "units": fields["units"]}
            way = FollowUp("transfer_back", post.sender_id, back | {"transfer_seq": post.seq})
            self.posts.append(replace(post, what=way))

    def pass_time(self, until_us: int) -> None:
        """Let everything fall due up to an instant."""
        standing = self.standing
        member = standing.member
        for _ in range(DUES_MAX):
            due_us = member.next_due_us
            if due_us is None or due_us > until_us:
                return
            happening = due_happening(member, due_us, self.programmes, 0)
            decision = fall_due(self.programmes, standing, happening)
            if decision is not None:
                self._took(happening, decision)
        raise RecordDiffers(f"Member {member.member_id} has no end of due moments.")

    def _decide(self, happening: Happening, claims: Claims) -> Decision:
        member = self.standing.member
        try:
            check_punctual(happening, self.programmes)
            decision = decide(self.programmes, self.standing, happening, claims)
        except Waits as waits:
            return Decision("waiting", waits.reason)
        except Refusal as refusal:
            if refusal.kind is Kind.BUSINESS:
                member.seq = happening.seq
                member.clock_us = max(member.clock_us, happening.as_of_us)
            return Decision("refused", refusal.code)
        self._took(happening, decision)
        return decision

    def _took(self, happening: Happening, decision: Decision) -> None:
        if happening.at_us >= self._from_us:
            self.side.take(self.programmes.at(happening.at_us), decision)
        for what in decision.follow_ups:
            place = (happening.member_id, happening.seq, happening.at_us, happening.received_us)
            self.posts.append(Post(what, *place, str(happening.event.mode)))

    def _renumbered(self, kind: str, event: Any) -> Any:
        """Return an event that names the events of this life: other dues move their numbers."""
        names = _SEQS.get(kind)
        if not names:
            return event
        if kind == "unmerge":
            return replace(event, merge_seq=self._merges.get(event.merged_id, _NOBODYS))
        seqs = {name: self._seqs.get(getattr(event, name), _NOBODYS) for name in names}
        return replace(event, **seqs)


class Pair:
    """One member under the live version and under a draft."""

    def __init__(
        self, start: Member, live: Programmes, draft: Programmes, from_us: int, tally: Tally
    ) -> None:
        """Begin both lives."""
        self.member_id = start.member_id
        self.live = Life(start, live, from_us)
        self.draft = Life(start, draft, from_us)
        self._from_us = from_us
        self._tally = tally
        self._uncovered = Uncovered()
        self._newly = Uncovered()

    def happen(self, each: Input) -> None:
        """Decide an event on both sides."""
        happening = each.happening
        live = self.live.happen(happening, each.claims)
        draft = self.draft.happen(happening, each.claims)
        if happening.at_us < self._from_us:
            return
        tally = self._tally
        tally.events += 1
        for total, decision in ((tally.live, live), (tally.draft, draft)):
            code = decision.code or decision.status
            total.answers[code] = total.answers.get(code, 0) + 1
        if live.status == "accepted" and draft.code == InsufficientUnits.code:
            _missed(self._uncovered, happening, live)
        elif draft.status == "accepted" and live.code == InsufficientUnits.code:
            _missed(self._newly, happening, draft)

    def close(self, until_us: int) -> None:
        """Let time pass to the end and add everything up."""
        self.live.pass_time(until_us)
        self.draft.pass_time(until_us)

    def count(self) -> None:
        """Add everything up."""
        tally, live, draft = self._tally, self.live, self.draft
        live.side.add_up()
        draft.side.add_up()
        tally.members += 1
        tally.live.close(live.side, live.standing)
        tally.draft.close(draft.side, draft.standing)
        currencies = {code for code, _ in (*live.side.moved, *draft.side.moved)}
        for code in currencies:
            differences = tally.differences.setdefault(code, Differences())
            differences.note(self.member_id, live.side.issued(code), draft.side.issued(code))
        value = tally.differences.setdefault(VALUE, Differences())
        costs = sum(live.side.costs.values()), sum(draft.side.costs.values())
        value.note(self.member_id, *costs)
        for found, into in (
            (self._uncovered, tally.uncovered),
            (self._newly, tally.newly_covered),
        ):
            found.members = int(found.events > 0)
            into.add(found)
        ladders = live.standing.tiers.keys() | draft.standing.tiers.keys()
        for ladder in ladders:
            stood = [
                life.standing.tiers[ladder].tier or "" if ladder in life.standing.tiers else ""
                for life in (live, draft)
            ]
            key = (ladder, stood[0], stood[1])
            tally.tiers[key] = tally.tiers.get(key, 0) + 1


def _missed(found: Uncovered, happening: Happening, covered: Decision) -> None:
    found.events += 1
    if len(found.examples) < 1:
        found.examples.append(f"{happening.member_id}:{happening.seq}")
    for m in covered.movements:
        if m.debit == "available" and m.credit in _SPENT:
            found.units[m.currency] = found.units.get(m.currency, 0) + m.units
