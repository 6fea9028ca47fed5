"""A face: its pages, navigation, words and templates; declared here, put to work by a site."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from coterie.web.forms import FORM_BYTES_MAX

if TYPE_CHECKING:
    from coterie.web.asking import Ask, Reply

OPEN = "open"
"""Anybody may see it."""
SIGNED_IN = "signed-in"
"""Anybody who is signed in may see it."""


class Visitor(Protocol):
    """Who is signed in, as pages see it; rooms that know sign-ins hand it over."""

    @property
    def name(self) -> str:
        """Return how the visitor is called."""
        ...

    def role_label(self, language: str) -> str:
        """Return what the visitor is, in ``zh`` or ``en``; may be empty."""
        ...

    @property
    def sign_in(self) -> str:
        """Return what tells this sign-in from others; tokens of forms are bound to it."""
        ...

    def may(self, permission: str) -> bool:
        """Tell whether the visitor may do something (anywhere)."""
        ...


Handler = Callable[["Ask"], "Reply"]


class Page(NamedTuple):
    """One address and how it answers to one method."""

    method: str
    path: str
    needs: str
    handler: Handler
    body_max: int


@dataclass
class Pages:
    """The pages of one area, gathered by decorators."""

    listed: list[Page] = field(default_factory=list)

    def get(self, path: str, *, needs: str) -> Callable[[Handler], Handler]:
        """Declare who answers GET at a path: ``/members/{member_id:int}``.

        ``needs`` is a permission, :data:`SIGNED_IN` or :data:`OPEN`; there is no default.
        """
        return self._add("GET", path, needs, 0)

    def post(
        self, path: str, *, needs: str, body_max: int = FORM_BYTES_MAX
    ) -> Callable[[Handler], Handler]:
        """Declare who answers POST; its form is checked to be ours. ``body_max`` in bytes."""
        return self._add("POST", path, needs, body_max)

    def _add(
        self, method: str, path: str, needs: str, body_max: int
    ) -> Callable[[Handler], Handler]:
        assert path.startswith("/"), path
        assert re.fullmatch(r"[a-z-]+(:[a-z-]+)?", needs), needs

        def keep(handler: Handler) -> Handler:
            self.listed.append(Page(method, path, needs, handler, body_max))
            return handler

        return keep


class NavEntry(NamedTuple):
    """One way in a navigation.

    ``label`` is a key of the catalogue, ``icon`` one of ``frontend/icons.txt``. ``needs`` as for a
    page: who may not go there does not see it. ``group`` is the key of a heading, or empty; ``key``
    is the one of the keyboard that leads there, as browsers call it.
    """

    label: str
    icon: str
    url: str
    needs: str = OPEN
    group: str = ""
    key: str = ""


@dataclass(frozen=True)
class Face:
    """One face. ``package`` holds ``templates/``, named by the face, and ``texts/``."""

    name: str
    package: str
    pages: Sequence[Pages]
    navigation: Sequence[NavEntry] = ()
    sign_in_url: str | None = None
    """Where who must sign in is sent; None: the page of the refusal is shown."""
    search_url: str | None = None
    """Where the search box of the header leads (``?q=``)."""
    home_url: str = "/"
    account_url: str | None = None
    """Where a visitor sees the own account."""
    sign_out_url: str | None = None
    """Where signing out is sent (POST)."""


def allowed(needs: str, visitor: Visitor | None) -> bool:
    """Tell whether a visitor may see what needs that."""
    if needs == OPEN:
        return True
    if visitor is None:
        return False
    return needs == SIGNED_IN or visitor.may(needs)
