"""What a page is asked, and what it replies: all that a handler sees of HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from coterie.kernel.errors import Refusal
from coterie.kernel.numbers import INT64_MAX
from coterie.programme.model import Programme
from coterie.settings import Brand
from coterie.storage import Connection
from coterie.web.errors import PageUnknown
from coterie.web.faces import Face, NavEntry, Visitor, allowed
from coterie.web.forms import Form
from coterie.web.guarding import TOKEN_FIELD, cookie, form_token, new_seed, seal, unseal
from coterie.web.language import TAGS
from coterie.web.writing import Writer, writer_of

if TYPE_CHECKING:
    from coterie.web.site import Site

HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"
YEAR_S = 365 * 24 * 3600
FLASH_S = 60
CSV_ROWS_MAX = 100_000
SEED_COOKIE = "seed"
FLASH_COOKIE = "said"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    type: str = HTML
    headers: list[tuple[str, str]] = field(default_factory=list)


class Said(msgspec.Struct, frozen=True):
    """A sentence for the next page: what was done, or not."""

    key: str
    tone: str
    values: dict[str, str]


@dataclass(frozen=True)
class Facts:
    """What every page needs of the world; kept for some seconds."""

    secret: bytes
    brand: Brand
    hosts: frozenset[str]
    version: int | None = None
    programme: Programme | None = None


@dataclass
class Ask:
    """One call of one page.

    ``db`` is a connection in autocommit mode; what changes something opens a ``transaction``.
    ``now_us`` is the world's time. ``query`` and ``form`` read alike.
    """

    site: Site
    face: Face
    db: Connection
    facts: Facts
    now_us: int
    method: str
    path: str
    query: Form
    form: Form
    path_values: Mapping[str, Any]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    language: str
    theme: str
    secure: bool
    network: str = ""
    """The address that asks, as the server sees it."""
    visitor: Visitor | None = None
    cookies_set: dict[str, str] = field(default_factory=dict)

    # Reading

    def number(self, name: str) -> int:
        """Return a whole number of the path. Raises :class:`PageUnknown` for one nothing has."""
        value = int(self.path_values[name])
        if not 0 <= value <= INT64_MAX:
            raise PageUnknown
        return value

    def text(self, name: str) -> str:
        """Return a text of the path."""
        return str(self.path_values[name])

    @property
    def is_part(self) -> bool:
        """Tell whether htmx asks for a part of a page, which is shown inside another."""
        return self.headers.get("hx-request") == "true"

    @property
    def programme(self) -> Programme | None:
        """Return the programme in force, or None before one is published."""
        return self.facts.programme

    @property
    def brand(self) -> Brand:
        """Return the brand's settings."""
        return self.facts.brand

    def may(self, needs: str) -> bool:
        """Tell whether the visitor may do something."""
        return allowed(needs, self.visitor)

    # Saying

    @cached_property
    def write(self) -> Writer:
        """Return who writes numbers, money and moments for this reader."""
        told = self.programme
        zone, money = ("UTC", "CNY") if told is None else (told.zone, told.money)
        return writer_of(self.language, zone, money)

    def t(self, key: str, /, count: int | None = None, **values: object) -> str:
        """Return a phrase of the catalogue in the reader's language."""
        return self.site.catalogue.say(self.language, key, count, **values)

    def why(self, refusal: Refusal) -> str:
        """Return what a refusal says to this reader: details exist in English only."""
        told = refusal.title(self.language)
        return f"{told} {refusal.detail}".strip() if self.language == "en" else told

    @cached_property
    def csrf(self) -> str:
        """Return the token that forms of this page carry."""
        seed = self.cookies.get(SEED_COOKIE, "")
        if not seed:
            seed = new_seed()
            self.set_cookie(SEED_COOKIE, seed, seconds=None)
        return form_token(self.facts.secret, seed, self.sign_in)

    @property
    def sign_in(self) -> str:
        """Return what tells this sign-in from others; empty before one."""
        return "" if self.visitor is None else self.visitor.sign_in

    @cached_property
    def said(self) -> Said | None:
        """Return what the page before this one said, once."""
        text = self.cookies.get(FLASH_COOKIE)
        if not text:
            return None
        self.set_cookie(FLASH_COOKIE, "", seconds=0)
        raw = unseal(self.facts.secret, FLASH_COOKIE, text)
        try:
            told = msgspec.json.decode(raw or b"", type=Said)
        except msgspec.MsgspecError:
            return None
        return told if told.key in self.site.catalogue else None

    @property
    def said_text(self) -> str:
        """Return that sentence in the reader's language."""
        return (
            ""
            if self.said is None
            else self.site.catalogue.say(self.language, self.said.key, None, **self.said.values)
        )

    @property
    def brand_name(self) -> str:
        """Return the brand's name: what was set, else the programme's."""
        named = self.brand.name(self.language)
        if named or self.programme is None:
            return named or "Coterie"
        return self.programme.name.zh if self.language == "zh" else self.programme.name.en

    @property
    def brand_css(self) -> str:
        """Return the address of the brand's colours, another one after every change."""
        colours = f"{self.brand.colour[1:]}-{self.brand.card_colour[1:]}"
        return f"/brand/brand.css?v={colours}"

    def image_url(self, slot: str) -> str:
        """Return the address of an image of the brand; empty where there is none."""
        found = self.brand.image(slot)
        return "" if found is None else f"/brand/{slot}/{found.sha256}"

    def navigation(self) -> list[tuple[str, list[NavEntry]]]:
        """Return the entries of the face that the visitor may use, by the key of their heading."""
        groups: dict[str, list[NavEntry]] = {}
        for entry in self.face.navigation:
            if self.may(entry.needs):
                groups.setdefault(entry.group, []).append(entry)
        return list(groups.items())

    def here(self, entry: NavEntry) -> bool:
        """Tell whether an entry leads to this page, or to one above it."""
        if entry.url == self.face.home_url:
            return self.path == entry.url
        return self.path == entry.url or self.path.startswith(entry.url + "/")

    def again(self, **changed: object) -> str:
        """Return this page's address with some of its query changed; None takes a field out."""
        kept = {name: texts for name, texts in self.query.texts.items() if name not in changed}
        kept |= {name: [str(value)] for name, value in changed.items() if value is not None}
        query = urlencode(kept, doseq=True)
        return f"{self.path}?{query}" if query else self.path

    # Replying

    def page(self, template: str, status: int = 200, **facts: object) -> Reply:
        """Return a page (or, for htmx, a part of one) from a template and its facts."""
        body = self.site.render(self, template, facts)
        told = [("cache-control", "no-store"), ("vary", "accept-language, cookie, hx-request")]
        return Reply(status, body.encode(), HTML, told)

    def redirect(self, url: str, said: str = "", tone: str = "success", **values: object) -> Reply:
        """Lead on after a POST, with a sentence (a key) for the next page.

        htmx follows as well: it is told to load the page. ``url`` is a path of ours.
        """
        assert url.startswith("/"), url
        assert not url.startswith("//"), url
        if said:
            told = Said(said, tone, {name: str(value) for name, value in values.items()})
            sealed = seal(self.facts.secret, FLASH_COOKIE, msgspec.json.encode(told))
            self.set_cookie(FLASH_COOKIE, sealed, seconds=FLASH_S)
        if self.is_part:
            return Reply(204, headers=[("hx-redirect", url)])
        return Reply(303, headers=[("location", url)])

    def csv(self, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Reply:
        """Return a table for a spreadsheet, ``name`` without its ending; 100,000 rows at most.

        Text that a spreadsheet would take for a formula is kept from being one.
        """
        out = io.StringIO()
        lines = csv.writer(out)
        lines.writerow(header)
        for at, row in enumerate(rows):
            assert at < CSV_ROWS_MAX, "bound the rows of an export"
            lines.writerow([_plain(cell) for cell in row])
        # The mark tells Excel that Chinese follows.
        body = ("\ufeff" + out.getvalue()).encode()
        headers = [("content-disposition", f'attachment; filename="{name}.csv"')]
        return Reply(200, body, CSV, [*headers, ("cache-control", "no-store")])

    def set_cookie(self, name: str, value: str, *, seconds: int | None) -> None:
        """Set a cookie with the reply; see :func:`~coterie.web.guarding.cookie`."""
        self.cookies_set[name] = cookie(name, value, seconds=seconds, secure=self.secure)

    def context(self) -> dict[str, Any]:
        """Return what every template may name beside its own facts."""
        return {
            "ask": self,
            "t": self.t,
            "write": self.write,
            "may": self.may,
            "visitor": self.visitor,
            "brand": self.brand,
            "language": self.language,
            "lang": TAGS[self.language],
            "theme": self.theme,
            "csrf_name": TOKEN_FIELD,
        }


def _plain(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell
