"""Joining what only those take part in who asked to, leaving it, and being tagged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.events import TAGS_MAX, Happening, OptIn, TagChange
from coterie.kernel.errors import Malformed, nearest
from coterie.ledger import Book
from coterie.members import TAG, tags_of
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.errors import UndeclaredName
from coterie.programme.model import OPTED_IN, Condition, Programme
from coterie.programme.standing import Decision, Standing


def opt_in(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Note that the member joined, or left."""
    event: OptIn = happening.event
    known = joinable(cp.programme)
    if event.code not in known:
        raise UndeclaredName(
            f"Nothing named {event.code!r} can be joined.{nearest(event.code, sorted(known))}",
            where="code",
        )
    mark = OPTED_IN + event.code
    if event.joined:
        standing.counters[mark] = {0: 1}
    else:
        standing.counters.pop(mark, None)
    standing.counters_changed = True
    return Decision()


def tag(
    _programmes: Programmes,
    _cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Put tags on the member and take others off; what is so already stays so."""
    event: TagChange = happening.event
    both = set(event.add) & set(event.remove)
    if both:
        raise Malformed(f"{min(both)!r} is put on and taken off.", where="add")
    attributes = dict(standing.member.attributes)
    for code in event.remove:
        attributes.pop(TAG + code, None)
    for code in event.add:
        attributes[TAG + code] = True
    if len(tags_of(attributes)) > TAGS_MAX:
        raise Malformed(f"A member has at most {TAGS_MAX} tags.", where="add")
    standing.member.attributes = attributes
    return Decision()


def joinable(programme: Programme) -> set[str]:
    """Return every code that rules and metrics ask for: their own, campaigns, and conditions'."""
    conditions = [rule.condition for rule in programme.rules]
    conditions += [metric.when for metric in programme.metrics.values()]
    return set(_asked(conditions))


def _asked(parts: Any) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Condition):
            if part.kind == "has_opted_in":
                yield from part.args["in"]
            else:
                yield from _asked(part.args.get("of", ()))
