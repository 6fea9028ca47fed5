"""The programme as a page tells it: sections in plain words, what differs, who wrote it."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

from coterie.programme.differing import diff, diff_words
from coterie.programme.ladders.model import Ladder
from coterie.programme.ladders.words import criterion_words
from coterie.programme.measures import metric_words
from coterie.programme.model import Programme
from coterie.programme.plain import cap_words, currency_words, rule_words
from coterie.programme.sections import SECTIONS
from coterie.staff import list_accounts
from coterie.web import Ask, pick

_INDENT = "  "
DIFF_LINES_MAX = 2_000


class Told(NamedTuple):
    """One entry of a section: its code, its name, and its sentence."""

    code: str
    name: str
    words: str


class Part(NamedTuple):
    """A section with its entries."""

    section: str
    entries: list[Told]


class Step(NamedTuple):
    """A tier: what it asks for and what it gives, with what the tiers below give already."""

    code: str
    name: str
    asks: str
    own: list[str]
    kept: list[str]


class Climb(NamedTuple):
    """A ladder and its tiers, the highest first."""

    code: str
    name: str
    words: str
    tiers: list[Step]


class Difference(NamedTuple):
    """One change in words, with the lines below it."""

    head: str
    lines: list[str]


def parts_of(programme: Programme, lang: str) -> list[Part]:
    """Return currencies, rules, caps, metrics and every other section but ladders, in words."""
    found = [
        Part("rules", [_told(r, rule_words(r, programme, lang), lang) for r in programme.rules])
    ]
    for code, section in SECTIONS.items():
        if code != "ladders":
            entries = programme.parts.get(code, {}).items()
            told = [_entry(c, e, section.words(e, programme, lang), lang) for c, e in entries]
            found.append(Part(code, told))
    caps, metrics = programme.caps.values(), programme.metrics.values()
    found += [
        Part("caps", [_told(each, cap_words(each, programme, lang), lang) for each in caps]),
        Part(
            "metrics", [_told(each, metric_words(each, programme, lang), lang) for each in metrics]
        ),
    ]
    return [part for part in found if part.entries]


def currencies_of(programme: Programme, lang: str) -> list[tuple[Any, Told]]:
    """Return the currencies, each with its sentence."""
    return [
        (each, _told(each, currency_words(each, programme, lang), lang))
        for each in programme.currencies.values()
    ]


def ladders_of(programme: Programme, lang: str) -> list[Climb]:
    """Return the ladders with their tiers."""
    ladders: dict[str, Ladder] = programme.parts.get("ladders", {})
    words = SECTIONS["ladders"].words
    return [
        Climb(
            code,
            pick(ladder.name, lang),
            words(ladder, programme, lang),
            _tiers(ladder, programme, lang),
        )
        for code, ladder in ladders.items()
    ]


def _tiers(ladder: Ladder, programme: Programme, lang: str) -> list[Step]:
    steps: list[Step] = []
    kept: list[str] = []
    for tier in ladder.tiers:
        own = [pick(words, lang) for words in tier.benefits]
        asks = "" if tier.reach is None else criterion_words(tier.reach, programme, lang)
        steps.append(Step(tier.code, pick(tier.name, lang), asks, own, list(kept)))
        kept += own
    return steps[::-1]


def _told(entry: Any, words: str, lang: str) -> Told:
    return _entry(entry.code, entry, words, lang)


def _entry(code: str, entry: Any, words: str, lang: str) -> Told:
    name = getattr(entry, "name", None)
    said = pick(name, lang) if name is not None else code
    # Most sentences begin with the name, which the page shows by itself.
    for colon in ("：", ": "):
        words = words.removeprefix(said + colon)
    return Told(code, said, words)


def differences(before: Programme, after: Programme, lang: str) -> list[Difference]:
    """Return what differs in words; nothing where both mean the same."""
    changes = diff(before, after)
    found: list[Difference] = []
    for line in diff_words(changes, lang) if changes else []:
        if line.startswith(_INDENT) and found:
            found[-1].lines.append(line.removeprefix(_INDENT))
        else:
            found.append(Difference(line.rstrip("：:"), []))
    return found


def text_diff(before: str, after: str, names: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the lines of a unified diff, each with what became of it, up to a bound."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="", n=3)
    kinds = {"+": "added", "-": "removed", "@": "place"}
    found = []
    for line in lines:
        if line.startswith(("---", "+++")):
            continue
        found.append((kinds.get(line[:1], "same"), line))
        if len(found) >= DIFF_LINES_MAX:
            break
    return found


def names_of(ask: Ask) -> dict[int, str]:
    """Return how accounts are called, by their numbers."""
    return {each.account_id: each.name for each in list_accounts(ask.db, limit=200)[0]}
