"""The pieces a programme's JSON Schema is put together from; sections and kinds use them too."""

from __future__ import annotations

from typing import Any

from coterie.kernel.numbers import Rounding

Schema = dict[str, Any]

SECTION_MAX = 200
UNITS_MAX = 10**15
# Python's $ also matches before a last line break, ECMAScript's does not; (?!\n) makes them agree.
END = r"$(?!\n)"


def mapping(properties: Schema, required: tuple[str, ...] = (), description: str = "") -> Schema:
    """Return the schema of a mapping with these keys and no others."""
    found: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    if description:
        found["description"] = description
    return found


def by_code(item: Schema, most: int = SECTION_MAX) -> Schema:
    """Return the schema of a mapping from codes to items."""
    return {
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/code"},
        "additionalProperties": item,
        "maxProperties": most,
    }


def listing(item: Schema, most: int = SECTION_MAX, least: int = 0) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def choice(*values: str) -> Schema:
    """Return the schema of one of some words."""
    return {"enum": list(values)}


def whole(least: int, most: int) -> Schema:
    """Return the schema of a whole number within bounds."""
    return {"type": "integer", "minimum": least, "maximum": most}


BOOL: Schema = {"type": "boolean"}
CODE: Schema = {"$ref": "#/$defs/code"}
WORDS: Schema = {"$ref": "#/$defs/words"}
RATIO: Schema = {"$ref": "#/$defs/ratio"}
DECIMAL: Schema = {"$ref": "#/$defs/decimal"}
DAY: Schema = {"$ref": "#/$defs/day"}
CONDITION: Schema = {"$ref": "#/$defs/condition"}
WINDOW: Schema = {"$ref": "#/$defs/window"}
ROUNDING = choice(*Rounding)
ON: Schema = {
    "type": "string",
    "pattern": rf"^(order|activity:[A-Za-z][A-Za-z0-9_.-]{{0,63}}){END}",
    "description": "order, or activity: and the code of an activity, such as activity:check_in",
}
METRIC_ON: Schema = {
    "type": "string",
    "pattern": rf"^(order|(activity|referral):[A-Za-z][A-Za-z0-9_.-]{{0,63}}){END}",
    "description": "order, activity:CODE, or referral:CODE for what friends brought the member",
}
