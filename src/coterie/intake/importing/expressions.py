"""Reading one field of a mapping: ``amount_minor: {column: Price, decimal: 2}``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import structs

from coterie.intake.importing.cells import ROUNDINGS, SCALE_MAX, UNIX, Expression
from coterie.intake.importing.nodes import Value
from coterie.intake.importing.targets import Target
from coterie.kernel.numbers import money_exponent
from coterie.kernel.time import Zone

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_DIRECTIVES = frozenset("YymdHIMSfpzbBjaA")
_TIMES = frozenset({"occurred_at", "expires_at", "enrolled_at"})
_DATES = frozenset({"expires_on", "earned_on", "born_on", "expiring_until"})
_INPUTS = ("column", "const", "join", "sum", "product")
_KINDS = ("decimal", "integer", "boolean", "time", "date", "split")
# What may be said besides, by what the cell becomes: anything else would be said in vain.
_BESIDES = {
    "text": ("default", "upper", "lower", "prefix", "map", "otherwise"),
    "decimal": ("default", "point", "negate", "round"),
    "integer": ("default", "map", "otherwise", "point", "negate", "round"),
    "boolean": ("default", "map", "otherwise"),
    "time": ("default", "zone"),
    "date": ("default",),
    "list": ("default", "upper", "lower"),
}
_WORDS = tuple(dict.fromkeys(word for words in _BESIDES.values() for word in words))


def read_expression(value: Value, target: Target, zone: str | None) -> Expression:
    """Read how a field gets its value; ``zone`` is where times without an offset are.

    Raises :class:`MappingMalformed`.
    """
    base = Expression(target.name, line=value.line, **_natural(target, zone))
    if not value.is_mapping:
        return structs.replace(base, columns=(value.text(),))
    found = value.closed((*_INPUTS, "with", *_KINDS, *_WORDS))
    inputs = [name for name in _INPUTS if name in found]
    if len(inputs) != 1:
        value.refuse("A field has exactly one of column, const, join, sum and product.")
    if "const" in found:
        if len(found) != 1:
            value.refuse("A constant stands alone.")
        return structs.replace(base, const=_const(found["const"], target))
    changes = _columns(found, inputs[0]) | _conversion(value, found, inputs[0])
    convert = changes.get("convert", base.convert)
    for name in _WORDS:
        if name not in found:
            continue
        if name not in _BESIDES[convert]:
            found[name].refuse(f"`{name}` has no meaning for a {convert} value.")
        field, read = _SIMPLE[name]
        changes[field] = read(found[name])
    if "otherwise" in found and "map" not in found:
        found["otherwise"].refuse("`otherwise` belongs to `map`.")
    return structs.replace(base, **changes)


def _columns(found: dict[str, Value], given: str) -> dict[str, Any]:
    if given == "column":
        return {"columns": (found["column"].text(),)}
    several = found[given]
    columns = tuple(dict.fromkeys(item.text() for item in several.items()))
    if len(columns) < 2:
        several.refuse(f"`{given}` takes two or more different columns.")
    return {"columns": columns}


def _conversion(value: Value, found: dict[str, Value], given: str) -> dict[str, Any]:
    kinds = [name for name in _KINDS if name in found]
    if len(kinds) > 1:
        value.refuse(f"Only one of {' and '.join(kinds)} is possible.")
    kind = kinds[0] if kinds else ""
    if given in ("sum", "product") and kind != "decimal":
        value.refuse(f"`{given}` needs `decimal`: the digits that become minor units.")
    if given == "join" and kind == "decimal":
        value.refuse("A joined text is no number; there are `sum` and `product`.")
    if "with" in found and given != "join":
        found["with"].refuse("`with` belongs to `join`.")
    changes: dict[str, Any] = {"product": given == "product"}
    if given == "join":
        changes["joined_by"] = str(found["with"].node.value) if "with" in found else ""
    return changes | (_converted(kind, found[kind]) if kind else {})


def _converted(kind: str, value: Value) -> dict[str, Any]:
    if kind == "decimal":
        if isinstance(value.scalar(), str):
            return {"convert": "decimal", "scale": value.checked(money_exponent)}
        return {"convert": "decimal", "scale": value.number(0, SCALE_MAX)}
    if kind in ("time", "date"):
        return {"convert": kind, "format": _format(value, kind)}
    if kind == "split":
        return {"convert": "list", "separator": str(value.node.value) or ","}
    if not value.flag():
        value.refuse(f"`{kind}: true`, or nothing.")
    return {"convert": kind}


def _zone(name: str) -> str:
    return Zone(name).name


def _renamed(value: Value) -> dict[str, Any]:
    renamed = {name: item.scalar() for name, item in value.entries().items()}
    if not renamed:
        value.refuse("A map has at least one entry.")
    return renamed


_SIMPLE: dict[str, tuple[str, Callable[[Value], Any]]] = {
    "default": ("default", Value.scalar),
    "otherwise": ("otherwise", Value.scalar),
    "upper": ("upper", Value.flag),
    "lower": ("lower", Value.flag),
    "negate": ("negate", Value.flag),
    "prefix": ("prefix", Value.text),
    "map": ("renamed", _renamed),
    "point": ("point", lambda value: value.one_of((".", ","))),
    "round": ("rounding", lambda value: value.one_of(ROUNDINGS)),
    "zone": ("zone", lambda value: value.checked(_zone)),
}


def _natural(target: Target, zone: str | None) -> dict[str, Any]:
    """Return how a field reads its cells when the mapping says nothing about it."""
    name = target.name.rpartition(".")[2]
    if target.kind in ("integer", "boolean"):
        return {"convert": target.kind}
    if target.kind == "texts":
        return {"convert": "list"}
    if target.name in _TIMES:
        return {"convert": "time", "zone": zone}
    return {"convert": "date" if name in _DATES else "text", "zone": zone}


def natural_expression(target: Target, column: str, *, zone: str | None = None) -> Expression:
    """Return how a column named as a field becomes that field."""
    return Expression(target.name, columns=(column,), **_natural(target, zone))


def _const(value: Value, target: Target) -> Any:
    const = value.scalar()
    if const is None or const == "":
        value.refuse("A constant has a value; leave the field out instead.")
    if isinstance(const, str) and not const.isprintable():
        value.refuse("A constant is printable.")
    if target.kind == "text":
        return value.text()
    if target.kind == "texts":
        return (str(const),)
    if target.kind == "integer" and (isinstance(const, bool) or not isinstance(const, int)):
        value.refuse(f"{target.name} is a whole number.")
    if target.kind == "boolean" and not isinstance(const, bool):
        value.refuse(f"{target.name} is true or false.")
    return const


def _format(value: Value, kind: str) -> str | None:
    text = value.text()
    if text == "iso":
        return None
    if kind == "time" and text in UNIX:
        return text
    directives = _DIRECTIVE.findall(text.replace("%%", ""))
    if not directives or not set(directives) <= _DIRECTIVES:
        allowed = " ".join(f"%{letter}" for letter in sorted(_DIRECTIVES))
        value.refuse(f"A format is iso, {', '.join(UNIX)}, or is made of {allowed}.")
    if len(set(directives)) != len(directives):
        value.refuse("A format says everything once.")
    return text
