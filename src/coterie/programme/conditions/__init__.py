"""The kinds of condition, and how conditions nest, are compiled and are said.

A kind is one file here and one line in ``KINDS``. ``all``, ``any``, ``not`` and ``any_line`` nest
others. A condition is compiled to the cheapest level its parts allow: an ``all`` falls into a part
that asks only where and when (whose answer can be kept) and a part that asks about the member.
"""

from __future__ import annotations

from coterie.programme.conditions.nesting import (
    Compiled,
    check_condition,
    compile_condition,
    condition_schema,
    parse_condition,
    plain_condition,
    sentence,
    unmet,
)
from coterie.programme.conditions.scene import (
    LineTest,
    Scene,
    SceneTest,
    Situation,
    SituationTest,
)

__all__ = [
    "Compiled",
    "LineTest",
    "Scene",
    "SceneTest",
    "Situation",
    "SituationTest",
    "check_condition",
    "compile_condition",
    "condition_schema",
    "parse_condition",
    "plain_condition",
    "sentence",
    "unmet",
]
