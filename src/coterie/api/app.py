"""The application: routes by Litestar, everything behind a route by our own edge.

Each path is a plain ASGI handler inside Litestar. Its typed handlers cost 60-100 us a request, as
much as everything an event needs besides; and their refusals, limits and documents are not ours.
What Litestar keeps is what it does best: paths, lifespan, and room for the other faces.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from litestar import Litestar, Request, Response, asgi
from litestar.exceptions import HTTPException
from litestar.types import Receive, Scope, Send

from coterie.access import KeyRing
from coterie.api.contract import Endpoint
from coterie.api.edge import all_headers, refused, serve
from coterie.api.endpoints import ENDPOINTS
from coterie.api.errors import BadHeader, NoSuchPath
from coterie.api.problems import problem_of
from coterie.api.services import Engine, Services
from coterie.kernel.clock import Clock
from coterie.storage import Storage


class World(Protocol):
    """What a face is handed: where things are kept, what time it is, who decides."""

    @property
    def storage(self) -> Storage:
        """Return the database."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock of this world."""
        ...

    @property
    def engine(self) -> Engine:
        """Return what decides events."""
        ...


def create_app(world: World) -> Litestar:
    """Return the ASGI application of the API over a world; the world stays the caller's to close.

    Its threads and connections open when the application starts and close, after everything that
    waits was answered, when it ends.
    """
    services = Services(
        engine=world.engine, clock=world.clock, keys=KeyRing(), connect=world.storage.connect
    )

    @asynccontextmanager
    async def working(_: Litestar) -> AsyncIterator[None]:
        services.start()
        try:
            yield
        finally:
            await services.close()

    return Litestar(
        [_route(path, endpoints, services) for path, endpoints in by_path(ENDPOINTS).items()],
        lifespan=[working],
        openapi_config=None,
        logging_config=None,
        exception_handlers={HTTPException: _unrouted},
    )


def by_path(endpoints: tuple[Endpoint, ...]) -> dict[str, dict[str, Endpoint]]:
    """Return endpoints by path and method."""
    found: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        methods = found.setdefault(endpoint.operation.path, {})
        assert endpoint.operation.method not in methods, "two endpoints of one method and path"
        methods[endpoint.operation.method] = endpoint
    return found


def _route(path: str, endpoints: dict[str, Endpoint], services: Services) -> Any:
    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await serve(endpoints, services, scope, receive, send)

    # A product's key may hold slashes; every other parameter is one segment.
    template = path.replace("{product}", "{product:path}").replace("{member_id}", "{member_id:str}")
    template = template.replace("{event}", "{event:str}")
    return asgi(template, copy_scope=False)(handle)


def _unrouted(request: Request[Any, Any, Any], trouble: HTTPException) -> Response[bytes]:
    """Answer in the one shape also where Litestar finds no route."""
    refusal = NoSuchPath() if trouble.status_code == 404 else BadHeader(trouble.detail)
    reply = refused(problem_of(refusal, instance=request.scope["path"]))
    return Response(
        reply.body,
        status_code=reply.status,
        media_type=reply.type.decode(),
        headers={name.decode(): value.decode() for name, value in all_headers(reply)},
    )
