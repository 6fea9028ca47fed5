"""A field of the activity has some value."""

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
from coterie.programme.model import Field, FieldType, Programme


class FieldValue(Kind):
    """A field of the activity is one of some values, or lies within bounds.

    A field that the event does not carry meets nothing.
    """

    code = "field"
    level = Level.SITUATION
    only_on = "activity"
    hint = "field"

    def schema(self) -> dict[str, Any]:
        """Return ``{code, is | in | min, max}``."""
        return value_schema(("min", "max"), "{code: city, is: 上海}, with is, in, min or max")

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the arguments as they are."""
        return dict(raw)

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the arguments as they are."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse a field that the activity does not declare, and values it cannot have."""
        activity = programme.activities.get(on.partition(":")[2])
        if activity is None:
            return  # said where the activity is named
        declared = activity.fields.get(args["code"])
        if declared is None:
            yield unknown("field", args["code"], activity.fields, below=".code")
        else:
            yield from value_problems(args, declared, ordered=False)

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test; only what is ordered has bounds here, so any such type will do."""
        del programme
        code = args["code"]
        test = compile_value(args, Field(code, FieldType.INTEGER), "min", "max")
        return lambda situation: test(situation.fields.get(code))

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which values."""
        declared = _declared(args, programme)
        noun = label(declared, args["code"], lang)
        return value_sentence(noun, args, ("min", "max"), declared, lang)

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Say which values not."""
        declared = _declared(args, programme)
        return value_negation(label(declared, args["code"], lang), args, declared, lang)


def _declared(args: dict[str, Any], programme: Programme | None) -> Field | None:
    activities = programme.activities.values() if programme else ()
    found = [a.fields[args["code"]] for a in activities if args["code"] in a.fields]
    return found[0] if found else None
