"""What the HTTP face itself refuses, before anything behind it is asked.

Refusal
 ├─ NoSuchPath                                              not found
 ├─ MethodNotAllowed, UnsupportedMediaType, BadHeader       malformed
 ├─ UnknownParameter, BadParameter, KeyMissing              malformed
 ├─ BodyTooLarge                                            too large
 ├─ BodyTooSlow                                             malformed
 └─ NotReady                                                busy
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class NoSuchPath(Refusal):
    """There is nothing at this address."""

    code = "no_such_path"
    zh = "此地址没有内容。"
    kind = Kind.NOT_FOUND


class MethodNotAllowed(Malformed):
    """This address does not know that method."""

    code = "method_not_allowed"
    zh = "此地址不支持该请求方法。"


class UnsupportedMediaType(Malformed):
    """The body must be JSON: send Content-Type: application/json, without a Content-Encoding."""

    code = "unsupported_media_type"
    zh = "请求体须为 JSON：请发送 Content-Type: application/json，且不带 Content-Encoding。"


class BadHeader(Malformed):
    """A header cannot be understood."""

    code = "bad_header"
    zh = "请求头无法识别。"


class UnknownParameter(Malformed):
    """The address has a query parameter that is not known here."""

    code = "unknown_parameter"
    zh = "此地址不支持该查询参数。"


class BadParameter(Malformed):
    """A query parameter cannot be understood."""

    code = "bad_parameter"
    zh = "查询参数无法识别。"


class KeyMissing(Malformed):
    """This call changes something and needs an Idempotency-Key header that the caller makes up."""

    code = "idempotency_key_missing"
    zh = "此请求会产生变更，须由调用方提供 Idempotency-Key 请求头。"


class BodyTooLarge(Refusal):
    """The body is larger than this address takes."""

    code = "body_too_large"
    zh = "请求体超过此地址允许的大小。"
    kind = Kind.TOO_LARGE


class BodyTooSlow(Malformed):
    """The body did not arrive in time."""

    code = "body_too_slow"
    zh = "请求体未能及时送达。"


class NotReady(Refusal):
    """The service cannot work at the moment."""

    code = "not_ready"
    zh = "服务暂时无法工作。"
    kind = Kind.BUSY
