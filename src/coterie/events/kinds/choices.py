"""Kinds of event by which a member takes part, is marked, or is given numbers of its own."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from coterie.events.model import Code, Event

TAGS_MAX = 50
"""How many tags one event changes, and how many a member has."""


class OptIn(Event, frozen=True, kw_only=True, tag="opt_in"):
    """The member joins what a rule, a campaign or a condition names by ``code``, or leaves it."""

    code: Code
    joined: bool = True


PersonalNumber = (
    Annotated[str, Meta(pattern=r"^\d{1,15}(\.\d{1,12})?$")] | Annotated[int, Meta(ge=0)]
)
"""A number as it is written: ``1.5`` as a text, never as a float."""


class Assign(Event, frozen=True, kw_only=True, tag="assign"):
    """The member gets numbers of its own for ``parameters`` of the programme; null takes one back.

    ``reason`` says why, for those who read the record.
    """

    parameters: Annotated[dict[Code, PersonalNumber | None], Meta(min_length=1, max_length=50)]
    reason: Annotated[str, Meta(max_length=500)] | None = None


class TagChange(Event, frozen=True, kw_only=True, tag="tag_change"):
    """Tags are put on the member or taken off; whatever reads them sees it from the next event."""

    add: Annotated[tuple[Code, ...], Meta(max_length=TAGS_MAX)] = ()
    remove: Annotated[tuple[Code, ...], Meta(max_length=TAGS_MAX)] = ()
