"""The campaign the event names is one of some."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Level, OneOf
from coterie.programme.conditions.scene import SceneTest
from coterie.programme.model import Programme


class Campaign(OneOf):
    """The campaign the event names is one of some."""

    code = "campaign"
    level = Level.SCENE
    noun = ("活动", "the campaign")

    def compile(self, args: dict[str, Any], programme: Programme) -> SceneTest:
        """Return the test."""
        del programme
        wanted = frozenset(args["in"])
        return lambda scene: scene.campaign in wanted
