"""Programs of others as the portal meets them: a gateway for codes, a messenger, a mail server."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

S = TypeVar("S", bound=socketserver.BaseServer)


class Gateway(ThreadingHTTPServer):
    """Takes codes over HTTP and keeps what came; answers with ``status``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.status = 204
        self.posts: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def codes(self) -> list[dict[str, Any]]:
        return [json.loads(body)["data"] for _, body in self.posts]


class _Post(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class FakeWeChat(ThreadingHTTPServer):
    """Knows codes and whose they are; each is good once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Token)
        self.accounts: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Token(BaseHTTPRequestHandler):
    server: FakeWeChat

    def do_GET(self) -> None:
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        account = self.server.accounts.pop(asked.get("code", ""), None)
        known = (asked.get("appid"), asked.get("secret")) == ("wx-app", "wx-secret")
        told = {"openid": account, "access_token": "t"} if account and known else {"errcode": 40029}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a client without encryption needs; keeps what it was given."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[str] = []
        self.refuses = False


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 hello")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                rows = []
                while (row := self.rfile.readline().decode()) != ".\r\n":
                    rows.append(row)
                self.server.mails.append("".join(rows))
                self._say("250 taken")
            elif verb == "RCPT" and self.server.refuses:
                self._say("550 nobody")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running(server: S) -> Iterator[S]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
