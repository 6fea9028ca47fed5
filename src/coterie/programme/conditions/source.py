"""The source that sent the event is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import SceneTest
from coterie.programme.model import Programme


class Source(OneOf):
    """The source that sent the event is one of some."""

    code = "source"
    level = Level.SCENE
    noun = ("来源", "the source")

    def compile(self, args: dict[str, Any], programme: Programme) -> SceneTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda scene: scene.source in wanted
