"""What the JSON Schema has against a document, said for people and placed in its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from coterie.kernel.errors import nearest
from coterie.programme.document import Document
from coterie.programme.findings import step
from coterie.programme.schema import programme_schema

_SHOWN_MAX = 60
_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}

Said = tuple[str, str, str]
"""A step below the path (or nothing), what is wrong, what is allowed."""


@cache
def _validator() -> Draft202012Validator:
    schema = programme_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def find_misshapen(document: Document, validator: Draft202012Validator | None = None) -> set[str]:
    """Note everything the schema refuses; return the paths at which it did.

    ``validator`` is that of another language than programmes.
    """
    paths = set()
    for error in (validator or _validator()).iter_errors(document.value):
        path = ""
        for key in error.absolute_path:
            path = step(path, key)
        for below, problem, allowed in _say(error):
            at = step(path, below) if below else path
            paths.add(at)
            document.find(at, problem, allowed)
    return paths


def _say(error: ValidationError) -> Iterator[Said]:
    if "propertyNames" in list(error.absolute_schema_path)[-2:]:
        yield error.instance, f"{_shown(error.instance)} cannot be a name.", _allowed(error)
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                yield key, f"unknown key {key!r}.", nearest(key, known).strip()
    elif error.validator == "required":
        # One error a missing key; the message is the library's own way to say which.
        missing = next(k for k in error.validator_value if f"{k!r} is" in error.message)
        yield "", f"{missing!r} is missing.", _description(error)
    else:
        say = _WORDS.get(str(error.validator), _plain)
        yield "", say(error), _allowed(error)


def _plain(error: ValidationError) -> str:
    return f"{_shown(error.instance)} does not fit here."


def _enum(error: ValidationError) -> str:
    return f"{_shown(error.instance)} is not known here."


def _counted(relation: str) -> Callable[[ValidationError], str]:
    def say(error: ValidationError) -> str:
        return f"{relation} {error.validator_value} here, not {len(error.instance)}."

    return say


_WORDS: dict[str, Callable[[ValidationError], str]] = {
    "enum": _enum,
    "minimum": lambda error: f"{_shown(error.instance)} is below {error.validator_value}.",
    "maximum": lambda error: f"{_shown(error.instance)} is above {error.validator_value}.",
    "minLength": lambda error: f"{_shown(error.instance)} is too short.",
    "maxLength": lambda error: f"{_shown(error.instance)} is longer than {error.validator_value}.",
    "minItems": _counted("at least"),
    "maxItems": _counted("at most"),
    "minProperties": _counted("at least"),
    "maxProperties": _counted("at most"),
    "uniqueItems": lambda error: f"{_shown(error.instance)} holds something twice.",
}


def _allowed(error: ValidationError) -> str:
    if error.validator == "enum":
        values = [str(value) for value in error.validator_value]
        close = nearest(str(error.instance), values).strip()
        return close if close.startswith("Did") else f"Allowed: {', '.join(values)}."
    if description := _description(error):
        return description
    if error.validator == "type":
        wanted = error.validator_value
        names = [wanted] if isinstance(wanted, str) else wanted
        return f"Allowed: {' or '.join(_TYPES[name] for name in names)}."
    return ""


def _description(error: ValidationError) -> str:
    text = error.schema.get("description")
    return f"Allowed: {text}." if text else ""


def _shown(value: Any) -> str:
    text = {True: "true", False: "false", None: "null"}.get(value) if _is_word(value) else None
    if text is None:
        text = _TYPES["object"] if isinstance(value, dict) else repr(value)
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, bool)
