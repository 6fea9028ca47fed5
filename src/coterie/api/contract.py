"""What an address promises: one value that the server obeys and the documentation prints.

An :class:`Operation` says who may call, what may be in the query, the headers and the body, and
what comes back. The edge (:mod:`coterie.api.edge`) refuses what the operation does not name, and
:mod:`coterie.api.openapi` writes the same value down: neither can promise what the other breaks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from coterie.access import Caller, Scope

if TYPE_CHECKING:
    from coterie.api.services import Services

KIB = 1024
MIB = 1024 * KIB
JSON_TYPE = b"application/json"


class Words(Struct, frozen=True):
    """A sentence in both languages."""

    zh: str
    en: str


class Parameter(Struct, frozen=True):
    """A value beside the body. ``type`` is what msgspec reads the text into."""

    name: str
    type: Any
    words: Words
    required: bool = False
    example: str | int | bool | None = None


class Returns(Struct, frozen=True):
    """One way an operation ends well: status, type of the body in ``media``, and what it means."""

    status: int
    type: Any
    words: Words
    headers: tuple[Parameter, ...] = ()
    media: str = "application/json"


class Operation(Struct, frozen=True, kw_only=True):
    """The promise of one method at one path.

    ``path`` writes its parameters in braces. ``scope`` None: open to everyone. ``body`` is the type
    of the JSON body (None: there is none). ``refuses`` names kinds of refusal beyond those that
    follow from the rest.
    """

    id: str
    method: str
    path: str
    tag: str
    words: Words
    more: str = ""
    scope: Scope | None = None
    path_parameters: tuple[Parameter, ...] = ()
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    body: Any = None
    body_example: Any = None
    body_bytes_max: int = 0
    returns: tuple[Returns, ...]
    refuses: tuple[str, ...] = ()


class Call(Struct):
    """A request that kept to its operation: everything read, nothing judged yet.

    ``caller`` is who asks (None only where everyone may), ``received_us`` the one reading of the
    clock for this request, ``query`` holds values that were given, ``headers`` the operation's own.
    """

    path: str
    received_us: int
    caller: Caller | None
    path_values: dict[str, str]
    query: dict[str, Any]
    headers: dict[str, str]
    body: bytes
    accept_language: str


class Reply(Struct):
    """What goes out. ``headers`` are in lower case, beside content type and length."""

    status: int
    body: bytes
    type: bytes = JSON_TYPE
    headers: list[tuple[bytes, bytes]] = []


Handler = Callable[["Services", Call], Awaitable[Reply]]


class Endpoint(Struct, frozen=True):
    """An operation and the function that does it."""

    operation: Operation
    handler: Handler


Limit = Annotated[int, Meta(ge=1, le=200)]
CursorText = Annotated[str, Meta(min_length=1, max_length=4000)]
KeyText = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]

CURSOR = Parameter(
    "cursor",
    CursorText,
    Words(
        "上一页返回的游标；省略则为第一页", "The cursor of the page before; absent: the first page"
    ),
)
LIMIT = Parameter("limit", Limit, Words("每页行数，默认 50", "Rows of a page, 50 by default"))
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    KeyText,
    Words(
        "调用方生成的唯一键；同键同内容返回首次答复",
        "Made up by the caller; the same key with the same body gets the first answer again",
    ),
    required=True,
)
REPLAYED = Parameter(
    "Coterie-Replayed",
    Annotated[str, Meta(pattern="^true$")],
    Words("该键此前已答复", "Present when the key had been answered before"),
)
LOCATION = Parameter("Location", str, Words("新建资源的地址", "Where what was made can be read"))
