"""A ladder as it was read: frozen values with every default filled in."""

from __future__ import annotations

from msgspec import Struct

from coterie.programme.model import Words
from coterie.tiers import Policy


class Criterion(Struct, frozen=True):
    """A threshold, or several of them.

    ``kind``: ``all`` or ``any`` of the criteria ``of``; ``metric`` at least (or, ``most``, at most)
    ``value`` in the metric's own unit; ``score`` at least ``value``. ``where`` is its path.
    """

    kind: str
    of: tuple[Criterion, ...] = ()
    metric: str | None = None
    value: int = 0
    most: bool = False
    where: str = ""


class Part(Struct, frozen=True):
    """A part of a score: ``points`` for every whole ``per`` of a metric, or of years since joining.

    ``points`` below zero take away; ``most`` bounds what the part gives or takes.
    """

    code: str
    name: Words | None
    metric: str | None
    points: int
    per: int
    most: int | None


class Tier(Struct, frozen=True):
    """A tier: what reaches it, keeps it (None: the same), and makes it one for ever.

    ``challenge`` keeps a matched tier (None: what keeps the tier), ``needs`` must hold besides both
    thresholds (a fee that was paid), ``ahead`` are numbers by metric with which a member of the
    tier begins every period.
    """

    code: str
    name: Words
    benefits: tuple[Words, ...] = ()
    reach: Criterion | None = None
    keep: Criterion | None = None
    lifetime: Criterion | None = None
    challenge: Criterion | None = None
    needs: Criterion | None = None
    ahead: tuple[tuple[str, int], ...] = ()


class Ladder(Struct, frozen=True):
    """A ladder: its tiers, lowest first, and how members move on it.

    ``track`` names a group of ladders of which a member is on the one chosen. ``needs`` must hold
    for every tier above the lowest. Surplus in the metrics of ``rollover`` is carried over.
    """

    code: str
    name: Words
    tiers: tuple[Tier, ...]
    policy: Policy
    track: str | None = None
    needs: Criterion | None = None
    rollover: tuple[str, ...] = ()
    score: tuple[Part, ...] = ()

    def tier(self, code: str) -> Tier | None:
        """Return a tier by its code."""
        return next((tier for tier in self.tiers if tier.code == code), None)
