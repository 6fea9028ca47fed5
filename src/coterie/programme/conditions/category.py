"""The line's category, or one above it, is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import LineTest
from coterie.programme.model import Programme


class Category(OneOf):
    """The line's category, or one above it, is one of some."""

    code = "category"
    level = Level.LINE
    noun = ("品类", "the category")

    def compile(self, args: dict[str, Any], programme: Programme) -> LineTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda line: not wanted.isdisjoint(line.categories)
