"""How a one-time code reaches a contact: by mail, through a gateway, or not at all.

Which one is a matter of the environment, read once when the server starts:

- ``COTERIE_MAIL_URL`` (``smtps://user:password@host:465?from=club@example.com``) sends e-mails;
- ``COTERIE_CODE_HOOK_URL`` and ``COTERIE_CODE_HOOK_SECRET`` post every other code, signed as the
  Standard Webhooks specification says, to a program that knows an SMS provider.

A world without either can only be entered where codes are shown on the screen: the demo's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import secrets
import smtplib
import ssl
import time
from collections.abc import Mapping
from email.message import EmailMessage
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import msgspec

from coterie.portal.errors import NotSent

TIMEOUT_S = 8.0
log = logging.getLogger(__name__)


class CodeMessage(NamedTuple):
    """What is to be sent: to which contact (``phone`` or ``email``), which code, in which words."""

    kind: str
    to: str
    code: str
    language: str
    subject: str
    text: str


class Sender(Protocol):
    """Sends codes."""

    def reaches(self, kind: str) -> bool:
        """Tell whether contacts of a kind can be reached."""
        ...

    def send(self, message: CodeMessage) -> None:
        """Send one; blocking, for seconds at most. Raises :class:`NotSent`."""
        ...


class Nobody:
    """Reaches nobody: nothing was set up."""

    def reaches(self, kind: str) -> bool:
        """Tell that no kind is reached."""
        return not kind

    def send(self, message: CodeMessage) -> None:
        """Refuse. Raises :class:`NotSent`."""
        raise NotSent(f"Nobody sends to a {message.kind} here.")


class MailSender:
    """Sends e-mails by SMTP."""

    def __init__(self, url: str) -> None:
        """Read ``smtp://`` (STARTTLS where the server offers it) or ``smtps://``."""
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not sender:
            message = "COTERIE_MAIL_URL is smtps://user:password@host:465?from=club@example.com"
            raise ValueError(message)
        self._encrypted = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._encrypted else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._from = sender

    def reaches(self, kind: str) -> bool:
        """Tell whether it is mail."""
        return kind == "email"

    def send(self, message: CodeMessage) -> None:
        """Send one. Raises :class:`NotSent`."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._from, message.to, message.subject
        mail.set_content(message.text)
        try:
            with self._connected() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as trouble:
            # The address stays out of the log; what the server said may hold it.
            log.warning("a code could not be mailed: %s", type(trouble).__name__)
            raise NotSent from trouble

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._encrypted:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        return server


class HookSender:
    """Posts codes to a program of the operator's, which hands them to a provider."""

    def __init__(self, url: str, secret: str) -> None:
        """Take the address and a secret ``whsec_...``, by which the program knows us."""
        if not secret.startswith("whsec_"):
            message = "COTERIE_CODE_HOOK_SECRET begins with whsec_"
            raise ValueError(message)
        self._url = url
        self._secret = base64.b64decode(secret.removeprefix("whsec_"))

    def reaches(self, kind: str) -> bool:
        """Tell that everything is reached: the program knows what it can."""
        return kind in {"phone", "email"}

    def send(self, message: CodeMessage) -> None:
        """Post one. Raises :class:`NotSent` unless the answer is a 2xx."""
        body = msgspec.json.encode(
            {
                "type": "code.requested",
                "data": {
                    "kind": message.kind,
                    "to": message.to,
                    "code": message.code,
                    "language": message.language,
                    "text": message.text,
                },
            }
        )
        identifier, stamp = f"msg_{secrets.token_hex(12)}", str(int(time.time()))
        signed = f"{identifier}.{stamp}.".encode() + body
        digest = base64.b64encode(hmac.digest(self._secret, signed, hashlib.sha256)).decode()
        headers = {
            "content-type": "application/json",
            "webhook-id": identifier,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{digest}",
        }
        try:
            answer = httpx.post(self._url, content=body, headers=headers, timeout=TIMEOUT_S)
        except httpx.HTTPError as trouble:
            log.warning("a code could not be posted: %s", type(trouble).__name__)
            raise NotSent from trouble
        if not answer.is_success:
            log.warning("a code was not taken: status %s", answer.status_code)
            raise NotSent


class Both:
    """The first of several that reaches a contact."""

    def __init__(self, senders: tuple[Sender, ...]) -> None:
        """Take them in their order."""
        self._senders = senders

    def reaches(self, kind: str) -> bool:
        """Tell whether one of them reaches a kind."""
        return any(each.reaches(kind) for each in self._senders)

    def send(self, message: CodeMessage) -> None:
        """Send by the first that reaches. Raises :class:`NotSent`."""
        for each in self._senders:
            if each.reaches(message.kind):
                each.send(message)
                return
        raise NotSent(f"Nobody sends to a {message.kind} here.")


def sender_of(environment: Mapping[str, str] = os.environ) -> Sender:
    """Return the sender that the environment names. Raises ValueError for one misspelled."""
    found: list[Sender] = []
    if url := environment.get("COTERIE_MAIL_URL"):
        found.append(MailSender(url))
    if url := environment.get("COTERIE_CODE_HOOK_URL"):
        found.append(HookSender(url, environment.get("COTERIE_CODE_HOOK_SECRET", "")))
    return Both(tuple(found)) if found else Nobody()
