"""The console over a house with staff, each with a browser of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from litestar import Litestar
from litestar.testing import TestClient

from coterie.acts import Actor
from coterie.app import World
from coterie.console.visitors import Staff
from coterie.storage.clock import world_clock
from coterie.web import Ask
from tests.acts.house import House
from tests.api.serving import storage_at
from tests.web.site import TOKEN, site_of_world

Client = TestClient[Litestar]


class Desk:
    """A browser at which people take turns; ``now`` says who sits there."""

    def __init__(self, house: House, client: Client) -> None:
        self.house = house
        self.client = client
        self.now: Actor | None = None

    def sit(self, actor: Actor) -> None:
        """Somebody else takes the chair."""
        self.now = actor

    def get(self, path: str, language: str = "en") -> str:
        """Return a page that must be there."""
        answer = self.client.get(path, headers={"accept-language": language})
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, at: str, to: str, fields: Mapping[str, str], *, status: int = 200) -> str:
        """Send a form as the page at an address would; return what is shown then."""
        found = TOKEN.search(self.get(at))
        assert found is not None, f"{at} has no form"
        answer = self.client.post(to, data={"csrf": found[1], **fields})
        assert answer.status_code == status, answer.text
        return answer.text


@contextmanager
def desk_of(house: House, url: str) -> Iterator[Desk]:
    """Serve the console over a house."""
    world = World(storage_at(url), world_clock(house.db), house.engine)
    desk: Desk

    def visitor_of(ask: Ask) -> Staff | None:
        person = None if desk.now is None else desk.now.person
        return None if person is None else Staff(ask, person)

    with site_of_world(world, visitor_of=visitor_of) as client:
        client.headers["accept-language"] = "en"
        desk = Desk(house, client)
        yield desk
