"""Events as a case writes them: money and units as people write them, members by their names.

Whatever kinds of event there are, a case writes them by their own fields. Only the numbers differ:
``amount`` is money and not minor units, ``quantity`` pieces and not thousandths, ``units`` whole
units of their currency. A few kinds may be written shorter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from coterie.casebook.schema import written_names
from coterie.events import (
    KINDS,
    Activity,
    AttributeChange,
    Event,
    MemberRef,
    Order,
    OrderLine,
    Return,
    ReturnLine,
)
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import money_exponent, parse_minor
from coterie.programme.findings import step
from coterie.programme.model import Programme

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
_AT = re.compile(r" - at `\$\.?([^`]*)`$")
_ONE_OR_LIST = {"category": "categories", "tag": "tags"}
REASON = "worked case"

Raw = dict[str, Any]


class Speech:
    """What the events of one case may name: the programme's codes and the case's members."""

    def __init__(self, programme: Programme, members: Mapping[str, int]) -> None:
        """Take both; ``members`` are ids by name."""
        self.programme = programme
        self.members = members
        self.exponent = money_exponent(programme.money)

    def event(self, kind: str, raw: Any, envelope: Raw, path: str) -> tuple[Event, dict[str, str]]:
        """Return the typed event, and its fields that name an earlier step.

        Raises :class:`Malformed` at the path that is wrong.
        """
        struct = KINDS[kind]
        shorter = _SHORTER.get(kind, _as_is)
        written = self._spread(struct, shorter(self, raw), path)
        labels: dict[str, str] = {}
        wire = self._struct(struct, written, path, None, labels)
        if "reason" in {f.name for f in fields(struct) if f.required}:
            wire.setdefault("reason", REASON)
        wire |= dict.fromkeys(labels, 1)
        try:
            made = msgspec.convert({**wire, **envelope, "kind": kind}, struct)
        except msgspec.ValidationError as error:
            text = str(error)
            below = _AT.search(text)
            where = f"{path}.{below.group(1)}" if below else path
            raise Malformed(_AT.sub("", text) + ".", where=where) from None
        return made, labels

    def _spread(self, struct: type[Event], raw: Any, path: str) -> Raw:
        """Return a mapping of what may stand as one value, or as a currency with its units."""
        if not isinstance(raw, dict):
            needed = [f.name for f in fields(struct) if f.required and f.name not in _COMMON]
            own = [name for name in needed if name != "reason"]
            if len(own) != 1:
                raise Malformed("this kind of event is a mapping.", where=path)
            return {own[0]: raw}
        names = written_names(struct)
        if "currency" not in names or "units" not in names or "currency" in raw:
            return raw
        given = [key for key in raw if key in self.programme.currencies and key not in names]
        if len(given) != 1:
            return raw
        rest = {key: value for key, value in raw.items() if key != given[0]}
        return {"currency": given[0], "units": raw[given[0]], **rest}

    def _struct(
        self,
        struct: type[Struct],
        raw: Raw,
        path: str,
        currency: str | None,
        labels: dict[str, str],
    ) -> Raw:
        names = written_names(struct)
        types = {f.encode_name: f.type for f in fields(struct)}
        currency = raw.get("currency", currency)
        wire: Raw = {}
        for name, value in raw.items():
            at = step(path, name)
            field = names.get(name)
            if field is None:
                known = [*names, *(_ALIASES if struct is OrderLine else ())]
                raise Malformed(f"unknown key {name!r}.{nearest(name, known)}", where=at)
            inner = _struct_in(types[field])
            if inner is MemberRef:
                wire[field] = None if value is None else {"id": self._member(value, at)}
            elif field.endswith("_seq"):
                labels[field] = str(value)
            elif inner is not None and isinstance(value, list):
                wire[field] = [
                    self._struct(inner, _line(inner, each), f"{at}[{n}]", currency, labels)
                    for n, each in enumerate(value)
                ]
            else:
                wire[field] = self._value(field, value, currency, at)
        return wire

    def _value(self, field: str, value: Any, currency: str | None, where: str) -> Any:
        if value is None or isinstance(value, bool | dict | list):
            return value
        if field.endswith("_minor"):
            return parse_minor(value, self.exponent, where=where)
        if field.endswith("_milli"):
            return parse_minor(value, 3, where=where)
        if field == "units" and _NUMBER.fullmatch(str(value)):
            declared = self.programme.currencies.get(str(currency))
            return parse_minor(value, declared.scale if declared else 0, where=where)
        return value

    def _member(self, name: Any, where: str) -> int:
        found = self.members.get(str(name))
        if found is None:
            raise Malformed(
                f"there is no member {name!r} in this case.{nearest(str(name), self.members)}",
                where=where,
            )
        return found


def _line(struct: type[Struct], raw: Any) -> Raw:
    """Return a line of an order; an amount alone is one too."""
    if not isinstance(raw, dict):
        return {"amount": raw}
    if struct is not OrderLine:
        return raw
    line = dict(raw)
    for alias, name in _ONE_OR_LIST.items():
        if alias in line:
            value = line.pop(alias)
            line[name] = value if isinstance(value, list) else [value]
    return line


def _as_is(_speech: Speech, raw: Any) -> Any:
    return raw


def _order(_speech: Speech, raw: Any) -> Any:
    """``order: "47.80"``, ``{amount: ..., category: ...}`` for one line, or ``{lines: [...]}``."""
    if isinstance(raw, list):
        raw = {"lines": raw}
    if not isinstance(raw, dict):
        raw = {"lines": [raw]}
    whole = _gathered(raw, OrderLine, _ALIASES)
    lines = [_line(OrderLine, line) for line in whole.get("lines", ())]
    # Numbered, so that a return can name them.
    whole["lines"] = [{"line": str(n), **line} for n, line in enumerate(lines, 1)]
    tenders = whole.get("tenders")
    if isinstance(tenders, dict):
        whole["tenders"] = [{"kind": kind, "amount": a} for kind, a in tenders.items()]
    return whole


def _return(_speech: Speech, raw: Any) -> Any:
    """``return: A`` for a whole sale, or ``{order_ref: A, amount: ...}`` for its only line."""
    if not isinstance(raw, dict):
        return {"order_ref": raw}
    whole = _gathered(raw, ReturnLine, ())
    if "order_ref" in whole:
        whole["lines"] = [
            line if "product" in line else {"line": "1", **line} for line in whole.get("lines", ())
        ]
    return whole


def _gathered(raw: Raw, line: type[Struct], aliases: tuple[str, ...]) -> Raw:
    """Return an event with what is said of its only line put into that line."""
    if "lines" in raw:
        return dict(raw)
    of_line = {*written_names(line), *aliases}
    only = {key: value for key, value in raw.items() if key in of_line}
    rest = {key: value for key, value in raw.items() if key not in of_line}
    return {**rest, "lines": [only]} if only else rest


def _activity(_speech: Speech, raw: Any) -> Any:
    """``activity: check_in``, or ``activity: {stay: {nights: 2}}``."""
    if not isinstance(raw, dict) or "activity" in raw or len(raw) != 1:
        return raw
    ((code, own),) = raw.items()
    return {"activity": code, "fields": own or {}}


def _attributes(_speech: Speech, raw: Any) -> Any:
    """``attribute_change: {level: gold}``."""
    if isinstance(raw, dict) and set(raw) != {"attributes"}:
        return {"attributes": raw}
    return raw


_ALIASES = tuple(_ONE_OR_LIST)
_COMMON = frozenset(field.name for field in fields(Event))
_SHORTER: dict[str, Callable[[Speech, Any], Any]] = {
    str(Order.__struct_config__.tag): _order,
    str(Return.__struct_config__.tag): _return,
    str(Activity.__struct_config__.tag): _activity,
    str(AttributeChange.__struct_config__.tag): _attributes,
}


def _struct_in(annotation: Any) -> type[Struct] | None:
    """Return the struct a field holds, alone or in a list; tenders and lines are such."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _struct_in(part)
        if found is not None:
            return found
    return None
