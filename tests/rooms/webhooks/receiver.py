"""A receiver as an engineer would write one: it verifies with the reference library."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (200, {}, b"thanks")


class Receiver:
    """What arrived, in order; ``answer`` decides what to say to each."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], Answer] | None = None) -> None:
        self.arrived: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.answer = answer or (lambda _message, _body: OK)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(raw)
                body["raw"] = raw.decode()
                with outer._lock:
                    outer.arrived.append((headers["webhook-id"], body, headers))
                status, more, text = outer.answer(headers["webhook-id"], body)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @property
    def messages(self) -> list[str]:
        with self._lock:
            return [message for message, _, _ in self.arrived]

    def verify(self, secret: str) -> None:
        """Verify everything that arrived, as the specification's own library does."""
        with self._lock:
            arrived = list(self.arrived)
        for _, body, headers in arrived:
            Webhook(secret).verify(body["raw"], headers)


@contextmanager
def receiving(
    answer: Callable[[str, dict[str, Any]], Answer] | None = None,
) -> Iterator[Receiver]:
    """Receive at a local port."""
    receiver = Receiver(answer)
    thread = threading.Thread(target=receiver._server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver._server.shutdown()
        receiver._server.server_close()
        thread.join(10)


def eventually(holds: Callable[[], Any], within_s: float = 30) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)
