"""Write the Python client's types, operations and refusals from the OpenAPI document.

`make pages` runs it; a test compares what is committed with what it writes.
"""

import json
import keyword
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coterie.api.endpoints import openapi_bytes
from coterie.kernel.errors import Refusal
from coterie.web import status_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "clients" / "python" / "src" / "coterie_client"
HEAD = (
    '"""{words}\n\nWritten by `make pages` from the description of the API; not by hand.\n"""\n\n'
)
SIMPLE = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "null": "None"}
KEY = "Idempotency-Key"
_DECLARED = re.compile(r"[^A-Za-z0-9_]")


def type_of(schema: dict[str, Any]) -> str:
    """The annotation of a schema."""
    if "$ref" in schema:
        return _DECLARED.sub("_", schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return f"Literal[{', '.join(repr(each) for each in schema['enum'])}]"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{type_of(schema.get('items') or {})}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {type_of(values) if isinstance(values, dict) and values else 'Any'}]"
    return SIMPLE.get(str(kind), "Any")


def models(schemas: dict[str, Any]) -> str:
    """Every shape, as a TypedDict: what arrives is what json gives, with types."""
    lines = [HEAD.format(words="The shapes that go in and out.")]
    lines += ["from __future__ import annotations", "from typing import Any, Literal, NotRequired"]
    lines += ["from typing import TypedDict"]
    for name, schema in schemas.items():
        called = _DECLARED.sub("_", name)
        if schema.get("type") != "object" or "properties" not in schema:
            lines.append(f"{called} = {type_of(schema)}")
            continue
        needed = set(schema.get("required", ()))
        fields = {
            field: (type_of(each) if field in needed else f"NotRequired[{type_of(each)}]")
            for field, each in schema["properties"].items()
        }
        if any(keyword.iskeyword(f) or not f.isidentifier() for f in fields):
            inside = ", ".join(f"{field!r}: {kind!r}" for field, kind in fields.items())
            lines.append(f"{called} = TypedDict({called!r}, {{{inside}}})")
            continue
        words = " ".join(schema.get("description", "").split()).replace('"""', "'''")
        lines.append(f"class {called}(TypedDict):")
        lines.append(f'    """{words or called}"""')
        lines += [f"    {field}: {kind}" for field, kind in fields.items()]
    return "\n".join(lines) + "\n"


def errors(found: Iterable[type[Refusal]]) -> str:
    """Every refusal, as an exception one can catch."""
    lines = [HEAD.format(words="What the service refuses, an exception a code.")]
    lines += ["from coterie_client.problems import Refused"]
    names: dict[str, str] = {}
    for each in found:
        if each is Refusal:
            continue
        called = "".join(part.capitalize() for part in each.code.split("_"))
        lines.append(f"class {called}(Refused):")
        lines.append(f'    """{each.title()}"""')
        lines.append(f"    status = {status_of(each.code, each.kind)}")
        names[each.code] = called
    table = ", ".join(f"{code!r}: {name}" for code, name in names.items())
    lines.append(f"BY_CODE: dict[str, type[Refused]] = {{{table}}}")
    return "\n".join(lines) + "\n"


def _python(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.replace("-", "_")).lower()
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def _operation(path: str, method: str, told: dict[str, Any]) -> list[str]:
    parameters = told.get("parameters", [])
    needed = [
        f"{_python(p['name'])}: {type_of(p['schema'])}" for p in parameters if p["in"] == "path"
    ]
    chosen: list[str] = []
    query: list[str] = []
    for each in parameters:
        if each["in"] == "query":
            kind = type_of(each["schema"])
            named = _python(each["name"])
            given = f"{named}: {kind}" + ("" if each["required"] else " | None = None")
            chosen.insert(0 if each["required"] else len(chosen), given)
            query.append(f"{each['name']!r}: {named}")
    body = told.get("requestBody")
    if body is not None:
        needed.append(f"body: {type_of(body['content']['application/json']['schema'])}")
    keyed = any(each["name"] == KEY for each in parameters)
    if keyed:
        chosen.append("idempotency_key: str | None = None")
    good = next(r for status, r in told["responses"].items() if status.startswith("2"))
    answer = type_of(good["content"]["application/json"]["schema"])
    arguments = ", ".join(["self", *needed, *(["*", *chosen] if chosen else [])])
    place = re.sub(r"\{(\w+)\}", lambda m: "{_quoted(" + _python(m[1]) + ")}", path)
    said = [f"{'f' if '{' in path else ''}{place!r}"]
    said += [f"query={{{', '.join(query)}}}"] if query else []
    said += ["body=body"] if body is not None else []
    said += ["key=idempotency_key or new_key()"] if keyed else []
    called = _python(told["operationId"])
    lines = [f"def {called}({arguments}) -> {answer}:"]
    lines.append(f'    """{told["summary"]}: ``{method.upper()} {path}``."""')
    sent = f"self._request({method.upper()!r}, {', '.join(said)})"
    lines.append(f"    return cast({answer!r}, {sent})")
    return [f"    {line}" for line in lines]


def _pages(told: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    """The iterator of a list that comes by pages."""
    if not any(each["name"] == "cursor" for each in told.get("parameters", [])):
        return []
    good = next(r for status, r in told["responses"].items() if status.startswith("2"))
    shape = schemas[good["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
    rows, kind = next((f, s) for f, s in shape["properties"].items() if s.get("type") == "array")
    needed, given = [], []
    for each in told["parameters"]:
        name = _python(each["name"])
        if each["in"] == "path":
            needed.append(f"{name}: {type_of(each['schema'])}")
            given.append(name)
        elif each["name"] not in ("cursor", "limit"):
            chosen = f"{name}: {type_of(each['schema'])} | None = None"
            needed += [chosen] if "*" in needed else ["*", chosen]
            given.append(f"{name}={name}")
    called = _python(told["operationId"])
    lines = [f"def every_{called.partition('_')[2]}({', '.join(['self', *needed])})"]
    lines[0] += f" -> Iterator[{type_of(kind['items'])}]:"
    lines.append(f'    """All pages of :meth:`{called}`, one row after the other."""')
    lines.append("    cursor: str | None = None")
    lines.append("    while True:")
    call = ", ".join([*given, "cursor=cursor", "limit=200"])
    lines.append(f"        page = self.{called}({call})")
    lines.append(f"        yield from page[{rows!r}]")
    lines.append("        cursor = page.get('cursor')")
    lines.append("        if cursor is None:")
    lines.append("            return")
    return [f"    {line}" for line in lines]


def operations(document: dict[str, Any]) -> str:
    """Every operation, as a method."""
    schemas = document["components"]["schemas"]
    lines = [HEAD.format(words="What can be asked of the service.")]
    lines += ["from __future__ import annotations", "from collections.abc import Iterator"]
    lines += ["from typing import Any, Literal, cast", "from coterie_client.models import *"]
    lines += ["from coterie_client.sending import Sending, _quoted, new_key"]
    lines += ["class Operations(Sending):", '    """A method an operation."""']
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            lines += [*_operation(path, method, told), *_pages(told, schemas)]
    return "\n".join(lines) + "\n"


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--isolated", "--line-length", "100", "-"]
    done = subprocess.run(command, input=text, text=True, check=True, capture_output=True)
    return done.stdout


def files(found: Iterable[type[Refusal]]) -> dict[Path, str]:
    """What the generated files of the client hold."""
    document = json.loads(openapi_bytes())
    return {
        FOLDER / "models.py": _formatted(models(document["components"]["schemas"])),
        FOLDER / "operations.py": _formatted(operations(document)),
        FOLDER / "errors.py": _formatted(errors(found)),
    }
