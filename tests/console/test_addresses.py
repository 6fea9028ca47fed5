"""Addresses that begin alike lead each to its own page, with all faces in one process."""

import pytest

from coterie.app import World
from coterie.cli.facing import site_of
from coterie.intake.engine import Engine
from coterie.storage import Connection
from coterie.storage.clock import world_clock
from tests.api.serving import storage_at
from tests.web.site import site_of_world


@pytest.mark.parametrize("path", ["/members", "/members/1", "/members/list.csv"])
def test_a_page_of_staff_leads_to_their_door(db: Connection, database_url: str, path: str):
    world = World(storage_at(database_url), world_clock(db), Engine())
    site = site_of(world)
    with site_of_world(world, site.faces[:-1], site.visitor_of) as client:
        answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
