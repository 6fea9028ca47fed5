"""Pages about the API for people: the operations, and every code a refusal may carry.

Rendered here from the same values the server obeys, without a line of script and without anything
from another host, in Chinese and English.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Meta

from coterie.api.contract import (
    CSS_TYPE,
    HTML_TYPE,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.openapi import KINDS, TAGS
from coterie.api.problems import INTERNAL, INTERNAL_TITLE, refusals
from coterie.api.samples import curl_of, python_of
from coterie.api.services import Services
from coterie.web import STATUS, status_of, wanted_language

POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"accept-language"),
]
_LANGUAGE = Parameter(
    "lang",
    Annotated[str, Meta(pattern="^(zh|en)$")],
    Words("页面语言", "The language of the page"),
)


def language_of(call: Call) -> str:
    """Return ``zh`` or ``en``: what was chosen, else the first the reader's browser asks for."""
    if "lang" in call.query:
        return str(call.query["lang"])
    return wanted_language(call.accept_language)


async def get_openapi(services: Services, _call: Call) -> Reply:
    """Return the OpenAPI document."""
    return Reply(200, services.described)


async def get_docs(services: Services, call: Call) -> Reply:
    """Return the page of operations."""
    return _page("docs", language_of(call), services.described)


async def get_errors(services: Services, call: Call) -> Reply:
    """Return the page of codes."""
    return _page("errors", language_of(call), services.described)


async def get_style(_services: Services, _call: Call) -> Reply:
    """Return the style of the pages."""
    return Reply(200, _style(), CSS_TYPE)


@cache
def _page(name: str, language: str, described: bytes) -> Reply:
    facts = _operations(described) if name == "docs" else _codes(language)
    html = _templates().get_template(f"{name}.html").render(facts, language=language)
    return Reply(200, html.encode(), HTML_TYPE, _HEADERS)


def _codes(language: str) -> dict[str, Any]:
    rows = [
        (each.code, str(each.kind), status_of(each.code, each.kind), each.title(language))
        for each in refusals()
    ]
    rows.append((INTERNAL, "", STATUS[INTERNAL], INTERNAL_TITLE[language]))
    return {"rows": sorted(rows), "kinds": KINDS}


def _operations(described: bytes) -> dict[str, Any]:
    told = msgspec.json.decode(described)
    groups: dict[str, list[dict[str, Any]]] = {tag: [] for tag in TAGS}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            entry = {"method": method.upper(), "path": path, **operation}
            entry["curl"] = curl_of(path, method, operation)
            entry["python"] = python_of(path, operation)
            groups[operation["tags"][0]].append(entry)
    return {
        "groups": [(TAGS[tag], entries) for tag, entries in groups.items() if entries],
        "schemas": told["components"]["schemas"],
        "info": told["info"],
        "pretty": lambda value: msgspec.json.format(msgspec.json.encode(value), indent=2).decode(),
    }


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("coterie.api", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> bytes:
    return (resources.files("coterie.api") / "templates" / "docs.css").read_bytes()


def _html(identifier: str, path: str, words: Words, *, media: str = "text/html") -> Operation:
    return Operation(
        id=identifier,
        method="GET",
        path=path,
        tag="service",
        words=words,
        query=(_LANGUAGE,) if media == "text/html" else (),
        returns=(Returns(200, str, words, media=media),),
    )


ENDPOINTS = (
    Endpoint(
        Operation(
            id="getOpenapi",
            method="GET",
            path="/openapi.json",
            tag="service",
            words=Words("读取本接口的 OpenAPI 文档", "Read the OpenAPI document of this API"),
            returns=(Returns(200, dict[str, Any], Words("OpenAPI 3.1", "OpenAPI 3.1")),),
        ),
        get_openapi,
    ),
    Endpoint(
        _html("getDocs", "/docs", Words("接口文档页面", "The API for people")),
        get_docs,
    ),
    Endpoint(
        _html("getErrors", "/docs/errors", Words("错误码页面", "The codes for people")),
        get_errors,
    ),
    Endpoint(
        _html("getDocsStyle", "/docs/docs.css", Words("样式", "The style"), media="text/css"),
        get_style,
    ),
)
