"""A real server for tests: uvicorn on a socket of its own, in a thread or in processes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar import Litestar

from coterie.access import issue_key
from coterie.api import DOCS, create_app
from coterie.app import World
from coterie.intake.engine import Engine
from coterie.kernel.time import DAY_US, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Storage, StorageSettings, transaction
from coterie.storage.clock import set_clock, world_clock
from coterie.web import Site

NOW = "2026-03-01T12:00:00+08:00"
NOW_US = parse_instant(NOW)[0]
PROGRAMME = """
programme: api
name: {zh: 接口测试, en: API test}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    expiry: {model: fixed, days: 10}
    transferable: true
    hold_minutes: 60
  miles:
    name: {zh: 里程, en: Miles}
    pending: {days: 3}
rules:
  - code: base
    name: {zh: 消费积分, en: Points}
    on: order
    earn: {currency: points, units: 1, per: "1.00"}
  - code: fly
    name: {zh: 里程, en: Miles}
    on: order
    earn: {currency: miles, units: 2, per: "1.00"}
sources:
  till: {on_unknown_member: park}
  shop: {on_unknown_member: refuse}
"""


def storage_at(url: str) -> Storage:
    """A storage over a given database; it holds nothing until it is asked."""
    settings = StorageSettings(home=Path("/nowhere"), database_url=url, lock_timeout_ms=5_000)
    return Storage(settings, embedded=None)


class Place:
    """A world with a programme, a member of card A1000, and keys by source."""

    def __init__(self, url: str, *, programme: str | None = "") -> None:
        """Open it; ``programme`` None: none is published, empty: the one above."""
        self.url = url
        self.storage = storage_at(url)
        self.keys: dict[str, str] = {}
        with self.storage.connect() as db:
            with transaction(db):
                set_clock(db, NOW_US)
                if programme is not None:
                    publish(db, programme or PROGRAMME, 0, 0)
                newcomer = Newcomer((("card", "A1000"),), enrolled_us=NOW_US - 30 * DAY_US)
                made = create_members(db, [newcomer], now_us=NOW_US)[0]
                assert isinstance(made, int)
                self.member_id = made
            self.world = World(self.storage, world_clock(db))

    def key(self, source: str, *scopes: str) -> str:
        """Issue a key and return its text."""
        with self.storage.connect() as db, transaction(db):
            return issue_key(db, source, scopes or ("admin",), now_us=NOW_US).text

    def app(self, engine: Any = None) -> Litestar:
        """Make the application."""
        return create_app(self.world, engine or Engine(), Site(self.world, [DOCS]))

    def move_clock(self, at_us: int) -> None:
        """Set the world's time, in the database and for the running server."""
        with self.storage.connect() as db:
            with transaction(db):
                set_clock(db, at_us)
            self.world.clock.refresh(db)


@contextmanager
def served(app: Litestar) -> Iterator[str]:
    """Serve an application; yield its address; finish what waits at the end."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=10
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < until, "the server did not start in time"
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not end"


def client_of(address: str, key: str | None = None) -> httpx.Client:
    """Return a client that shows a key; threads may share it."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    # Without limits the pool never closes a connection that it has just given to another thread.
    unlimited = httpx.Limits(max_connections=None, keepalive_expiry=None)
    return httpx.Client(
        base_url=address, headers=headers, timeout=20, trust_env=False, limits=unlimited
    )


def order(key: str, amount_minor: int = 10_000, **more: Any) -> dict[str, Any]:
    """Return an order of the member with card A1000."""
    return {
        "kind": "order",
        "key": key,
        "occurred_at": NOW,
        "member": {"card": "A1000"},
        "order_ref": f"ref-{key}",
        "lines": [{"amount_minor": amount_minor, "product": "sku-1"}],
        **more,
    }
