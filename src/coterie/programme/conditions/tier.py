"""The member stands on some tier."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from coterie.kernel.errors import nearest
from coterie.programme.conditions.kind import (
    VALUES_MAX,
    Kind,
    Level,
    Problem,
    enumeration,
    label,
    unknown,
)
from coterie.programme.conditions.naming import tier_label
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme

_TEXT = {"type": "string"}


class TierIs(Kind):
    """The member's tier on a ladder, before the event, is one of some, or lies within bounds.

    ``ladder`` may be left out where the programme has one. Who is not on the ladder meets nothing.
    """

    code = "tier"
    level = Level.SITUATION
    hint = "tier"

    def schema(self) -> dict[str, Any]:
        """Return ``{ladder, is | in | at_least, at_most}``."""
        return {
            "type": "object",
            "properties": {
                "ladder": _TEXT,
                "is": _TEXT,
                "in": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": VALUES_MAX},
                "at_least": _TEXT,
                "at_most": _TEXT,
            },
            "minProperties": 1,
            "additionalProperties": False,
            "description": "{at_least: gold}, with is, in, at_least or at_most; and ladder, where "
            "there are several",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the arguments as they are."""
        return dict(raw)

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the arguments as they are."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse ladders and tiers that are not declared, and bounds nothing lies between."""
        del on
        ladders = programme.parts.get("ladders", {})
        if "ladder" not in args and len(ladders) != 1:
            allowed = ", ".join(ladders) or "the programme declares none"
            yield Problem("", "name the `ladder`.", allowed)
            return
        if "ladder" in args and args["ladder"] not in ladders:
            yield unknown("ladder", args["ladder"], ladders, below=".ladder")
            return
        said = set(args) - {"ladder"}
        if not said or (said & {"is", "in"} and len(said) > 1):
            yield Problem("", "give either `is`, or `in`, or bounds.")
            return
        tiers = _tiers(args, programme)
        for key in sorted(said):
            for tier in args[key] if key == "in" else [args[key]]:
                if tier not in tiers:
                    hint = nearest(tier, tiers).strip()
                    yield Problem(f".{key}", f"unknown tier {tier!r}.", hint)
                    return
        if not _meant(args, tiers):
            yield Problem("", "no tier lies between these bounds.")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        ladder = _ladder(args, programme)
        meant = frozenset(_meant(args, _tiers(args, programme)))
        return lambda situation: situation.tier(ladder) in meant

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which tiers."""
        zh = lang == "zh"
        noun, names = _said(args, lang, programme)
        if "is" in args or "in" in args:
            listed = enumeration([names(t) for t in args.get("in", [args.get("is")])], lang)
            return f"{noun}为{listed}" if zh else f"{noun} is {listed}"
        low, high = args.get("at_least"), args.get("at_most")
        if low is not None and high is not None:
            if zh:
                return f"{noun}在{names(low)}与{names(high)}之间"
            return f"{noun} is between {names(low)} and {names(high)}"
        if low is not None:
            return f"{noun}不低于{names(low)}" if zh else f"{noun} is {names(low)} or above"
        return f"{noun}不高于{names(high)}" if zh else f"{noun} is {names(high)} or below"


def _ladder(args: dict[str, Any], programme: Programme) -> str:
    return str(args.get("ladder") or next(iter(programme.parts.get("ladders", {})), ""))


def _tiers(args: dict[str, Any], programme: Programme) -> list[str]:
    ladder = programme.parts.get("ladders", {}).get(_ladder(args, programme))
    return [] if ladder is None else [tier.code for tier in ladder.tiers]


def _meant(args: dict[str, Any], tiers: list[str]) -> list[str]:
    if "is" in args or "in" in args:
        return [tier for tier in tiers if tier in args.get("in", [args.get("is")])]
    first = tiers.index(args["at_least"]) if "at_least" in args else 0
    last = tiers.index(args["at_most"]) if "at_most" in args else len(tiers) - 1
    return tiers[first : last + 1]


def _said(args: dict[str, Any], lang: str, programme: Programme | None) -> tuple[str, Any]:
    """Return how the ladder is called, and how its tiers are."""
    code = args.get("ladder", "") if programme is None else _ladder(args, programme)
    ladder = None if programme is None else programme.parts.get("ladders", {}).get(code)
    name = label(ladder, code, lang)
    noun = f"会员的{name}" if lang == "zh" else f"the member's {name}"
    if programme is None:
        return noun, str
    return noun, partial(tier_label, programme, code, lang=lang)
