"""Kinds of event by which a member takes part, or no longer does."""

from __future__ import annotations

from coterie.events.model import Code, Event


class OptIn(Event, frozen=True, kw_only=True, tag="opt_in"):
    """The member joins what a rule, a campaign or a condition names by ``code``, or leaves it."""

    code: Code
    joined: bool = True
