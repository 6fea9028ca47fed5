"""Dangerous verbs: each is a typed command with a preview, run through one door.

An *act* is a value (code and arguments) that a person, a page, a request for approval, a bulk and
an undo all carry alike. :class:`Acts` judges who may, previews, asks a second person where the
policy says so, runs it once for a key, and writes the audit trail.

Owns the schema ``acts``. Invariants: nothing runs without its permission at the moment it runs;
one key is done once; whatever ran, was refused, or waits stands in the audit trail. What touches
members goes through the one intake path. Does not promise that two acts happen together or not.
"""

from coterie.acts.deciding import Deciding
from coterie.acts.errors import ActBlocked, ActFailed, ActUnknown, BadReason, PreviewChanged
from coterie.acts.model import Actor, Change, Context, Done, Preview, Result, shell, signed_in
from coterie.acts.performing import Acts, World
from coterie.acts.registry import ACTS

__all__ = [
    "ACTS",
    "ActBlocked",
    "ActFailed",
    "ActUnknown",
    "Actor",
    "Acts",
    "BadReason",
    "Change",
    "Context",
    "Deciding",
    "Done",
    "Preview",
    "PreviewChanged",
    "Result",
    "World",
    "shell",
    "signed_in",
]
