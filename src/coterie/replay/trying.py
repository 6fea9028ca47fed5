"""What an event would bring: decided on a member's relived past, under the versions or a draft."""

from __future__ import annotations

from msgspec.structs import replace

from coterie.events import MemberUnknown
from coterie.intake.batch import Surroundings
from coterie.intake.placing import check_punctual, due_happening, place
from coterie.intake.reading import Arrival
from coterie.kernel.errors import Refusal
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import counting_also
from coterie.programme.decide import decide, fall_due
from coterie.programme.errors import VersionRefused, Waits
from coterie.programme.model import Programme
from coterie.programme.standing import Decision, Standing
from coterie.programme.succession import breaks
from coterie.programme.tracing import Trace
from coterie.replay.comparing import DUES_MAX, begin
from coterie.replay.describing import explained
from coterie.replay.errors import RecordDiffers
from coterie.replay.explained import ExplainedEvent
from coterie.replay.explaining import past_of
from coterie.replay.history import Record
from coterie.replay.reliving import Moment, relive, values_of
from coterie.storage import Connection


class Supposed(Programmes):
    """The published versions, with a draft in force at all times."""

    def __init__(self, programmes: Programmes, draft: CompiledProgramme) -> None:
        """Put the draft before everybody's eyes; returns still find the version of their sale."""
        super().__init__([*programmes.versions, draft])
        self._draft = draft

    def at(self, at_us: int) -> CompiledProgramme:
        """Return the draft."""
        del at_us
        return self._draft


def try_event(
    db: Connection,
    around: Surroundings,
    member_id: int,
    arrival: Arrival,
    draft: Programme | None = None,
) -> ExplainedEvent:
    """Tell what an event would bring its member if it came now; nothing is written.

    ``db`` is a connection in autocommit mode; ``arrival`` has its products resolved. What is new in
    a ``draft`` counts from recorded history. A refusal is an answer here, with its code. Raises
    :class:`~coterie.programme.errors.VersionRefused` for a draft that could not be published,
    :class:`~coterie.events.MemberUnknown`, and refusals that would leave no record.
    """
    programmes = around.programmes
    past = past_of(db, member_id)
    if draft is None:
        under = programmes
    else:
        compiled = drafted(programmes, draft, arrival.received_us)
        programmes = counting_also(programmes, compiled)
        under = Supposed(programmes, compiled)
    standing: Standing | None = None
    for moment in relive(programmes, past, lambda _: False):
        standing = moment.standing
    standing = begin(past.start) if standing is None else standing
    if standing.member.merged_into is not None:
        raise MemberUnknown(f"Member {member_id} was merged.")
    return _decided(around, under, standing, arrival)


def drafted(programmes: Programmes, draft: Programme, now_us: int) -> CompiledProgramme:
    """Return a draft as the next version. Raises :class:`VersionRefused` for what it breaks."""
    last = max(programmes.versions, key=lambda version: version.version)
    found = breaks(last.programme, draft)
    if found:
        raise VersionRefused("\n" + "\n".join(found), breaks=found, follows=last.version)
    return CompiledProgramme(draft, last.version + 1, now_us, last.draws)


def _decided(
    around: Surroundings, under: Programmes, standing: Standing, arrival: Arrival
) -> ExplainedEvent:
    happening = place(arrival, standing.member, under, around.day_cuts, around.closed_through)
    pass_time(under, standing, happening.as_of_us)
    happening.seq = standing.member.seq + 1
    cp = under.at(happening.at_us)
    values, trace = values_of(cp, standing, happening.day), Trace()
    try:
        check_punctual(happening, under)
        decision = decide(under, standing, happening, trace=trace)
    except Waits as waits:
        decision = Decision("waiting", waits.reason, waits.detail, version=cp.version)
    except Refusal as refusal:
        decision = Decision(
            "refused", refusal.code, refusal.message, refusal.where or None, version=cp.version
        )
    record = Record(happening, cp.version, decision.status, decision.code, "", [], [])
    told = explained(Moment(record, cp, standing, decision, values, trace))
    # The sequence number is only what it would be: nobody may look the event up by it.
    return replace(told, event="")


def pass_time(programmes: Programmes, standing: Standing, until_us: int) -> None:
    """Let everything fall due up to an instant."""
    member = standing.member
    for _ in range(DUES_MAX):
        due_us = member.next_due_us
        if due_us is None or due_us > until_us:
            return
        fall_due(programmes, standing, due_happening(member, due_us, programmes, 0))
    raise RecordDiffers(f"Member {member.member_id} has no end of due moments.")
