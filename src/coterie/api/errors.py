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
    kind = Kind.NOT_FOUND


class MethodNotAllowed(Malformed):
    """This address does not know that method."""

    code = "method_not_allowed"


class UnsupportedMediaType(Malformed):
    """The body must be JSON: send Content-Type: application/json, without a Content-Encoding."""

    code = "unsupported_media_type"


class BadHeader(Malformed):
    """A header cannot be understood."""

    code = "bad_header"


class UnknownParameter(Malformed):
    """The address has a query parameter that is not known here."""

    code = "unknown_parameter"


class BadParameter(Malformed):
    """A query parameter cannot be understood."""

    code = "bad_parameter"


class KeyMissing(Malformed):
    """This call changes something and needs an Idempotency-Key header that the caller makes up."""

    code = "idempotency_key_missing"


class BodyTooLarge(Refusal):
    """The body is larger than this address takes."""

    code = "body_too_large"
    kind = Kind.TOO_LARGE


class BodyTooSlow(Malformed):
    """The body did not arrive in time."""

    code = "body_too_slow"


class NotReady(Refusal):
    """The service cannot work at the moment."""

    code = "not_ready"
    kind = Kind.BUSY
