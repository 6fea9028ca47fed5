"""The JSON Schema of case files."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from coterie.events import INTERNAL_KINDS, KINDS, Event
from coterie.programme.schema_parts import END, Schema, choice, listing, mapping, whole

CASES_MAX = 1_000
STEPS_MAX = 500
TIMES_MAX = 400
MEMBERS_MAX = 50
LOTS_MAX = 200
HELD_OUT_MAX = 50
ENVELOPE = (
    "source",
    "actor",
    "channel",
    "store",
    "operator",
    "device",
    "partner",
    "campaign",
)
"""What of an event's envelope a case may write beside its kind."""

_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
_NAME: Schema = {
    "type": "string",
    "pattern": rf"^[A-Za-z][A-Za-z0-9_.-]{{0,63}}{END}",
    "description": "a name: letters, digits, dots, dashes, underscores",
}
_TIME = r"[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?"
_MOMENT: Schema = {
    "type": "string",
    "pattern": rf"^\d{{4}}-\d{{2}}-\d{{2}}({_TIME})?{END}",
    "description": "a day such as 2026-01-31 (noon of the programme's zone), or 2026-01-31T18:30",
}
_DAY: Schema = {
    "type": "string",
    "pattern": rf"^\d{{4}}-\d{{2}}-\d{{2}}{END}",
    "description": "a day such as 2026-01-31",
}
_NUMBER: Schema = {
    "anyOf": [
        {"type": "integer"},
        {"type": "string", "pattern": rf"^-?\d{{1,18}}(\.\d{{1,9}})?{END}"},
    ],
    "description": "a number such as 12 or 12.50",
}
_VALUE: Schema = {"type": ["string", "integer", "boolean", "null"]}


def cases_schema() -> dict[str, Any]:
    """Return the schema of one ``*.cases.yaml`` file, complete in itself."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Worked cases of a Coterie programme",
        **mapping({"cases": listing(_case(), CASES_MAX, 1)}, ("cases",)),
        "$defs": {"expect": _expect(), "given": _given()},
    }


def schema_text() -> str:
    """Return the schema as it is published."""
    return json.dumps(cases_schema(), ensure_ascii=False, indent=2) + "\n"


def _case() -> Schema:
    given = {"$ref": "#/$defs/given"}
    return mapping(
        {
            "id": _NAME,
            "about": _TEXT,
            "begins": _MOMENT,
            "given": given,
            "members": _by_name(given, MEMBERS_MAX),
            "events": listing(_step(), STEPS_MAX),
            "expect": {"$ref": "#/$defs/expect"},
        },
        ("id",),
    )


def _given() -> Schema:
    lot = mapping({"units": _NUMBER, "earned_on": _DAY, "expires_on": _DAY}, ("units",))
    tier = {
        "anyOf": [_TEXT, mapping({"tier": _TEXT, "until": _DAY, "since": _DAY}, ("tier",))],
        "description": "a tier, or {tier, until, since}",
    }
    return mapping(
        {
            "kind": choice("person", "organisation", "household", "pool"),
            "state": _TEXT,
            "enrolled": _MOMENT,
            "attributes": _by_name(_VALUE),
            "balances": _by_name(_NUMBER),
            "lots": _by_name(listing(lot, LOTS_MAX)),
            "tiers": _by_name(tier),
            "metrics": _by_name(_NUMBER),
            "held_out": {
                **listing(_TEXT, HELD_OUT_MAX),
                "description": "campaigns in whose comparison group the member is",
            },
        }
    )


def _step() -> Schema:
    kinds = {code: _kind(kind) for code, kind in KINDS.items() if code not in INTERNAL_KINDS}
    return mapping(
        {
            "id": _NAME,
            "at": _MOMENT,
            "received": _MOMENT,
            "member": _NAME,
            "times": whole(1, TIMES_MAX),
            "every": choice("day", "week", "month", "year"),
            "expect": {"$ref": "#/$defs/expect"},
            **dict.fromkeys(ENVELOPE, _TEXT),
            **kinds,
        }
    )


def _kind(kind: type[Event]) -> Schema:
    """Say what a kind is and which keys it may have; reading it looks closer."""
    said = (kind.__doc__ or "").strip().splitlines()[0]
    return {"description": said, "properties": dict.fromkeys(written_names(kind), True)}


def written_names(struct: type[Struct]) -> dict[str, str]:
    """Return the fields of a struct by the names a case writes: amounts, not minor units."""
    common = {field.name for field in fields(Event)} if issubclass(struct, Event) else set()
    return {
        field.encode_name.removesuffix("_minor").removesuffix("_milli"): field.encode_name
        for field in fields(struct)
        if field.name not in common
    }


def _expect() -> Schema:
    inner = {"$ref": "#/$defs/expect"}
    lot = mapping({"units": _NUMBER, "expires_on": {"anyOf": [_DAY, {"type": "null"}]}}, ("units",))
    effect = mapping(
        {
            "currency": _TEXT,
            "units": _NUMBER,
            "reason": _TEXT,
            "rule": {"type": ["string", "null"]},
            "debit": _TEXT,
            "credit": _TEXT,
        }
    )
    tier = {
        "anyOf": [
            {"type": ["string", "null"]},
            {"type": "object", "additionalProperties": _VALUE, "required": ["tier"]},
        ],
        "description": "a tier, or {tier, until}",
    }
    return mapping(
        {
            "at": _MOMENT,
            "refused": _TEXT,
            "waiting": _TEXT,
            **{name: _by_name(_NUMBER) for name in ("balances", "pending", "held", "owed")},
            "change": _by_name(_NUMBER),
            "gives": _by_name(_NUMBER),
            "lots": _by_name(listing(lot, LOTS_MAX)),
            "tiers": _by_name(tier),
            "metrics": _by_name(_NUMBER),
            "state": _TEXT,
            "attributes": _by_name(_VALUE),
            "effects": listing(effect, LOTS_MAX),
            "members": _by_name(inner, MEMBERS_MAX),
        }
    )


def _by_name(item: Schema, most: int = 200) -> Schema:
    return {"type": "object", "additionalProperties": item, "maxProperties": most}
