"""The JSON Schema of a programme's text; ``docs/reference/programme.schema.json`` is its print.

It says what a text may look like. What names must exist, and what makes sense together, is said in
:mod:`coterie.programme.checking`. Descriptions are what a person is shown as *allowed*.
"""

from __future__ import annotations

import json
from functools import cache

from coterie.members import MemberState
from coterie.programme.conditions import condition_schema
from coterie.programme.effects import EFFECTS
from coterie.programme.measures import MEASURES
from coterie.programme.model import NAMED, DebtPolicy, ExpiryModel, FieldType, ReturnPolicy
from coterie.programme.schema_parts import (
    BOOL,
    CODE,
    CONDITION,
    DAY,
    DECIMAL,
    END,
    METRIC_ON,
    ON,
    ROUNDING,
    SECTION_MAX,
    UNITS_MAX,
    WINDOW,
    WORDS,
    Schema,
    by_code,
    choice,
    listing,
    mapping,
    whole,
)
from coterie.programme.sections import SECTIONS
from coterie.programme.windows import window_schema

SCHEMA_ID = "https://coterie.example/programme.schema.json"
RULES_MAX = 500
NAMES_MAX = 2000
CAPS_BY = ("brand", "category", "product", "store", "channel", "partner", "source", "campaign")


def _definitions() -> Schema:
    text = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
    return {
        "code": {
            "type": "string",
            "pattern": rf"^[A-Za-z][A-Za-z0-9_.-]{{0,63}}{END}",
            "description": "a letter, then letters, digits, dots, dashes or underscores, up to 64",
        },
        "words": mapping({"zh": text, "en": text}, ("zh", "en"), "{zh: 积分, en: Points}"),
        "ratio": {
            "type": ["string", "number"],
            "pattern": rf"^(\d{{1,15}}(\.\d{{1,12}})?|\d{{1,15}}/\d{{1,15}}){END}",
            "description": "an exact number such as 2, 1.5 or 3/2",
        },
        "decimal": {
            "type": ["string", "number"],
            "pattern": rf"^\d{{1,15}}(\.\d{{1,12}})?{END}",
            "description": "a number such as 12 or 12.50",
        },
        "day": {
            "type": "string",
            "pattern": rf"^\d{{4}}-\d{{2}}-\d{{2}}{END}",
            "description": "a date such as 2026-01-31",
        },
        "window": window_schema(),
        "cap_window": window_schema(per_event=True),
        "condition": condition_schema(),
    }


def _currency() -> Schema:
    expiry = mapping(
        {
            "model": choice(*ExpiryModel),
            "months": whole(0, 1200),
            "days": whole(0, 36_600),
            "round_to": choice("none", "month", "quarter", "year"),
            "dates": listing(
                {
                    "type": "string",
                    "pattern": rf"^\d{{2}}-\d{{2}}{END}",
                    "description": "month and day such as 12-31",
                },
                most=366,
                least=1,
            ),
            "min_months": whole(0, 120),
            "activities": listing(ON),
            "by": mapping(
                {
                    "attribute": CODE,
                    "ladder": CODE,
                    "months": {
                        "type": "object",
                        "additionalProperties": {**whole(0, 1200), "type": ["integer", "null"]},
                        "description": "months by value of the attribute or by tier; null: "
                        "does not lapse",
                    },
                },
                ("months",),
            ),
        },
        ("model",),
    )
    debt = mapping(
        {
            "policy": choice(*DebtPolicy),
            "limit_units": {**_DECIMAL_OR_NULL, "description": "units, or null: without limit"},
        },
        ("policy",),
    )
    return mapping(
        {
            "name": WORDS,
            "scale": whole(0, 9),
            "expiry": expiry,
            "pending": mapping(
                {
                    "days": whole(0, 3660),
                    "until": DAY,
                    "expiry_from": choice("earning", "release"),
                }
            ),
            "debt": debt,
            "returns": choice(*ReturnPolicy),
            "return_rounding": ROUNDING,
            "lapsed_refund": choice("lapse", "extend_days"),
            "extend_days": whole(0, 3660),
            "hold_minutes": whole(1, 527_040),
            "transferable": BOOL,
            "spendable": BOOL,
            "unit_cost": {**DECIMAL, "description": "money one whole unit costs, such as 0.01"},
            "funder": CODE,
            "worth": {**DECIMAL, "description": "money that 100 units are worth, such as 1.00"},
            "redeem_from": {**DECIMAL, "description": "units, such as 500"},
        },
        ("name",),
    )


_DECIMAL_OR_NULL: Schema = {
    "type": ["string", "number", "null"],
    "pattern": rf"^\d{{1,15}}(\.\d{{1,12}})?{END}",
}


def _field() -> Schema:
    text = {"type": "string", "minLength": 1, "maxLength": 200}
    value: Schema = {
        "anyOf": [text, mapping({"code": text, "name": WORDS}, ("code", "name"))],
        "description": "a text, or {code: a text, name: {zh, en}}",
    }
    return mapping(
        {
            "name": WORDS,
            "type": choice(*FieldType),
            "values": {**listing(value, most=1000, least=1), "uniqueItems": True},
            "required": BOOL,
            "minimum": whole(-UNITS_MAX, UNITS_MAX),
            "maximum": whole(-UNITS_MAX, UNITS_MAX),
        }
    )


def _rule() -> Schema:
    return mapping(
        {
            "code": CODE,
            "name": WORDS,
            "on": ON,
            "when": CONDITION,
            "lines": CONDITION,
            **{code: kind.schema() for code, kind in EFFECTS.items()},
            "caps": {**listing(CODE, 20), "uniqueItems": True},
            "opt_in": BOOL,
            "rest_of": {**listing(CODE, 20, least=1), "uniqueItems": True},
            "campaign": CODE,
            "funder": CODE,
            "from": DAY,
            "to": DAY,
        },
        ("code", "name"),
    )


def _metric() -> Schema:
    return mapping(
        {
            "name": WORDS,
            "on": METRIC_ON,
            "measure": {
                **CODE,
                "description": f"{', '.join(MEASURES)}, or a field of the activity",
            },
            "of": {**CODE, "description": "what is told apart, earned, or counted in a row"},
            "rules": {**listing(CODE, least=1), "uniqueItems": True},
            "window": WINDOW,
            "when": CONDITION,
            "lines": CONDITION,
            "returns": choice("subtract", "keep"),
            "remember": choice("previous_year"),
        },
        ("measure",),
    )


def _cap() -> Schema:
    return mapping(
        {
            "name": WORDS,
            "limit": {**DECIMAL, "description": "units, money or a number of times, as measured"},
            "parameter": CODE,
            "measure": choice("units", "amount", "applications"),
            "window": {"$ref": "#/$defs/cap_window"},
            "on_return": choice("release", "keep"),
            "by": {**CODE, "description": f"{', '.join(CAPS_BY)}, or a field of the activity"},
        },
        ("measure", "window"),
    )


def _names() -> Schema:
    return {
        "type": "object",
        "additionalProperties": WORDS,
        "maxProperties": NAMES_MAX,
        "propertyNames": {"minLength": 1, "maxLength": 200},
        "description": "names by code, such as {tea: {zh: 茶叶, en: tea}}",
    }


def _source() -> Schema:
    return mapping(
        {
            "on_unknown_member": choice("refuse", "park", "enrol"),
            "unmatched_returns": choice("refuse", "match", "approve"),
        }
    )


MOVING = ("activities", "attributes", "caps", "metrics", "rules", *SECTIONS)
"""The sections whose codes may go away when ``moves_to`` says what became of them."""


@cache
def programme_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a whole programme."""
    rights = mapping({"earn": BOOL, "spend": BOOL, "receive": BOOL})
    moved = {"type": ["string", "null"], "description": "the new code, or null: it is gone"}
    properties = {
        "programme": CODE,
        "name": WORDS,
        "zone": {"type": "string", "description": "an IANA time zone such as Asia/Shanghai"},
        "money": {"type": "string", "description": "an ISO 4217 currency such as CNY"},
        "currencies": {**by_code(_currency(), 50), "minProperties": 1},
        "attributes": by_code(_field()),
        "activities": by_code(mapping({"name": WORDS, "fields": by_code(_field(), 50)}, ("name",))),
        "metrics": by_code(_metric(), 100),
        "caps": by_code(_cap()),
        "rules": listing(_rule(), RULES_MAX),
        **{code: by_code(s.schema(), s.most) for code, s in SECTIONS.items()},
        "names": mapping({kind: _names() for kind in NAMED}),
        "late": mapping(
            {
                "days": whole(0, 3660),
                "beyond": choice("refuse", "approve"),
                "future_minutes": whole(0, 1440),
            }
        ),
        "sources": {
            "type": "object",
            "additionalProperties": _source(),
            "maxProperties": SECTION_MAX,
            "propertyNames": {
                "pattern": rf"^[A-Za-z0-9_.:/#-]{{1,64}}{END}",
                "description": "the code its events carry",
            },
        },
        "states": mapping({str(state): rights for state in MemberState}),
        "return_days": whole(0, 3660),
        "moves_to": mapping(
            {name: {"type": "object", "additionalProperties": moved} for name in MOVING}
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A Coterie programme",
        "$defs": _definitions(),
        **mapping(properties, ("programme", "name", "zone", "money", "currencies")),
    }


def schema_text() -> str:
    """Return the schema as it is published."""
    return json.dumps(programme_schema(), ensure_ascii=False, indent=2) + "\n"
