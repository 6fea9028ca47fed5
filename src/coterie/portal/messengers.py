"""Who somebody is to a messenger: an adapter for WeChat's web authorisation, and room for others.

A messenger sends the member back with a short-lived code; asked with it, the messenger says an id
that is the same for this account each time. That id is an identity of kind ``messenger``, written
``wechat:OPENID``; nothing else of the account is asked for or kept.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlencode

import httpx
import msgspec
from msgspec import Struct

from coterie.portal.errors import MessengerRefused

TIMEOUT_S = 8.0
ANSWER_BYTES_MAX = 64 * 1024
log = logging.getLogger(__name__)


class Messenger(Protocol):
    """One messenger whose accounts members may come in by."""

    @property
    def code(self) -> str:
        """Return its short name, the first part of its identities: ``wechat``."""
        ...

    def authorise_url(self, back_url: str, state: str) -> str:
        """Return where the member's browser asks for its consent; it comes back with ``state``."""
        ...

    def identify(self, code: str) -> str:
        """Return the account's id for the code it came back with; blocking, for seconds.

        Raises :class:`MessengerRefused`.
        """
        ...


class _Token(Struct):
    openid: str = ""
    unionid: str = ""
    errcode: int = 0


class WeChat:
    """WeChat official accounts: OAuth 2.0 with the scope that reveals the id alone.

    Source: WeChat's guide for web authorisation in official accounts (``sns/oauth2``).
    """

    code = "wechat"

    def __init__(
        self,
        app_id: str,
        secret: str,
        *,
        open_url: str = "https://open.weixin.qq.com",
        api_url: str = "https://api.weixin.qq.com",
    ) -> None:
        """Take the account's app id and secret; the addresses are those of a test otherwise."""
        self._app_id = app_id
        self._secret = secret
        self._open_url = open_url
        self._api_url = api_url

    def authorise_url(self, back_url: str, state: str) -> str:
        """Return where the browser asks for consent; parameters in the order WeChat insists on."""
        query = urlencode(
            {
                "appid": self._app_id,
                "redirect_uri": back_url,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        return f"{self._open_url}/connect/oauth2/authorize?{query}#wechat_redirect"

    def identify(self, code: str) -> str:
        """Return the id: the union id where the account has one. Raises MessengerRefused."""
        parameters = {
            "appid": self._app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        try:
            answer = httpx.get(
                f"{self._api_url}/sns/oauth2/access_token", params=parameters, timeout=TIMEOUT_S
            )
            told = msgspec.json.decode(answer.content[:ANSWER_BYTES_MAX], type=_Token)
        except (httpx.HTTPError, msgspec.MsgspecError) as trouble:
            log.warning("the messenger could not be asked: %s", type(trouble).__name__)
            raise MessengerRefused from trouble
        if not (found := told.unionid or told.openid):
            log.warning("the messenger refused with its code %s", told.errcode)
            raise MessengerRefused
        return found


def messengers_of(environment: Mapping[str, str] = os.environ) -> dict[str, Messenger]:
    """Return the messengers that the environment sets up, by their codes."""
    found: list[Messenger] = []
    if app_id := environment.get("COTERIE_WECHAT_APP_ID"):
        found.append(WeChat(app_id, environment.get("COTERIE_WECHAT_APP_SECRET", "")))
    return {each.code: each for each in found}
