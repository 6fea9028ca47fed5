"""What stands between the network and a page: host names, forms of others, headers, cookies."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from coterie.web.errors import ForeignForm, UnknownHost

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Images may be ``data:`` for the marks of check boxes and arrows, which Tabler's CSS holds."""
HEADERS = (
    ("content-security-policy", POLICY),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(self), geolocation=(), microphone=(), payment=()"),
)
TOKEN_FIELD = "csrf"  # noqa: S105 - the name of a field
SEED_BYTES = 18


def check_host(host: str, allowed: Collection[str]) -> None:
    """Refuse a Host header that names neither this machine nor a name it was told.

    An address of numbers is always fine: a page of somebody else can make a browser send its own
    *name* here (DNS rebinding), never a number. Raises :class:`UnknownHost`.
    """
    try:
        name = urlsplit(f"//{host}").hostname if _plausible(host) else None
    except ValueError:  # a bracket that nothing closes
        name = None
    if name is None:
        raise UnknownHost
    if name == "localhost" or name.endswith(".localhost") or name in allowed:
        return
    try:
        ipaddress.ip_address(name)
    except ValueError:
        raise UnknownHost(f"Add {name} with `coterie settings hosts`.") from None


def _plausible(host: str) -> bool:
    return 0 < len(host) <= 255 and host.isascii() and not set(host) & set("/?#@\\ ")


def new_seed() -> str:
    """Return what a browser keeps in a cookie so that its forms can be told from others'."""
    return secrets.token_urlsafe(SEED_BYTES)


def form_token(secret: bytes, seed: str, sign_in: str = "") -> str:
    """Return the token that a form carries: of this browser, and of this sign-in if there is one.

    Before signing in ``sign_in`` is empty; a token from before does not work after.
    """
    said = f"form\n{seed}\n{sign_in}".encode()
    return _text(hmac.digest(secret, said, hashlib.sha256))


def check_form(
    secret: bytes, token: str, seed: str, sign_in: str, headers: Mapping[str, str]
) -> None:
    """Refuse a form that another site made a browser send. Raises :class:`ForeignForm`.

    The browser's own word (``Sec-Fetch-Site``, or else ``Origin``) is asked first, then the token:
    an old browser says nothing, and a neighbour under the same site is not us.
    """
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    if site and site not in {"same-origin", "none"}:
        raise ForeignForm
    if not site and origin and urlsplit(origin).netloc != headers.get("host", ""):
        raise ForeignForm
    wanted = form_token(secret, seed, sign_in)
    if not seed or not hmac.compare_digest(wanted.encode(), token.encode()):
        raise ForeignForm


def seal(secret: bytes, purpose: str, content: bytes) -> str:
    """Return content as a text that nobody can change; anybody can read it."""
    tag = hmac.digest(secret, purpose.encode() + b"\n" + content, hashlib.sha256)
    return f"{_text(content)}.{_text(tag)}"


def unseal(secret: bytes, purpose: str, text: str) -> bytes | None:
    """Return what was sealed for this purpose, or None where it was not by us."""
    try:
        content, tag = (
            urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")
        )
    except (ValueError, BadBase64):
        return None
    wanted = hmac.digest(secret, purpose.encode() + b"\n" + content, hashlib.sha256)
    return content if hmac.compare_digest(wanted, tag) else None


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def cookie(name: str, value: str, *, seconds: int | None, secure: bool) -> str:
    """Return a Set-Cookie header: for this site only, out of reach of script.

    ``seconds`` None: until the browser closes; 0: gone at once.
    """
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)
