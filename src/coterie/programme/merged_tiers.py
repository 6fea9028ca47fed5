"""What people decided about tiers follows a merge: the higher holds, and goes back with it.

What the survivor had before is kept on its course by the merge, so that taking it back is exact.
"""

from __future__ import annotations

from collections.abc import Mapping

from coterie.events import Happening, MergedTier
from coterie.programme.compile import CompiledProgramme
from coterie.programme.ladders.step import first_standing, take, walk_of
from coterie.programme.standing import Decision, Standing
from coterie.tiers import Course, Evidence, Given, Reason, Walk


def tiers_to_send(standing: Standing) -> dict[str, list[str | int | bool | None]]:
    """Return by ladder what was granted, given for ever and pinned, where anything was."""
    found = {code: _given(tier.course) for code, tier in sorted(standing.tiers.items())}
    return {code: list(given) for code, given in found.items() if given != Given()}


def _given(course: Course) -> Given:
    return Given(
        course.granted, course.granted_until, course.matched, course.lifetime, course.pinned
    )


def take_tiers(
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    sent: Mapping[str, MergedTier],
    decision: Decision,
) -> None:
    """Let the higher of what both had hold from now on."""
    today = cp.zone.day(happening.as_of_us)
    for code, theirs in sent.items():
        compiled = cp.ladders.get(code)
        if compiled is None:
            continue
        tier = standing.tiers.get(code) or first_standing(compiled, cp, standing, today)
        if not tier.course.active:
            continue
        walk = walk_of(compiled, cp, standing, tier, today)
        before = _given(walk.course)
        reasons = _raise(walk, theirs)
        if reasons:
            walk.course.merges[happening.seq] = before
        for reason in reasons:
            walk.settle(reason, Evidence(today, note="merge"))
        take(cp, standing, decision, walk)


def _raise(walk: Walk, theirs: MergedTier) -> list[Reason]:
    """Take over what is higher than the member's own; return what to say of it."""
    course, rank = walk.course, walk.rank_of
    reasons = []
    ends = theirs.granted_until
    # A tier that nobody declares any more is worth nothing here.
    known = {theirs.granted, theirs.lifetime, theirs.pinned} & set(walk.policy.tiers)
    higher = (rank(theirs.granted), ends or 0) > (rank(course.granted), course.granted_until or 0)
    if theirs.granted in known and higher and ends is not None and ends >= walk.today:
        course.granted, course.granted_until = theirs.granted, ends
        course.matched = theirs.matched
        reasons.append(Reason.MATCHED if theirs.matched else Reason.GRANTED)
    if theirs.lifetime in known and rank(theirs.lifetime) > rank(course.lifetime):
        course.lifetime = theirs.lifetime
        reasons.append(Reason.LIFETIME)
    if theirs.pinned in known and rank(theirs.pinned) > rank(course.pinned):
        course.pinned = theirs.pinned
        reasons.append(Reason.PINNED)
    return reasons


def return_tiers(
    cp: CompiledProgramme,
    standing: Standing,
    happening: Happening,
    merge_seq: int,
    sent: Mapping[str, MergedTier],
    decision: Decision,
) -> None:
    """Let hold again what held before a merge; what was decided since stays."""
    today = cp.zone.day(happening.as_of_us)
    for code, theirs in sent.items():
        compiled, tier = cp.ladders.get(code), standing.tiers.get(code)
        if compiled is None or tier is None:
            continue
        before = tier.course.merges.pop(merge_seq, None)
        if before is None:
            continue
        walk = walk_of(compiled, cp, standing, tier, today)
        walk.moved = True
        for reason in _lower(walk, theirs, before):
            walk.settle(reason, Evidence(today, note="unmerge"))
        take(cp, standing, decision, walk)


def _lower(walk: Walk, theirs: MergedTier, before: Given) -> list[Reason]:
    """Restore what the merge replaced, as far as it is still there; return what to say of it."""
    course = walk.course
    reasons = []
    granted = (course.granted, course.granted_until)
    if granted == (theirs.granted, theirs.granted_until) != before[:2]:
        lasts = before.granted_until is not None and before.granted_until >= walk.today
        back = before if lasts else Given()
        course.granted, course.granted_until = back.granted, back.granted_until
        course.matched = back.matched
        reasons.append(Reason.GRANT_ENDED)
    if course.lifetime == theirs.lifetime != before.lifetime:
        course.lifetime = before.lifetime
        reasons.append(Reason.CORRECTED)
    if course.pinned == theirs.pinned != before.pinned:
        course.pinned = before.pinned
        reasons.append(Reason.UNPINNED)
    return reasons
