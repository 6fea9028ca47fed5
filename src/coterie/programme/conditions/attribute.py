"""The member's attribute has some value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.programme.conditions.comparing import (
    compile_value,
    value_negation,
    value_problems,
    value_schema,
    value_sentence,
)
from coterie.programme.conditions.kind import Kind, Level, Problem, label, unknown
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Field, Programme


class Attribute(Kind):
    """The member's attribute is one of some values, or lies within bounds.

    The bounds of a text go by the order in which the programme declares its values. An attribute
    without a value meets nothing.
    """

    code = "attribute"
    level = Level.SITUATION
    hint = "attribute"

    def schema(self) -> dict[str, Any]:
        """Return ``{code, is | in | at_least, at_most}``."""
        return value_schema(
            ("at_least", "at_most"), "{code: level, is: gold}, with is, in, at_least or at_most"
        )

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the arguments as they are."""
        return dict(raw)

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the arguments as they are."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse an attribute that is not declared, and values it cannot have."""
        del on
        declared = programme.attributes.get(args["code"])
        if declared is None:
            yield unknown("attribute", args["code"], programme.attributes, below=".code")
        else:
            yield from value_problems(args, declared)

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        code = args["code"]
        test = compile_value(args, programme.attributes[code], "at_least", "at_most")
        return lambda situation: test(situation.attributes.get(code))

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which values."""
        declared, noun = _said(args, lang, programme)
        return value_sentence(noun, args, ("at_least", "at_most"), declared, lang)

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Say which values not."""
        declared, noun = _said(args, lang, programme)
        return value_negation(noun, args, declared, lang)


def _said(args: dict[str, Any], lang: str, programme: Programme | None) -> tuple[Field | None, str]:
    declared = programme.attributes.get(args["code"]) if programme else None
    name = label(declared, args["code"], lang)
    return declared, f"会员的{name}" if lang == "zh" else f"the member's {name}"
