"""The member has one of some tags."""

from __future__ import annotations

from typing import Any

from coterie.members import TAG
from coterie.programme.conditions.kind import Level, OneOf, enumeration
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme


class Tagged(OneOf):
    """The member has a tag that somebody put on by a ``tag_change`` event."""

    code = "tagged"
    level = Level.SITUATION
    noun = ("会员标签", "the member's tags")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        names = tuple(TAG + code for code in args["in"])
        return lambda situation: any(name in situation.attributes for name in names)

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which."""
        del programme
        return _said(args, lang, "会员带有标签", "the member is tagged ")

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Say which not."""
        del programme
        return _said(args, lang, "会员没有标签", "the member is not tagged ")


def _said(args: dict[str, Any], lang: str, zh: str, en: str) -> str:
    listed = enumeration([f"“{code}”" for code in args["in"]], lang)
    return (zh if lang == "zh" else en) + listed
