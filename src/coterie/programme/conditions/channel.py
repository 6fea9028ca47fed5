"""The channel is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import SceneTest
from coterie.programme.model import Programme


class Channel(OneOf):
    """The channel is one of some."""

    code = "channel"
    level = Level.SCENE
    noun = ("渠道", "the channel")

    def compile(self, args: dict[str, Any], programme: Programme) -> SceneTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda scene: scene.channel in wanted
