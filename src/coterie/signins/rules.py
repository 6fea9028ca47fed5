"""How codes and tokens are made, written and judged; what is bounded."""

from __future__ import annotations

import hashlib
import hmac
import re

from coterie.kernel.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US

CODE_MINUTES = 10
CODE_US = CODE_MINUTES * MINUTE_US
TRIES_MAX = 5
HANDLE_BYTES = 16
AGAIN_US = 60 * SECOND_US
"""Between two codes to one contact."""
CONTACT_CODES_MAX = 5
NETWORK_CODES_MAX = 30
WINDOW_US = HOUR_US
"""The bounds above hold within it."""
KEPT_US = DAY_US
"""How long a code that is over stays, for the bounds; then it is swept."""
SWEEP_MAX = 100
IDLE_US = 30 * DAY_US
VISIT_US = 180 * DAY_US
VISITS_MAX = 20
"""Visits of one member at a time; one more ends the one that was not seen for longest."""
DEVICE_LENGTH_MAX = 60
_TOKEN = re.compile(r"([1-9][0-9]{0,18})\.([A-Za-z0-9_-]{43})")
_CODE = re.compile(r"[0-9]{6}")
_HANDLE = re.compile(r"[0-9a-f]{32}")


def contact_digest(secret: bytes, kind: str, value: str) -> bytes:
    """Return what stands for a contact: without the secret nobody can try all phone numbers."""
    return hmac.digest(secret, f"{kind}\0{value}".encode(), "sha256")


def network_digest(secret: bytes, network: str) -> bytes:
    """Return what stands for a network address."""
    return hmac.digest(secret, f"network\0{network}".encode(), "sha256")


def code_digest(secret: bytes, handle: bytes, code: str) -> bytes:
    """Return what is stored of a code."""
    return hmac.digest(secret, handle + code.encode(), "sha256")


def read_handle(text: str) -> bytes | None:
    """Return the handle a page sent back, or None for what is none."""
    return bytes.fromhex(text) if _HANDLE.fullmatch(text) else None


def read_code(text: str) -> str | None:
    """Return six digits as typed, spaces and full-width digits forgiven, or None."""
    folded = "".join(str(int(c)) if c.isdecimal() else c for c in text if not c.isspace())
    return folded if _CODE.fullmatch(folded) else None


def write_token(member_id: int, secret: str) -> str:
    """Return what the member's browser keeps: whose it is, and 256 random bits."""
    return f"{member_id}.{secret}"


def read_token(text: str) -> tuple[int, bytes] | None:
    """Return member and digest of a token, or None for what is none."""
    found = _TOKEN.fullmatch(text)
    if found is None or int(found[1]) >= 2**63:
        return None
    return int(found[1]), hashlib.sha256(found[2].encode()).digest()


def device_of(user_agent: str) -> str:
    """Return a device in a few words that name no person: ``Chrome, Android``."""
    browsers = (
        ("MicroMessenger", "WeChat"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    found = [
        next((name for mark, name in of if mark in user_agent), "") for of in (browsers, systems)
    ]
    return ", ".join(part for part in found if part)[:DEVICE_LENGTH_MAX]
