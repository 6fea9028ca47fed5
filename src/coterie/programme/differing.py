"""What differs between two programmes: as values, and as sentences in both languages.

Compared is what the programmes mean, not how they are written: their canonical documents, section
by section and code by code. Two texts that mean the same do not differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from coterie.programme.findings import step
from coterie.programme.model import Programme, Words
from coterie.programme.plain import LANGUAGES, cap_words, currency_words, rule_words
from coterie.programme.sections import SECTIONS
from coterie.programme.writing import programme_document

SETTINGS = "settings"
"""The section of everything that is no list of entries: zone, name, return_days ..."""
_LEFT_OUT = frozenset({"moves_to"})
_NOUNS = {
    SETTINGS: ("设置", "setting"),
    "currencies": ("积分币种", "currency"),
    "attributes": ("会员属性", "attribute"),
    "activities": ("活动类型", "activity"),
    "metrics": ("指标", "metric"),
    "names": ("名称", "name"),
    "caps": ("上限", "cap"),
    "rules": ("规则", "rule"),
    "sources": ("来源", "source"),
    "states": ("会员状态", "state"),
    "parameters": ("会员参数", "parameter"),
    "campaigns": ("营销活动", "campaign"),
    "milestones": ("里程碑", "milestone"),
    "settlements": ("期末结算", "settlement"),
    "conversions": ("积分转换", "conversion"),
    "exchanges": ("兑换币种", "exchange"),
    "rewards": ("奖励", "reward"),
}


class What(StrEnum):
    """What became of an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"
    """Entries that both have stand in another order, which decides who applies first."""


class ValueChange(Struct, frozen=True):
    """One value inside an entry; None where it is not there."""

    path: str
    before: Any
    after: Any


class Change(Struct, frozen=True):
    """What became of one entry.

    ``words_before`` and ``words_after`` say the entry as members read it, where it has a sentence.
    ``moves_to`` is the code that takes over from a removed one.
    """

    section: str
    code: str
    what: What
    values: tuple[ValueChange, ...] = ()
    words_before: Words | None = None
    words_after: Words | None = None
    moves_to: str | None = None


def diff(before: Programme, after: Programme) -> list[Change]:
    """Return everything that differs, in the order of a programme's text; empty: nothing does."""
    old, new = _sections(before), _sections(after)
    changes: list[Change] = []
    for section in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(section, {}), new.get(section, {})
        for code in [*was, *(code for code in now if code not in was)]:
            found = _entry(section, code, was.get(code), now.get(code), before, after)
            if found is not None:
                changes.append(found)
        if section == "rules":
            changes += _reordered(list(was), list(now))
    return changes


def _entry(
    section: str, code: str, was: Any, now: Any, before: Programme, after: Programme
) -> Change | None:
    if was == now:
        return None
    if was is None:
        return Change(section, code, What.ADDED, words_after=_words(section, code, after))
    if now is None:
        taker = after.moves_to.get(section, {}).get(code)
        words = _words(section, code, before)
        return Change(section, code, What.REMOVED, words_before=words, moves_to=taker)
    return Change(
        section,
        code,
        What.CHANGED,
        tuple(_values("", was, now)),
        _words(section, code, before),
        _words(section, code, after),
    )


def _sections(programme: Programme) -> dict[str, dict[str, Any]]:
    """Return the programme's document as entries by section and code."""
    found: dict[str, dict[str, Any]] = {SETTINGS: {}}
    for key, value in programme_document(programme).items():
        if key in _LEFT_OUT:
            continue
        if isinstance(value, list):
            found[key] = {entry["code"]: entry for entry in value}
        elif isinstance(value, dict) and all(isinstance(each, dict) for each in value.values()):
            found[key] = value
        elif isinstance(value, dict):
            found[SETTINGS] |= {step(key, inner): each for inner, each in value.items()}
        else:
            found[SETTINGS][key] = value
    return found


def _values(path: str, was: Any, now: Any) -> Iterator[ValueChange]:
    """Yield the smallest parts that differ."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*was, *(key for key in now if key not in was)]:
            if was.get(key) != now.get(key):
                yield from _values(step(path, key), was.get(key), now.get(key))
    else:
        yield ValueChange(path, was, now)


def _reordered(was: list[str], now: list[str]) -> Iterator[Change]:
    left = [code for code in was if code in now]
    order = [code for code in now if code in was]
    if left != order:
        yield Change("rules", "", What.REORDERED, (ValueChange("", left, order),))


def _words(section: str, code: str, programme: Programme) -> Words | None:
    said = [_sentence(section, code, programme, lang) for lang in LANGUAGES]
    return Words(*said) if all(said) else None


def _sentence(section: str, code: str, programme: Programme, lang: str) -> str:
    if section == "rules":
        rule = next(rule for rule in programme.rules if rule.code == code)
        return rule_words(rule, programme, lang)
    if section == "currencies":
        return currency_words(programme.currencies[code], programme, lang)
    if section == "caps":
        return cap_words(programme.caps[code], programme, lang)
    if section in SECTIONS:
        return SECTIONS[section].words(programme.parts[section][code], programme, lang)
    return ""


# ---------------------------------------------------------------------- as text

_SAID: Mapping[str, Mapping[What, str]] = {
    "zh": {
        What.ADDED: "新增{noun} {code}",
        What.REMOVED: "取消{noun} {code}",
        What.CHANGED: "{noun} {code} 有改动",
        What.REORDERED: "{noun}的先后次序有改动",
    },
    "en": {
        What.ADDED: "{noun} {code} is new",
        What.REMOVED: "{noun} {code} goes away",
        What.CHANGED: "{noun} {code} changes",
        What.REORDERED: "the order of the {noun}s changes",
    },
}


_BEGINS = {
    "settlements": (
        "每位会员自生效后的下一次事件起结算；指标仍有记录的上一期随下次结算补付。",
        "for each member from their next event on; a remembered period before is made up then.",
    ),
    "conversions": (
        "期末进行的转换，每位会员自生效后的下一次事件起适用。",
        "one at a period's end begins for each member with their next event.",
    ),
}
"""What a publication leaves to members' next events: it touches nobody's row."""


def diff_words(changes: list[Change], lang: str) -> list[str]:
    """Return the changes as lines a person reads, in ``zh`` or ``en``; sentences are indented."""
    zh = lang == "zh"
    if not changes:
        return ["两者含义相同。" if zh else "Both mean the same."]
    lines = []
    for change in changes:
        noun = _noun(change.section, lang)
        head = _SAID[lang][change.what].format(noun=noun, code=change.code)
        if change.moves_to is not None:
            head += f"，由 {change.moves_to} 接替" if zh else f", {change.moves_to} takes its place"
        lines.append(head + ("：" if zh else ":") if _details(change) else head)
        if change.words_before is not None:
            lines.append(f"  - {getattr(change.words_before, lang)}")
        if change.words_after is not None:
            lines.append(f"  + {getattr(change.words_after, lang)}")
        if change.what is What.ADDED and change.section in _BEGINS:
            lines.append(f"  {_BEGINS[change.section][0 if zh else 1]}")
        lines += [f"  {_value_words(value, lang)}" for value in change.values]
    return lines


def _details(change: Change) -> bool:
    return bool(change.values or change.words_before or change.words_after)


def _noun(section: str, lang: str) -> str:
    zh, en = _NOUNS.get(section) or (section, _section_noun(section))
    return zh if lang == "zh" else en


def _section_noun(section: str) -> str:
    found = SECTIONS.get(section)
    return section if found is None else found.noun


def _value_words(value: ValueChange, lang: str) -> str:
    zh = lang == "zh"
    path = f"{value.path}{'：' if zh else ': '}" if value.path else ""
    return f"{path}{_told(value.before, lang)} → {_told(value.after, lang)}"


def _told(value: Any, lang: str) -> str:
    zh = lang == "zh"
    if value is None:
        return "无" if zh else "none"
    if isinstance(value, bool):
        return ("是" if zh else "yes") if value else ("否" if zh else "no")
    if isinstance(value, list):
        comma = "、" if zh else ", "
        return comma.join(_told(each, lang) for each in value) or ("空" if zh else "empty")
    if isinstance(value, dict):
        pairs = (f"{key}: {_told(each, lang)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    return str(value)
