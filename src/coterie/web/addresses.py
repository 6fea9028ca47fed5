"""From a path to the pages that answer there, and the values in it.

Litestar cannot route plain ASGI handlers whose path has parameters (2.25 looks their parameters up
by method and fails), so it hands each first part of a path (``/members``) here as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from coterie.kernel.numbers import INT64_MAX
from coterie.web.faces import Face, Page

Methods = dict[str, tuple[Face, Page]]
_NAME = re.compile(r"\{(\w+):(int|str)\}")
_PART = {"int": "[0-9]{1,19}", "str": "[^/]+"}


def roots(paths: Iterable[str]) -> list[str]:
    """Return the first parts of paths, each once; none is a parameter."""
    found = dict.fromkeys("/" + path.split("/")[1] for path in paths)
    assert not any("{" in root for root in found), "it could be any page"
    return list(found)


class Addresses:
    """Paths and their methods; those without a parameter are looked up, the others in order."""

    def __init__(self, paths: Mapping[str, Methods]) -> None:
        """Take paths as pages declare them: ``/members/{member_id:int}``."""
        self._fixed = {path: methods for path, methods in paths.items() if "{" not in path}
        self._patterns = [(_pattern(p), m) for p, m in paths.items() if "{" in p]

    def find(self, path: str) -> tuple[Methods, dict[str, Any]]:
        """Return who answers at a path by method, and the values in it; nobody: both are empty."""
        if path in self._fixed:
            return self._fixed[path], {}
        for (pattern, kinds), methods in self._patterns:
            if match := pattern.fullmatch(path):
                texts = match.groupdict()
                values = {n: int(t) if kinds[n] == "int" else t for n, t in texts.items()}
                if all(v <= INT64_MAX for v in values.values() if isinstance(v, int)):
                    return methods, values
        return {}, {}


def _pattern(path: str) -> tuple[re.Pattern[str], dict[str, str]]:
    pieces = _NAME.split(path)
    # split() gives text, name, kind, text, name, kind, ..., text.
    kinds = dict(zip(pieces[1::3], pieces[2::3], strict=True))
    names = [f"(?P<{name}>{_PART[kind]})" for name, kind in kinds.items()]
    texts = [re.escape(text) for text in pieces[::3]]
    joined = [text + name for text, name in zip(texts, [*names, ""], strict=True)]
    return re.compile("".join(joined), re.ASCII), kinds
