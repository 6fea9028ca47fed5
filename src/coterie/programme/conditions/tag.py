"""One of the line's tags is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import LineTest
from coterie.programme.model import Programme


class Tag(OneOf):
    """One of the line's tags is one of some."""

    code = "tag"
    level = Level.LINE
    noun = ("标签", "the tag")

    def compile(self, args: dict[str, Any], programme: Programme) -> LineTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda line: not wanted.isdisjoint(line.tags)
