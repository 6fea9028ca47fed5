"""One member's life, decided again event by event, with a look at what was there before each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from coterie.kernel.errors import Refusal
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.standing import Decision, Standing
from coterie.programme.tracing import Trace
from coterie.replay.comparing import Differs, begin, claims_then, decide_again, programmes_then
from coterie.replay.errors import RecordDiffers
from coterie.replay.history import Past, Record


class Values(Struct):
    """What the rules of an event could read about the member: as it was before the event.

    ``metrics`` are values by code in their windows of the event's day.
    """

    state: str
    metrics: dict[str, int]
    attributes: dict[str, Any]


class Moment(Struct):
    """An event decided again; ``standing`` is the member right after it.

    ``values`` and ``trace`` are there where they were asked for.
    """

    record: Record
    cp: CompiledProgramme
    standing: Standing
    decision: Decision
    values: Values | None = None
    trace: Trace | None = None


def relive(
    programmes: Programmes, past: Past, wanted: Callable[[Record], bool]
) -> Iterator[Moment]:
    """Yield every event of a member in order; with values and trace where ``wanted`` says so.

    The standing goes on: what is kept of a moment must be read before the next one. Raises
    :class:`~coterie.replay.errors.RecordDiffers` where the record cannot be decided again.
    """
    standing = begin(past.start)
    for record in past.records:
        happening = record.happening
        then = programmes_then(programmes, record)
        cp = then.at(happening.at_us)
        look = wanted(record)
        values = values_of(cp, standing, happening.day) if look else None
        trace = Trace() if look else None
        try:
            decision = decide_again(then, standing, happening, claims_then(record), trace)
        except (Differs, Refusal) as error:
            raise RecordDiffers(f"Event {past.start.member_id}:{happening.seq}: {error}") from None
        yield Moment(record, cp, standing, decision, values, trace)


def values_of(cp: CompiledProgramme, standing: Standing, day: int) -> Values:
    """Return what a condition may read now."""
    metrics = {code: cp.metric_value(standing, code, day) for code in cp.metrics}
    return Values(standing.member.state, metrics, dict(standing.member.attributes))
