"""A change on a ladder as a sentence, with the numbers that were looked at."""

from __future__ import annotations

from coterie.kernel.time import format_day
from coterie.programme.conditions.kind import label
from coterie.programme.ladders.model import Ladder
from coterie.programme.measures import told_number
from coterie.programme.model import Programme
from coterie.tiers import Evidence, Reason, TierChange

_SAID: dict[Reason, tuple[str, str]] = {
    Reason.REACHED: ("达到升级条件，由{before}升至{tier}", "rose from {before} to {tier}"),
    Reason.KEPT: ("达到保级条件，保持{tier}", "kept {tier}"),
    Reason.GRACE: ("未达保级条件，{tier}进入宽限期", "did not keep {tier}; days of grace begin"),
    Reason.DEMOTED: (
        "未达保级条件，由{before}降至{tier}",
        "did not keep {before} and fell to {tier}",
    ),
    Reason.RETURNED: (
        "退货后不再符合升级条件，由{before}退回{tier}",
        "no longer reaches {before} after a return; back to {tier}",
    ),
    Reason.RESTORED: (
        "补报的事件使其达到保级条件，恢复{tier}",
        "kept {tier} after all, by an event that came late",
    ),
    Reason.LIFETIME: ("终身享有{tier}", "has {tier} for ever"),
    Reason.GRANTED: ("获授{tier}", "was granted {tier}"),
    Reason.MATCHED: ("匹配获得{tier}", "was matched to {tier}"),
    Reason.MATCH_KEPT: ("完成匹配挑战，保留{tier}", "met the challenge of a match: {tier} stays"),
    Reason.GRANT_ENDED: ("授予到期，现为{tier}", "a granted tier ended; now {tier}"),
    Reason.PINNED: ("等级被锁定，现为{tier}", "is pinned; now {tier}"),
    Reason.UNPINNED: ("解除等级锁定，现为{tier}", "is no longer pinned; now {tier}"),
    Reason.PAUSED: ("暂停评定，现为{tier}", "reviews are paused; now {tier}"),
    Reason.RESUMED: ("恢复评定，现为{tier}", "reviews go on; now {tier}"),
    Reason.CORRECTED: ("人工更正为{tier}", "was corrected to {tier}"),
    Reason.SELECTED: ("选择加入，现为{tier}", "chose this ladder; now {tier}"),
    Reason.LEFT: ("已改选其他等级体系", "chose another ladder"),
}


def change_words(change: TierChange, programme: Programme, lang: str) -> str:
    """Return what changed, why, through when, and by which numbers, in ``zh`` or ``en``."""
    zh = lang == "zh"
    ladder: Ladder | None = programme.parts.get("ladders", {}).get(change.ladder)
    tiers = {} if ladder is None else {tier.code: tier for tier in ladder.tiers}
    name = label(ladder, change.ladder, lang)

    def called(code: str | None) -> str:
        return "" if code is None else label(tiers.get(code), code, lang)

    told = _SAID[Reason(change.reason)][0 if zh else 1]
    said = told.format(before=called(change.from_tier), tier=called(change.to_tier))
    if change.until_day is not None:
        day = format_day(change.until_day)
        said += f"，有效至{day}" if zh else f", through {day}"
    numbers = _numbers(change.evidence, programme, lang)
    if zh:
        return f"{name}：{said}{f'（{numbers}）' if numbers else ''}。"
    return f"{name}: {said}{f' ({numbers})' if numbers else ''}."


def _numbers(evidence: Evidence, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    parts = []
    for metric, wanted in evidence.wanted.items():
        if metric in evidence.values:
            noun = label(programme.metrics.get(metric), metric, lang)
            have = told_number(programme, metric, evidence.values[metric])
            bar = told_number(programme, metric, wanted)
        else:
            noun = "评分" if zh else "score"
            have, bar = str(evidence.score), str(wanted)
        parts.append(f"{noun}{have}，标准{bar}" if zh else f"{noun} {have}, threshold {bar}")
    for metric, carried in evidence.carried.items():
        noun = label(programme.metrics.get(metric), metric, lang)
        units = told_number(programme, metric, carried)
        parts.append(f"其中结转{noun}{units}" if zh else f"of {noun} {units} carried over")
    parts += [f"{part} {value:+}" for part, value in evidence.parts.items()]
    if evidence.note is not None:
        parts.append(evidence.note)
    return ("；" if zh else "; ").join(parts)
