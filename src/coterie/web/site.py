"""The site: faces put to work over a world, behind one guard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from coterie.intake.threads import DatabaseThreads
from coterie.kernel.errors import Refusal
from coterie.settings import Brand, read_brand, read_hosts, read_secret
from coterie.storage import Connection, Storage, StorageUnavailable
from coterie.web.addresses import Addresses, Methods, roots
from coterie.web.asking import YEAR_S, Ask, Facts, Reply
from coterie.web.assets import FOREVER, PREFIX, asset_url, read_asset
from coterie.web.branding import BRAND
from coterie.web.errors import (
    FormTooLarge,
    FormUnreadable,
    NotAllowedHere,
    PageMethodNotAllowed,
    PageUnknown,
    SignInFirst,
)
from coterie.web.faces import Face, Page, Visitor
from coterie.web.forms import Form, read_form
from coterie.web.guarding import HEADERS, TOKEN_FIELD, check_form, check_host
from coterie.web.language import LANGUAGES, wanted_language
from coterie.web.programmes import ProgrammeInForce
from coterie.web.statuses import status_of
from coterie.web.words import Catalogue, pick
from coterie.web.writing import iso

log = logging.getLogger(__name__)

THREADS = 4
WAITING_MAX = 200
FACTS_S = 2.0
"""How long a process may show the brand and programme of before."""
QUERY_FIELDS_MAX = 50
BODY_SECONDS_MAX = 30
THEMES = ("auto", "light", "dark")


class Clock(Protocol):
    """Tells a world's time."""

    def now_us(self) -> int:
        """Return microseconds since 1970."""
        ...


class World(Protocol):
    """What pages ask: where things are kept, and what time it is."""

    @property
    def storage(self) -> Storage:
        """Return the database."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock of this world."""
        ...


def nobody(_: Ask) -> Visitor | None:
    """Return no visitor: the site of a world without sign-ins."""
    return None


class Site:
    """All faces of one process. It opens threads when first asked; :meth:`close` ends them."""

    def __init__(
        self,
        world: World,
        faces: Sequence[Face],
        *,
        visitor_of: Callable[[Ask], Visitor | None] = nobody,
    ) -> None:
        """Take the world, the faces, and who finds out who is signed in."""
        self.world = world
        self.faces = (*faces, BRAND)
        self.visitor_of = visitor_of
        self.catalogue = Catalogue(face.package for face in self.faces)
        self._facts: tuple[float, Facts] | None = None
        self._programme = ProgrammeInForce()
        self._threads = DatabaseThreads(
            world.storage.connect, name="pages", threads=THREADS, waiting_max=WAITING_MAX
        )

    async def close(self) -> None:
        """Finish what was begun and give the connections up."""
        await self._threads.close()

    def routes(self) -> list[ASGIRouteHandler]:
        """Return the routes of all pages, and of the assets."""
        paths: dict[str, Methods] = defaultdict(dict)
        for face in self.faces:
            for page in (page for area in face.pages for page in area.listed):
                assert page.method not in paths[page.path], f"{page.method} {page.path} twice"
                paths[page.path][page.method] = (face, page)
        addresses = Addresses(paths)
        return [
            *(self._route(root, addresses) for root in roots(paths)),
            asgi(PREFIX, is_mount=True, copy_scope=False)(self._serve_asset),
        ]

    def _route(self, root: str, addresses: Addresses) -> ASGIRouteHandler:
        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            # A mount is told the rest of the path, with a slash at its end. It is asked for what
            # begins like it, too (/members at /me), so each of them knows every address.
            if mounted:
                scope["path"] = (root + scope["path"]).rstrip("/")
            methods, scope["path_params"] = addresses.find(scope["path"])
            await self.answer(methods, scope, receive, send)

        mounted = root != "/"
        return asgi(root, is_mount=mounted, copy_scope=False)(handle)

    # Answering

    async def answer(self, methods: Methods, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call at an address that these methods know; without any: there is none."""
        began = time.perf_counter()
        method = str(scope.get("method", ""))
        headers = _headers(scope)
        found = methods.get("GET" if method == "HEAD" else method)
        body: bytes | Refusal = b""
        if found is not None and method == "POST":
            try:
                body = await _read_body(receive, headers, found[1].body_max)
            except Refusal as refusal:
                body = refusal
            except _Gone:
                return
        tried = False

        def work(db: Connection) -> Reply:
            nonlocal tried
            if tried and method == "POST":
                # Whether it was done is not known, and a form is not safe to repeat.
                raise StorageUnavailable
            tried = True
            return self._reply(db, methods, found, scope, headers, body)

        try:
            reply = await self._threads.run(work)
        except Refusal as refusal:
            reply = self._without_database(refusal, scope, headers)
        reply.headers.append(
            ("server-timing", f"page;dur={1e3 * (time.perf_counter() - began):.1f}")
        )
        await _send(send, reply, with_body=method != "HEAD")

    def _reply(
        self,
        db: Connection,
        methods: Methods,
        found: tuple[Face, Page] | None,
        scope: Scope,
        headers: Mapping[str, str],
        body: bytes | Refusal,
    ) -> Reply:
        facts = self.facts(db)
        face = found[0] if found else self.faces[0]
        ask = self._ask(db, facts, face, scope, headers)
        try:
            check_host(headers.get("host", ""), facts.hosts)
            ask.visitor = self.visitor_of(ask)
            reply = _handled(ask, _found(methods, found), body)
        except Refusal as refusal:
            reply = _refused(ask, refusal)
            if methods and isinstance(refusal, PageMethodNotAllowed):
                reply.headers.append(("allow", ", ".join(sorted(methods))))
        except Exception:
            log.exception("%s %s broke", ask.method, scope.get("path_template", ""))
            reply = ask.page("web/pages/broken.html", 500)
        reply.headers += [("set-cookie", each) for each in ask.cookies_set.values()]
        return reply

    def _ask(
        self, db: Connection, facts: Facts, face: Face, scope: Scope, headers: Mapping[str, str]
    ) -> Ask:
        raw_query = scope.get("query_string", b"").decode("latin-1")
        try:
            pairs = parse_qsl(raw_query, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX)
        except ValueError:
            pairs = []
        query = Form(pairs)
        cookies = _cookies(headers.get("cookie", ""))
        otherwise = facts.brand.language or "en"
        asked = wanted_language(headers.get("accept-language", ""), otherwise)
        chosen = {"lang": query.get("lang"), "theme": query.get("theme")}
        language = _first(LANGUAGES, chosen["lang"], cookies.get("lang"), asked)
        theme = _first(THEMES, chosen["theme"], cookies.get("theme"), "auto")
        ask = Ask(
            site=self,
            face=face,
            db=db,
            facts=facts,
            now_us=self.world.clock.now_us(),
            method=str(scope.get("method", "")),
            path=scope["path"],
            query=query,
            form=Form(),
            path_values=scope.get("path_params", {}),
            headers=headers,
            cookies=cookies,
            language=language,
            theme=theme,
            secure=scope.get("scheme") == "https",
            network=(scope.get("client") or ("", 0))[0],
        )
        for name, value in (("lang", language), ("theme", theme)):
            if chosen[name] == value:
                ask.set_cookie(name, value, seconds=YEAR_S)
        return ask

    def _without_database(
        self, refusal: Refusal, scope: Scope, headers: Mapping[str, str]
    ) -> Reply:
        """Say no without a thread or a database: too many wait, or there is none."""
        facts = Facts(b"", Brand(), frozenset()) if self._facts is None else self._facts[1]
        nothing: Any = None
        return _refused(self._ask(nothing, facts, self.faces[0], scope, headers), refusal)

    # What every page needs

    def facts(self, db: Connection) -> Facts:
        """Return what is known of the world, at most some seconds old."""
        kept = self._facts
        now = time.monotonic()
        if kept is not None and now - kept[0] < FACTS_S:
            return kept[1]
        version, programme = self._programme.read(db, self.world.clock.now_us())
        facts = Facts(read_secret(db), read_brand(db), read_hosts(db), version, programme)
        self._facts = (now, facts)
        return facts

    def forget(self) -> None:
        """Read the facts again with the next page: somebody changed them here."""
        self._facts = None

    # Rendering

    @cached_property
    def templates(self) -> Environment:
        """Return the templates of all faces, named ``web/...`` and by the face."""
        made = Environment(
            loader=PrefixLoader({face.name: PackageLoader(face.package) for face in self.faces}),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        made.globals.update(asset=asset_url, pick=pick, iso=iso, drawn=_drawn)
        return made

    def render(self, ask: Ask, template: str, facts: Mapping[str, object]) -> str:
        """Return a template's text for one reader."""
        context = ask.context()
        for name in ("ui", "forms", "charts"):
            # Macros speak the reader's language too, so each page has them made for it.
            macros = self.templates.get_template(f"web/macros/{name}.html")
            context[name] = macros.make_module(context)
        return self.templates.get_template(template).render({**context, **facts})

    async def _serve_asset(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        headers = _headers(scope)
        try:
            name = scope["path"].strip("/")
            asset = read_asset(name, headers.get("accept-encoding", ""))
        except PageUnknown:
            reply = Reply(404, b"", "text/plain")
        else:
            told = [("cache-control", FOREVER), ("vary", "accept-encoding")]
            if asset.encoding:
                told.append(("content-encoding", asset.encoding))
            reply = Reply(200, asset.content, asset.media_type, told)
        await _send(send, reply, with_body=scope.get("method") != "HEAD")


def _found(methods: Methods, found: tuple[Face, Page] | None) -> Page:
    if found is None:
        raise PageMethodNotAllowed if methods else PageUnknown
    return found[1]


def _handled(ask: Ask, page: Page, body: bytes | Refusal) -> Reply:
    if isinstance(body, Refusal):
        raise body
    if not ask.may(page.needs):
        raise SignInFirst if ask.visitor is None else NotAllowedHere
    if page.method == "POST":
        ask.form = read_form(body, ask.headers.get("content-type", ""))
        token = ask.form.get(TOKEN_FIELD) or ask.headers.get("x-csrf-token", "")
        seed = ask.cookies.get("seed", "")
        check_form(ask.facts.secret, token, seed, ask.sign_in, ask.headers)
    return page.handler(ask)


def _refused(ask: Ask, refusal: Refusal) -> Reply:
    """Return the page of a refusal, or lead to where one signs in."""
    status = status_of(refusal.code, refusal.kind)
    sign_in = ask.face.sign_in_url
    if isinstance(refusal, SignInFirst) and sign_in is not None:
        back = f"?{urlencode({'next': ask.again()})}" if ask.method == "GET" else ""
        return ask.redirect(sign_in + back)
    template = "web/pages/refused_part.html" if ask.is_part else "web/pages/refused.html"
    reply = ask.page(template, status, refusal=refusal, shown=status)
    if status in {429, 503}:
        wait_s = refusal.facts.get("retry_after_s", 5)
        reply.headers.append(("retry-after", str(wait_s)))
    return reply


class _Gone(Exception):
    """The browser went before its form was complete."""


async def _read_body(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise FormUnreadable
    if int(length[:19]) > most:
        raise FormTooLarge(f"At most {most} bytes.", most=most)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise _Gone
                body += message.get("body", b"")
                if len(body) > most:
                    raise FormTooLarge(f"At most {most} bytes.", most=most)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise FormUnreadable from None


async def _send(send: Send, reply: Reply, *, with_body: bool) -> None:
    headers = [
        *((b"content-type", reply.type.encode()) for _ in range(reply.status != 204)),
        (b"content-length", str(len(reply.body)).encode()),
        *((name.encode(), value.encode("latin-1")) for name, value in (*HEADERS, *reply.headers)),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = reply.body if with_body else b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _drawn(series: Sequence[tuple[str, Sequence[int | None]]]) -> list[dict[str, object]]:
    """Return the series of a chart as its script reads them."""
    return [{"name": name, "values": list(values)} for name, values in series]


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _cookies(text: str) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(text)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _first(known: Sequence[str], *wanted: str | None) -> str:
    return next((each for each in wanted if each is not None and each in known), known[0])
