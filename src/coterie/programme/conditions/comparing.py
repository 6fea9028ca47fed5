"""What the conditions on declared values (attributes, fields) share: is, in, and bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coterie.kernel.errors import nearest
from coterie.kernel.time import is_day
from coterie.programme.conditions.kind import VALUES_MAX, Problem, enumeration
from coterie.programme.conditions.naming import value_label
from coterie.programme.model import Field, FieldType

_TYPES: dict[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: str,
}
_ORDERED = frozenset({FieldType.INTEGER, FieldType.DATE})
_VALUE = {"type": ["string", "integer", "boolean"]}


def value_schema(bounds: tuple[str, ...], description: str) -> dict[str, Any]:
    """Return the schema of ``{code: ..., is | in | bounds...}``."""
    values = {"type": "array", "items": _VALUE, "minItems": 1, "maxItems": VALUES_MAX}
    return {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "is": _VALUE,
            "in": values,
            **{bound: {"type": ["string", "integer"]} for bound in bounds},
        },
        "required": ["code"],
        "minProperties": 2,
        "additionalProperties": False,
        "description": description,
    }


def value_problems(
    args: Mapping[str, Any], declared: Field, *, ordered: bool = True
) -> Iterator[Problem]:
    """Yield what does not fit the declared field: types, and values that it cannot have.

    ``ordered``: whether a text is ordered by the values it is declared with.
    """
    equal = set(args) & {"is", "in"}
    if len(equal) > 1 or (equal and len(args) > 2):
        yield Problem("", "give either `is`, or `in`, or bounds.")
        return
    text_has_order = ordered and declared.type is FieldType.TEXT and bool(declared.values)
    if not equal and declared.type not in _ORDERED and not text_has_order:
        allowed = "an integer or a date" + (", or a text with declared values" if ordered else "")
        yield Problem("", f"{declared.code!r} has no order, so it has no bounds.", allowed)
        return
    for key, given in args.items():
        for value in given if isinstance(given, list) else [given]:
            if key != "code" and (problem := _misfit(value, declared)):
                yield Problem(f".{key}", *problem)


def _misfit(value: Any, declared: Field) -> tuple[str, str] | None:
    if type(value) is not _TYPES[declared.type]:
        return f"{declared.code!r} holds {declared.type.value}s, not {value!r}.", ""
    if declared.type is FieldType.DATE and not is_day(str(value)):
        return f"{value!r} is not a date.", "a date such as 2026-01-31"
    if declared.values and value not in declared.values:
        hint = nearest(str(value), declared.values).strip()
        return f"{value!r} is not a value of {declared.code!r}.", hint
    return None


def compile_value(
    args: Mapping[str, Any], declared: Field, low: str, high: str
) -> Callable[[Any], bool]:
    """Return a test of the value (None: it has none, and no test holds)."""
    if "is" in args:
        wanted = args["is"]
        return lambda value: value == wanted and value is not None
    if "in" in args:
        several = frozenset(args["in"])
        return lambda value: value in several
    if declared.type in _ORDERED:
        least, most = args.get(low), args.get(high)
        return lambda value: (
            value is not None
            and (least is None or value >= least)
            and (most is None or value <= most)
        )
    first = declared.values.index(args[low]) if low in args else 0
    last = declared.values.index(args[high]) if high in args else len(declared.values)
    fitting = frozenset(declared.values[first : last + 1])
    return lambda value: value in fitting


def value_sentence(
    noun: str, args: Mapping[str, Any], bounds: tuple[str, str], declared: Field | None, lang: str
) -> str:
    """Say ``noun`` is one of some values, or within the two ``bounds``."""
    if "is" in args or "in" in args:
        listed = _listed(args, declared, lang)
        return f"{noun}为{listed}" if lang == "zh" else f"{noun} is {listed}"
    least, most = (
        value_label(declared, args[bound], lang) if bound in args else None for bound in bounds
    )
    return bounds_sentence(noun, least, most, lang)


def value_negation(
    noun: str, args: Mapping[str, Any], declared: Field | None, lang: str
) -> str | None:
    """Say ``noun`` is none of some values; bounds are denied in the general way."""
    if "is" not in args and "in" not in args:
        return None
    listed = _listed(args, declared, lang)
    return f"{noun}不为{listed}" if lang == "zh" else f"{noun} is not {listed}"


def _listed(args: Mapping[str, Any], declared: Field | None, lang: str) -> str:
    values = args.get("in", [args.get("is")])
    return enumeration([value_label(declared, value, lang) for value in values], lang)


def bounds_sentence(noun: str, least: Any, most: Any, lang: str) -> str:
    """Say that ``noun`` lies between two bounds, of which one may be missing."""
    if lang == "zh":
        if least is not None and most is not None:
            return f"{noun}在{least}与{most}之间"
        return f"{noun}不低于{least}" if least is not None else f"{noun}不超过{most}"
    if least is not None and most is not None:
        return f"{noun} is between {least} and {most}"
    return f"{noun} is at least {least}" if least is not None else f"{noun} is at most {most}"
