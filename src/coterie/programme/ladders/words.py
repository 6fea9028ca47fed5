"""A ladder in sentences, in ``zh`` and ``en``."""

from __future__ import annotations

from coterie.programme.conditions.kind import label
from coterie.programme.ladders.model import Criterion, Ladder, Part, Tier
from coterie.programme.measures import told_number
from coterie.programme.model import Programme
from coterie.tiers import Policy

_MORE_ZH, _MORE_EN = "；", "; "


def ladder_words(ladder: Ladder, programme: Programme, lang: str) -> str:
    """Return the whole ladder: its tiers, how to rise and stay, and what happens otherwise."""
    zh = lang == "zh"
    name = getattr(ladder.name, lang)
    names = [getattr(tier.name, lang) for tier in ladder.tiers]
    head = f"{name}：{'、'.join(names)}" if zh else f"{name}: {', '.join(names)}"
    parts = [head]
    if ladder.track is not None:
        parts.append("需选择后加入" if zh else "a member is on it by choice")
    if ladder.needs is not None:
        needs = criterion_words(ladder.needs, programme, lang)
        parts.append(f"高于基础等级须满足{needs}" if zh else f"above the lowest it needs {needs}")
    for tier in ladder.tiers[1:]:
        parts += tier_words(tier, programme, lang)
    parts += _policy_words(ladder.policy, lang)
    if ladder.rollover:
        listed = [label(programme.metrics.get(m), m, lang) for m in ladder.rollover]
        parts.append(
            f"超出部分的{'、'.join(listed)}结转至下一周期"
            if zh
            else f"surplus of {', '.join(listed)} is carried into the next period"
        )
    parts += [_part_words(part, programme, lang) for part in ladder.score]
    return (_MORE_ZH if zh else _MORE_EN).join(parts) + ("。" if zh else ".")


def tier_words(tier: Tier, programme: Programme, lang: str) -> list[str]:
    """Return what reaches a tier, keeps it, and what else is said of it."""
    zh = lang == "zh"
    name = getattr(tier.name, lang)

    def said(criterion: Criterion | None) -> str:
        return "" if criterion is None else criterion_words(criterion, programme, lang)

    parts = []
    if tier.reach is None:
        parts.append(f"{name}仅限授予" if zh else f"{name} is only granted")
    else:
        reach = said(tier.reach)
        parts.append(f"升级至{name}的条件：{reach}" if zh else f"{name} is reached with {reach}")
    if tier.keep is not None:
        parts.append(f"{name}保级条件：{said(tier.keep)}" if zh else f"kept with {said(tier.keep)}")
    if tier.needs is not None:
        needs = said(tier.needs)
        parts.append(f"{name}另须满足{needs}" if zh else f"{name} also needs {needs}")
    if tier.challenge is not None:
        challenge = said(tier.challenge)
        parts.append(
            f"匹配获得的{name}须完成{challenge}方可保留"
            if zh
            else f"a matched {name} stays with {challenge}"
        )
    if tier.lifetime is not None:
        ever = said(tier.lifetime)
        parts.append(f"{ever}可终身享有{name}" if zh else f"{name} is for ever with {ever}")
    if tier.ahead:
        ahead = [
            (label(programme.metrics.get(m), m, lang), told_number(programme, m, value))
            for m, value in tier.ahead
        ]
        listed = [f"{noun}{number}" if zh else f"{number} {noun}" for noun, number in ahead]
        parts.append(
            f"{name}每周期起始即有{'、'.join(listed)}"
            if zh
            else f"{name} begins a period with {', '.join(listed)}"
        )
    return parts


def criterion_words(criterion: Criterion, programme: Programme, lang: str) -> str:
    """Return thresholds as a clause."""
    zh = lang == "zh"
    if criterion.kind == "score":
        return f"综合评分达到{criterion.value}" if zh else f"a score of {criterion.value}"
    if criterion.metric is not None:
        noun = label(programme.metrics.get(criterion.metric), criterion.metric, lang)
        number = told_number(programme, criterion.metric, criterion.value)
        if criterion.most:
            return f"{noun}不超过{number}" if zh else f"at most {number} {noun}"
        return f"{noun}达到{number}" if zh else f"{number} {noun}"
    parts = [
        f"（{said}）" if zh and part.of else f"({said})" if part.of else said
        for part in criterion.of
        for said in (criterion_words(part, programme, lang),)
    ]
    if criterion.kind == "all":
        return "且".join(parts) if zh else " and ".join(parts)
    return "或".join(parts) if zh else " or ".join(parts)


_REVIEWS = {
    "never": ("", ""),
    "month_end": ("每月末评定", "reviewed at the end of every month"),
    "quarter_end": ("每季度末评定", "reviewed at the end of every quarter"),
    "year_end": ("每年末评定", "reviewed at the end of every year"),
    "anniversary": ("每满一个入会年评定", "reviewed on every anniversary of joining"),
}
_DEMOTE = {
    "one": ("未达保级条件时降一级", "otherwise one tier down"),
    "fit": ("未达保级条件时降至所符合的等级", "otherwise down to the tier that fits"),
    "highest_kept": (
        "未达保级条件时降至仍可保住的最高等级",
        "otherwise down to the highest tier that is kept",
    ),
    "base": ("未达保级条件时降至基础等级", "otherwise down to the lowest tier"),
}
_TO = {
    "day": ("", ""),
    "month_end": ("，至当月末", ", to the end of that month"),
    "quarter_end": ("，至当季末", ", to the end of that quarter"),
    "year_end": ("，至当年末", ", to the end of that year"),
}


def _policy_words(policy: Policy, lang: str) -> list[str]:
    zh = lang == "zh"
    pick = 0 if zh else 1
    at_once = policy.promote == "at_once"
    parts = []
    if zh:
        parts.append("达到条件即时升级" if at_once else "评定时升级")
    else:
        parts.append("a member rises at once" if at_once else "a member rises at a review")
    review = policy.review
    if review.at == "months":
        n = review.months
        parts.append(f"自入会起每{n}个月评定" if zh else f"reviewed every {n} months after joining")
    elif review.at == "year_from":
        month, day = review.year_from
        parts.append(
            f"每年{month}月{day}日起为新周期并评定"
            if zh
            else f"reviewed every year as {month:02d}-{day:02d} begins"
        )
    elif _REVIEWS[review.at][pick]:
        parts.append(_REVIEWS[review.at][pick])
    if policy.valid is not None:
        parts.append(_validity(policy, lang))
    if review.at != "never" or policy.valid is not None:
        parts.append(_DEMOTE[policy.demote][pick])
    if policy.grace_days:
        days = policy.grace_days
        parts.append(f"宽限{days}天" if zh else f"after {days} days of grace")
    return parts


def _validity(policy: Policy, lang: str) -> str:
    valid = policy.valid
    assert valid is not None
    zh = lang == "zh"
    if valid.until is None:
        tail = _TO[valid.to][0 if zh else 1]
        months = valid.months
        return f"等级有效{months}个月{tail}" if zh else f"a tier is valid for {months} months{tail}"
    month, day = valid.until
    years = valid.years_after
    if zh:
        year = "当年" if not years else "次年" if years == 1 else f"{years}年后"
        return f"等级有效至评定周期起始年的{year}{month}月{day}日"
    when = "the year" if not years else f"{years} year{'s' if years > 1 else ''} after the year"
    return f"a tier is valid through {month:02d}-{day:02d} of {when} in which the period began"


def _part_words(part: Part, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    if part.metric is None:
        noun = "会龄（年）" if zh else "years since joining"
        per = str(part.per)
    else:
        noun = label(programme.metrics.get(part.metric), part.metric, lang)
        per = told_number(programme, part.metric, part.per)
    name = getattr(part.name, lang) if part.name is not None else part.code
    size, takes = abs(part.points), part.points < 0
    if zh:
        most = f"，最多{part.most}分" if part.most is not None else ""
        return f"评分“{name}”：{noun}每{per}{'扣' if takes else '计'}{size}分{most}"
    most = f", {part.most} at most" if part.most is not None else ""
    verb = "takes" if takes else "gives"
    return f"score “{name}”: every {per} of {noun} {verb} {size} points{most}"
