"""What a row can be mapped to: the fields of events, members and master data, and their types."""

from __future__ import annotations

import typing
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from coterie.events import INTERNAL_KINDS, KINDS, OpeningLot, OrderLine, ReturnLine
from coterie.intake.importing.model import What

MEMBER_KEYS = ("id", "card", "phone", "email", "messenger", "external")
IDENTITIES = ("card", "phone", "email", "messenger", "external")
LINES: dict[str, type[Struct]] = {
    "order": OrderLine,
    "return": ReturnLine,
    "opening_balance": OpeningLot,
}
"""The kinds whose rows may be parts of one event, and what a part is."""
PART_FIELD = {"order": "lines", "return": "lines", "opening_balance": "lots"}
# Set once for a whole file, not per row.
NOT_MAPPED = frozenset({"mode", "lines", "lots", "tenders"})


class Target(Struct, frozen=True):
    """A field that can be filled: ``kind`` is text, integer, boolean, texts or any."""

    name: str
    kind: str
    required: bool = False


@cache
def event_kinds() -> tuple[str, ...]:
    """Return the kinds of events that a file may hold."""
    return tuple(sorted(set(KINDS) - INTERNAL_KINDS))


@cache
def event_targets(kind: str) -> dict[str, Target]:
    """Return the fields of one event of a kind, nested ones with a dot; ``x.*`` takes any name."""
    found = _targets(KINDS[kind])
    found.update({f"member.{key}": Target(f"member.{key}", "text") for key in MEMBER_KEYS})
    found["member.id"] = Target("member.id", "integer")
    if kind == "order":
        found["tenders.*"] = Target("tenders.*", "integer")
    return found


@cache
def line_targets(kind: str) -> dict[str, Target]:
    """Return the fields of one line (or lot) of a kind of event."""
    return _targets(LINES[kind])


def _targets(cls: type[Struct]) -> dict[str, Target]:
    found: dict[str, Target] = {}
    hints = typing.get_type_hints(cls, include_extras=True)
    for field in msgspec.structs.fields(cls):
        if field.name in NOT_MAPPED:
            continue
        found |= _of_type(field.name, msgspec.inspect.type_info(hints[field.name]), field.required)
    return found


def _of_type(name: str, info: msgspec.inspect.Type, required: bool) -> dict[str, Target]:  # noqa: FBT001
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    kinds = {type(option) for option in options} - {msgspec.inspect.NoneType}
    for option in options:
        if isinstance(option, msgspec.inspect.StructType):
            nested = _targets(option.cls)
            return {f"{name}.{key}": Target(f"{name}.{key}", t.kind) for key, t in nested.items()}
        if isinstance(option, msgspec.inspect.DictType):
            return {f"{name}.*": Target(f"{name}.*", "any")}
    if kinds == {msgspec.inspect.IntType}:
        return {name: Target(name, "integer", required)}
    if kinds == {msgspec.inspect.BoolType}:
        return {name: Target(name, "boolean", required)}
    if msgspec.inspect.VarTupleType in kinds:
        return {name: Target(name, "texts", required)}
    return {name: Target(name, "text", required)}


def _flat(*texts: str, **other: str) -> dict[str, Target]:
    found = {name: Target(name, "text") for name in texts}
    return found | {name: Target(name, kind) for name, kind in other.items()}


OTHERS: dict[What, dict[str, Target]] = {
    What.MEMBERS: _flat(
        *IDENTITIES,
        "name",
        "language",
        "born_on",
        "kind",
        "state",
        "enrolled_at",
        "channel",
        "store",
        "origin",
    )
    | {"attributes.*": Target("attributes.*", "any")},
    What.PRODUCTS: _flat("product", "name", "category", "brand", tags="texts"),
    What.CATEGORIES: _flat("category", "parent", "name_zh", "name_en"),
    What.BRANDS: _flat("brand", "name_zh", "name_en"),
    What.PLACES: _flat("place", "kind", "parent", "name", day_cut_minutes="integer"),
    What.STAFF: _flat("staff", "name", "store", active="boolean"),
}


def find_target(name: str, known: dict[str, Target]) -> Target | None:
    """Return the target a name means: itself, or the ``x.*`` it falls under."""
    if name in known and not name.endswith(".*"):
        return known[name]
    head, dot, rest = name.partition(".")
    open_one = known.get(f"{head}.*")
    if dot and rest and open_one is not None:
        return Target(name, open_one.kind)
    return None


def template(what: What, kind: str | None = None) -> dict[str, Any]:
    """Return every field of a kind of row with its type, for help texts and documentation."""
    known = OTHERS[what] if what in OTHERS else event_targets(kind or "order")
    return {name: target.kind for name, target in sorted(known.items())}
