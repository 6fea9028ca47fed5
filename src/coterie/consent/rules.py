"""What may be asked, and what a yes is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable

from coterie.consent.errors import BadWording
from coterie.consent.model import ConsentState

INFERRING = "profiling"
"""The kind of consent without which nothing is inferred about a person."""
WORDING_LENGTH_MAX = 5_000
KINDS_MAX = 100
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WORD = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


def check_wording(kind: str, zh: str, en: str) -> None:
    """Refuse what cannot be asked. Raises BadWording."""
    if not _KIND.fullmatch(kind):
        raise BadWording("A kind is up to 40 small letters, digits and _.", where="kind")
    for where, text in (("zh", zh), ("en", en)):
        if not text.strip() or len(text) > WORDING_LENGTH_MAX or "\0" in text:
            told = f"A wording has 1 to {WORDING_LENGTH_MAX} characters in both languages."
            raise BadWording(told, where=where)


def check_channel(channel: str) -> None:
    """Refuse what is no channel. Raises BadWording."""
    if not _WORD.fullmatch(channel):
        raise BadWording("A channel is 1 to 64 printable characters.", where="channel")


def holds(states: Iterable[ConsentState], kind: str) -> bool:
    """Tell whether a consent is given now; who was never asked has not given it."""
    return any(state.kind == kind and state.granted for state in states)
