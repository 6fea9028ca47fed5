"""How a call is sent: with its key, again where it may have been lost, within bounds."""

from __future__ import annotations

import random
import time
import uuid
from typing import Any, Self
from urllib.parse import quote

import httpx

from coterie_client.problems import Refused

TRIES_MAX = 6
PAUSE_S = 0.2
PAUSE_S_MAX = 5.0
BUSY = 503


def new_key() -> str:
    """Return a key nobody used before."""
    return uuid.uuid4().hex


def _quoted(value: object) -> str:
    return quote(str(value), safe=":")


class Sending:
    """A service's address, a key, and connections that are kept."""

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout_s: float = 30.0,
        tries_max: int = TRIES_MAX,
        language: str = "en",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Keep where the service is; nothing is sent yet. ``language`` (en, zh) is of refusals."""
        self._tries_max = tries_max
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {key}", "Accept-Language": language},
            timeout=timeout_s,
            transport=transport,
        )

    def close(self) -> None:
        """Give the connections up."""
        self._client.close()

    def __enter__(self) -> Self:
        """Return the client; it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
    ) -> Any:
        """Send a call until it is answered; every call is safe to repeat."""
        given = {n: _text(v) for n, v in (query or {}).items() if v is not None}
        headers = {} if key is None else {"Idempotency-Key": key}
        for tries in range(1, self._tries_max + 1):
            last = tries == self._tries_max
            try:
                answer = self._client.request(
                    method, path, params=given, json=body, headers=headers
                )
            except httpx.TransportError:
                if last:
                    raise
                _pause(tries, 0)
                continue
            if answer.status_code == BUSY and not last:
                wanted = answer.headers.get("retry-after", "")
                _pause(tries, int(wanted) if wanted.isdigit() else 0)
                continue
            return _read(answer)
        raise AssertionError("the last try returns or raises")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pause(tries: int, wanted_s: int) -> None:
    pause_s = min(PAUSE_S_MAX, max(float(wanted_s), PAUSE_S * 2 ** (tries - 1)))
    # Random, or all who were refused together would come again together.
    time.sleep(pause_s * (0.5 + random.random() / 2))  # noqa: S311


def _read(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    from coterie_client.errors import BY_CODE  # noqa: PLC0415 - they build on this module

    try:
        problem = answer.json()
    except ValueError:
        problem = {"title": answer.text[:200], "status": answer.status_code}
    raise BY_CODE.get(str(problem.get("code")), Refused)(problem)
