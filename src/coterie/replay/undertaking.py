"""A plan as every process of it knows it."""

from __future__ import annotations

from msgspec import Struct

from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import counting_also
from coterie.programme.drawing import SecretDraws
from coterie.programme.reading import read_canonical

Sides = tuple[Programmes, Programmes]
"""The live version and the draft."""


class Undertaking(Struct, frozen=True):
    """What every process needs to know of a plan: texts, because compiled rules do not travel."""

    url: str
    snapshot: str
    live_text: str
    draft_text: str
    from_us: int
    to_us: int
    secret: bytes
    """What comparison groups are drawn by."""
    joins: bool
    """Whether the draft begins at ``from_us``, after the live version; else it always was."""

    def sides(self) -> Sides:
        """Return the live version and the draft, compiled."""
        draws = SecretDraws(self.secret)
        live = CompiledProgramme(read_canonical(self.live_text), 1, 0, draws)
        if not self.joins:
            draft = CompiledProgramme(read_canonical(self.draft_text), 1, 0, draws)
            return Programmes([live]), Programmes([draft])
        draft = CompiledProgramme(read_canonical(self.draft_text), 2, self.from_us, draws)
        before = counting_also(Programmes([live]), draft)
        return Programmes([live]), Programmes([*before.versions, draft])
