"""The edge: a raw request becomes a :class:`~coterie.api.contract.Call`, or is refused.

Written against ASGI itself, because an event is answered in a tenth of a millisecond and half of
that must not go into layers that look for things this API does not use. Everything a sender can do
wrong ends here as a :class:`~coterie.kernel.errors.Refusal`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Receive, Scope, Send

from coterie.access import KeyUnknown, require
from coterie.api.contract import JSON_TYPE, Call, Endpoint, Operation, Parameter, Reply
from coterie.api.errors import (
    BadHeader,
    BadParameter,
    BodyTooLarge,
    BodyTooSlow,
    KeyMissing,
    MethodNotAllowed,
    NoSuchPath,
    UnknownParameter,
    UnsupportedMediaType,
)
from coterie.api.measuring import note_request
from coterie.api.problems import (
    PROBLEM_TYPE,
    Problem,
    headers_of,
    internal_problem,
    problem_of,
)
from coterie.api.routes import Methods
from coterie.api.services import Services
from coterie.kernel.errors import Refusal, nearest
from coterie.kernel.requests import REQUEST_ID, request_id
from coterie.web import wanted_language

log = logging.getLogger(__name__)
requests_log = logging.getLogger("coterie.requests")
NO_ROUTE = "none"
"""What is no address has one name in the numbers, whatever was asked for."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

BODY_SECONDS_MAX = 30
QUERY_FIELDS_MAX = 20
_ONCE = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"idempotency-key",
        b"accept-language",
    }
)
_FIXED = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
_encoder = msgspec.json.Encoder()


class SenderGone(Exception):
    """The sender closed the connection before the request was complete."""


async def serve(
    endpoints: Methods, services: Services, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request at the path of ``endpoints`` (by method; none: there is no such path)."""
    began_s = time.perf_counter()
    method = str(scope.get("method", ""))
    path, route = scope["path"], NO_ROUTE
    REQUEST_ID.set(request_id(_given_id(scope)))
    try:
        endpoint = _endpoint(endpoints, method)
        route = endpoint.operation.path
        call = await _read_call(endpoint.operation, services, scope, receive)
        reply = await endpoint.handler(services, call)
    except Refusal as refusal:
        reply = refused(problem_of(refusal, instance=path, lang=_language(scope)))
        if isinstance(refusal, MethodNotAllowed):
            reply.headers.append((b"allow", _allowed(endpoints).encode()))
    except SenderGone:
        return
    except Exception:
        log.exception("%s %s broke", method, route)
        reply = refused(internal_problem(instance=path, lang=_language(scope)))
    await respond(send, reply, with_body=method != "HEAD")
    _note(method, route, reply.status, time.perf_counter() - began_s)


def _given_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return str(value.decode("latin-1"))
    return ""


def _note(method: str, route: str, status: int, seconds: float) -> None:
    known = method if method in METHODS else "other"
    note_request(known, route, status, seconds)
    if requests_log.isEnabledFor(logging.INFO):
        told = {"method": known, "route": route, "status": status, "ms": round(seconds * 1e3, 1)}
        requests_log.info("%s %s %s", known, route, status, extra=told)


def _language(scope: Scope) -> str:
    accept: bytes = dict(scope["headers"]).get(b"accept-language", b"")
    return wanted_language(accept.decode("latin-1"))


def _endpoint(endpoints: Methods, method: str) -> Endpoint:
    found = endpoints.get("GET" if method == "HEAD" else method)
    if found is not None:
        return found
    if not endpoints:
        raise NoSuchPath
    raise MethodNotAllowed(f"It knows {_allowed(endpoints)}.")


def refused(problem: Problem) -> Reply:
    """Return the reply that carries a problem document."""
    return Reply(problem.status, _encoder.encode(problem), PROBLEM_TYPE, headers_of(problem.status))


async def respond(send: Send, reply: Reply, *, with_body: bool = True) -> None:
    """Send a reply."""
    headers = [
        (b"content-type", reply.type),
        (b"content-length", str(len(reply.body)).encode()),
        *all_headers(reply),
        (b"x-request-id", REQUEST_ID.get().encode()),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = reply.body if with_body else b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


def all_headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    """Return the headers of a reply beside type and length."""
    return [*_FIXED, *reply.headers]


def _allowed(endpoints: Methods) -> str:
    return ", ".join(sorted({*endpoints, *(["HEAD"] if "GET" in endpoints else [])}))


async def _read_call(
    operation: Operation, services: Services, scope: Scope, receive: Receive
) -> Call:
    headers = _read_headers(scope["headers"])
    received_us = services.clock.now_us()
    caller = None
    if operation.scope is not None:
        text = _key_text(headers.get(b"authorization"))
        caller = services.keys.known(text, now_us=received_us)
        if caller is None:
            caller = await services.authenticate(text, received_us)
        require(caller, operation.scope)
    query = _read_query(operation, scope["query_string"])
    body = b""
    if operation.body is not None:
        _check_media_type(headers)
        body = await _read_body(receive, headers, operation.body_bytes_max)
    return Call(
        path=scope["path"],
        received_us=received_us,
        caller=caller,
        path_values=scope["path_params"],
        query=query,
        headers=_own_headers(operation, headers) if operation.headers else {},
        body=body,
        accept_language=headers.get(b"accept-language", b"").decode("latin-1"),
    )


def _key_text(authorization: bytes | None) -> str:
    """Return what stands behind ``Bearer``. Raises :class:`~coterie.access.KeyUnknown`."""
    scheme, _, text = (authorization or b"").partition(b" ")
    if scheme.lower() != b"bearer" or not text:
        raise KeyUnknown("Send it as Authorization: Bearer ctr_...", where="Authorization")
    return text.strip().decode("latin-1")


def _read_headers(pairs: Any) -> dict[bytes, bytes]:
    """Keep the headers that mean something here; two of one kind would leave a choice."""
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in _ONCE:
            if name in headers:
                raise BadHeader("It is there twice.", where=name.decode())
            headers[name] = value
    return headers


def _own_headers(operation: Operation, headers: dict[bytes, bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for parameter in operation.headers:
        value = headers.get(parameter.name.lower().encode())
        if value is None:
            if parameter.required:
                raise KeyMissing(where=parameter.name)
            continue
        try:
            found[parameter.name] = msgspec.convert(value.decode("latin-1"), parameter.type)
        except msgspec.ValidationError as trouble:
            raise BadHeader(f"{trouble}.", where=parameter.name) from None
    return found


def _read_query(operation: Operation, raw: bytes) -> dict[str, Any]:
    if not raw:
        if any(parameter.required for parameter in operation.query):
            missing = next(each.name for each in operation.query if each.required)
            raise BadParameter("It is missing.", where=missing)
        return {}
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=QUERY_FIELDS_MAX,
        )
    except ValueError:
        raise BadParameter("The query is not of the form name=value&name=value.") from None
    known = {parameter.name: parameter for parameter in operation.query}
    found: dict[str, Any] = {}
    for name, text in pairs:
        parameter = known.get(name)
        if parameter is None:
            raise UnknownParameter(f"{name[:60]!r}.{nearest(name[:60], known)}")
        if name in found:
            raise BadParameter("It is there twice.", where=name)
        found[name] = _value(parameter, text)
    for parameter in operation.query:
        if parameter.required and parameter.name not in found:
            raise BadParameter("It is missing.", where=parameter.name)
    return found


def _value(parameter: Parameter, text: str) -> Any:
    if "\0" in text:
        raise BadParameter("It has a NUL character.", where=parameter.name)
    try:
        return msgspec.convert(text, parameter.type, strict=False)
    except msgspec.ValidationError as trouble:
        raise BadParameter(f"{trouble}.", where=parameter.name) from None


def _check_media_type(headers: dict[bytes, bytes]) -> None:
    kind, _, parameters = headers.get(b"content-type", b"").partition(b";")
    charset = parameters.strip().lower().replace(b'"', b"")
    if kind.strip().lower() != JSON_TYPE or charset not in {b"", b"charset=utf-8"}:
        raise UnsupportedMediaType(where="Content-Type")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMediaType(where="Content-Encoding")


async def _read_body(receive: Receive, headers: dict[bytes, bytes], bytes_max: int) -> bytes:
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > bytes_max:
        raise BodyTooLarge(f"It takes at most {bytes_max} bytes.")
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        # Nearly every body: it came with the head, in one piece.
        body = message["body"]
        if len(body) > bytes_max:
            raise BodyTooLarge(f"It takes at most {bytes_max} bytes.")
        return body
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await _read_pieces(receive, message, bytes_max)
    except TimeoutError:
        raise BodyTooSlow(f"It may take at most {BODY_SECONDS_MAX} seconds.") from None


async def _read_pieces(receive: Receive, message: Any, bytes_max: int) -> bytes:
    pieces = bytearray()
    while True:
        if message["type"] != "http.request":
            raise SenderGone
        pieces += message.get("body", b"")
        if len(pieces) > bytes_max:
            raise BodyTooLarge(f"It takes at most {bytes_max} bytes.")
        if not message.get("more_body"):
            return bytes(pieces)
        message = await receive()
