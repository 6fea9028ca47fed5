"""The line's brand is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import LineTest
from coterie.programme.model import Programme


class Brand(OneOf):
    """The line's brand is one of some."""

    code = "brand"
    level = Level.LINE
    noun = ("品牌", "the brand")

    def compile(self, args: dict[str, Any], programme: Programme) -> LineTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda line: line.brand in wanted
