"""SQL is source: a package's statements live in its ``queries.sql``, each with a line of why.

The format::

    -- name: balance_of_member
    -- One row, because the balance is a projection kept with the movements.
    select available from ledger.balance where member_id = %(member_id)s;
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, LiteralString

from coterie.kernel.errors import nearest
from coterie.storage.errors import QueryFileRefused

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FILE = "queries.sql"
_HEAD = re.compile(r"^-- name:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement: its text, why it exists, and the line of its name."""

    name: str
    text: LiteralString
    why: str
    line: int


class Queries:
    """The statements of one package; ``queries.some_name`` is the text of one."""

    def __init__(self, package: str, found: dict[str, Query]) -> None:
        """Use :func:`load_queries`."""
        self.package = package
        self._found = found

    def __getattr__(self, name: str) -> LiteralString:
        """Return the text of a statement; an unknown name is an :class:`AttributeError`."""
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._found[name].text
        except KeyError:
            message = f"{self.package} has no query {name!r}.{nearest(name, self._found)}"
            raise AttributeError(message) from None

    def __iter__(self) -> Iterator[Query]:
        """Go through all statements in the order of the file."""
        return iter(self._found.values())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)


@cache
def load_queries(package: str) -> Queries:
    """Read ``queries.sql`` of a package once per process.

    Raises :class:`QueryFileRefused`, naming file and line, for a missing file, a duplicate, a
    statement without its why, an empty one, or text before the first name.
    """
    file = resources.files(package) / FILE
    return parse_queries(package, _text(file), where=f"{package}/{FILE}")


def parse_queries(package: str, text: str, *, where: str) -> Queries:
    """Read the statements of a text; ``where`` names it in errors."""
    found: dict[str, Query] = {}
    heads = list(_HEAD.finditer(text))
    before = text[: heads[0].start()] if heads else text
    if any(line.strip() and not line.startswith("--") for line in before.splitlines()):
        raise QueryFileRefused("There is text before the first name.", where=where)
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        line = text.count("\n", 0, head.start()) + 1
        query = _query(head[1], text[head.end() : end], f"{where}:{line}", line)
        if query.name in found:
            raise QueryFileRefused(f"{query.name!r} appears twice.", where=f"{where}:{line}")
        found[query.name] = query
    return Queries(package, found)


def _query(name: str, body: str, where: str, line: int) -> Query:
    if not _SNAKE.fullmatch(name):
        raise QueryFileRefused(f"{name!r} is not snake_case.", where=where)
    lines = body.strip("\n").splitlines()
    why: list[str] = []
    while lines and lines[0].startswith("--"):
        why.append(lines.pop(0).removeprefix("--").strip())
    if not any(why):
        raise QueryFileRefused(f"{name!r} does not say why it exists.", where=where)
    text = "\n".join(lines).strip().removesuffix(";").rstrip()
    if not text:
        raise QueryFileRefused(f"{name!r} has no statement.", where=where)
    return Query(name, text, " ".join(filter(None, why)), line)


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as trouble:
        raise QueryFileRefused(f"{file} cannot be read.") from trouble
