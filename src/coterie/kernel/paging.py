"""The keyset cursor: an opaque text that says where the next page starts."""

from __future__ import annotations

import base64
import binascii

import msgspec

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import INT64_MAX

PAGE_MAX = 200


class BadCursor(Malformed):
    """The cursor is not one that was handed out."""

    code = "bad_cursor"
    zh = "翻页游标不是由本系统给出的。"


def encode_cursor(*position: int | str) -> str:
    """Return the cursor of a position, a tuple of the values the page is ordered by."""
    raw = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, *shape: type) -> tuple[int | str, ...]:
    """Return the position of a cursor, whose values must have the types of ``shape``."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = msgspec.json.decode(raw, type=list[int | str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise BadCursor(where="cursor") from None
    if len(position) != len(shape) or not all(map(isinstance, position, shape)):
        raise BadCursor(where="cursor")
    # Whoever writes a cursor by hand must not get values into a statement that it cannot take.
    if any("\0" in v if isinstance(v, str) else abs(v) > INT64_MAX for v in position):
        raise BadCursor(where="cursor")
    return tuple(position)


def page_size(wanted: int | None, default: int = 50) -> int:
    """Return a page size within the bound, or refuse."""
    size = default if wanted is None else wanted
    if not 1 <= size <= PAGE_MAX:
        raise Malformed(f"A page holds 1 to {PAGE_MAX} rows.", where="limit")
    return size
