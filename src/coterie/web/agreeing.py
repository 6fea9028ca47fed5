"""What a member agrees to here: the wordings that are published, each yes and no taken down."""

from __future__ import annotations

from typing import NamedTuple

from coterie.consent import Wording, consents_of, latest_wordings, record_consent
from coterie.web.asking import Ask

NEEDED = frozenset({"terms", "privacy"})
"""Kinds without which nobody joins; every other one is a free choice."""


class Choice(NamedTuple):
    """A wording and what the member said to it. ``at_us`` None: it was never asked.

    ``fixed``: it cannot be taken back here, because membership rests on it; ``older``: the member
    said yes to an earlier version.
    """

    kind: str
    text: str
    granted: bool
    version: int
    at_us: int | None
    fixed: bool
    older: bool


def wordings(ask: Ask) -> tuple[Wording, ...]:
    """Return what is asked today, what is needed first."""
    found = latest_wordings(ask.db)
    return tuple(sorted(found, key=lambda each: (each.kind not in NEEDED, each.kind)))


def text_of(ask: Ask, wording: Wording) -> str:
    """Return a wording in the reader's language."""
    return wording.zh if ask.language == "zh" else wording.en


def choices_of(ask: Ask, member_id: int) -> list[Choice]:
    """Return every wording of today with what the member said."""
    said = {each.kind: each for each in consents_of(ask.db, member_id)}
    found = []
    for wording in wordings(ask):
        state = said.get(wording.kind)
        granted = state is not None and state.granted
        found.append(
            Choice(
                wording.kind,
                text_of(ask, wording),
                granted,
                wording.version if state is None else state.version,
                None if state is None else state.at_us,
                wording.kind in NEEDED and granted,
                granted and state is not None and state.version < wording.version,
            )
        )
    return found


def decide(ask: Ask, member_id: int, granted: set[str], *, channel: str, actor: str) -> None:
    """Take down a yes or no to every wording that is not said already; in a transaction."""
    for choice, wording in zip(choices_of(ask, member_id), wordings(ask), strict=True):
        wanted = choice.fixed or wording.kind in granted
        if wanted == choice.granted and not (choice.older and wanted):
            continue
        record_consent(
            ask.db,
            member_id,
            wording.kind,
            wording.version,
            granted=wanted,
            channel=channel,
            actor=actor,
            now_us=ask.now_us,
        )
