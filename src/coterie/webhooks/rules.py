"""How messages are written and signed, where they may go, and when one is tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec

from coterie.kernel.errors import nearest
from coterie.kernel.time import HOUR_US, MINUTE_US, SECOND_US, format_instant
from coterie.webhooks.errors import BadSubscription
from coterie.webhooks.model import (
    BODY_BYTES_MAX,
    DESCRIPTION_LENGTH_MAX,
    FACTS_VERSION,
    KIND_NAMES,
    KINDS_MAX,
    URL_LENGTH_MAX,
    Network,
    Told,
)

SECRET_BYTES = 32
PAUSES_US = (
    *(5 * SECOND_US, 30 * SECOND_US, 2 * MINUTE_US, 10 * MINUTE_US, 30 * MINUTE_US),
    *(HOUR_US, 2 * HOUR_US, 4 * HOUR_US, 8 * HOUR_US, 12 * HOUR_US, 20 * HOUR_US, 24 * HOUR_US),
)
"""The pauses between tries: thirteen tries within three days, then it is dead."""
JITTER_PERCENT = 20
RETRY_AFTER_S_MAX = 86_400
_encoder = msgspec.json.Encoder()


def write_secret(secret: bytes) -> str:
    """Return a secret as people copy it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def message_id(member_id: int, seq: int, n: int) -> str:
    """Return the name of a fact, the same for every subscriber and every try."""
    return f"msg_{member_id}_{seq}_{n}"


def place_of(message: str) -> tuple[int, int, int] | None:
    """Return member, sequence and number of a message's name, or None for what is none."""
    parts = message.split("_")
    plain = len(parts) == 4 and parts[0] == "msg"
    if not plain or not all(p.isascii() and p.isdigit() and len(p) <= 18 for p in parts[1:]):
        return None
    return int(parts[1]), int(parts[2]), int(parts[3])


def signatures(message: str, timestamp_s: int, body: bytes, secrets: Iterable[bytes]) -> str:
    """Return the header ``webhook-signature``: one signature a secret, newest first."""
    signed = f"{message}.{timestamp_s}.".encode() + body
    found = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(each).decode()}" for each in found)


def wants(kinds: Sequence[str], kind: str) -> bool:
    """Tell whether a subscription to ``kinds`` hears of ``kind``; everybody hears a ping."""
    if kind == "ping" or "*" in kinds or kind in kinds:
        return True
    return f"{kind.partition('.')[0]}.*" in kinds


def bodies(member_id: int, seq: int, told: Told) -> list[tuple[int, str, str]]:
    """Return (number, kind, body) of the facts of an event that are in the catalogue."""
    found = []
    happened = {
        "member_id": member_id,
        "event": f"{member_id}:{seq}",
        "event_kind": told.event_kind,
        "occurred_at": format_instant(told.at_us, told.offset_minutes),
        "recorded_at": format_instant(told.received_us),
    }
    for n, fact in enumerate(told.facts, 1):
        kind = fact["fact"]
        if kind in KIND_NAMES:
            data = happened | {name: value for name, value in fact.items() if name != "fact"}
            found.append((n, kind, body(kind, told.received_us, data)))
    return found


def body(kind: str, recorded_us: int, data: dict[str, Any]) -> str:
    """Return a message; data beyond the bound is left out, so that its receiver asks for it."""
    message = {
        "type": kind,
        "timestamp": format_instant(recorded_us),
        "version": FACTS_VERSION,
        "data": data,
    }
    text: bytes = _encoder.encode(message)
    if len(text) > BODY_BYTES_MAX:
        kept = {name: data[name] for name in ("member_id", "event") if name in data}
        text = _encoder.encode(message | {"data": kept, "truncated": True})
    return text.decode()


def pause_us(tries: int, chance: float, retry_after_s: int = 0) -> int | None:
    """Return how long to wait after the ``tries``-th failure; None: that was the last try.

    ``chance`` in 0..1 spreads tries that failed together. A receiver that asks for a pause gets it,
    up to a day.
    """
    if tries > len(PAUSES_US):
        return None
    pause = PAUSES_US[tries - 1]
    spread = pause * JITTER_PERCENT // 100
    jittered = pause - spread + int(2 * spread * chance)
    return max(jittered, min(retry_after_s, RETRY_AFTER_S_MAX) * SECOND_US)


def allowed(address: str, networks: Sequence[Network]) -> bool:
    """Tell whether an address may be sent to: a public one, or one of ``networks``."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        # What is an IPv4 address in disguise is judged as what it is.
        inner = found.ipv4_mapped or found.sixtofour or _translated(found)
        found = inner or found
    if named(found, networks):
        return True
    return found.is_global and not found.is_multicast


def named(found: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    """Tell whether an address lies in one of the networks."""
    return any(found.version == each.version and found in each for each in networks)


def _translated(found: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address behind NAT64 (64:ff9b::/96) and Teredo, or None."""
    if found.packed[:12] == b"\x00\x64\xff\x9b" + bytes(8):
        return IPv4Address(found.packed[12:])
    return found.teredo[1] if found.teredo else None


def check_url(url: str, networks: Sequence[Network]) -> None:
    """Refuse an address nothing can be sent to. Raises BadSubscription."""
    if not 8 <= len(url) <= URL_LENGTH_MAX or not url.isascii() or not url.isprintable():
        told = f"An address has 8 to {URL_LENGTH_MAX} printable ASCII characters."
        raise BadSubscription(told, where="url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadSubscription("It is not an address.", where="url") from None
    if " " in url or not host or port == 0:
        raise BadSubscription("It is not an address.", where="url")
    if parts.scheme not in ("https", "http"):
        raise BadSubscription("It begins with https://.", where="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadSubscription("It holds no user, password or fragment.", where="url")
    if parts.scheme == "http" and not networks:
        raise BadSubscription("Messages go out encrypted: it begins with https://.", where="url")
    try:
        literal = str(ip_address(host))
    except ValueError:
        return
    if not allowed(literal, networks):
        raise BadSubscription("It lies in a private network.", where="url")


def check_kinds(kinds: Sequence[str]) -> None:
    """Refuse kinds that are not in the catalogue. Raises BadSubscription."""
    if not 1 <= len(kinds) <= KINDS_MAX:
        raise BadSubscription(f"Name 1 to {KINDS_MAX} kinds of facts.", where="kinds")
    groups = {f"{kind.partition('.')[0]}.*" for kind in KIND_NAMES if "." in kind} | {"*"}
    known = groups | KIND_NAMES
    for kind in kinds:
        if kind not in known:
            told = f"There is no fact {kind[:60]!r}.{nearest(kind[:60], known)}"
            raise BadSubscription(told, where="kinds")


def check_description(text: str) -> None:
    """Refuse a description that is too long. Raises BadSubscription."""
    if len(text) > DESCRIPTION_LENGTH_MAX or not text.isprintable():
        told = f"A description has up to {DESCRIPTION_LENGTH_MAX} printable characters."
        raise BadSubscription(told, where="description")
