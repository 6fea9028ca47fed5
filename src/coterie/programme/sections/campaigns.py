"""Campaigns: rules that belong together, their dates, and who is left out to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor, parse_minor
from coterie.kernel.time import format_day, parse_day
from coterie.programme.drawing import PER_MILLE
from coterie.programme.model import Programme, Words
from coterie.programme.schema_parts import DAY, DECIMAL, WORDS, Schema, mapping
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)


class Campaign(Struct, frozen=True):
    """Rules with this ``campaign`` apply on its days alone, the last one included.

    ``hold_out`` of a thousand members, drawn by lot, get nothing of it: the comparison group.
    """

    code: str
    name: Words
    from_day: int | None = None
    to_day: int | None = None
    hold_out: int = 0


class Campaigns(Section):
    """``campaigns:`` by code."""

    code = "campaigns"
    noun = "campaign"

    def schema(self) -> Schema:
        """Return ``{name, from, to, hold_out}``."""
        share = {**DECIMAL, "description": "percent of members, to a tenth, such as 10 or 2.5"}
        return mapping({"name": WORDS, "from": DAY, "to": DAY, "hold_out": share}, ("name",))

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Campaign:
        """Return the campaign."""
        del ground
        first, last = (
            parse_day(raw[key], where=f"{path}.{key}") if key in raw else None
            for key in ("from", "to")
        )
        share = parse_minor(raw.get("hold_out", 0), 1, where=f"{path}.hold_out")
        if share >= PER_MILLE:
            raise Malformed("with everybody held out nobody takes part.", where=f"{path}.hold_out")
        return Campaign(code, words_of(raw["name"]), first, last, share)

    def plain(self, entry: Campaign, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        del programme
        found: dict[str, Any] = {"name": plain_words_of(entry.name)}
        if entry.from_day is not None:
            found["from"] = format_day(entry.from_day)
        if entry.to_day is not None:
            found["to"] = format_day(entry.to_day)
        return {**found, "hold_out": format_minor(entry.hold_out, 1)}

    def check(self, entry: Campaign, path: str, checker: Checker) -> None:
        """Warn of what never begins, and of a campaign without rules."""
        if entry.from_day and entry.to_day and entry.from_day > entry.to_day:
            what = "this campaign never takes place: it ends before it begins."
            checker.find(path, what, warning=True)
        if all(rule.campaign != entry.code for rule in checker.programme.rules):
            checker.find(path, "no rule belongs to this campaign.", warning=True)

    def words(self, entry: Campaign, programme: Programme, lang: str) -> str:
        """Say when it takes place, what belongs to it, and how many do not take part."""
        zh = lang == "zh"
        named = [getattr(r.name, lang) for r in programme.rules if r.campaign == entry.code]
        parts = [days_words(entry.from_day, entry.to_day, lang)]
        if named:
            listed = ("、" if zh else ", ").join(f"“{name}”" for name in named)
            parts.append(f"包括{listed}" if zh else f"with {listed}")
        if entry.hold_out:
            percent = percent_text(entry.hold_out)
            parts.append(
                f"随机抽取{percent}的会员作为对照组，不参加活动"
                if zh
                else f"{percent} of members, drawn by lot, are the comparison group and do not "
                "take part"
            )
        told = [part for part in parts if part]
        if zh:
            return f"活动“{entry.name.zh}”：{'，'.join(told) or '长期有效'}。"
        return f"Campaign {entry.name.en}: {', '.join(told) or 'always on'}."

    def breaks(self, old: Campaign, new: Campaign) -> Iterator[str]:
        """Who is compared with whom was drawn by the share."""
        if old.hold_out != new.hold_out:
            yield "has another comparison group now; a new campaign needs a new code."


def percent_text(per_mille: int) -> str:
    """Return a share as a reader writes it: ``10%``, ``2.5%``."""
    return f"{format_minor(per_mille, 1).removesuffix('.0')}%"


def days_words(first: int | None, last: int | None, lang: str) -> str:
    """Return a span of days, of which either end may be missing; nothing without both."""
    begins = None if first is None else format_day(first)
    ends = None if last is None else format_day(last)
    if lang == "zh":
        return "".join(filter(None, (begins and f"{begins}起", ends and f"至{ends}")))
    return " ".join(filter(None, (begins and f"from {begins}", ends and f"through {ends}")))
