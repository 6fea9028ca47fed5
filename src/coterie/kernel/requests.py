"""Which request is being worked on, so that logs and answers can name it."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request at hand; empty outside of one."""
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str) -> str:
    """Return the id a caller gave if it is a plain name, else a new one."""
    return given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
