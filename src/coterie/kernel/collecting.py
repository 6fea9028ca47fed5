"""How often Python looks for cycles of garbage."""

from __future__ import annotations

import gc

NEW_OBJECTS = 50_000
"""About as many containers as a thousand events make; they are freed by counting references."""


def collect_seldom() -> None:
    """Make a process that decides many events look for cycles seldom, and not among what stays.

    Events, decisions and rows hold no cycles, yet by default every seven hundred of them start a
    search, which takes a fifth of the time an event does. To be called once, when everything that
    stays is there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
