"""The line's product is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import LineTest
from coterie.programme.model import Programme


class Product(OneOf):
    """The line's product is one of some."""

    code = "product"
    level = Level.LINE
    noun = ("商品", "the product")

    def compile(self, args: dict[str, Any], programme: Programme) -> LineTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda line: line.product in wanted
