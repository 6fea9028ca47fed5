"""Examples of calls to copy and run, made from an operation's own description."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any
from urllib.parse import quote, urlencode

ADDRESS = "http://127.0.0.1:8000"
_NAME = re.compile(r"\{(\w+)\}")


def curl_of(path: str, method: str, told: dict[str, Any]) -> str:
    """Return a line of curl; the key stands in ``$KEY``."""
    examples = _examples(told)
    target = _NAME.sub(lambda m: quote(str(examples.get(m[1], 1)), safe=":"), path)
    asked = _given(told, "query")
    if asked:
        target += "?" + urlencode(asked)
    words = [f"curl {shlex.quote(ADDRESS + target)}"]
    if method.upper() != "GET":
        words[0] = f"curl -X {method.upper()} {shlex.quote(ADDRESS + target)}"
    if "security" in told:
        words.append('-H "Authorization: Bearer $KEY"')
    words += [f"-H {shlex.quote(f'{n}: {v}')}" for n, v in _given(told, "header").items()]
    body = _body(told)
    if body is not None:
        words.append("-H 'Content-Type: application/json'")
        words.append(f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}")
    return " \\\n  ".join(words)


def python_of(path: str, told: dict[str, Any]) -> str:
    """Return lines of Python that use the client; the key stands in ``key``."""
    examples = _examples(told)
    given = [repr(examples.get(name, 1)) for name in _NAME.findall(path)]
    body = _body(told)
    if body is not None:
        given.append(repr(body))
    given += [f"{name}={value!r}" for name, value in _given(told, "query").items()]
    called = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", told["operationId"]).lower()
    return (
        "from coterie_client import Coterie\n\n"
        f'with Coterie("{ADDRESS}", key) as coterie:\n'
        f"    print(coterie.{called}({', '.join(given)}))"
    )


def _examples(told: dict[str, Any]) -> dict[str, Any]:
    return {p["name"]: p["example"] for p in told.get("parameters", []) if "example" in p}


def _given(told: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the parameters that must be there, and the optional ones that have an example."""
    return {
        p["name"]: p.get("example", "example-1")
        for p in told.get("parameters", [])
        if p["in"] == place and (p["required"] or "example" in p)
    }


def _body(told: dict[str, Any]) -> Any:
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("example", {}) if content else None
