"""The one table of HTTP statuses; every face answers a refusal by it."""

from __future__ import annotations

from coterie.kernel.errors import Kind

STATUS: dict[str, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.BUSINESS: 422,
    Kind.BUSY: 503,
    # Where HTTP has a status of its own for a code, that one stands before the kind's.
    "method_not_allowed": 405,
    "page_method_not_allowed": 405,
    "body_too_slow": 408,
    "unsupported_media_type": 415,
    "too_many_tries": 429,
    "internal_error": 500,
}
"""Kind (or code) to status; nothing else decides one."""


def status_of(code: str, kind: str) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS.get(code) or STATUS[kind]
