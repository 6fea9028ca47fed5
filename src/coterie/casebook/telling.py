"""What happened in a case, in words: what moved, what was refused, why each rule applied or not."""

from __future__ import annotations

from coterie.casebook.model import Given, Told
from coterie.casebook.playing import Played
from coterie.kernel.time import MINUTE_US, Zone, format_instant
from coterie.programme.explaining import event_words, movement_words, refusal_words, trace_words
from coterie.programme.ladders.telling import change_words
from coterie.programme.model import Programme
from coterie.programme.tracing import Verdict


class Teller:
    """Says what was played, in ``zh`` or ``en``."""

    def __init__(self, programme: Programme, given: tuple[Given, ...], lang: str) -> None:
        """Take what the words are about."""
        self.programme = programme
        self.names = {each.member_id: each.name for each in given}
        self.zone = Zone(programme.zone)
        self.lang = lang

    def tell(self, played: Played) -> Told:
        """Return one thing that happened and what came of it."""
        happening, programme, lang = played.happening, self.programme, self.lang
        lines = []
        if played.code is not None:
            lines.append(self._no(played))
        if played.decision is not None:
            lines += [movement_words(m, (), programme, lang) for m in played.decision.movements]
            lines += [change_words(change, programme, lang) for change in played.decision.tiers]
        lines += [
            trace_words(line, programme, lang)
            for line in played.trace.lines
            if line.verdict is not Verdict.OTHER_KIND
        ]
        at = format_instant(happening.at_us, self.zone.offset_us(happening.at_us) // MINUTE_US)
        what = event_words(happening, programme, lang)
        return Told(at, self.names[played.member_id], what, tuple(lines))

    def _no(self, played: Played) -> str:
        """Return why an event was refused or waits, with what is particular about it."""
        if played.status == "waiting":
            said = "等待处理" if self.lang == "zh" else "It waits to be decided."
        else:
            said = refusal_words(played.code, self.lang)
        return f"{played.code}: {said} {played.detail or ''}".rstrip()
