"""What is refused at the door.

Refusal
 ├─ KeyUnknown, KeyExpired, KeyRevoked   unauthenticated
 ├─ ScopeMissing                         forbidden
 ├─ NoSuchKey                            not found
 └─ BadKeyRequest                        malformed
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class KeyUnknown(Refusal):
    """This API key is not known."""

    code = "key_unknown"
    zh = "无法识别此 API 密钥。"
    kind = Kind.UNAUTHENTICATED


class KeyExpired(Refusal):
    """This API key has expired."""

    code = "key_expired"
    zh = "此 API 密钥已过期。"
    kind = Kind.UNAUTHENTICATED


class KeyRevoked(Refusal):
    """This API key was revoked."""

    code = "key_revoked"
    zh = "此 API 密钥已吊销。"
    kind = Kind.UNAUTHENTICATED


class ScopeMissing(Refusal):
    """This API key does not allow that."""

    code = "scope_missing"
    zh = "此 API 密钥没有该权限。"
    kind = Kind.FORBIDDEN


class NoSuchKey(Refusal):
    """No API key has this id."""

    code = "key_not_found"
    zh = "没有此编号的 API 密钥。"
    kind = Kind.NOT_FOUND


class BadKeyRequest(Malformed):
    """Such a key cannot be issued."""

    code = "bad_key_request"
    zh = "不能签发这样的密钥。"
