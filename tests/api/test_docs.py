"""The description of the API: complete, valid, the agreed one, and readable without a script."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest

from coterie.api.endpoints import ENDPOINTS, documented, openapi_bytes
from coterie.api.openapi import problem_statuses
from coterie.api.problems import refusals
from tests.api.serving import Place, order

OPENAPI = Path(__file__).resolve().parents[1] / "golden" / "openapi.json"


@pytest.fixture
def described() -> dict[str, Any]:
    return dict(msgspec.json.decode(openapi_bytes()))


def test_the_document_is_the_agreed_one():
    """A change here is a change of the API. Write it anew with: python -m tests.api.golden."""
    from tests.api.golden import pretty_openapi

    assert OPENAPI.read_text("utf-8") == pretty_openapi()


def test_every_address_is_described(described: dict[str, Any]):
    told = {(p, m.upper()) for p, methods in described["paths"].items() for m in methods}
    assert told == {(o.path, o.method) for o in documented()}
    hidden = {e.operation.path for e in ENDPOINTS} - set(described["paths"])
    assert hidden == {"/metrics"}
    names = [o.id for o in documented()]
    assert len(names) == len(set(names))


def test_every_reference_in_the_document_leads_somewhere(described: dict[str, Any]):
    text = openapi_bytes().decode()
    schemas = described["components"]["schemas"]
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in schemas, name


def test_every_field_that_comes_in_is_bounded(described: dict[str, Any]):
    """Texts, lists and numbers of bodies have an upper bound in the document too."""
    schemas = described["components"]["schemas"]
    event_body = described["paths"]["/v1/events"]["post"]["requestBody"]
    events = event_body["content"]["application/json"]["schema"]
    for each in events["anyOf"]:
        schema = schemas[each["$ref"].rsplit("/", 1)[1]]
        assert schema["additionalProperties"] is False
        assert schema["properties"]["kind"]["enum"]
        assert {"kind", "key", "occurred_at", "member"} <= set(schema["required"])
        assert schema["properties"]["key"]["maxLength"] == 200


def test_every_answer_of_a_walk_has_the_shape_that_was_promised(
    api: httpx.Client, place: Place, described: dict[str, Any]
):
    def holds(answer: httpx.Response, path: str, method: str = "get") -> None:
        told = described["paths"][path][method]["responses"][str(answer.status_code)]
        media = answer.headers["content-type"]
        schema = told["content"][media]["schema"]
        whole = {"components": described["components"], **schema}
        jsonschema_rs.validate(whole, answer.json())

    holds(api.post("/v1/events", json=order("k1")), "/v1/events", "post")
    holds(api.post("/v1/events", json=order("k1", 1)), "/v1/events", "post")
    holds(api.post("/v1/events", json={}), "/v1/events", "post")
    batch = api.post("/v1/events:batch", json={"events": [order("k2"), {}]})
    holds(batch, "/v1/events:batch", "post")
    holds(api.get(f"/v1/events/{place.member_id}:1"), "/v1/events/{event}")
    base = "/v1/members/{member_id}"
    for what in ("", "/balances", "/lots", "/holds", "/statement"):
        holds(api.get(f"/v1/members/{place.member_id}{what}"), base + what)
        holds(api.get(f"/v1/members/1{what}"), base + what)
    made = api.post("/v1/members", json={"name": "Li"}, headers={"Idempotency-Key": "m"})
    holds(made, "/v1/members", "post")
    holds(api.post("/v1/members:find", json={"card": "A1000"}), "/v1/members:find", "post")
    for what in ("products", "categories", "brands", "places", "staff"):
        holds(api.get(f"/v1/catalogue/{what}"), f"/v1/catalogue/{what}")
    holds(api.get("/v1/catalogue/products/x"), "/v1/catalogue/products/{product}")
    for path in ("/healthz", "/readyz", "/openapi.json"):
        holds(api.get(path), path)


def test_the_statuses_of_refusals_follow_from_what_an_operation_takes():
    by_id = {o.id: o for o in documented()}
    assert problem_statuses(by_id["getHealth"]) == [400, 500]
    assert problem_statuses(by_id["getBalances"]) == [400, 401, 403, 404, 500, 503]
    sends = problem_statuses(by_id["sendEvent"])
    assert sends == [400, 401, 403, 404, 408, 409, 413, 415, 422, 500, 503]


class Page(HTMLParser):
    """Collects what a page loads and where it can be jumped to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        self.inline += [name for name in told if name == "style" or name.startswith("on")]
        if "id" in told:
            self.ids.append(told["id"] or "")
        if tag == "html":
            self.language = told.get("lang") or ""
        if tag == "a":
            self.links.append(told.get("href") or "")
        self.loads += [told[name] or "" for name in ("src", "srcset") if name in told]
        if tag == "link":
            self.loads.append(told.get("href") or "")


def page_at(client: httpx.Client, path: str, **headers: str) -> Page:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = Page()
    page.feed(answer.text)
    return page


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
def test_pages_load_nothing_from_elsewhere(anyone: httpx.Client, path: str):
    for language, name in (("zh", "zh-CN"), ("en", "en")):
        page = page_at(anyone, f"{path}?lang={language}")
        assert page.language == name
        assert all(re.match(r"/(assets|brand)/|data:,$", each) for each in page.loads)
        assert not page.inline
        assert not {"style", "iframe", "img"} & set(page.tags)
        assert len(page.ids) == len(set(page.ids))
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids, link


def test_a_problems_type_leads_to_its_code(anyone: httpx.Client):
    page = page_at(anyone, "/docs/errors")
    assert {each.code for each in refusals()} | {"internal_error"} <= set(page.ids)


def test_every_operation_and_shape_is_on_the_page(anyone: httpx.Client, described: dict[str, Any]):
    page = page_at(anyone, "/docs")
    assert {o.id for o in documented()} <= set(page.ids)
    assert {f"schema-{name}" for name in described["components"]["schemas"]} <= set(page.ids)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh-CN"),
        ("zh-Hans-CN,en;q=0.8", "zh-CN"),
        ("en;q=0.5, zh;q=0.7", "zh-CN"),
        ("fr,de", "en"),
        ("fr,zh-TW;q=0.3", "zh-CN"),
        ("en-GB,zh", "en"),
        ("garbage;;;,,,", "en"),
        ("zh;q=9", "en"),
    ],
)
def test_the_language_is_the_readers(anyone: httpx.Client, header: str, language: str):
    assert page_at(anyone, "/docs/errors", **{"accept-language": header}).language == language


def test_a_choice_of_language_stays(anyone: httpx.Client):
    assert page_at(anyone, "/docs?lang=fr", **{"accept-language": "zh"}).language == "zh-CN"
    assert page_at(anyone, "/docs?lang=en", **{"accept-language": "zh"}).language == "en"
    assert page_at(anyone, "/docs/errors", **{"accept-language": "zh"}).language == "en"
