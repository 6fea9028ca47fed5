"""Where a member stands on a ladder, what decides that, and what a change of it is.

Tiers are known by their codes, lowest first in :class:`Policy`. Days are ordinals; a day until
which something holds is included.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct, field


class Reason(StrEnum):
    """Why a member's tier or its validity changed."""

    REACHED = "reached"
    """The thresholds to reach it were met."""
    KEPT = "kept"
    """The thresholds to keep it were met; it is valid for longer."""
    GRACE = "grace"
    """They were not; the tier stays for the days of grace."""
    DEMOTED = "demoted"
    """They were not, and the tier was lost."""
    RETURNED = "returned"
    """What it was reached by came back."""
    RESTORED = "restored"
    """An event that came late met the thresholds of a period judged before."""
    LIFETIME = "lifetime"
    """A tier for ever, reached or given."""
    GRANTED = "granted"
    MATCHED = "matched"
    MATCH_KEPT = "match_kept"
    """The challenge of a match was met in time."""
    GRANT_ENDED = "grant_ended"
    """A granted or matched tier ran out."""
    PINNED = "pinned"
    UNPINNED = "unpinned"
    PAUSED = "paused"
    RESUMED = "resumed"
    CORRECTED = "corrected"
    SELECTED = "selected"
    LEFT = "left"
    """Another ladder of the same track was chosen."""


class Review(Struct, frozen=True):
    """When periods end.

    ``never``, ``month_end``, ``quarter_end``, ``year_end``, every ``months`` since enrolment
    (``anniversary``: every twelve), or every year before the day of ``year_from`` (month, day).
    """

    at: str = "never"
    months: int = 12
    year_from: tuple[int, int] = (1, 1)


class Validity(Struct, frozen=True):
    """How long a tier is valid once its thresholds were met.

    Either ``months`` on, the last day moved to the end of its month, quarter or year (``to``), or
    through the date ``until`` (month, day), ``years_after`` the year in which the period began.
    """

    months: int = 0
    to: str = "day"
    until: tuple[int, int] | None = None
    years_after: int = 0


class Policy(Struct, frozen=True):
    """How a ladder moves its members.

    ``promote``: ``at_once`` or ``at_review``. ``demote``: by ``one``, to the tier that would
    ``fit`` the thresholds to reach, to the ``highest_kept``, or to the ``base``. ``late`` says
    whether an event of a period judged before is judged ``again`` or counts ``next`` time;
    ``returns`` whether a return is judged at once (``judge``) or the tier is kept until the next
    review. ``fresh``: a period begins with something also on the lowest tier, so that everybody
    has reviews.
    """

    ladder: str
    tiers: tuple[str, ...]
    promote: str = "at_once"
    review: Review = Review()
    valid: Validity | None = None
    demote: str = "fit"
    grace_days: int = 0
    late: str = "again"
    returns: str = "keep"
    fresh: bool = False


class Given(NamedTuple):
    """What people decided about a member's tier: granted through a day, for ever, pinned."""

    granted: str | None = None
    granted_until: int | None = None
    matched: bool = False
    lifetime: str | None = None
    pinned: str | None = None


class Course(Struct, omit_defaults=True, gc=False):
    """What decides a member's tier on one ladder.

    ``earned`` is the tier by the member's own doing, through ``earned_until``, met on
    ``gained_day``. ``granted`` (``matched``: as the match of another brand's) ends after
    ``granted_until``; ``lifetime`` and ``pinned`` have no end. ``carried`` are numbers by metric
    with which the period since ``period_day`` began, ``carried_before`` those of the period before;
    ``review_day`` is the first day after the period. ``fit`` and ``kept`` are the highest tiers
    whose thresholds to reach and to keep the last closed period met. ``fallen`` is the tier lost at
    the last review, ``rose_from`` (through ``rose_until``) the one before the rises of this period,
    ``barred`` says that a correction downwards holds until the next one.
    ``active`` is False on a ladder that was left for another of its track. ``merges`` keeps what
    people had given before a merge, by its event, where a merge brought something higher.
    """

    earned: str
    earned_until: int | None = None
    gained_day: int = 0
    period_day: int = 0
    review_day: int | None = None
    granted: str | None = None
    granted_until: int | None = None
    matched: bool = False
    lifetime: str | None = None
    pinned: str | None = None
    paused_day: int | None = None
    grace_day: int | None = None
    carried: dict[str, int] = field(default_factory=dict)
    carried_before: dict[str, int] = field(default_factory=dict)
    fit: str | None = None
    kept: str | None = None
    fallen: str | None = None
    rose_from: str | None = None
    rose_until: int | None = None
    barred: bool = False
    active: bool = True
    merges: dict[int, Given] = field(default_factory=dict)


class TierStanding(Struct, gc=False):
    """Where a member stands: ``tier`` (None: not on this ladder) since and through a day.

    ``due_us`` is when the ladder next looks at the member, ``reason`` and ``version`` those of the
    last change, ``changes`` how many there were.
    """

    tier: str | None
    since_day: int
    until_day: int | None
    due_us: int | None
    reason: str
    version: int
    changes: int
    course: Course


class Evidence(Struct, frozen=True, omit_defaults=True, gc=False):
    """What was looked at: the ``values`` of metrics on ``day``, with what was ``carried`` over.

    ``test`` is ``reach``, ``keep``, ``lifetime`` or ``challenge`` of the tier ``of``, ``met`` its
    outcome, ``wanted`` its thresholds by metric. ``parts`` are the parts of the ``score``. ``note``
    is what a person gave as reason.
    """

    day: int = 0
    test: str | None = None
    of: str | None = None
    met: bool = False
    values: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)
    score: int | None = None
    parts: dict[str, int] = field(default_factory=dict)
    note: str | None = None


class TierChange(Struct, frozen=True, omit_defaults=True, gc=False):
    """A change on a ladder: the tier from and to (the same when only its validity changed)."""

    ladder: str
    from_tier: str | None
    to_tier: str | None
    until_day: int | None
    reason: str
    evidence: Evidence = Evidence()
