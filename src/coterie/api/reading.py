"""What handlers that read about members have in common."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from coterie.api.contract import Call, Parameter, Reply, Words
from coterie.events import MemberUnknown
from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import INT64_MAX

Body = TypeVar("Body")

MEMBER_ID = Parameter(
    "member_id",
    Annotated[int, Meta(ge=1, le=INT64_MAX)],
    Words("会员编号", "The member's id"),
    example=100001,
)
_encoder = msgspec.json.Encoder()


def member_id_of(call: Call) -> int:
    """Return the id in the path. Raises :class:`~coterie.events.MemberUnknown` for anything else.

    No id ever looked like that, so nobody has it: the address names nobody.
    """
    return id_from(call.path_values["member_id"])


def id_from(text: str) -> int:
    """Return a member id written as plain digits, or raise as :func:`member_id_of`."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and 1 <= int(text) <= INT64_MAX:
        return int(text)
    raise MemberUnknown("The address does not hold a member's id.")


def ok(body: Any) -> Reply:
    """Return a body with status 200."""
    return Reply(200, _encoder.encode(body))


def decoded(decoder: msgspec.json.Decoder[Body], raw: bytes) -> Body:
    """Return a JSON body as its type.

    Raises :class:`~coterie.kernel.errors.Malformed` with the place of what is wrong; also for the
    character NUL, which no text may hold.
    """
    try:
        body = decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        text, _, place = str(error).partition(" - at `$")
        raise Malformed(f"{text.rstrip('.')}.", where=place.strip("`.")) from None
    if b"\\u0000" in raw and b"\\u0000" in _encoder.encode(body):
        raise Malformed("Texts cannot hold the character NUL.")
    return body
