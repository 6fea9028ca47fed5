"""Assigning personal numbers: what rules take from a member in place of one for everybody."""

from __future__ import annotations

from coterie.events import Assign, Happening
from coterie.kernel.errors import Malformed, nearest
from coterie.ledger import Book
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.errors import UndeclaredName, WrongValue
from coterie.programme.standing import Decision, Standing


def assign(
    _programmes: Programmes,
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    _book: Book,
) -> Decision:
    """Keep numbers for the member, or forget them; all of them or, where one is wrong, none."""
    event: Assign = happening.event
    known = cp.programme.parts.get("parameters", {})
    marks: dict[str, int] = {}
    for code, raw in event.parameters.items():
        declared, where = known.get(code), f"parameters.{code}"
        if declared is None:
            raise UndeclaredName(
                f"There is no parameter {code!r}.{nearest(code, known)}", where=where
            )
        try:
            marks[declared.mark] = 0 if raw is None else declared.read(raw, where) + 1
        except Malformed as error:
            raise WrongValue(error.detail, where=where) from None
    for mark, value in marks.items():
        if value:
            standing.counters[mark] = {0: value}
        else:
            standing.counters.pop(mark, None)
    standing.counters_changed = True
    return Decision()
