"""Why a member stands on a tier: every change decided again, and what is missing now."""

from __future__ import annotations

from collections.abc import Iterator

from coterie.kernel.errors import nearest
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.ladders.progress import LadderProgress, NextTier, missing_words, progress
from coterie.programme.standing import Standing
from coterie.replay.describing import explained_tier, lines_of
from coterie.replay.errors import NameUnknown
from coterie.replay.explained import ExplainedLadder, ExplainedTier
from coterie.replay.history import Past
from coterie.replay.reliving import relive

CHANGES_MAX = 20
"""Changes explained at a time, newest first; the others are in the list of changes."""


def explain_ladder(programmes: Programmes, past: Past, ladder: str, now_us: int) -> ExplainedLadder:
    """Explain where a member stands on a ladder of the programme in force.

    Raises :class:`~coterie.replay.errors.NameUnknown` and
    :class:`~coterie.replay.errors.RecordDiffers`.
    """
    cp = programmes.at(now_us)
    if ladder not in cp.ladders:
        hint = nearest(ladder, cp.ladders)
        raise NameUnknown(f"There is no ladder {ladder!r}.{hint}", where="tier")
    found: list[ExplainedTier] = []
    for moment in relive(programmes, past, lambda _: False):
        found += [
            explained_tier(moment, change)
            for change in moment.decision.tiers
            if change.ladder == ladder
        ]
    changes = tuple(found[::-1][:CHANGES_MAX])
    standing = Standing(past.member)
    standing.counters, standing.tiers = past.counters, past.tiers
    place = next((p for p in progress(cp, standing, now_us) if p.ladder == ladder), None)
    return ExplainedLadder(
        past.member.member_id,
        ladder,
        None if place is None else place.tier,
        changes,
        lines_of(lambda lang: _lines(cp, ladder, place, changes, lang)),
    )


def _lines(
    cp: CompiledProgramme,
    ladder: str,
    place: LadderProgress | None,
    changes: tuple[ExplainedTier, ...],
    lang: str,
) -> Iterator[str]:
    zh = lang == "zh"
    declared = cp.programme.parts["ladders"][ladder]
    name = getattr(declared.name, lang)
    if place is None:
        yield f"{name}：未选择加入。" if zh else f"{name}: not chosen."
    else:
        tier = getattr(place.tier_name, lang)
        yield f"{name}：现为{tier}。" if zh else f"{name}: {tier} now."
    for change in changes:
        day = change.occurred_at[:10]
        said = getattr(change.words, lang)
        if zh:
            yield f"{day}（方案第{change.version}版）：{said}"
        else:
            yield f"{day} (version {change.version}): {said}"
    if place is None:
        return
    for wanted, zh_word, en_word in ((place.rise, "升级至", "to"), (place.keep, "保住", "keep")):
        missing = "" if wanted is None else missing_words(wanted.need, lang)
        if wanted is not None and missing:
            yield _next(wanted, missing, zh_word if zh else en_word, zh=zh)


def _next(wanted: NextTier, missing: str, verb: str, *, zh: bool) -> str:
    name = wanted.name.zh if zh else wanted.name.en
    if zh:
        return f"{verb}{name}：{missing}。"
    return f"{'Rises' if verb == 'to' else 'Keeps'} {name} with: {missing}."
