"""The kinds of effect a rule may have: what it gives, how that is written, checked and said.

A kind is one file here and one line in ``registry.py``; its struct derives from
:class:`~coterie.programme.model.Effect`.
"""

from __future__ import annotations

from coterie.programme.effects.kind import Act, EffectKind, RuleChecker
from coterie.programme.effects.registry import (
    EFFECTS,
    bounded_by,
    cap_digits,
    earned_by,
    kind_of,
)

__all__ = [
    "EFFECTS",
    "Act",
    "EffectKind",
    "RuleChecker",
    "bounded_by",
    "cap_digits",
    "earned_by",
    "kind_of",
]
