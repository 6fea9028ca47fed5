"""What a draft may be."""

from __future__ import annotations

from coterie.drafts.errors import BadDraft

DRAFTS_MAX = 50
NAME_MAX = 100
TEXT_MAX = 500_000


def check_draft(name: str, text: str) -> None:
    """Refuse what cannot be kept. Raises :class:`BadDraft`."""
    if not 1 <= len(name) <= NAME_MAX or name != name.strip() or not name.isprintable():
        raise BadDraft(f"A name has 1 to {NAME_MAX} characters.", where="name")
    if not 1 <= len(text) <= TEXT_MAX:
        raise BadDraft(f"A text has 1 to {TEXT_MAX} characters.", where="text")
    if "\x00" in text:
        raise BadDraft("The text holds what cannot be stored.", where="text")
