"""The OpenAPI 3.1 document, written from the operations the server obeys.

Types become schemas through msgspec, which also reads the requests: a bound in the document is a
bound in the program. (Litestar's own generator loses tags, bounds of optional numbers and the ban
on unknown fields of msgspec structs, and knows nothing of plain ASGI handlers.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from coterie import __version__
from coterie.api.contract import REPLAYED, Operation, Parameter, Returns, Words
from coterie.api.problems import PROBLEM_TYPE, Problem
from coterie.kernel.errors import Kind
from coterie.web import STATUS
from coterie.webhooks import FACTS, FACTS_VERSION, FactKind

TAGS = {
    "events": Words(
        "事件：会员身上发生的一切都从这里进来",
        "Events: everything that happens to a member comes in here",
    ),
    "members": Words("会员：注册、查找、读取", "Members: enrol, find, read"),
    "ledger": Words(
        "账本：余额、批次、冻结、流水", "Ledger: balances, lots, holds and the statement"
    ),
    "catalogue": Words(
        "主数据：商品、品类、品牌、门店", "Catalogue: products, categories, brands, places"
    ),
    "programme": Words(
        "方案：生效版本、历史版本、检查、比较、发布",
        "Programme: what is in force, its versions; check, compare, publish",
    ),
    "webhooks": Words(
        "Webhook：订阅、签名、投递记录、重发",
        "Webhooks: who is told what happened; signing, the log, sending again",
    ),
    "jobs": Words("长任务：启动、查看进度与结果、取消", "Long work: start it, follow it, end it"),
    "service": Words("服务状态与文档", "State of the service, and this description"),
}
KINDS = {
    Kind.MALFORMED: Words(
        "请求无法理解，改正后可重发", "Cannot be read; correct it and send it again"
    ),
    Kind.UNAUTHENTICATED: Words("未出示有效密钥", "Nobody that is known asks"),
    Kind.FORBIDDEN: Words("密钥没有此权限", "The key may not do this"),
    Kind.NOT_FOUND: Words("所指之物不存在", "What is named does not exist"),
    Kind.CONFLICT: Words("与已有记录矛盾", "It contradicts what is recorded"),
    Kind.BUSINESS: Words("规则不允许；答复已记录", "The programme says no; the answer is recorded"),
    Kind.TOO_LARGE: Words("超出上限", "Over a declared bound"),
    Kind.BUSY: Words("暂时不行，稍后可再试", "Not now; the same call may succeed later"),
}
"""What each kind of refusal means to whoever receives it."""
_STATUS_WORDS = {STATUS[kind]: words for kind, words in KINDS.items()} | {
    STATUS["body_too_slow"]: Words("请求体到达太慢", "The body did not arrive in time"),
    STATUS["unsupported_media_type"]: Words("请求体必须是 JSON", "The body must be JSON"),
    STATUS["internal_error"]: Words("我方故障，已记入日志", "It broke on our side; it was logged"),
}
_TEMPLATE = "#/components/schemas/{name}"
_DESCRIPTION = """\
Membership and loyalty: send what happens to members, read what they have.

Every call but those of *service* carries `Authorization: Bearer ctr_...`. Every refusal is an
`application/problem+json` document with a stable `code`; the list of codes is at `/docs/errors`.
Every write carries a key made up by the caller: send the same again, with the same key, until an
answer arrives; what happens, happens once. Amounts are integers in minor units, instants RFC 3339,
quantities integers in thousandths.
"""


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the document of these operations, ready to be encoded."""
    listed = list(operations)
    types = _types(listed)
    schemas, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    known = list(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, known
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Coterie",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": name, "description": words.en, "x-description-zh": words.zh}
            for name, words in TAGS.items()
            if any(operation.tag == name for operation in listed)
        ],
        "paths": paths,
        "webhooks": {fact.kind: {"post": _fact(fact, known)} for fact in FACTS},
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, `ctr_...`, made with `coterie keys issue`.",
                }
            },
        },
    }


def problem_statuses(operation: Operation) -> list[int]:
    """Return the statuses an operation may refuse with, by what it takes and asks for."""
    # A header that stands twice or an unknown query parameter is refused everywhere.
    found = {STATUS["internal_error"], STATUS[Kind.MALFORMED]}
    if operation.scope is not None:
        found |= {STATUS[Kind.UNAUTHENTICATED], STATUS[Kind.FORBIDDEN], STATUS[Kind.BUSY]}
    if operation.body is not None:
        found |= {STATUS[Kind.TOO_LARGE], STATUS["unsupported_media_type"]}
        found.add(STATUS["body_too_slow"])
    if operation.path_parameters:
        found.add(STATUS[Kind.NOT_FOUND])
    return sorted(found | {STATUS[kind] for kind in operation.refuses})


def _types(operations: list[Operation]) -> list[Any]:
    """Return every type once; a union cannot be hashed reliably, so equality decides."""
    types: list[Any] = [Problem]
    types += dict.fromkeys(fact.shape for fact in FACTS)
    for operation in operations:
        wanted = [each.type for each in operation.returns if each.type is not None]
        if operation.body is not None:
            wanted.append(operation.body)
        types += [each for each in wanted if each not in types]
    return types


def _operation(operation: Operation, known: list[tuple[Any, Any]]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.words.en,
        "x-summary-zh": operation.words.zh,
    }
    if operation.more:
        entry["description"] = operation.more
    parameters = [
        *(_parameter(each, "path") for each in operation.path_parameters),
        *(_parameter(each, "query") for each in operation.query),
        *(_parameter(each, "header") for each in operation.headers),
    ]
    if parameters:
        entry["parameters"] = parameters
    if operation.body is not None:
        content: dict[str, Any] = {"schema": _schema(operation.body, known)}
        if operation.body_example is not None:
            content["example"] = operation.body_example
        entry["requestBody"] = {"required": True, "content": {"application/json": content}}
    if operation.scope is not None:
        entry["security"] = [{"key": []}]
        entry["x-scope"] = str(operation.scope)
    entry["responses"] = {
        **{str(each.status): _response(each, known) for each in operation.returns},
        **{
            str(status): _problem(status, operation, known)
            for status in problem_statuses(operation)
        },
    }
    return entry


def _fact(fact: FactKind, known: list[tuple[Any, Any]]) -> dict[str, Any]:
    """Return what a receiver of a fact gets."""
    body = {
        "type": "object",
        "required": ["type", "timestamp", "version", "data"],
        "properties": {
            "type": {"const": fact.kind},
            "timestamp": {"type": "string", "format": "date-time"},
            "version": {"const": FACTS_VERSION},
            "data": _schema(fact.shape, known),
        },
    }
    return {
        "summary": fact.en,
        "x-summary-zh": fact.zh,
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": "It arrived", "x-description-zh": "已收到"}},
    }


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    entry = {
        "name": parameter.name,
        "in": place,
        "required": parameter.required or place == "path",
        "description": parameter.words.en,
        "x-description-zh": parameter.words.zh,
        "schema": msgspec.json.schema(parameter.type),
    }
    if parameter.example is not None:
        entry["example"] = parameter.example
    return entry


def _response(returns: Returns, known: list[tuple[Any, Any]]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "description": returns.words.en,
        "x-description-zh": returns.words.zh,
    }
    if returns.headers:
        entry["headers"] = {each.name: _header(each) for each in returns.headers}
    if returns.type is not None:
        entry["content"] = {returns.media: {"schema": _schema(returns.type, known)}}
    return entry


def _problem(status: int, operation: Operation, known: list[tuple[Any, Any]]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "description": _STATUS_WORDS[status].en,
        "x-description-zh": _STATUS_WORDS[status].zh,
        "content": {PROBLEM_TYPE.decode(): {"schema": _schema(Problem, known)}},
    }
    replays = any(REPLAYED in each.headers for each in operation.returns)
    if replays and status in {STATUS[Kind.BUSINESS], STATUS[Kind.CONFLICT]}:
        entry["headers"] = {REPLAYED.name: _header(REPLAYED)}
    return entry


def _header(parameter: Parameter) -> dict[str, Any]:
    return {
        "description": parameter.words.en,
        "x-description-zh": parameter.words.zh,
        "schema": msgspec.json.schema(parameter.type),
    }


def _schema(wanted: Any, known: list[tuple[Any, Any]]) -> Any:
    return next(schema for each, schema in known if each == wanted)
