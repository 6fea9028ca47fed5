"""One message to one receiver, within bounds of time and size."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coterie import __version__
from coterie.webhooks import rules
from coterie.webhooks.model import ANSWER_CHARACTERS_MAX, Network, Outcome, Parcel
from coterie.webhooks.sending.addresses import AddressRefused, address_of

if TYPE_CHECKING:
    import httpx

TOTAL_S = 15.0
CONNECT_S = 5.0
ANSWER_BYTES_MAX = 4_096
ERROR_CHARACTERS_MAX = 300
CONNECTIONS_MAX = 64


def new_client() -> httpx.AsyncClient:
    """Return a client that goes by no proxy, keeps no cookie and follows nobody elsewhere."""
    import httpx  # noqa: PLC0415 - only who sends loads it

    return httpx.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=16),
    )


async def post(
    client: httpx.AsyncClient, parcel: Parcel, *, now_us: int, networks: Sequence[Network]
) -> Outcome:
    """Send a parcel and return what became of it; nothing is raised for what a receiver does."""
    import httpx  # noqa: PLC0415 - as above

    began_s = time.monotonic()
    try:
        async with asyncio.timeout(TOTAL_S):
            return await _post(client, parcel, now_us, networks, began_s)
    except TimeoutError:
        error = f"There was no answer within {TOTAL_S:.0f} seconds."
    except AddressRefused as refused:
        error = str(refused)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as trouble:
        error = f"{type(trouble).__name__}: {trouble}"
    return Outcome(None, _latency_ms(began_s), error=_plain(error, ERROR_CHARACTERS_MAX))


async def _post(
    client: httpx.AsyncClient,
    parcel: Parcel,
    now_us: int,
    networks: Sequence[Network],
    began_s: float,
) -> Outcome:
    parts = urlsplit(parcel.url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = await address_of(host, port, parts.scheme, networks)
    shown = f"[{address}]" if ":" in address else address
    body = parcel.body.encode()
    message = rules.message_id(parcel.member_id, parcel.seq, parcel.n)
    timestamp_s = now_us // 1_000_000
    request = client.build_request(
        "POST",
        parts._replace(netloc=f"{shown}:{port}").geturl(),
        content=body,
        headers={
            "host": parts.netloc,
            "content-type": "application/json",
            "user-agent": f"Coterie/{__version__}",
            "webhook-id": message,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": rules.signatures(message, timestamp_s, body, parcel.secrets),
        },
        # Certificates are for the name, though an address is connected to.
        extensions={"sni_hostname": host},
    )
    client.cookies.clear()
    answer = await client.send(request, stream=True)
    try:
        pieces = bytearray()
        async for piece in answer.aiter_raw(ANSWER_BYTES_MAX):
            pieces += piece
            if len(pieces) >= ANSWER_BYTES_MAX:
                break
    finally:
        await answer.aclose()
    wanted = answer.headers.get("retry-after", "")
    return Outcome(
        answer.status_code,
        _latency_ms(began_s),
        _plain(pieces[:ANSWER_BYTES_MAX].decode("utf-8", "replace"), ANSWER_CHARACTERS_MAX),
        "",
        int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 else 0,
    )


def _latency_ms(began_s: float) -> int:
    return int((time.monotonic() - began_s) * 1000)


def _plain(text: str, most: int) -> str:
    """Return a text that can be stored and shown: no NUL, no more than so much."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:most] or "-"
