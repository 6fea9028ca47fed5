"""The member has joined one of some campaigns or rules."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf, enumeration
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import OPTED_IN, Programme


class HasOptedIn(OneOf):
    """The member has joined one of some by an ``opt_in`` event, and has not left it since."""

    code = "has_opted_in"
    level = Level.SITUATION
    noun = ("会员报名参加的活动", "what the member joined")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        marks = tuple(OPTED_IN + code for code in args["in"])
        if len(marks) == 1:
            only = marks[0]
            return lambda situation: situation.mark(only) > 0
        return lambda situation: any(situation.mark(mark) > 0 for mark in marks)

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which."""
        listed = _listed(args, lang, programme)
        return f"会员已报名参加{listed}" if lang == "zh" else f"the member has joined {listed}"

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Say which not."""
        listed = _listed(args, lang, programme)
        return f"会员未报名参加{listed}" if lang == "zh" else f"the member has not joined {listed}"


def _listed(args: dict[str, Any], lang: str, programme: Programme | None) -> str:
    rules = {rule.code: rule.name for rule in programme.rules} if programme else {}
    names = [getattr(rules[code], lang) if code in rules else code for code in args["in"]]
    return enumeration([f"“{name}”" for name in names], lang)
