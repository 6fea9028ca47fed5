"""The JSON Schema of a programme's text; ``docs/reference/programme.schema.json`` is its print.

It says what a text may look like. What names must exist, and what makes sense together, is said in
:mod:`coterie.programme.checking`. Descriptions are what a person is shown as *allowed*.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from coterie.kernel.numbers import Rounding
from coterie.members import MemberState
from coterie.programme.conditions import condition_schema
from coterie.programme.model import DebtPolicy, ExpiryModel, FieldType, ReturnPolicy

SCHEMA_ID = "https://coterie.example/programme.schema.json"
SECTION_MAX = 200
RULES_MAX = 500
UNITS_MAX = 10**15
# Python's $ also matches before a last line break, ECMAScript's does not; (?!\n) makes them agree.
_END = r"$(?!\n)"

Schema = dict[str, Any]


def _object(properties: Schema, required: tuple[str, ...] = (), description: str = "") -> Schema:
    found: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    if description:
        found["description"] = description
    return found


def _section(item: Schema, most: int = SECTION_MAX) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/code"},
        "additionalProperties": item,
        "maxProperties": most,
    }


def _list(item: Schema, most: int = SECTION_MAX, least: int = 0) -> Schema:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def _choice(*values: str) -> Schema:
    return {"enum": list(values)}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


_BOOL: Schema = {"type": "boolean"}
_CODE: Schema = {"$ref": "#/$defs/code"}
_WORDS: Schema = {"$ref": "#/$defs/words"}
_RATIO: Schema = {"$ref": "#/$defs/ratio"}
_DECIMAL: Schema = {"$ref": "#/$defs/decimal"}
_DAY: Schema = {"$ref": "#/$defs/day"}
_CONDITION: Schema = {"$ref": "#/$defs/condition"}
_ROUNDING = _choice(*Rounding)
_ON: Schema = {
    "type": "string",
    "pattern": rf"^(order|activity:[A-Za-z][A-Za-z0-9_.-]{{0,63}}){_END}",
    "description": "order, or activity: and the code of an activity, such as activity:check_in",
}


def _definitions() -> Schema:
    text = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
    return {
        "code": {
            "type": "string",
            "pattern": rf"^[A-Za-z][A-Za-z0-9_.-]{{0,63}}{_END}",
            "description": "a letter, then letters, digits, dots, dashes or underscores, up to 64",
        },
        "words": _object({"zh": text, "en": text}, ("zh", "en"), "{zh: 积分, en: Points}"),
        "ratio": {
            "type": ["string", "number"],
            "pattern": rf"^(\d{{1,15}}(\.\d{{1,12}})?|\d{{1,15}}/\d{{1,15}}){_END}",
            "description": "an exact number such as 2, 1.5 or 3/2",
        },
        "decimal": {
            "type": ["string", "number"],
            "pattern": rf"^\d{{1,15}}(\.\d{{1,12}})?{_END}",
            "description": "a number such as 12 or 12.50",
        },
        "day": {
            "type": "string",
            "pattern": rf"^\d{{4}}-\d{{2}}-\d{{2}}{_END}",
            "description": "a date such as 2026-01-31",
        },
        "window": _window(()),
        "cap_window": _window(("event",)),
        "condition": condition_schema(),
    }


def _window(more: tuple[str, ...]) -> Schema:
    names = [*more, "day", "week", "month", "quarter", "year", "lifetime"]
    return {
        "anyOf": [
            {"enum": names},
            _object({"rolling_days": _whole(1, 400)}, ("rolling_days",)),
            _object({"rolling_months": _whole(1, 120)}, ("rolling_months",)),
        ],
        "description": f"{', '.join(names)}, {{rolling_days: 1 to 400}} or "
        "{rolling_months: 1 to 120}",
    }


def _currency() -> Schema:
    expiry = _object(
        {
            "model": _choice(*ExpiryModel),
            "months": _whole(0, 1200),
            "days": _whole(0, 36_600),
            "round_to": _choice("none", "month", "quarter", "year"),
            "dates": _list(
                {
                    "type": "string",
                    "pattern": rf"^\d{{2}}-\d{{2}}{_END}",
                    "description": "month and day such as 12-31",
                },
                most=366,
                least=1,
            ),
            "min_months": _whole(0, 120),
            "activities": _list(_ON),
            "by": _object(
                {
                    "attribute": _CODE,
                    "months": {
                        "type": "object",
                        "additionalProperties": {**_whole(0, 1200), "type": ["integer", "null"]},
                        "description": "months by value of the attribute; null: does not lapse",
                    },
                },
                ("attribute", "months"),
            ),
        },
        ("model",),
    )
    debt = _object(
        {
            "policy": _choice(*DebtPolicy),
            "limit_units": {**_DECIMAL_OR_NULL, "description": "units, or null: without limit"},
        },
        ("policy",),
    )
    return _object(
        {
            "name": _WORDS,
            "scale": _whole(0, 9),
            "expiry": expiry,
            "pending": _object(
                {
                    "days": _whole(0, 3660),
                    "until": _DAY,
                    "expiry_from": _choice("earning", "release"),
                }
            ),
            "debt": debt,
            "returns": _choice(*ReturnPolicy),
            "return_rounding": _ROUNDING,
            "lapsed_refund": _choice("lapse", "extend_days"),
            "extend_days": _whole(0, 3660),
            "hold_minutes": _whole(1, 527_040),
            "transferable": _BOOL,
            "spendable": _BOOL,
            "unit_cost": {
                **_DECIMAL,
                "description": "money that one whole unit costs, such as 0.01",
            },
            "funder": _CODE,
        },
        ("name",),
    )


_DECIMAL_OR_NULL: Schema = {
    "type": ["string", "number", "null"],
    "pattern": rf"^\d{{1,15}}(\.\d{{1,12}})?{_END}",
}


def _field() -> Schema:
    value = {"type": "string", "minLength": 1, "maxLength": 200}
    return _object(
        {
            "name": _WORDS,
            "type": _choice(*FieldType),
            "values": {**_list(value, most=1000, least=1), "uniqueItems": True},
            "required": _BOOL,
            "minimum": _whole(-UNITS_MAX, UNITS_MAX),
            "maximum": _whole(-UNITS_MAX, UNITS_MAX),
        }
    )


def _rule() -> Schema:
    basis = _object(
        {
            "tax": _BOOL,
            "shipping": _BOOL,
            "fees": _BOOL,
            "without_tenders": {
                **_list({"type": "string", "minLength": 1}, 50),
                "uniqueItems": True,
            },
        }
    )
    earn = _object(
        {
            "currency": _CODE,
            "units": _RATIO,
            "per": {
                **_DECIMAL,
                "description": 'an amount of money such as "1.00", or, with '
                "per_field, a whole number of that field",
            },
            "per_field": _CODE,
            "blocks": _BOOL,
            "rounding": _ROUNDING,
            "round_each": _choice("order", "line", "unit"),
            "basis": basis,
        },
        ("currency", "units"),
    )
    multiply = _object(
        {
            "rules": {**_list(_CODE, least=1), "uniqueItems": True},
            "factor": _RATIO,
            "attribute": _CODE,
            "factors": {"type": "object", "additionalProperties": _RATIO, "minProperties": 1},
            "rounding": _ROUNDING,
        },
        ("rules",),
    )
    return _object(
        {
            "code": _CODE,
            "name": _WORDS,
            "on": _ON,
            "when": _CONDITION,
            "lines": _CONDITION,
            "earn": earn,
            "multiply": multiply,
            "caps": {**_list(_CODE, 20), "uniqueItems": True},
            "campaign": _CODE,
            "funder": _CODE,
            "from": _DAY,
            "to": _DAY,
        },
        ("code", "name"),
    )


def _metric() -> Schema:
    return _object(
        {
            "name": _WORDS,
            "on": _ON,
            "measure": {**_CODE, "description": "count, amount, or a field of the activity"},
            "window": {"$ref": "#/$defs/window"},
            "when": _CONDITION,
            "returns": _choice("subtract", "keep"),
        },
        ("measure", "window"),
    )


def _cap() -> Schema:
    return _object(
        {
            "name": _WORDS,
            "limit": {**_DECIMAL, "description": "units, money or a number of times, as measured"},
            "measure": _choice("units", "amount", "applications"),
            "window": {"$ref": "#/$defs/cap_window"},
            "on_return": _choice("release", "keep"),
        },
        ("limit", "measure", "window"),
    )


def _source() -> Schema:
    return _object(
        {
            "on_unknown_member": _choice("refuse", "park", "enrol"),
            "unmatched_returns": _choice("refuse", "match", "approve"),
        }
    )


MOVING = ("activities", "attributes", "caps", "metrics", "rules")
"""The sections whose codes may go away when ``moves_to`` says what became of them."""


@cache
def programme_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a whole programme."""
    rights = _object({"earn": _BOOL, "spend": _BOOL, "receive": _BOOL})
    moved = {"type": ["string", "null"], "description": "the new code, or null: it is gone"}
    properties = {
        "programme": _CODE,
        "name": _WORDS,
        "zone": {"type": "string", "description": "an IANA time zone such as Asia/Shanghai"},
        "money": {"type": "string", "description": "an ISO 4217 currency such as CNY"},
        "currencies": {**_section(_currency(), 50), "minProperties": 1},
        "attributes": _section(_field()),
        "activities": _section(
            _object({"name": _WORDS, "fields": _section(_field(), 50)}, ("name",))
        ),
        "metrics": _section(_metric(), 100),
        "caps": _section(_cap()),
        "rules": _list(_rule(), RULES_MAX),
        "late": _object(
            {
                "days": _whole(0, 3660),
                "beyond": _choice("refuse", "approve"),
                "future_minutes": _whole(0, 1440),
            }
        ),
        "sources": {
            "type": "object",
            "additionalProperties": _source(),
            "maxProperties": SECTION_MAX,
            "propertyNames": {
                "pattern": rf"^[A-Za-z0-9_.:/#-]{{1,64}}{_END}",
                "description": "the code its events carry",
            },
        },
        "states": _object({str(state): rights for state in MemberState}),
        "return_days": _whole(0, 3660),
        "moves_to": _object(
            {name: {"type": "object", "additionalProperties": moved} for name in MOVING}
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A Coterie programme",
        "$defs": _definitions(),
        **_object(properties, ("programme", "name", "zone", "money", "currencies")),
    }


def schema_text() -> str:
    """Return the schema as it is published."""
    return json.dumps(programme_schema(), ensure_ascii=False, indent=2) + "\n"
