"""The application: routes by Litestar, everything behind a route by our own edge.

Each path is a plain ASGI handler inside Litestar. Its typed handlers cost 60-100 us a request, as
much as everything an event needs besides; and their refusals, limits and documents are not ours.
What Litestar keeps is what it does best: paths, lifespan, and room for the other faces.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol

from litestar import Litestar, Request, Response, asgi
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from coterie.access import KeyRing
from coterie.api.edge import all_headers, refused, serve
from coterie.api.endpoints import ENDPOINTS, openapi_bytes
from coterie.api.errors import BadHeader, NoSuchPath
from coterie.api.problems import problem_of
from coterie.api.routes import Methods, Routes
from coterie.api.services import Engine, Services
from coterie.storage import Storage
from coterie.storage.clock import WorldClock
from coterie.web import Site, wanted_language

PREFIX = "/v1"


class World(Protocol):
    """What a face is handed: where things are kept, what time it is, who decides."""

    @property
    def storage(self) -> Storage:
        """Return the database."""
        ...

    @property
    def clock(self) -> WorldClock:
        """Return the clock of this world."""
        ...


def create_app(world: World, engine: Engine, site: Site | None = None) -> Litestar:
    """Return the ASGI application of the API over a world, which stays the caller's to close.

    ``site`` holds the pages of the other faces; it is closed with the application.

    Its threads and connections open when the application starts and close, after everything that
    waits was answered, when it ends.
    """
    services = Services(
        engine=engine,
        clock=world.clock,
        keys=KeyRing(),
        connect=world.storage.connect,
        described=openapi_bytes(),
    )

    @asynccontextmanager
    async def working(_: Litestar) -> AsyncIterator[None]:
        services.start()
        try:
            yield
        finally:
            await services.close()
            if site is not None:
                await site.close()

    def unrouted(request: Request[Any, Any, Any], trouble: HTTPException) -> Response[bytes]:
        if site is not None and trouble.status_code == 404 and _is_browsing(request):
            return _PageOf(site)
        return _unrouted(request, trouble)

    routes = Routes(ENDPOINTS)
    return Litestar(
        [
            *(_fixed(path, methods, services) for path, methods in routes.fixed.items()),
            _named(routes, services),
            *(site.routes() if site is not None else ()),
        ],
        lifespan=[working],
        state=State({"services": services}),
        openapi_config=None,
        logging_config=None,
        exception_handlers={HTTPException: unrouted},
    )


def _is_browsing(request: Request[Any, Any, Any]) -> bool:
    """Tell whether somebody reads pages here; a program gets a document."""
    ours = request.scope["path"].split("/")[1] == PREFIX.strip("/")
    return not ours and "text/html" in request.headers.get("accept", "")


class _PageOf(Response[bytes]):
    """Lets the site answer where there is no route: in the reader's language, as a page."""

    def __init__(self, site: Site) -> None:
        super().__init__(b"")
        self._site = site

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Return the site itself in place of an answer that is known already."""
        return partial(self._site.answer, {})


def _fixed(path: str, methods: Methods, services: Services) -> ASGIRouteHandler:
    """Return the route of a path without a name in it."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await serve(methods, services, scope, receive, send)

    return asgi(path, copy_scope=False)(handle)


def _named(routes: Routes, services: Services) -> ASGIRouteHandler:
    """Return the route of everything else under ``/v1``."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        # A mount is told the rest of the path, with a slash at its end.
        path = PREFIX + scope["path"].rstrip("/")
        scope["path"] = path
        found = routes.find(path)
        methods, scope["path_params"] = found or ({}, {})
        await serve(methods, services, scope, receive, send)

    return asgi(PREFIX, is_mount=True, copy_scope=False)(handle)


def _unrouted(request: Request[Any, Any, Any], trouble: HTTPException) -> Response[bytes]:
    """Answer in the one shape also where Litestar finds no route."""
    refusal = NoSuchPath() if trouble.status_code == 404 else BadHeader(trouble.detail)
    reply = refused(
        problem_of(
            refusal,
            instance=request.scope["path"],
            lang=wanted_language(request.headers.get("accept-language", "")),
        )
    )
    return Response(
        reply.body,
        status_code=reply.status,
        media_type=reply.type.decode(),
        headers={name.decode(): value.decode() for name, value in all_headers(reply)},
    )
