"""From a path under ``/v1`` to its endpoints, where the path holds a name.

Litestar cannot route plain ASGI handlers whose path has parameters (2.25 looks their parameters up
by method and fails), so it hands everything under ``/v1`` that it has no fixed route for to this
table of a handful of patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from coterie.api.contract import Endpoint

Methods = Mapping[str, Endpoint]

_NAME = re.compile(r"\{(\w+)\}")
_REST = frozenset({"product"})
"""Parameters that take the rest of the path: a product's key may hold slashes."""


class Routes:
    """Endpoints by path; paths without a name are looked up, the others matched in their order."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        """Sort endpoints by their paths; two of one path and method are a mistake of ours."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            methods = by_path.setdefault(endpoint.operation.path, {})
            assert endpoint.operation.method not in methods, "two endpoints of one method and path"
            methods[endpoint.operation.method] = endpoint
        self.fixed: dict[str, Methods] = {p: m for p, m in by_path.items() if "{" not in p}
        self._patterns = [(_pattern(p), m) for p, m in by_path.items() if "{" in p]
        self.find = lru_cache(maxsize=1024)(self._find)

    def _find(self, path: str) -> tuple[Methods, dict[str, str]] | None:
        """Return the endpoints of a path and the names in it, or None."""
        if path in self.fixed:
            return self.fixed[path], {}
        for pattern, methods in self._patterns:
            if match := pattern.fullmatch(path):
                return methods, match.groupdict()
        return None


def _pattern(path: str) -> re.Pattern[str]:
    parts = _NAME.split(path)
    # split() gives text, name, text, name, ..., text.
    texts = [re.escape(part) for part in parts[::2]]
    names = [f"(?P<{n}>{'.+' if n in _REST else '[^/]+'})" for n in parts[1::2]]
    pieces = [piece for pair in zip(texts, [*names, ""], strict=True) for piece in pair]
    return re.compile("".join(pieces), re.DOTALL)
