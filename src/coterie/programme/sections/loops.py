"""Ways from one currency to another that bring a member back with more than before."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coterie.programme.ways import WAYS_MAX, ways

if TYPE_CHECKING:
    from coterie.programme.ground import Checker
    from coterie.programme.model import Programme


def gain(programme: Programme, section: str, code: str) -> Fraction:
    """Return what one unit is at best after one round through this way; zero: no way back."""
    known = ways(programme)
    start = next((w for w in known if (w.section, w.code) == (section, code)), None)
    if start is None or len(known) > WAYS_MAX:
        return Fraction(0)
    best = {start.target: start.gives}
    # A round visits every currency once, so so many steps find the best one.
    for _ in range(len(programme.currencies)):
        if start.source in best and best[start.source] > 1:
            break
        before = dict(best)
        for way in known:
            if way.source in before and way.source != start.source:
                through = before[way.source] * way.gives
                if through > best.get(way.target, 0):
                    best[way.target] = through
    return best.get(start.source, Fraction(0))


def note_loops(section: str, code: str, path: str, checker: Checker) -> None:
    """Warn of a way that comes back with more than it began with."""
    found = gain(checker.programme, section, code)
    if found > 1:
        percent = float(round(found * 100, 1))
        what = f"units that go round come back as {percent:g} % of themselves, without an end."
        checker.find(path, what, warning=True)
