"""Pages about the API for people: the operations, and every code a refusal may carry.

Rendered from the same values the server obeys. Their inside depends on nothing but the language, so
it is made once for each; the frame around it is the reader's.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from markupsafe import Markup

from coterie.api.endpoints import openapi_bytes
from coterie.api.openapi import KINDS, TAGS
from coterie.api.problems import INTERNAL, INTERNAL_TITLE, refusals
from coterie.api.samples import curl_of, python_of
from coterie.web import OPEN, STATUS, Ask, Face, NavEntry, Pages, Reply, pick, status_of

PAGES = Pages()
_insides: dict[str, Markup] = {}


@PAGES.get("/docs", needs=OPEN)
def operations(ask: Ask) -> Reply:
    """Show the operations, with examples to copy, and the shapes of what they take and give."""
    if ask.language not in _insides:
        body = ask.site.render(ask, "api/operations.html", _operations())
        _insides[ask.language] = Markup(body)  # noqa: S704 - rendered with escaping
    return ask.page("api/docs.html", inside=_insides[ask.language])


@PAGES.get("/docs/errors", needs=OPEN)
def errors(ask: Ask) -> Reply:
    """Show every code, with what it means and what to do about it."""
    return ask.page("api/errors.html", rows=_codes(ask.language))


@cache
def _codes(language: str) -> list[tuple[str, str, int, str]]:
    told = {kind: pick(words, language) for kind, words in KINDS.items()}
    rows = [
        (each.code, told[each.kind], status_of(each.code, each.kind), each.title(language))
        for each in refusals()
    ]
    rows.append((INTERNAL, "", STATUS[INTERNAL], INTERNAL_TITLE[language]))
    return sorted(rows)


@cache
def _operations() -> dict[str, Any]:
    told = msgspec.json.decode(openapi_bytes())
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


DOCS = Face(
    name="api",
    package="coterie.api",
    pages=[PAGES],
    navigation=[
        NavEntry("docs.operations", "code", "/docs"),
        NavEntry("docs.codes", "alert-triangle", "/docs/errors"),
        NavEntry("docs.openapi", "file-text", "/openapi.json"),
    ],
    home_url="/docs",
)
