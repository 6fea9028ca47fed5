"""Where the pages live: routes for whoever composes the application."""

from __future__ import annotations

from typing import Any, Protocol

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from coterie.console.home import Clock, home_page, home_style
from coterie.storage import Storage

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "vary": "accept-language",
    "cache-control": "no-store",
}


class World(Protocol):
    """What the pages ask: where things are kept, and what time it is."""

    @property
    def storage(self) -> Storage:
        """Return the database."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock of this world."""
        ...


def language_of(request: Request[Any, Any, Any]) -> str:
    """Return ``zh`` or ``en``: what was chosen, else what the reader's browser asks for first."""
    chosen = request.query_params.get("lang")
    if chosen in {"zh", "en"}:
        return str(chosen)
    wanted = request.headers.get("accept-language", "")[:200].lower()
    chinese, english = wanted.find("zh"), wanted.find("en")
    return "zh" if chinese >= 0 and (english < 0 or chinese < english) else "en"


def pages(world: World) -> list[HTTPRouteHandler]:
    """Return the routes of the console over a world."""

    @get("/", media_type=MediaType.HTML, sync_to_thread=True)
    def home(request: Request[Any, Any, Any]) -> Response[str]:
        with world.storage.pool.connection() as db:
            page = home_page(db, world.clock, language_of(request))
        return Response(page, headers=_HEADERS)

    @get("/home.css", media_type=MediaType.CSS, sync_to_thread=False)
    def style() -> Response[bytes]:
        return Response(home_style(), headers={"x-content-type-options": "nosniff"})

    return [home, style]
