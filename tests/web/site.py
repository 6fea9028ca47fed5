"""A site over a throw-away world, asked in-process by a client that keeps cookies."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from litestar import Litestar
from litestar.testing import TestClient

from coterie.api import create_app
from coterie.app import World
from coterie.console import CONSOLE
from coterie.intake.engine import Engine
from coterie.storage.clock import world_clock
from coterie.web import Ask, Face, Site, Visitor
from tests.api.serving import Place, storage_at

TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Someone:
    """A visitor for tests, with the permissions that are named."""

    name: str = "林岚"
    permissions: frozenset[str] = field(default_factory=frozenset)
    sign_in: str = "17"

    def role_label(self, language: str) -> str:
        return "运营" if language == "zh" else "Operator"

    def may(self, permission: str) -> bool:
        return permission in self.permissions


def site_over(
    url: str,
    faces: Sequence[Face] = (CONSOLE,),
    visitor_of: Callable[[Ask], Visitor | None] = lambda _: Someone(),
    *,
    programme: str | None = "",
) -> AbstractContextManager[TestClient[Litestar]]:
    """Serve a site over the database at ``url``, with the programme of the API's tests."""
    return site_of_world(Place(url, programme=programme).world, faces, visitor_of)


def site_of_world(
    world: World,
    faces: Sequence[Face] = (CONSOLE,),
    visitor_of: Callable[[Ask], Visitor | None] = lambda _: Someone(),
) -> AbstractContextManager[TestClient[Litestar]]:
    """Serve a site over a world that is there already."""
    app = create_app(world, Engine(), Site(world, faces, visitor_of=visitor_of))
    return TestClient(app, base_url="http://127.0.0.1")


def page_of(url: str, path: str = "/", language: str = "en") -> str:
    """Return one page of a site over the database at ``url``, whatever is in there."""
    storage = storage_at(url)
    with storage.connect() as db:
        world = World(storage, world_clock(db))
    with site_of_world(world) as client:
        answer = client.get(path, params={"lang": language})
    assert answer.status_code == 200, answer.text
    return answer.text


def token_in(page: str) -> str:
    """The token of the first form of a page."""
    found = TOKEN.search(page)
    assert found, "no form on the page"
    return found[1]
